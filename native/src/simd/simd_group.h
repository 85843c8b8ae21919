/// Several vectors that take every instruction together. Included inside an instruction set's
/// namespace, after its Simd.
///
/// A function like tanh is one chain of some 25 instructions, each of which waits for the one
/// before; a processor that looks a hundred instructions ahead sees four such chains, written one
/// after the other, and is idle most of the time. Written side by side they fill it.
#ifndef GATEFOLD_SIMD_GROUP_H
#define GATEFOLD_SIMD_GROUP_H

/// The part of Simd that vec_math.h needs, on N vectors.
template <int N>
struct SimdGroup {
  struct F {
    Simd::F v[N];
  };
  struct Mask {
    Simd::Mask v[N];
  };

  static GF_INLINE F load(const float* p) {
    F r;
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      r.v[i] = Simd::load(p + i * Simd::kLanes);
    }
    return r;
  }
  static GF_INLINE void store(float* p, const F& a) {
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      Simd::store(p + i * Simd::kLanes, a.v[i]);
    }
  }
  static GF_INLINE F set1(float v) {
    F r;
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      r.v[i] = Simd::set1(v);
    }
    return r;
  }
  static GF_INLINE F zero() { return set1(0.0f); }

  static GF_INLINE F add(const F& a, const F& b) { return each<Simd::add>(a, b); }
  static GF_INLINE F sub(const F& a, const F& b) { return each<Simd::sub>(a, b); }
  static GF_INLINE F mul(const F& a, const F& b) { return each<Simd::mul>(a, b); }
  static GF_INLINE F fma(const F& a, const F& b, const F& c) { return each<Simd::fma>(a, b, c); }
  static GF_INLINE F fused(const F& a, const F& b, const F& c) {
    return each<Simd::fused>(a, b, c);
  }
  static GF_INLINE F fused_negative(const F& a, const F& b, const F& c) {
    return each<Simd::fused_negative>(a, b, c);
  }
  static GF_INLINE F min(const F& a, const F& b) { return each<Simd::min>(a, b); }
  static GF_INLINE F max(const F& a, const F& b) { return each<Simd::max>(a, b); }
  static GF_INLINE F abs(const F& a) { return each<Simd::abs>(a); }
  static GF_INLINE F copysign(const F& a, const F& b) { return each<Simd::copysign>(a, b); }
  static GF_INLINE F exponent_of(const F& a) { return each<Simd::exponent_of>(a); }
  static GF_INLINE F quotient_estimate(const F& a, const F& b, F& reciprocal) {
    F r;
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      r.v[i] = Simd::quotient_estimate(a.v[i], b.v[i], reciprocal.v[i]);
    }
    return r;
  }
  static GF_INLINE Mask less(const F& a, const F& b) {
    Mask r;
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      r.v[i] = Simd::less(a.v[i], b.v[i]);
    }
    return r;
  }
  static GF_INLINE F zero_where(const Mask& m, const F& a) { return each<Simd::zero_where>(m, a); }

 private:
  template <auto Operation, class... Operands>
  static GF_INLINE F each(const Operands&... operands) {
    F r;
#pragma GCC unroll 8
    for (int i = 0; i < N; i++) {
      r.v[i] = Operation(operands.v[i]...);
    }
    return r;
  }
};

#endif  // GATEFOLD_SIMD_GROUP_H
