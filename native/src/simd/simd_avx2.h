/// Vectors of 8 floats (AVX2 and FMA). Included at this level only.
#ifndef GATEFOLD_SIMD_AVX2_H
#define GATEFOLD_SIMD_AVX2_H

#include <immintrin.h>

#include <cstdint>

#include "simd/inline.h"

namespace gatefold {
namespace avx2 {

struct Simd {
  using F = __m256;
  using Mask = __m256;
  static constexpr int kLanes = 8;
  static constexpr int kTileRows = 6;
  /// Sums of a register tile: 12 of 16 registers.
  static constexpr int kAccumulators = 12;
  /// k of a product in one turn of its loop.
  static constexpr int kUnrolled = 4;
  /// Tall tiles take their vectors two at a time, and a block's weights stand in such pairs.
  static constexpr bool kPairPanels = true;

  static GF_INLINE F load(const float* p) { return _mm256_loadu_ps(p); }
  static GF_INLINE void store(float* p, F v) { _mm256_storeu_ps(p, v); }
  /// Fetches a cache line into the L2 cache; any address will do.
  static GF_INLINE void prefetch(const float* p) {
    _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
  }
  static GF_INLINE F zero() { return _mm256_setzero_ps(); }
  static GF_INLINE F set1(float v) { return _mm256_set1_ps(v); }
  /// The first n lanes (0 <= n <= kLanes); the others are 0 and their memory is not touched.
  static GF_INLINE F load_first(const float* p, int n) { return _mm256_maskload_ps(p, first(n)); }
  static GF_INLINE void store_first(float* p, F v, int n) { _mm256_maskstore_ps(p, first(n), v); }

  static GF_INLINE F add(F a, F b) { return _mm256_add_ps(a, b); }
  static GF_INLINE F sub(F a, F b) { return _mm256_sub_ps(a, b); }
  static GF_INLINE F mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static GF_INLINE F div(F a, F b) { return _mm256_div_ps(a, b); }
  /// a / b within 2^-13 of it, for normal b and 1/b; reciprocal: 1 / b within 2^-11. A division is
  /// faster than refining the estimate of 12 bits.
  static GF_INLINE F quotient_estimate(F a, F b, F& reciprocal) {
    reciprocal = _mm256_rcp_ps(b);
    return div(a, b);
  }
  static GF_INLINE F sqrt(F a) { return _mm256_sqrt_ps(a); }
  /// a*b + c
  static GF_INLINE F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  /// sum += a*b, in the register where the sum is: left to itself, GCC moves sums about.
  static GF_INLINE void fma_to(F& sum, F a, F b) {
    asm volatile("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b));
  }
  /// c - a*b
  static GF_INLINE F fnma(F a, F b, F c) { return _mm256_fnmadd_ps(a, b, c); }
  /// The same, rounded once.
  static GF_INLINE F fused(F a, F b, F c) { return fma(a, b, c); }
  static GF_INLINE F fused_negative(F a, F b, F c) { return fnma(a, b, c); }
  /// The second operand if either is NaN.
  static GF_INLINE F min(F a, F b) { return _mm256_min_ps(a, b); }
  static GF_INLINE F max(F a, F b) { return _mm256_max_ps(a, b); }
  static GF_INLINE F abs(F a) { return _mm256_andnot_ps(set1(-0.0f), a); }
  static GF_INLINE F copysign(F magnitude, F sign) {
    return _mm256_or_ps(abs(magnitude), _mm256_and_ps(set1(-0.0f), sign));
  }
  static GF_INLINE F round(F a) {
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  /// a * 2^n for integral n in -252..254, rounded once: by two factors, so that neither overflows.
  static GF_INLINE F scale(F a, F n) {
    __m256i whole = _mm256_cvtps_epi32(n);
    __m256i half = _mm256_srai_epi32(whole, 1);
    return mul(mul(a, exponent(half)), exponent(_mm256_sub_epi32(whole, half)));
  }
  /// The float whose exponent's bits are the lowest of a: 2^n from 1.5 * 2^23 + 127 + n.
  static GF_INLINE F exponent_of(F a) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a), 23));
  }

  /// Lanes of 64 bits.
  typedef uint64_t Wide __attribute__((vector_size(32)));
  /// Products of the lanes' lower 32 bits.
  static GF_INLINE Wide product_of_lower(Wide a, Wide b) {
    return (Wide)_mm256_mul_epu32((__m256i)a, (__m256i)b);
  }

  static GF_INLINE Mask less(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
  static GF_INLINE Mask less_equal(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
  static GF_INLINE F select(Mask m, F yes, F no) { return _mm256_blendv_ps(no, yes, m); }
  static GF_INLINE F zero_where(Mask m, F a) { return _mm256_andnot_ps(m, a); }

  /// The lanes of even numbers of both.
  static GF_INLINE F evens(F a, F b) {
    const __m256d pairs = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0x88));
    return _mm256_castpd_ps(_mm256_permute4x64_pd(pairs, 0xd8));
  }

  /// Lanes of a and b in turns: of their first and of their last halves.
  static GF_INLINE F first_pairs(F a, F b) {
    return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20);
  }
  static GF_INLINE F last_pairs(F a, F b) {
    return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31);
  }

  /// Transposes the square of kLanes vectors.
  static GF_INLINE void transpose(F (&v)[kLanes]) {
    F a[kLanes];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i += 2) {  // pairs of rows, elements interleaved
      a[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
      a[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i += 4) {  // fours of rows: v[i + k] holds columns k and 4 + k
      v[i] = _mm256_shuffle_ps(a[i], a[i + 2], 0x44);
      v[i + 1] = _mm256_shuffle_ps(a[i], a[i + 2], 0xee);
      v[i + 2] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0x44);
      v[i + 3] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 4; i++) {  // halves of vectors
      a[i] = _mm256_permute2f128_ps(v[i], v[i + 4], 0x20);
      a[i + 4] = _mm256_permute2f128_ps(v[i], v[i + 4], 0x31);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      v[i] = a[i];
    }
  }

  static GF_INLINE __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static GF_INLINE F exponent(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
  }
};

}  // namespace avx2
}  // namespace gatefold

#endif  // GATEFOLD_SIMD_AVX2_H
