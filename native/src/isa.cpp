#include "isa.h"

#include <cstring>

namespace gatefold {
namespace {

const Kernels kGenericKernels = {"generic", 4, &kRecurrentGeneric, &kGemmGeneric,
                                 &kPointwiseGeneric};
#if defined(__x86_64__)
const Kernels kAvx2Kernels = {"avx2", 8, &kRecurrentAvx2, &kGemmAvx2, &kPointwiseAvx2};
const Kernels kAvx512Kernels = {"avx512", 16, &kRecurrentAvx512, &kGemmAvx512, &kPointwiseAvx512};

bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

}  // namespace

const Kernels* find_kernels(const char* name, int& status) {
  status = GF_OK;
  bool any = name == nullptr || name[0] == '\0';
#if defined(__x86_64__)
  if (any || std::strcmp(name, "avx512") == 0) {
    if (has_avx512()) {
      return &kAvx512Kernels;
    }
    if (!any) {
      status = GF_ISA_UNAVAILABLE;
      return nullptr;
    }
  }
  if (any || std::strcmp(name, "avx2") == 0) {
    if (has_avx2()) {
      return &kAvx2Kernels;
    }
    if (!any) {
      status = GF_ISA_UNAVAILABLE;
      return nullptr;
    }
  }
#else
  if (!any && (std::strcmp(name, "avx512") == 0 || std::strcmp(name, "avx2") == 0)) {
    status = GF_ISA_UNAVAILABLE;
    return nullptr;
  }
#endif
  if (any || std::strcmp(name, "generic") == 0) {
    return &kGenericKernels;
  }
  status = GF_UNKNOWN_ISA;
  return nullptr;
}

}  // namespace gatefold

extern "C" const char* gf_best_isa(void) {
  int status;
  return gatefold::find_kernels(nullptr, status)->isa;
}

extern "C" int32_t gf_has_bf16(void) {
#if defined(__x86_64__)
  return gatefold::has_avx512() && __builtin_cpu_supports("avx512bf16") ? 1 : 0;
#else
  return 0;
#endif
}
