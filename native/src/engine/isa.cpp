#include "engine/isa.h"

#include <cstring>

#if defined(__linux__) && defined(__x86_64__) && defined(GATEFOLD_AMX)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace gatefold {
namespace {

const Kernels kGenericKernels = {
    "generic", 4, &kRecurrentGeneric, &kRecurrentBf16Generic, &kGemmGeneric, &kPointwiseGeneric};
#if defined(__x86_64__)
const Kernels kAvx2Kernels = {"avx2",         8, &kRecurrentAvx2, &kRecurrentBf16Avx2, &kGemmAvx2,
                              &kPointwiseAvx2};
const Kernels kAvx512Kernels = {
    "avx512", 16, &kRecurrentAvx512, &kRecurrentBf16Avx512, &kGemmAvx512, &kPointwiseAvx512};
const Kernels kAvx512Bf16Kernels = {"avx512bf16",      16,
                                    &kRecurrentAvx512, &kRecurrentBf16Avx512Bf16,
                                    &kGemmAvx512,      &kPointwiseAvx512};

bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

#if defined(__linux__) && defined(GATEFOLD_AMX)
const Kernels kAmxKernels = {
    "amx", 16, &kRecurrentAvx512, &kRecurrentBf16Amx, &kGemmAvx512, &kPointwiseAvx512};

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

}  // namespace

namespace {

/// An instruction set with its kernels, the best first.
struct Level {
  const Kernels* kernels;
  bool (*available)();
};

const Level kLevels[] = {
#if defined(__x86_64__)
#if defined(__linux__) && defined(GATEFOLD_AMX)
    {&kAmxKernels, has_amx},
#endif
    {&kAvx512Bf16Kernels, has_avx512bf16},
    {&kAvx512Kernels, has_avx512},
    {&kAvx2Kernels, has_avx2},
#endif
    {&kGenericKernels, [] { return true; }}};

/// Names that exist whatever this build was made for.
bool known(const char* name) {
  static const char* const kNames[] = {"amx", "avx512bf16", "avx512", "avx2", "generic"};
  for (const char* one : kNames) {
    if (std::strcmp(name, one) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

const Kernels* find_kernels(const char* name, int& status) {
  status = GF_OK;
  bool any = name == nullptr || name[0] == '\0';
  for (const Level& level : kLevels) {
    if ((any || std::strcmp(name, level.kernels->isa) == 0) && level.available()) {
      return level.kernels;
    }
  }
  status = known(name) ? GF_ISA_UNAVAILABLE : GF_UNKNOWN_ISA;
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
