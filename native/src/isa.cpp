#include "isa.h"

#include <cstring>

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
    {&kAvx512Bf16Kernels, has_avx512bf16},
    {&kAvx512Kernels, has_avx512},
    {&kAvx2Kernels, has_avx2},
#endif
    {&kGenericKernels, [] { return true; }}};

/// Names that exist whatever this build was made for.
bool known(const char* name) {
  static const char* const kNames[] = {"avx512bf16", "avx512", "avx2", "generic"};
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
