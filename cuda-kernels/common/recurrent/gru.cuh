// One GRU step's equations (cuDNN's and PyTorch's form: the reset gate multiplies the candidate's
// recurrent product) on one unit or four of one row, and where their gates stand: order r, z, n in
// rows of 3H floats; biases r, z, n of the input, n of the recurrence.
#pragma once

#include "common/math.cuh"
#include "common/quad.cuh"
#include "common/recurrent/step.cuh"

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

// One unit of one row.
struct GruUnit {
  float r, z, n;
};

// at: its first gate.
__device__ __forceinline__ GruUnit load_unit_gates(const float* at, int hidden) {
  return {at[0], at[hidden], at[2 * hidden]};
}

__device__ __forceinline__ void store_unit_gates(float* at, const GruUnit& q, int hidden) {
  at[0] = q.r;
  at[hidden] = q.z;
  at[2 * hidden] = q.n;
}

// q: read: Wx x; written: the activated gates. p: Wh h'; of n written: the recurrent part of the
// candidate, Wh_n h' + b_hn. b, b_recurrent: the biases. The result is h.
__device__ __forceinline__ float gru_forward(GruUnit& q, GruUnit& p, const GruUnit& b,
                                             float b_recurrent, float h_old) {
  q.r = sigmoid(q.r + p.r + b.r);
  q.z = sigmoid(q.z + p.z + b.z);
  p.n += b_recurrent;
  q.n = hyperbolic_tangent(q.n + b.n + q.r * p.n);
  return (1.0f - q.z) * q.n + q.z * h_old;
}

// q: read: the activated gates; written: the gradients of Wx x. recurrent_n: read: the recurrent
// part of the candidate; written: its gradient. dh: read: the whole gradient of h; written: what
// passes the step by.
__device__ __forceinline__ void gru_backward(GruUnit& q, float& recurrent_n, float h_old,
                                             float& dh) {
  const float r = q.r, z = q.z, n = q.n;
  const float dn = dh * (1.0f - z) * (1.0f - n * n);
  q.r = dn * recurrent_n * r * (1.0f - r);
  q.z = dh * (h_old - n) * z * (1.0f - z);
  q.n = dn;
  recurrent_n = dn * r;
  dh *= z;
}

// The same of four units.

__device__ __forceinline__ GruUnit unit_of(const GruGates& q, int k) {
  return {q.r.v[k], q.z.v[k], q.n.v[k]};
}

__device__ __forceinline__ void set_unit(GruGates& q, int k, const GruUnit& u) {
  q.r.v[k] = u.r;
  q.z.v[k] = u.z;
  q.n.v[k] = u.n;
}

__device__ __forceinline__ Quad gru_forward(GruGates& q, GruGates& p, const GruGates& b,
                                            const Quad& b_recurrent, const Quad& h_old) {
  Quad h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    GruUnit u = unit_of(q, k), product = unit_of(p, k);
    h.v[k] = gru_forward(u, product, unit_of(b, k), b_recurrent.v[k], h_old.v[k]);
    set_unit(q, k, u);
    p.n.v[k] = product.n;
  }
  return h;
}

__device__ __forceinline__ void gru_backward(GruGates& q, Quad& recurrent_n, const Quad& h_old,
                                             Quad& dh) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    GruUnit u = unit_of(q, k);
    gru_backward(u, recurrent_n.v[k], h_old.v[k], dh.v[k]);
    set_unit(q, k, u);
  }
}

}  // namespace gatefold
