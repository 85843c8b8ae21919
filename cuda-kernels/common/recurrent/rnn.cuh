// A plain RNN step's equations (Elman 1990) on one unit or four of one row.
#pragma once

#include "common/activations.cuh"
#include "common/math.cuh"
#include "common/quad.cuh"

namespace gatefold {

// Of x: Wx x, the product with h' and the bias. rectifies: the rectifier, else tanh.
__device__ __forceinline__ float rnn_forward(float x, float product, float bias, bool rectifies) {
  const float a = x + product + bias;
  return rectifies ? relu(a) : hyperbolic_tangent(a);
}

// The gradient before the function, of h, that of the step, and of dh, the whole gradient.
__device__ __forceinline__ float rnn_backward(float h, float dh, bool rectifies) {
  const float slope = rectifies ? (h > 0.0f ? 1.0f : 0.0f) : 1.0f - h * h;
  return dh * slope;
}

// The same of four units. h: read: Wx x; written: the result.
__device__ __forceinline__ void rnn_forward(Quad& h, const Quad& product, const Quad& bias,
                                            bool rectifies) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    h.v[k] = rnn_forward(h.v[k], product.v[k], bias.v[k], rectifies);
  }
}

// h: read: that of the step; written: the result.
__device__ __forceinline__ void rnn_backward(Quad& h, const Quad& dh, bool rectifies) {
#pragma unroll
  for (int k = 0; k < 4; ++k) h.v[k] = rnn_backward(h.v[k], dh.v[k], rectifies);
}

}  // namespace gatefold
