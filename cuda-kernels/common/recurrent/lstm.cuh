// One LSTM step's equations on one unit or four of one row, and where their gates stand: order i,
// f, g, o in rows of 4H floats.
#pragma once

#include "common/activations.cuh"
#include "common/math.cuh"
#include "common/quad.cuh"
#include "common/recurrent/step.cuh"

namespace gatefold {

struct LstmGates {
  Quad i, f, g, o;
};

__device__ __forceinline__ LstmGates load_gates(const float* row, const StepItem& it, int hidden) {
  LstmGates q;
  q.i = load_quad(row + it.unit, it.count, it.vector);
  q.f = load_quad(row + hidden + it.unit, it.count, it.vector);
  q.g = load_quad(row + 2 * hidden + it.unit, it.count, it.vector);
  q.o = load_quad(row + 3 * hidden + it.unit, it.count, it.vector);
  return q;
}

__device__ __forceinline__ void store_gates(float* row, const LstmGates& q, const StepItem& it,
                                            int hidden) {
  store_quad(row + it.unit, q.i, it.count, it.vector);
  store_quad(row + hidden + it.unit, q.f, it.count, it.vector);
  store_quad(row + 2 * hidden + it.unit, q.g, it.count, it.vector);
  store_quad(row + 3 * hidden + it.unit, q.o, it.count, it.vector);
}

// Stores the gates of one row, which starts at element `row`, as operands of a product.
__device__ __forceinline__ void store_gate_operands(void* operands, size_t row, const LstmGates& q,
                                                    const StepItem& it, int hidden, int type) {
  const size_t at = row + it.unit;
  store_operand(operands, at, q.i, it.count, it.vector, type);
  store_operand(operands, at + hidden, q.f, it.count, it.vector, type);
  store_operand(operands, at + 2 * hidden, q.g, it.count, it.vector, type);
  store_operand(operands, at + 3 * hidden, q.o, it.count, it.vector, type);
}

__device__ __forceinline__ LstmGates zero_gates() {
  return {zero_quad(), zero_quad(), zero_quad(), zero_quad()};
}

__device__ __forceinline__ void add_gates(LstmGates& q, const LstmGates& p) {
  add_quad(q.i, p.i);
  add_quad(q.f, p.f);
  add_quad(q.g, p.g);
  add_quad(q.o, p.o);
}

// One unit of one row.
struct LstmUnit {
  float i, f, g, o;
};

// at: its first gate.
__device__ __forceinline__ LstmUnit load_unit_gates(const float* at, int hidden) {
  return {at[0], at[hidden], at[2 * hidden], at[3 * hidden]};
}

__device__ __forceinline__ void store_unit_gates(float* at, const LstmUnit& q, int hidden) {
  at[0] = q.i;
  at[hidden] = q.f;
  at[2 * hidden] = q.g;
  at[3 * hidden] = q.o;
}

// q: read: Wx x + Wh h'; written: the activated gates. b: the bias. c: read: the cell state before
// the step; written: that after it, within the clip if that is > 0. The result is h.
__device__ __forceinline__ float lstm_forward(LstmUnit& q, const LstmUnit& b, float& c,
                                              float clip) {
  q.i = sigmoid(q.i + b.i);
  q.f = sigmoid(q.f + b.f);
  q.g = hyperbolic_tangent(q.g + b.g);
  q.o = sigmoid(q.o + b.o);
  const float bound = clip > 0.0f ? clip : infinity();
  c = within(-bound, bound, q.f * c + q.i * q.g);
  return q.o * hyperbolic_tangent(c);
}

// q: read: the activated gates; written: their gradients before activation. before, after: the cell
// states around the step. dh: the whole gradient of h. dc: read: that of the cell state after the
// step; written: that of the one before.
__device__ __forceinline__ void lstm_backward(LstmUnit& q, float before, float after, float dh,
                                              float& dc, float clip) {
  const float i = q.i, f = q.f, g = q.g, o = q.o;
  const float th = hyperbolic_tangent(after);
  float d_c = dc + dh * o * (1.0f - th * th);
  if (clip > 0.0f && (after >= clip || after <= -clip)) d_c = 0.0f;
  q.i = d_c * g * i * (1.0f - i);
  q.f = d_c * before * f * (1.0f - f);
  q.g = d_c * i * (1.0f - g * g);
  q.o = dh * th * o * (1.0f - o);
  dc = d_c * f;
}

// The same of four units.

__device__ __forceinline__ LstmUnit unit_of(const LstmGates& q, int k) {
  return {q.i.v[k], q.f.v[k], q.g.v[k], q.o.v[k]};
}

__device__ __forceinline__ void set_unit(LstmGates& q, int k, const LstmUnit& u) {
  q.i.v[k] = u.i;
  q.f.v[k] = u.f;
  q.g.v[k] = u.g;
  q.o.v[k] = u.o;
}

__device__ __forceinline__ Quad lstm_forward(LstmGates& q, const LstmGates& b, Quad& c,
                                             float clip) {
  Quad h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    LstmUnit u = unit_of(q, k);
    h.v[k] = lstm_forward(u, unit_of(b, k), c.v[k], clip);
    set_unit(q, k, u);
  }
  return h;
}

__device__ __forceinline__ void lstm_backward(LstmGates& q, const Quad& before, const Quad& after,
                                              const Quad& dh, Quad& dc, float clip) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    LstmUnit u = unit_of(q, k);
    lstm_backward(u, before.v[k], after.v[k], dh.v[k], dc.v[k], clip);
    set_unit(q, k, u);
  }
}

}  // namespace gatefold
