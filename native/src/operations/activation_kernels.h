/// Activations and their slopes. Included inside an instruction set's namespace by
/// pointwise_level.cpp, behind pointwise_kernels.h. NaN stays NaN; at infinities,
/// functions and slopes that multiply x by what goes to 0 give NaN, as their formulas do.
#ifndef GATEFOLD_ACTIVATION_KERNELS_H
#define GATEFOLD_ACTIVATION_KERNELS_H

#include "gatefold/elementwise.h"
#include "simd/vec_activations.h"

/// A function of single floats on every lane.
template <class Function>
static GF_INLINE Simd::F each_lane(Simd::F x, Function f) {
  alignas(64) float lanes[Simd::kLanes];
  Simd::store(lanes, x);
  for (float& v : lanes) {
    v = f(v);
  }
  return Simd::load(lanes);
}

static GF_INLINE Simd::F normal_distribution(Simd::F x) {
  return each_lane(x, [](float v) { return 0.5f * ::erfcf(v * -0.70710678f); });
}

/// e^x (e^x + 2), of which tanh(log(1 + e^x)) is n / (n + 2); beyond 20 that is 1.
static GF_INLINE Simd::F mish_product(Simd::F e) {
  return Simd::mul(e, Simd::add(e, Simd::set1(2.0f)));
}

static GF_INLINE Simd::F mish_exp(Simd::F x) { return vec_exp(Simd::min(Simd::set1(20.0f), x)); }

static GF_INLINE Simd::F vec_mish(Simd::F x) {
  using S = Simd;
  S::F n = mish_product(mish_exp(x));
  return S::mul(x, S::div(n, S::add(n, S::set1(2.0f))));
}

/// t + x (1 - t^2) sigmoid(x) with t = n / (n + 2).
static GF_INLINE Simd::F mish_slope(Simd::F x) {
  using S = Simd;
  const S::F two = S::set1(2.0f);
  x = S::min(S::set1(20.0f), x);  // beyond, x times what is left of 1 - t^2 would grow again
  S::F e = mish_exp(x);
  S::F n = mish_product(e);
  S::F d = S::add(n, two);
  // Of the second summand but for x, with the division by d taken apart lest a square overflows.
  S::F half = S::div(S::mul(e, S::add(e, S::set1(1.0f))), d);  // below 1
  S::F tanh_slope = S::div(S::mul(S::mul(two, two), half), d);
  return S::fma(x, tanh_slope, S::div(n, d));
}

// GELU by tanh is x sigmoid(2 u) with u = k (x + c x^3); beyond 30 the sigmoid is 0 or 1.
constexpr float kGeluScale = 1.59576912f;  // 2 sqrt(2 / pi)
constexpr float kGeluCube = 0.044715f;

static GF_INLINE Simd::F gelu_gate(Simd::F bounded, Simd::F square) {
  using S = Simd;
  S::F inner = S::fma(S::set1(kGeluCube), square, S::set1(1.0f));
  return vec_sigmoid(S::mul(S::mul(S::set1(kGeluScale), bounded), inner));
}

static GF_INLINE Simd::F gelu_bounded(Simd::F x) {
  return vec_within(Simd::set1(-30.0f), Simd::set1(30.0f), x);
}

static GF_INLINE Simd::F vec_gelu_tanh(Simd::F x) {
  Simd::F v = gelu_bounded(x);
  return Simd::mul(x, gelu_gate(v, Simd::mul(v, v)));
}

static GF_INLINE Simd::F gelu_tanh_slope(Simd::F x) {
  using S = Simd;
  const S::F one = S::set1(1.0f);
  S::F v = gelu_bounded(x);
  S::F square = S::mul(v, v);
  S::F s = gelu_gate(v, square);
  S::F rise = S::mul(S::set1(kGeluScale), S::fma(S::set1(3 * kGeluCube), square, one));
  return S::mul(s, S::fma(S::mul(v, rise), S::sub(one, s), one));
}

static void activation_forward(int32_t kind, float alpha, float beta, int64_t count, const float* x,
                               float* y) {
  using S = Simd;
  const S::F a = S::set1(alpha), b = S::set1(beta);
  switch (kind) {
    case GF_SIGMOID:
      sigmoid_range(count, x, y);
      break;
    case GF_TANH:
      tanh_range(count, x, y);
      break;
    case GF_RELU:
      map(count, x, y, [](S::F v) { return S::max(S::zero(), v); });
      break;
    case GF_LEAKY_RELU:
      map(count, x, y, [a](S::F v) { return vec_leaky_relu(a, v); });
      break;
    case GF_ELU:
      map(count, x, y, [a](S::F v) { return vec_elu(a, v); });
      break;
    case GF_GELU:
      map(count, x, y, [](S::F v) { return S::mul(v, normal_distribution(v)); });
      break;
    case GF_SILU:
      map(count, x, y, [](S::F v) { return S::mul(v, vec_sigmoid(v)); });
      break;
    case GF_EXP:
      map(count, x, y, [](S::F v) { return vec_exp(v); });
      break;
    case GF_HARD_SIGMOID:
      map(count, x, y, [a, b](S::F v) { return vec_hard_sigmoid(a, b, v); });
      break;
    case GF_SOFTSIGN:
      map(count, x, y, [](S::F v) { return vec_softsign(v); });
      break;
    case GF_CLIP:
      map(count, x, y, [a, b](S::F v) { return vec_within(a, b, v); });
      break;
    case GF_SELU:
      map(count, x, y, [a, b](S::F v) { return S::mul(b, vec_elu(a, v)); });
      break;
    case GF_MISH:
      map(count, x, y, [](S::F v) { return vec_mish(v); });
      break;
    case GF_HARD_SWISH:
      map(count, x, y, [](S::F v) {
        return S::mul(v, vec_hard_sigmoid(S::set1(1.0f / 6.0f), S::set1(0.5f), v));
      });
      break;
    case GF_GELU_TANH:
      map(count, x, y, [](S::F v) { return vec_gelu_tanh(v); });
      break;
    case GF_THRESHOLDED_RELU:
      map(count, x, y, [a](S::F v) { return S::select(S::less_equal(v, a), S::zero(), v); });
      break;
    default:  // GF_SOFTPLUS
      map(count, x, y, [](S::F v) { return vec_softplus(v); });
  }
}

/// d where least < v < most, else 0.
static GF_INLINE Simd::F between(Simd::F least, Simd::F most, Simd::F v, Simd::F d) {
  using S = Simd;
  return S::select(S::less(least, v), S::select(S::less(v, most), d, S::zero()), S::zero());
}

static void activation_backward(int32_t kind, float alpha, float beta, int64_t count,
                                const float* x, const float* y, const float* dy, float* dx) {
  using S = Simd;
  const S::F a = S::set1(alpha), b = S::set1(beta);
  const S::F one = S::set1(1.0f);
  switch (kind) {
    case GF_SIGMOID:
      map(count, y, dy, dx, [](S::F v, S::F d) { return S::mul(d, S::fnma(v, v, v)); });
      break;
    case GF_TANH:
      map(count, y, dy, dx, [one](S::F v, S::F d) { return S::mul(d, S::fnma(v, v, one)); });
      break;
    case GF_RELU:
      map(count, x, dy, dx,
          [](S::F v, S::F d) { return S::select(S::less(S::zero(), v), d, S::zero()); });
      break;
    case GF_LEAKY_RELU:
      map(count, x, dy, dx,
          [a](S::F v, S::F d) { return S::select(S::less(S::zero(), v), d, S::mul(a, d)); });
      break;
    case GF_ELU:
      map(count, x, dy, dx, [a](S::F v, S::F d) {
        S::F slope = S::mul(a, vec_exp(S::min(S::zero(), v)));
        return S::select(S::less(S::zero(), v), d, S::mul(d, slope));
      });
      break;
    case GF_GELU:
      map(count, x, dy, dx, [](S::F v, S::F d) {
        S::F density = S::mul(S::set1(0.39894228f), vec_exp(S::mul(S::set1(-0.5f), S::mul(v, v))));
        return S::mul(d, S::fma(v, density, normal_distribution(v)));
      });
      break;
    case GF_SILU:
      map(count, x, dy, dx, [one](S::F v, S::F d) {
        S::F s = vec_sigmoid(v);
        return S::mul(d, S::mul(s, S::fma(v, S::sub(one, s), one)));
      });
      break;
    case GF_EXP:
      map(count, y, dy, dx, [](S::F v, S::F d) { return S::mul(d, v); });
      break;
    case GF_HARD_SIGMOID:
      map(count, y, dy, dx,
          [a, one](S::F v, S::F d) { return between(S::zero(), one, v, S::mul(a, d)); });
      break;
    case GF_SOFTSIGN:
      map(count, x, dy, dx, [one](S::F v, S::F d) {
        S::F s = S::div(one, S::add(one, S::abs(v)));
        return S::mul(d, S::mul(s, s));
      });
      break;
    case GF_CLIP:
      map(count, x, dy, dx, [a, b](S::F v, S::F d) { return between(a, b, v, d); });
      break;
    case GF_SELU:
      map(count, x, dy, dx, [a, b](S::F v, S::F d) {
        S::F slope = S::mul(a, vec_exp(S::min(S::zero(), v)));
        return S::mul(S::mul(b, d), S::select(S::less(S::zero(), v), S::set1(1.0f), slope));
      });
      break;
    case GF_MISH:
      map(count, x, dy, dx, [](S::F v, S::F d) { return S::mul(d, mish_slope(v)); });
      break;
    case GF_HARD_SWISH:
      map(count, x, dy, dx, [](S::F v, S::F d) {
        const S::F three = S::set1(3.0f);
        S::F bent = S::mul(d, S::fma(v, S::set1(1.0f / 3.0f), S::set1(0.5f)));
        S::F upper = S::select(S::less_equal(v, three), bent, d);
        return S::select(S::less_equal(v, S::sub(S::zero(), three)), S::zero(), upper);
      });
      break;
    case GF_GELU_TANH:
      map(count, x, dy, dx, [](S::F v, S::F d) { return S::mul(d, gelu_tanh_slope(v)); });
      break;
    case GF_THRESHOLDED_RELU:
      map(count, x, dy, dx, [a](S::F v, S::F d) { return S::select(S::less(a, v), d, S::zero()); });
      break;
    default:  // GF_SOFTPLUS
      map(count, x, dy, dx, [](S::F v, S::F d) { return S::mul(d, vec_sigmoid(v)); });
  }
}

#endif  // GATEFOLD_ACTIVATION_KERNELS_H
