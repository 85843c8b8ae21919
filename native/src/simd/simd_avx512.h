/// Vectors of 16 floats (AVX-512 F, BW, DQ, VL). Included at this level only.
#ifndef GATEFOLD_SIMD_AVX512_H
#define GATEFOLD_SIMD_AVX512_H

#include <immintrin.h>

#include <cstdint>

#include "simd/inline.h"

namespace gatefold {
namespace avx512 {

struct Simd {
  using F = __m512;
  using Mask = __mmask16;
  static constexpr int kLanes = 16;
  static constexpr int kTileRows = 6;
  /// Sums of a register tile: 24 of 32 registers.
  static constexpr int kAccumulators = 24;
  /// k of a product in one turn of its loop.
  static constexpr int kUnrolled = 2;
  /// Tiles take all vectors of a block's weights at once.
  static constexpr bool kPairPanels = false;

  static GF_INLINE F load(const float* p) { return _mm512_loadu_ps(p); }
  static GF_INLINE void store(float* p, F v) { _mm512_storeu_ps(p, v); }
  /// Fetches a cache line into the L2 cache; any address will do.
  static GF_INLINE void prefetch(const float* p) {
    _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
  }
  static GF_INLINE F zero() { return _mm512_setzero_ps(); }
  static GF_INLINE F set1(float v) { return _mm512_set1_ps(v); }
  /// The first n lanes (0 <= n <= kLanes); the others are 0 and their memory is not touched.
  static GF_INLINE F load_first(const float* p, int n) {
    return _mm512_maskz_loadu_ps(first(n), p);
  }
  static GF_INLINE void store_first(float* p, F v, int n) { _mm512_mask_storeu_ps(p, first(n), v); }

  static GF_INLINE F add(F a, F b) { return _mm512_add_ps(a, b); }
  static GF_INLINE F sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static GF_INLINE F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static GF_INLINE F div(F a, F b) { return _mm512_div_ps(a, b); }
  /// a / b within 2^-13 of it, for normal b and 1/b; reciprocal: 1 / b within 2^-11.
  static GF_INLINE F quotient_estimate(F a, F b, F& reciprocal) {
    reciprocal = _mm512_rcp14_ps(b);
    return mul(a, reciprocal);
  }
  static GF_INLINE F sqrt(F a) { return _mm512_sqrt_ps(a); }
  /// a*b + c
  static GF_INLINE F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  /// sum += a*b
  static GF_INLINE void fma_to(F& sum, F a, F b) { sum = fma(a, b, sum); }
  /// c - a*b
  static GF_INLINE F fnma(F a, F b, F c) { return _mm512_fnmadd_ps(a, b, c); }
  /// The same, rounded once.
  static GF_INLINE F fused(F a, F b, F c) { return fma(a, b, c); }
  static GF_INLINE F fused_negative(F a, F b, F c) { return fnma(a, b, c); }
  /// The second operand if either is NaN.
  static GF_INLINE F min(F a, F b) { return _mm512_min_ps(a, b); }
  static GF_INLINE F max(F a, F b) { return _mm512_max_ps(a, b); }
  static GF_INLINE F abs(F a) { return _mm512_abs_ps(a); }
  static GF_INLINE F copysign(F magnitude, F sign) {
    return _mm512_or_ps(_mm512_andnot_ps(set1(-0.0f), magnitude), _mm512_and_ps(set1(-0.0f), sign));
  }
  static GF_INLINE F round(F a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  /// a * 2^n for integral n, rounded once.
  static GF_INLINE F scale(F a, F n) { return _mm512_scalef_ps(a, n); }
  /// The float whose exponent's bits are the lowest of a: 2^n from 1.5 * 2^23 + 127 + n.
  static GF_INLINE F exponent_of(F a) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(a), 23));
  }

  /// Lanes of 64 bits.
  typedef uint64_t Wide __attribute__((vector_size(64)));
  /// Products of the lanes' lower 32 bits.
  static GF_INLINE Wide product_of_lower(Wide a, Wide b) {
    return (Wide)_mm512_mul_epu32((__m512i)a, (__m512i)b);
  }

  static GF_INLINE Mask less(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
  static GF_INLINE Mask less_equal(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
  static GF_INLINE F select(Mask m, F yes, F no) { return _mm512_mask_blend_ps(m, no, yes); }
  static GF_INLINE F zero_where(Mask m, F a) {
    return _mm512_maskz_mov_ps(static_cast<Mask>(~m), a);
  }

  /// The lanes of even numbers of both.
  static GF_INLINE F evens(F a, F b) {
    const __m512i even =
        _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    return _mm512_permutex2var_ps(a, even, b);
  }

  /// Lanes of a and b in turns: of their first and of their last halves.
  static GF_INLINE F first_pairs(F a, F b) {
    const __m512i order = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutex2var_ps(a, order, b);
  }
  static GF_INLINE F last_pairs(F a, F b) {
    const __m512i order =
        _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
    return _mm512_permutex2var_ps(a, order, b);
  }

  /// Transposes the square of kLanes vectors.
  static GF_INLINE void transpose(F (&v)[kLanes]) {
    F a[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i += 2) {  // pairs of rows, elements interleaved
      a[i] = _mm512_unpacklo_ps(v[i], v[i + 1]);
      a[i + 1] = _mm512_unpackhi_ps(v[i], v[i + 1]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16;
         i += 4) {  // fours of rows: v[i + k] holds columns k, 4 + k, 8 + k, 12 + k
      v[i] = _mm512_shuffle_ps(a[i], a[i + 2], 0x44);
      v[i + 1] = _mm512_shuffle_ps(a[i], a[i + 2], 0xee);
      v[i + 2] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0x44);
      v[i + 3] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 4; i++) {  // quarters of vectors
      F low02 = _mm512_shuffle_f32x4(v[i], v[i + 4], 0x88);
      F low13 = _mm512_shuffle_f32x4(v[i], v[i + 4], 0xdd);
      F high02 = _mm512_shuffle_f32x4(v[i + 8], v[i + 12], 0x88);
      F high13 = _mm512_shuffle_f32x4(v[i + 8], v[i + 12], 0xdd);
      a[i] = _mm512_shuffle_f32x4(low02, high02, 0x88);
      a[i + 4] = _mm512_shuffle_f32x4(low13, high13, 0x88);
      a[i + 8] = _mm512_shuffle_f32x4(low02, high02, 0xdd);
      a[i + 12] = _mm512_shuffle_f32x4(low13, high13, 0xdd);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      v[i] = a[i];
    }
  }

  static GF_INLINE Mask first(int n) { return static_cast<Mask>((1u << n) - 1u); }
};

}  // namespace avx512
}  // namespace gatefold

#endif  // GATEFOLD_SIMD_AVX512_H
