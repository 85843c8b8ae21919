/// Vectors of floats in the compiler's portable form; the level `generic` takes 4 of them, which is
/// SSE2 on x86-64 and NEON on AArch64.
#ifndef GATEFOLD_SIMD_GENERIC_H
#define GATEFOLD_SIMD_GENERIC_H

#include <cmath>
#include <cstdint>
#include <cstring>

#include "simd/inline.h"

namespace gatefold {

/// Shape: the types and constants of the vectors, see generic::Shape.
template <class Shape>
struct PortableSimd {
  using F = typename Shape::F;
  using Mask = typename Shape::Mask;
  static constexpr int kLanes = Shape::kLanes;
  static constexpr int kTileRows = Shape::kTileRows;
  static constexpr int kAccumulators = Shape::kAccumulators;
  /// k of a product in one turn of its loop.
  static constexpr int kUnrolled = 2;
  /// Tiles take all vectors of a block's weights at once.
  static constexpr bool kPairPanels = false;

  static GF_INLINE F load(const float* p) {
    F v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static GF_INLINE void store(float* p, F v) { std::memcpy(p, &v, sizeof v); }
  /// Fetches a cache line into the L2 cache; any address will do.
  static GF_INLINE void prefetch(const float* p) { __builtin_prefetch(p, 0, 2); }
  static GF_INLINE F zero() { return F{}; }
  static GF_INLINE F set1(float v) {
    if constexpr (kLanes == 4) {
      return F{v, v, v, v};
    }
    F all;
    for (int i = 0; i < kLanes; i++) {
      all[i] = v;
    }
    return all;
  }
  /// The first n lanes (0 <= n <= kLanes); the others are 0 and their memory is not touched.
  static GF_INLINE F load_first(const float* p, int n) {
    F v = zero();
    for (int i = 0; i < n; i++) {
      v[i] = p[i];
    }
    return v;
  }
  static GF_INLINE void store_first(float* p, F v, int n) {
    for (int i = 0; i < n; i++) {
      p[i] = v[i];
    }
  }

  static GF_INLINE F add(F a, F b) { return a + b; }
  static GF_INLINE F sub(F a, F b) { return a - b; }
  static GF_INLINE F mul(F a, F b) { return a * b; }
  static GF_INLINE F div(F a, F b) { return a / b; }
  /// a / b within 2^-13 of it, for normal b and 1/b; reciprocal: 1 / b within 2^-11.
  static GF_INLINE F quotient_estimate(F a, F b, F& reciprocal) {
    reciprocal = set1(1.0f) / b;
    return a * reciprocal;
  }
  static GF_INLINE F sqrt(F a) {
    F root;
    for (int i = 0; i < kLanes; i++) {
      root[i] = std::sqrt(a[i]);
    }
    return root;
  }
  /// a*b + c
  static GF_INLINE F fma(F a, F b, F c) { return a * b + c; }
  /// sum += a*b
  static GF_INLINE void fma_to(F& sum, F a, F b) { sum = fma(a, b, sum); }
  /// c - a*b
  static GF_INLINE F fnma(F a, F b, F c) { return c - a * b; }
  /// The same, rounded (almost always) as if once, by way of double precision.
  static GF_INLINE F fused(F a, F b, F c) {
    F sum;
    for (int i = 0; i < kLanes; i++) {
      sum[i] = static_cast<float>(static_cast<double>(a[i]) * static_cast<double>(b[i]) +
                                  static_cast<double>(c[i]));
    }
    return sum;
  }
  static GF_INLINE F fused_negative(F a, F b, F c) { return fused(-a, b, c); }
  /// The second operand if either is NaN.
  static GF_INLINE F min(F a, F b) { return select(less(a, b), a, b); }
  static GF_INLINE F max(F a, F b) { return select(less(b, a), a, b); }
  static GF_INLINE F abs(F a) { return (F)((Mask)a & 0x7fffffff); }
  static GF_INLINE F copysign(F magnitude, F sign) {
    return (F)(((Mask)magnitude & 0x7fffffff) | ((Mask)sign & INT32_MIN));
  }
  /// To nearest, for |a| < 2^22: the sum leaves no bits for a fraction.
  static GF_INLINE F round(F a) {
    F shift = set1(12582912.0f);
    return (a + shift) - shift;
  }
  /// a * 2^n for integral n in -252..254, rounded once: by two factors, so that neither overflows.
  static GF_INLINE F scale(F a, F n) {
    Mask whole = __builtin_convertvector(n, Mask);
    Mask half = whole >> 1;
    return a * exponent(half) * exponent(whole - half);
  }
  /// The float whose exponent's bits are the lowest of a: 2^n from 1.5 * 2^23 + 127 + n.
  static GF_INLINE F exponent_of(F a) { return (F)((Mask)a << 23); }

  /// Lanes of 64 bits.
  typedef uint64_t Wide __attribute__((vector_size(sizeof(F))));
  /// Products of the lanes' lower 32 bits.
  static GF_INLINE Wide product_of_lower(Wide a, Wide b) {
    return (a & 0xffffffffu) * (b & 0xffffffffu);
  }

  static GF_INLINE Mask less(F a, F b) { return a < b; }
  static GF_INLINE Mask less_equal(F a, F b) { return a <= b; }
  static GF_INLINE F select(Mask m, F yes, F no) { return (F)(((Mask)yes & m) | ((Mask)no & ~m)); }
  static GF_INLINE F zero_where(Mask m, F a) { return (F)((Mask)a & ~m); }

  /// The lanes of even numbers of both.
  static GF_INLINE F evens(F a, F b) {
    if constexpr (kLanes == 4) {
      return F{a[0], a[2], b[0], b[2]};
    }
    F v;
    for (int i = 0; i < kLanes / 2; i++) {
      v[i] = a[2 * i];
      v[kLanes / 2 + i] = b[2 * i];
    }
    return v;
  }

  /// Lanes of a and b in turns: of their first and of their last halves.
  static GF_INLINE F first_pairs(F a, F b) { return pairs(a, b, 0); }
  static GF_INLINE F last_pairs(F a, F b) { return pairs(a, b, kLanes / 2); }

  /// Transposes the square of kLanes vectors.
  static GF_INLINE void transpose(F (&v)[kLanes]) {
    for (int i = 0; i < kLanes; i++) {
      for (int k = 0; k < i; k++) {
        float other = v[i][k];
        v[i][k] = v[k][i];
        v[k][i] = other;
      }
    }
  }

  static GF_INLINE F pairs(F a, F b, int from) {
    F v;
    for (int i = 0; i < kLanes / 2; i++) {
      v[2 * i] = a[from + i];
      v[2 * i + 1] = b[from + i];
    }
    return v;
  }
  static GF_INLINE F exponent(Mask n) { return (F)((n + 127) << 23); }
};

namespace generic {

struct Shape {
  typedef float F __attribute__((vector_size(16)));
  typedef int32_t Mask __attribute__((vector_size(16)));
  static constexpr int kLanes = 4;
  static constexpr int kTileRows = 2;
  /// Sums of a register tile: 8 of 16 registers.
  static constexpr int kAccumulators = 8;
};

using Simd = PortableSimd<Shape>;

}  // namespace generic
}  // namespace gatefold

#endif  // GATEFOLD_SIMD_GENERIC_H
