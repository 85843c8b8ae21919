/// exp, tanh, sigmoid and log1p on vectors, branch-free. Included inside an instruction set's
/// namespace, after its Simd. S is Simd or a SimdGroup.
///
/// Error bounds against double precision, held by test/vec_math_test.cpp: exp, sigmoid and tanh
/// under 2 ulp over all floats; subnormal sigmoids become 0. They saturate at +-inf; NaN gives NaN.
/// The polynomials are minimax fits (Remez exchange) of the functions named beside them.
#ifndef GATEFOLD_VEC_MATH_H
#define GATEFOLD_VEC_MATH_H

#include "simd/simd_group.h"

/// (e^r - 1 - r) / r^2 on |r| <= ln2/2, relative error of e^r - 1 below 1.4e-8.
template <class S>
static GF_INLINE typename S::F exp_tail(typename S::F r) {
  typename S::F square = S::mul(r, r);  // two shorter chains instead of one
  typename S::F low = S::fused(r, S::set1(1.6666542794e-01f), S::set1(5.0000000621e-01f));
  typename S::F high = S::fused(r, S::set1(8.3666106011e-03f), S::set1(4.1666281397e-02f));
  high = S::fused(square, S::set1(1.3946497161e-03f), high);
  return S::fused(square, high, low);
}

/// x - n*ln2 for integral n, without the rounding of the product; ln2 in two parts, the first of
/// few bits.
template <class S>
static GF_INLINE typename S::F subtract_ln2(typename S::F n, typename S::F x) {
  typename S::F r = S::fused_negative(n, S::set1(0.693359375f), x);
  return S::fused_negative(n, S::set1(-2.12194440e-4f), r);
}

constexpr float kLog2e = 1.44269504089f;

/// e^x. The bounds lie where the result is 0 or infinite anyway. What 1 + r loses in rounding is
/// added to the small rest.
static GF_INLINE Simd::F vec_exp(Simd::F x) {
  using S = Simd;
  x = S::min(S::set1(89.0f), S::max(S::set1(-105.0f), x));
  S::F n = S::round(S::mul(x, S::set1(kLog2e)));
  S::F r = subtract_ln2<S>(n, x);
  S::F one = S::set1(1.0f);
  S::F high = S::add(one, r);
  S::F lost = S::sub(r, S::sub(high, one));
  return S::scale(S::add(high, S::fused(S::mul(r, r), exp_tail<S>(r), lost)), n);
}

/// e^y = power (1 + rest), power = 2^n with n in -126..127.
template <class S>
struct Exponential {
  typename S::F power, rest;
};

/// n is rounded by adding 1.5 * 2^23, whose sum has no bits for a fraction; its lowest bits then
/// are n, and with the bias of an exponent added, those of the power.
template <class S>
static GF_INLINE Exponential<S> exponential(typename S::F y) {
  const typename S::F shift = S::set1(12582912.0f + 127.0f);
  typename S::F shifted = S::fma(y, S::set1(kLog2e), shift);
  typename S::F r = subtract_ln2<S>(S::sub(shifted, shift), y);
  typename S::F rest = S::fused(S::mul(r, r), exp_tail<S>(r), r);
  return {S::exponent_of(shifted), rest};
}

/// a / (d + d_low), d_low far smaller than d.
template <class S>
struct Fraction {
  typename S::F a, d, d_low;
};

/// From an estimate of the quotient and one of 1 / d: corrected by its exact remainder and so
/// rounded once.
template <class S>
static GF_INLINE typename S::F refined(const Fraction<S>& f, typename S::F quotient,
                                       typename S::F reciprocal) {
  typename S::F rest = S::fused_negative(quotient, f.d, f.a);
  rest = S::fused_negative(quotient, f.d_low, rest);
  return S::fused(reciprocal, rest, quotient);
}

// Sigmoid and tanh in three turns: the argument of an exponential, the fraction that follows from
// it, and the result from its quotient. The exponential and the quotient are the same for both.

constexpr float kLeastSigmoid = -87.3f;  // n <= 126 above; below, the result is subnormal

template <class S>
static GF_INLINE typename S::F sigmoid_argument(typename S::F x) {
  const typename S::F highest = S::set1(87.0f);  // n >= -126 below; above, the result is 1
  return S::sub(S::zero(), S::min(highest, S::max(S::set1(kLeastSigmoid), x)));
}

/// 1 / d with d = 1 + 2^n + 2^n (e^r - 1) and what d lost in rounding.
template <class S>
static GF_INLINE Fraction<S> sigmoid_fraction(const Exponential<S>& e) {
  const typename S::F one = S::set1(1.0f);
  typename S::F d = S::fused(e.power, e.rest, S::add(e.power, one));
  return {one, d, S::add(S::fused(e.power, e.rest, S::sub(e.power, d)), one)};
}

template <class S>
static GF_INLINE typename S::F sigmoid_result(typename S::F x, typename S::F quotient) {
  return S::zero_where(S::less(x, S::set1(kLeastSigmoid)), quotient);
}

template <class S>
static GF_INLINE typename S::F tanh_argument(typename S::F x) {
  // tanh(9.02) rounds to 1.
  return S::max(S::set1(-20.0f), S::mul(S::set1(-2.0f), S::abs(x)));
}

/// tanh |x| = -m / (m + 2) with m = e^(-2|x|) - 1, computed without cancellation for small x; the
/// sign comes with the result.
template <class S>
static GF_INLINE Fraction<S> tanh_fraction(const Exponential<S>& e) {
  const typename S::F two = S::set1(2.0f);
  typename S::F m = S::fused(e.power, e.rest, S::sub(e.power, S::set1(1.0f)));
  typename S::F d = S::add(m, two);
  return {m, d, S::sub(m, S::sub(d, two))};
}

template <class S>
static GF_INLINE typename S::F tanh_result(typename S::F x, typename S::F quotient) {
  return S::copysign(quotient, x);
}

template <class S = Simd>
static GF_INLINE typename S::F vec_sigmoid(typename S::F x) {
  Fraction<S> f = sigmoid_fraction<S>(exponential<S>(sigmoid_argument<S>(x)));
  typename S::F s;
  typename S::F q = S::quotient_estimate(f.a, f.d, s);
  return sigmoid_result<S>(x, refined<S>(f, q, q));
}

template <class S = Simd>
static GF_INLINE typename S::F vec_tanh(typename S::F x) {
  Fraction<S> f = tanh_fraction<S>(exponential<S>(tanh_argument<S>(x)));
  typename S::F s;
  typename S::F q = S::quotient_estimate(f.a, f.d, s);
  return tanh_result<S>(x, refined<S>(f, q, s));
}

/// Vector Tanh becomes its tanh, all others their sigmoids.
template <int Tanh, int N>
static GF_INLINE void vec_gates(Simd::F (&x)[N]) {
  using All = SimdGroup<N>;
  typename All::F y;
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    y.v[i] = i == Tanh ? tanh_argument<Simd>(x[i]) : sigmoid_argument<Simd>(x[i]);
  }
  Exponential<All> e = exponential<All>(y);
  Fraction<All> f;
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    Exponential<Simd> one{e.power.v[i], e.rest.v[i]};
    Fraction<Simd> part = i == Tanh ? tanh_fraction<Simd>(one) : sigmoid_fraction<Simd>(one);
    f.a.v[i] = part.a;
    f.d.v[i] = part.d;
    f.d_low.v[i] = part.d_low;
  }
  typename All::F s;
  typename All::F q = All::quotient_estimate(f.a, f.d, s);
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    s.v[i] = i == Tanh ? s.v[i] : q.v[i];  // a sigmoid is a reciprocal
  }
  q = refined<All>(f, q, s);
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    x[i] = i == Tanh ? tanh_result<Simd>(x[i], q.v[i]) : sigmoid_result<Simd>(x[i], q.v[i]);
  }
}

/// tanh of `count` vectors in place, some at a time.
template <int Together = 3>
static GF_INLINE void tanh_vectors(int count, float* x) {
  using S = SimdGroup<Together>;
  for (; count >= Together; count -= Together) {
    S::store(x, vec_tanh<S>(S::load(x)));
    x += Together * Simd::kLanes;
  }
  if constexpr (Together > 1) {
    if (count > 0) {
      tanh_vectors<Together - 1>(count, x);
    }
  }
}

/// e^x for x <= 0; 0 where it would be subnormal.
static GF_INLINE Simd::F vec_exp_negative(Simd::F x) {
  using S = Simd;
  const S::F least = S::set1(kLeastSigmoid);
  Exponential<S> e = exponential<S>(S::max(least, x));
  return S::zero_where(S::less(x, least), S::fused(e.power, e.rest, e.power));
}

/// log(1 + e) for 0 <= e <= 1, by 2 atanh(s) with s = e / (2 + e).
static GF_INLINE Simd::F vec_log1p_unit(Simd::F e) {
  using S = Simd;
  S::F s = S::div(e, S::add(e, S::set1(2.0f)));
  S::F z = S::mul(s, s);
  S::F q = S::fused(S::set1(2.4424909455e-01f), z, S::set1(2.1389960386e-01f));
  q = S::fused(q, z, S::set1(2.8621042118e-01f));
  q = S::fused(q, z, S::set1(3.9998678198e-01f));
  q = S::fused(q, z, S::set1(6.6666679484e-01f));
  q = S::fused(q, z, S::set1(1.9999999998f));
  return S::mul(s, q);
}

/// e^x - 1 for x <= 0, without cancellation near 0.
static GF_INLINE Simd::F vec_expm1_negative(Simd::F x) {
  using S = Simd;
  x = S::max(S::set1(-30.0f), x);
  Exponential<S> e = exponential<S>(x);
  return S::fused(e.power, e.rest, S::sub(e.power, S::set1(1.0f)));
}

#endif  // GATEFOLD_VEC_MATH_H
