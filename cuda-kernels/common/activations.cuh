// Activation functions that layers and cells share. NaN stays NaN.
#pragma once

#include "common/math.cuh"

namespace gatefold {

__device__ __forceinline__ float within(float least, float most, float x) {
  return x < least ? least : (x > most ? most : x);
}

__device__ __forceinline__ float relu(float x) { return x < 0.0f ? 0.0f : x; }

__device__ __forceinline__ float leaky_relu(float slope, float x) {
  return x > 0.0f ? x : slope * x;
}

__device__ __forceinline__ float elu(float scale, float x) {
  return x > 0.0f ? x : scale * expm1f(x);
}

// The sum is fused explicitly, lest two kernels round the same value differently.
__device__ __forceinline__ float hard_sigmoid(float slope, float shift, float x) {
  return within(0.0f, 1.0f, fmaf(slope, x, shift));
}

__device__ __forceinline__ float softsign(float x) { return x / (1.0f + fabsf(x)); }

__device__ __forceinline__ float softplus(float x) { return relu(x) + log1pf(expf(-fabsf(x))); }

}  // namespace gatefold
