#include "engine/isa.h"

#include <cstring>

#if defined(__linux__) && defined(__x86_64__) && defined(GATEFOLD_AMX)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace gatefold {
namespace {

#if defined(__x86_64__)
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

#if defined(__linux__) && defined(GATEFOLD_AMX)
/// AMX-TILE and AMX-BF16 in the processor, its registers known to the system, and their use granted
/// to this process. The grant holds for all its threads; Linux wants it asked for
/// (Documentation/arch/x86/xstate.rst), and refuses where a thread's signal stack is too small.
bool grant_amx() {
  unsigned a, b, c, d;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24;
  if (!has_avx512bf16() || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 ||
      (d & (kBf16 | kTile)) != (kBf16 | kTile)) {
    return false;
  }
  unsigned enabled, high;
  constexpr unsigned kTileStates = 3u << 17;
  asm volatile("xgetbv" : "=a"(enabled), "=d"(high) : "c"(0));
  if ((enabled & kTileStates) != kTileStates) {
    return false;
  }
  constexpr long kGetPermission = 0x1022, kRequestPermission = 0x1023, kTileData = 18;
  uint64_t granted = 0;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0 &&
         syscall(SYS_arch_prctl, kGetPermission, &granted) == 0 && (granted >> kTileData & 1) != 0;
}

/// Asked once per process, before the first engine starts its threads.
bool has_amx() {
  static const bool granted = grant_amx();
  return granted;
}
#endif
#endif

bool has_generic() { return true; }

/// An instruction set with its kernels; without, where this build has no such kernels.
struct Level {
  Kernels kernels;
  bool (*available)();
};

#define GATEFOLD_BUILT(name, vectors, bf16)                                             \
  {{#name, &vectors::kRecurrent, &vectors::bf16, &vectors::kGemm, &vectors::kPointwise, \
    &vectors::kSteps, &vectors::kWindows},                                              \
   has_##name},
#define GATEFOLD_NOT_BUILT(name, vectors, bf16) \
  {{#name, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr}, nullptr},
#if defined(__x86_64__)
#define GATEFOLD_X86 GATEFOLD_BUILT
#else
#define GATEFOLD_X86 GATEFOLD_NOT_BUILT
#endif
#if defined(__x86_64__) && defined(__linux__) && defined(GATEFOLD_AMX)
#define GATEFOLD_TILES GATEFOLD_BUILT
#else
#define GATEFOLD_TILES GATEFOLD_NOT_BUILT
#endif

const Level kLevels[] = {GATEFOLD_LEVELS(GATEFOLD_TILES, GATEFOLD_X86, GATEFOLD_BUILT)};

}  // namespace

const Kernels* find_kernels(const char* name, int& status) {
  const bool any = name == nullptr || name[0] == '\0';
  status = GF_UNKNOWN_ISA;
  for (const Level& level : kLevels) {
    if (!any && std::strcmp(name, level.kernels.isa) != 0) {
      continue;
    }
    if (level.available != nullptr && level.available()) {
      status = GF_OK;
      return &level.kernels;
    }
    status = GF_ISA_UNAVAILABLE;
  }
  return nullptr;
}

}  // namespace gatefold

extern "C" const char* gf_best_isa(void) {
  int status;
  return gatefold::find_kernels(nullptr, status)->isa;
}

extern "C" int32_t gf_has_bf16(void) {
#if defined(__x86_64__)
  return gatefold::has_avx512bf16() ? 1 : 0;
#else
  return 0;
#endif
}
