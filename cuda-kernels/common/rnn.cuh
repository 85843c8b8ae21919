// A plain RNN step's equations (Elman 1990) on four units of one row.
#pragma once

#include "common/math.cuh"
#include "common/quad.cuh"

namespace gatefold {

// h: read: Wx x; written: the function of that, the product with h' and the bias. relu: the
// rectifier, else tanh.
__device__ __forceinline__ void rnn_forward(Quad& h, const Quad& product, const Quad& bias,
                                            bool relu) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float a = h.v[k] + product.v[k] + bias.v[k];
    h.v[k] = relu ? (a < 0.0f ? 0.0f : a) : tanhf(a);
  }
}

// h: read: that of the step; written: the gradient before the function. dh: the whole gradient.
__device__ __forceinline__ void rnn_backward(Quad& h, const Quad& dh, bool relu) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float slope = relu ? (h.v[k] > 0.0f ? 1.0f : 0.0f) : 1.0f - h.v[k] * h.v[k];
    h.v[k] = dh.v[k] * slope;
  }
}

}  // namespace gatefold
