// The functions that a cell may apply to its gates, its candidate and its output, their slopes, and
// the options of a cell beside them.
#pragma once

#include "common/activations.cuh"
#include "common/quad.cuh"

namespace gatefold {

// GateActivation.Kind.code() of op.recurrent. a and b are the numbers of a function.
enum ActivationKind {
  kSigmoid = 0,
  kTanh = 1,
  kRelu = 2,
  kHardSigmoid = 3,      // min(1, max(0, a*x + b))
  kSoftsign = 4,         // x / (1 + |x|)
  kSoftplus = 5,         // log(1 + exp(x))
  kElu = 6,              // x if positive, else a*(exp(x) - 1)
  kAffine = 7,           // a*x + b
  kLeakyRelu = 8,        // x if positive, else a*x
  kThresholdedRelu = 9,  // x if at least a, else 0
  kScaledTanh = 10,      // a*tanh(b*x)
};

struct GateActivation {
  int kind;
  float alpha;
  float beta;
};

// In what a cell departs from its equations, but for what the StepFrame says. The same for a whole
// launch, so that branches on it cost no divergence. backend/cuda's StepOptions.java writes the
// same layout.
struct StepOptions {
  GateActivation gate;
  GateActivation candidate;
  GateActivation output;  // of an LSTM's cell state
  float gate_clip;        // bound on what gates and candidates are taken of; 0 means none
  int coupled;            // not 0: an LSTM's forget gate is 1 - i
  float zoneout_h;        // probability that h stays what it was before the step
  float zoneout_c;        // the same of an LSTM's cell state
  float candidate_drop;   // probability of dropping a candidate; 0 switches it off
  float candidate_scale;  // 1 / (1 - candidate_drop)
  float recurrent_drop;  // probability of dropping h on its way into the product; 0 switches it off
  float recurrent_scale;  // 1 / (1 - recurrent_drop)
  int drawn;              // 0: passes for training draw no masks, but compute as inference does
};

// x within the bounds, if there are any; NaN stays NaN.
__device__ __forceinline__ float within(float x, float bound) {
  if (bound > 0.0f) x = x > bound ? bound : (x < -bound ? -bound : x);
  return x;
}

// The function at x. Sums are fused explicitly, lest two kernels round the same value differently.
__device__ __forceinline__ float activation(const GateActivation& fn, float x) {
  const float a = fn.alpha, b = fn.beta;
  switch (fn.kind) {
    case kSigmoid:
      return sigmoid(x);
    case kTanh:
      return hyperbolic_tangent(x);
    case kRelu:
      return relu(x);
    case kHardSigmoid:
      return hard_sigmoid(a, b, x);
    case kSoftsign:
      return softsign(x);
    case kSoftplus:
      return softplus(x);
    case kElu:
      return elu(a, x);
    case kAffine:
      return fmaf(a, x, b);
    case kLeakyRelu:
      return leaky_relu(a, x);
    case kThresholdedRelu:
      return x < a ? 0.0f : x;
    default:
      return a * hyperbolic_tangent(b * x);
  }
}

// The slope where the function is y.
__device__ __forceinline__ float activation_slope(const GateActivation& fn, float y) {
  const float a = fn.alpha, b = fn.beta;
  switch (fn.kind) {
    case kSigmoid:
      return y * (1.0f - y);
    case kTanh:
      return 1.0f - y * y;
    case kRelu:
      return y > 0.0f ? 1.0f : 0.0f;
    case kHardSigmoid:
      return y > 0.0f && y < 1.0f ? a : 0.0f;
    case kSoftsign:
      return (1.0f - fabsf(y)) * (1.0f - fabsf(y));
    case kSoftplus:
      return -expm1f(-y);
    case kElu:
      return y > 0.0f ? 1.0f : y + a;
    case kAffine:
      return a;
    case kLeakyRelu:
      return y > 0.0f ? 1.0f : a;
    case kThresholdedRelu:
      return y != 0.0f ? 1.0f : 0.0f;
    default:
      return b * (a - y * y / a);
  }
}

// The function of four sums within a bound; 0 means none.
__device__ __forceinline__ Quad activated(const GateActivation& fn, const Quad& x, float bound) {
  Quad y;
#pragma unroll
  for (int k = 0; k < 4; ++k) y.v[k] = activation(fn, within(x.v[k], bound));
  return y;
}

// What a function is at the bounds of what it is taken of; NaN, which equals nothing, without
// bounds.
struct Extremes {
  float lowest;
  float highest;
};

__device__ __forceinline__ Extremes extremes(const GateActivation& fn, float bound) {
  if (bound <= 0.0f) return {not_a_number(), not_a_number()};
  return {activation(fn, -bound), activation(fn, bound)};
}

// The slopes where `activated` is y: 0 at the bounds.
__device__ __forceinline__ Quad slopes(const GateActivation& fn, const Quad& y, const Extremes& e) {
  Quad s;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const bool at_bound = y.v[k] == e.lowest || y.v[k] == e.highest;
    s.v[k] = at_bound ? 0.0f : activation_slope(fn, y.v[k]);
  }
  return s;
}

}  // namespace gatefold
