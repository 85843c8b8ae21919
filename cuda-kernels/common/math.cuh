// Functions and constants in full single precision. NVRTC has no host headers, hence no INFINITY
// and NAN.
#pragma once

namespace gatefold {

__device__ __forceinline__ float infinity() { return __int_as_float(0x7F800000); }

__device__ __forceinline__ float not_a_number() { return __int_as_float(0x7FFFFFFF); }

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// A product that propagates no NaN into rows that do not count: 0 where weight is 0.
__device__ __forceinline__ float weighted(float weight, float value) {
  return weight == 0.0f ? 0.0f : weight * value;
}

}  // namespace gatefold
