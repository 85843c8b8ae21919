/// Activation functions that layers and cells share, on vectors. Included inside an instruction
/// set's namespace. NaN stays NaN.
#ifndef GATEFOLD_VEC_ACTIVATIONS_H
#define GATEFOLD_VEC_ACTIVATIONS_H

#include "simd/vec_math.h"

static GF_INLINE Simd::F vec_within(Simd::F least, Simd::F most, Simd::F x) {
  return Simd::min(most, Simd::max(least, x));
}

static GF_INLINE Simd::F vec_hard_sigmoid(Simd::F slope, Simd::F shift, Simd::F x) {
  return vec_within(Simd::zero(), Simd::set1(1.0f), Simd::fma(slope, x, shift));
}

static GF_INLINE Simd::F vec_softsign(Simd::F x) {
  return Simd::div(x, Simd::add(Simd::set1(1.0f), Simd::abs(x)));
}

static GF_INLINE Simd::F vec_softplus(Simd::F x) {
  using S = Simd;
  return S::add(S::max(S::zero(), x), vec_log1p_unit(vec_exp(S::sub(S::zero(), S::abs(x)))));
}

static GF_INLINE Simd::F vec_elu(Simd::F scale, Simd::F x) {
  using S = Simd;
  return S::select(S::less(S::zero(), x), x,
                   S::mul(scale, vec_expm1_negative(S::min(S::zero(), x))));
}

static GF_INLINE Simd::F vec_leaky_relu(Simd::F slope, Simd::F x) {
  return Simd::select(Simd::less(Simd::zero(), x), x, Simd::mul(slope, x));
}

#endif  // GATEFOLD_VEC_ACTIVATIONS_H
