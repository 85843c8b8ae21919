/// The bfloat16 instruction of AVX-512. Included at the level avx512bf16 only, whose other vectors
/// are those of simd_avx512.h.
#ifndef GATEFOLD_SIMD_AVX512BF16_H
#define GATEFOLD_SIMD_AVX512BF16_H

#include "simd/simd_avx512.h"

namespace gatefold {
namespace avx512 {

/// sum + a.high*b.high, then + a.low*b.low, rounded after each; subnormal numbers count as zeros
/// (Intel, Software Developer's Manual, VDPBF16PS).
struct PairDot {
  static GF_INLINE Simd::F add(Simd::F a, Simd::F b, Simd::F sum) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
  }
};

}  // namespace avx512
}  // namespace gatefold

#endif  // GATEFOLD_SIMD_AVX512BF16_H
