/// The functions that cells with options apply, and their slopes. Included inside an instruction
/// set's namespace.
#ifndef GATEFOLD_CELL_FUNCTIONS_H
#define GATEFOLD_CELL_FUNCTIONS_H

#include "recurrent/cell_noise.h"
#include "simd/vec_activations.h"

/// A function and the bound on what it is taken of.
struct GateFunction {
  gf_gate_function of;
  float clip;             ///< 0: none
  float lowest, highest;  ///< values at the bounds
};

/// What a direction's cells apply, with options.
struct CellFunctions {
  GateFunction gate, candidate, output;
  bool peepholes, coupled;
  CellNoise noise;
};

/// Replaces vectors by their values, some at a time, for the reason given at SimdGroup.
template <int Together, class Function>
static GF_INLINE void replace_vectors(int count, float* const* at, const Function& function) {
  using S = SimdGroup<Together>;
  for (; count >= Together; count -= Together, at += Together) {
    typename S::F x;
#pragma GCC unroll 8
    for (int i = 0; i < Together; i++) {
      x.v[i] = Simd::load(at[i]);
    }
    x = function(S(), x);
#pragma GCC unroll 8
    for (int i = 0; i < Together; i++) {
      Simd::store(at[i], x.v[i]);
    }
  }
  if constexpr (Together > 1) {
    if (count > 0) {
      replace_vectors<Together - 1>(count, at, function);
    }
  }
}

/// The value of one vector; NaN stays NaN. Sigmoid and tanh are not among them.
static GF_INLINE Simd::F other_value(const gf_gate_function& f, Simd::F x) {
  using S = Simd;
  const S::F alpha = S::set1(f.alpha), beta = S::set1(f.beta);
  switch (f.kind) {
    case GF_GATE_RELU:
      return S::max(S::zero(), x);
    case GF_GATE_HARD_SIGMOID:
      return vec_hard_sigmoid(alpha, beta, x);
    case GF_GATE_SOFTSIGN:
      return vec_softsign(x);
    case GF_GATE_SOFTPLUS:
      return vec_softplus(x);
    case GF_GATE_ELU:
      return vec_elu(alpha, x);
    case GF_GATE_AFFINE:
      return S::fma(alpha, x, beta);
    case GF_GATE_LEAKY_RELU:
      return vec_leaky_relu(alpha, x);
    default:  // GF_GATE_THRESHOLDED_RELU
      return S::select(S::less(x, alpha), S::zero(), x);
  }
}

/// Replaces vectors by the function's values.
static void apply_function(const GateFunction& f, int count, float* const* at) {
  if (f.clip > 0) {
    const Simd::F highest = Simd::set1(f.clip), lowest = Simd::set1(-f.clip);
    for (int i = 0; i < count; i++) {
      Simd::store(at[i], Simd::min(highest, Simd::max(lowest, Simd::load(at[i]))));
    }
  }
  switch (f.of.kind) {
    case GF_GATE_SIGMOID:
      replace_vectors<4>(count, at, [](auto s, auto x) { return vec_sigmoid<decltype(s)>(x); });
      break;
    case GF_GATE_TANH:
      replace_vectors<4>(count, at, [](auto s, auto x) { return vec_tanh<decltype(s)>(x); });
      break;
    case GF_GATE_SCALED_TANH:
      replace_vectors<4>(count, at, [&f](auto s, auto x) {
        using S = decltype(s);
        x = vec_tanh<S>(S::mul(S::set1(f.of.beta), x));
        return S::mul(S::set1(f.of.alpha), x);
      });
      break;
    default:
      for (int i = 0; i < count; i++) {
        Simd::store(at[i], other_value(f.of, Simd::load(at[i])));
      }
  }
}

static Simd::F other_slope(const gf_gate_function& f, Simd::F y) {
  using S = Simd;
  const S::F zero = S::zero(), one = S::set1(1.0f), alpha = S::set1(f.alpha);
  switch (f.kind) {
    case GF_GATE_RELU:
      return S::select(S::less(zero, y), one, zero);
    case GF_GATE_HARD_SIGMOID:
      return S::select(S::less(zero, y), S::select(S::less(y, one), alpha, zero), zero);
    case GF_GATE_SOFTSIGN: {
      S::F rest = S::sub(one, S::abs(y));
      return S::mul(rest, rest);
    }
    case GF_GATE_SOFTPLUS:
      return S::sub(zero, vec_expm1_negative(S::sub(zero, y)));
    case GF_GATE_ELU:
      return S::select(S::less(zero, y), one, S::add(y, alpha));
    case GF_GATE_AFFINE:
      return alpha;
    case GF_GATE_LEAKY_RELU:
      return S::select(S::less(zero, y), one, alpha);
    case GF_GATE_THRESHOLDED_RELU:
      return S::select(S::less(zero, S::abs(y)), one, zero);
    default: {  // GF_GATE_SCALED_TANH
      S::F rest = S::fnma(y, S::div(y, alpha), alpha);
      return S::mul(S::set1(f.beta), rest);
    }
  }
}

/// The slope where the value is y; 0 at the bounds.
static GF_INLINE Simd::F function_slope(const GateFunction& f, Simd::F y) {
  using S = Simd;
  S::F slope;
  if (f.of.kind == GF_GATE_SIGMOID) {
    slope = S::fnma(y, y, y);
  } else if (f.of.kind == GF_GATE_TANH) {
    slope = S::fnma(y, y, S::set1(1.0f));
  } else {
    slope = other_slope(f.of, y);
  }
  if (f.clip > 0) {
    const float bounds[2] = {f.lowest, f.highest};
    for (float bound : bounds) {
      const S::F at = S::set1(bound);
      S::F limited = S::select(S::less_equal(y, at), S::zero(), slope);
      slope = S::select(S::less_equal(at, y), limited, slope);
    }
  }
  return slope;
}

static void describe_function(const gf_gate_function& of, float clip, GateFunction& f) {
  alignas(64) float lowest[Simd::kLanes], highest[Simd::kLanes];
  f = {of, clip, 0, 0};
  if (clip > 0) {  // by the vectors' own arithmetic, so that values at the bounds are equal to them
    float* const at[2] = {lowest, highest};
    Simd::store(lowest, Simd::set1(-clip));
    Simd::store(highest, Simd::set1(clip));
    apply_function(f, 2, at);
    f.lowest = lowest[0];
    f.highest = highest[0];
  }
}

static void describe_functions(const gf_recurrent_spec& spec, int64_t direction, CellFunctions& f) {
  const gf_cell_functions own = functions_of(spec, direction);
  describe_function(own.gate, spec.gate_clip, f.gate);
  describe_function(own.candidate, spec.gate_clip, f.candidate);
  describe_function(own.output, 0, f.output);
  f.peepholes = spec.peepholes != 0;
  f.coupled = spec.coupled != 0;
}

#endif  // GATEFOLD_CELL_FUNCTIONS_H
