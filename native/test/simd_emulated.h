/// The shapes of AVX-512 and its bfloat16 instruction in portable code, so that every machine runs
/// what is compiled for them but the instructions themselves.
#ifndef GATEFOLD_TEST_SIMD_EMULATED_H
#define GATEFOLD_TEST_SIMD_EMULATED_H

// Vectors of this width, taken apart into what every machine has, would be far too much code
// inline.
#define GF_INLINE inline
#include "simd/simd_generic.h"

namespace gatefold {
namespace emulated {

struct Shape {
  typedef float F __attribute__((vector_size(64)));
  typedef int32_t Mask __attribute__((vector_size(64)));
  static constexpr int kLanes = 16;
  static constexpr int kTileRows = 6;
  static constexpr int kAccumulators = 24;
};

using Simd = PortableSimd<Shape>;

/// With zeros of the same sign for subnormal numbers, whose exponent is zero. By arithmetic of
/// whole vectors: comparisons of this width would be compiled to one of each lane.
GF_INLINE Simd::F flushed(Simd::F v) {
  Simd::Mask exponent = (Simd::Mask)v & 0x7f800000;
  return (Simd::F)((Simd::Mask)v & ((-exponent >> 31) | INT32_MIN));
}

/// VDPBF16PS as Intel's Software Developer's Manual describes it: the upper product is added first,
/// then the lower, each rounded to nearest; subnormal operands and results are zeros.
struct PairDot {
  static GF_INLINE Simd::F add(Simd::F a, Simd::F b, Simd::F sum) {
    using S = Simd;
    S::Mask high = (S::Mask)S::set1(0.0f) - 65536;
    sum = add_product((S::F)((S::Mask)a & high), (S::F)((S::Mask)b & high), sum);
    return add_product((S::F)((S::Mask)a << 16), (S::F)((S::Mask)b << 16), sum);
  }

 private:
  static GF_INLINE Simd::F add_product(Simd::F a, Simd::F b, Simd::F sum) {
    return flushed(Simd::fused(flushed(a), flushed(b), flushed(sum)));
  }
};

}  // namespace emulated
}  // namespace gatefold

#endif  // GATEFOLD_TEST_SIMD_EMULATED_H
