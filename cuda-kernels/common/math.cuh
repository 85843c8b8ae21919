// Functions and constants in full single precision. NVRTC has no host headers, hence no INFINITY
// and NAN.
#pragma once

#include "common/ptx.cuh"

namespace gatefold {

__device__ __forceinline__ float infinity() { return __int_as_float(0x7F800000); }

__device__ __forceinline__ float not_a_number() { return __int_as_float(0x7FFFFFFF); }

// Sigmoid and tanh without branches, among them those of an exact division. With expf within two
// units in the last place and ptx::reciprocal within one, what they give is off by 2^-21 of it at
// most; a sigmoid below 2^-126 is 0.
__device__ __forceinline__ float sigmoid(float x) { return ptx::reciprocal(1.0f + expf(-x)); }

__device__ __forceinline__ float hyperbolic_tangent(float x) {
  const float a = fabsf(x);
  const float far = fmaf(-2.0f, ptx::reciprocal(1.0f + expf(2.0f * a)), 1.0f);
  // Within 2^-27 of tanh(x) / x - 1 up to 0.625, fitted for the least greatest relative error.
  const float z = x * x;
  float p = fmaf(-5.7049850e-3f, z, 2.0639086e-2f);
  p = fmaf(p, z, -5.3739715e-2f);
  p = fmaf(p, z, 0.13331442f);
  p = fmaf(p, z, -0.33333281f);
  const float near = fmaf(p * z, x, x);
  return a < 0.625f ? near : copysignf(far, x);
}

// A product that propagates no NaN into rows that do not count: 0 where weight is 0.
__device__ __forceinline__ float weighted(float weight, float value) {
  return weight == 0.0f ? 0.0f : weight * value;
}

}  // namespace gatefold
