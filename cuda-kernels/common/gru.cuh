// One GRU step's equations (cuDNN's and PyTorch's form: the reset gate multiplies the candidate's
// recurrent product) on four units of one row, and where their gates stand: order r, z, n in rows
// of 3H floats; biases r, z, n of the input, n of the recurrence.
#pragma once

#include "common/math.cuh"
#include "common/quad.cuh"
#include "common/step.cuh"

namespace gatefold {

struct GruGates {
  Quad r, z, n;
};

__device__ __forceinline__ GruGates load_gru_gates(const float* row, const StepItem& it,
                                                   int hidden) {
  return {load_quad(row + it.unit, it.count, it.vector),
          load_quad(row + hidden + it.unit, it.count, it.vector),
          load_quad(row + 2 * hidden + it.unit, it.count, it.vector)};
}

__device__ __forceinline__ void store_gru_gates(float* row, const GruGates& q, const StepItem& it,
                                                int hidden) {
  store_quad(row + it.unit, q.r, it.count, it.vector);
  store_quad(row + hidden + it.unit, q.z, it.count, it.vector);
  store_quad(row + 2 * hidden + it.unit, q.n, it.count, it.vector);
}

__device__ __forceinline__ GruGates zero_gru_gates() {
  return {zero_quad(), zero_quad(), zero_quad()};
}

// q: read: Wx x; written: the activated gates. p: Wh h'; of n written: the recurrent part of the
// candidate, Wh_n h' + b_hn. b, b_recurrent: the biases. The result is h.
__device__ __forceinline__ Quad gru_forward(GruGates& q, GruGates& p, const GruGates& b,
                                            const Quad& b_recurrent, const Quad& h_old) {
  Quad h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    q.r.v[k] = sigmoid(q.r.v[k] + p.r.v[k] + b.r.v[k]);
    q.z.v[k] = sigmoid(q.z.v[k] + p.z.v[k] + b.z.v[k]);
    p.n.v[k] += b_recurrent.v[k];
    q.n.v[k] = tanhf(q.n.v[k] + b.n.v[k] + q.r.v[k] * p.n.v[k]);
    h.v[k] = (1.0f - q.z.v[k]) * q.n.v[k] + q.z.v[k] * h_old.v[k];
  }
  return h;
}

// q: read: the activated gates; written: the gradients of Wx x. recurrent_n: read: the recurrent
// part of the candidate; written: its gradient. dh: read: the whole gradient of h; written: what
// passes the step by.
__device__ __forceinline__ void gru_backward(GruGates& q, Quad& recurrent_n, const Quad& h_old,
                                             Quad& dh) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float r = q.r.v[k], z = q.z.v[k], n = q.n.v[k];
    const float dn = dh.v[k] * (1.0f - z) * (1.0f - n * n);
    q.r.v[k] = dn * recurrent_n.v[k] * r * (1.0f - r);
    q.z.v[k] = dh.v[k] * (h_old.v[k] - n) * z * (1.0f - z);
    q.n.v[k] = dn;
    recurrent_n.v[k] = dn * r;
    dh.v[k] *= z;
  }
}

}  // namespace gatefold
