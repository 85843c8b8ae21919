/// exp, tanh, sigmoid and log1p on vectors, branch-free. Included inside an instruction set's
/// namespace, after its Simd.
///
/// Error bounds against double precision, held by test/vec_math_test.cpp: exp, sigmoid and tanh
/// under 2 ulp over all floats; subnormal sigmoids become 0. They saturate at +-inf; NaN gives NaN.
/// The polynomials are minimax fits (Remez exchange) of the functions named beside them.
#ifndef GATEFOLD_VEC_MATH_H
#define GATEFOLD_VEC_MATH_H

/// (e^r - 1 - r) / r^2 on |r| <= ln2/2, relative error of e^r - 1 below 1.4e-8.
static GF_INLINE Simd::F exp_tail(Simd::F r) {
  using S = Simd;
  S::F square = S::mul(r, r);  // two shorter chains instead of one
  S::F low = S::fused(r, S::set1(1.6666542794e-01f), S::set1(5.0000000621e-01f));
  S::F high = S::fused(r, S::set1(8.3666106011e-03f), S::set1(4.1666281397e-02f));
  high = S::fused(square, S::set1(1.3946497161e-03f), high);
  return S::fused(square, high, low);
}

/// Splits x = n*ln2 + r with integral n and |r| <= ln2/2; ln2 in two parts, the first of few bits.
static GF_INLINE Simd::F reduce_by_ln2(Simd::F x, Simd::F& n) {
  using S = Simd;
  n = S::round(S::mul(x, S::set1(1.44269504089f)));
  S::F r = S::fused_negative(n, S::set1(0.693359375f), x);
  return S::fused_negative(n, S::set1(-2.12194440e-4f), r);
}

/// e^x. The bounds lie where the result is 0 or infinite anyway. What 1 + r loses in rounding is
/// added to the small rest.
static GF_INLINE Simd::F vec_exp(Simd::F x) {
  using S = Simd;
  x = S::min(S::set1(89.0f), S::max(S::set1(-105.0f), x));
  S::F n;
  S::F r = reduce_by_ln2(x, n);
  S::F one = S::set1(1.0f);
  S::F high = S::add(one, r);
  S::F lost = S::sub(r, S::sub(high, one));
  return S::scale(S::add(high, S::fused(S::mul(r, r), exp_tail(r), lost)), n);
}

/// a / (d + d_low), d_low far smaller than d: an estimate of the quotient is corrected by its exact
/// remainder and so rounded once.
static GF_INLINE Simd::F quotient(Simd::F a, Simd::F d, Simd::F d_low) {
  using S = Simd;
  S::F s;
  S::F q = S::quotient_estimate(a, d, s);
  S::F rest = S::fused_negative(q, d_low, S::fused_negative(q, d, a));
  return S::fused(s, rest, q);
}

/// 1 / d with d = 1 + 2^n + 2^n (e^r - 1) and what d lost in rounding.
static GF_INLINE Simd::F vec_sigmoid(Simd::F x) {
  using S = Simd;
  const S::F one = S::set1(1.0f);
  const S::F lowest = S::set1(-87.3f);  // n <= 126 above; below, the result is subnormal
  const S::F highest = S::set1(87.0f);  // n >= -126 below; above, the result is 1
  S::F y = S::sub(S::zero(), S::min(highest, S::max(lowest, x)));
  S::F n;
  S::F r = reduce_by_ln2(y, n);
  S::F p = S::fused(S::mul(r, r), exp_tail(r), r);
  S::F power = S::power_of_two(n);
  S::F d = S::fused(power, p, S::add(power, one));
  S::F lost = S::add(S::fused(power, p, S::sub(power, d)), one);
  return S::select(S::less(x, lowest), S::zero(), quotient(one, d, lost));
}

/// tanh |x| = -m / (m + 2) with m = e^(-2|x|) - 1, computed without cancellation for small x.
static GF_INLINE Simd::F vec_tanh(Simd::F x) {
  using S = Simd;
  const S::F two = S::set1(2.0f);
  // tanh(9.02) rounds to 1.
  S::F a = S::max(S::set1(-20.0f), S::mul(S::set1(-2.0f), S::abs(x)));
  S::F n;
  S::F r = reduce_by_ln2(a, n);
  S::F p = S::fused(S::mul(r, r), exp_tail(r), r);
  S::F power = S::power_of_two(n);
  S::F m = S::fused(power, p, S::sub(power, S::set1(1.0f)));
  S::F d = S::add(m, two);
  return S::copysign(quotient(m, d, S::sub(m, S::sub(d, two))), x);
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
  S::F n;
  S::F r = reduce_by_ln2(x, n);
  S::F p = S::fused(S::mul(r, r), exp_tail(r), r);
  S::F power = S::power_of_two(n);
  return S::fused(power, p, S::sub(power, S::set1(1.0f)));
}

#endif  // GATEFOLD_VEC_MATH_H
