// One LSTM step's equations on four units of one row, and where their gates stand: order i, f, g, o
// in rows of 4H floats.
#pragma once

#include "common/math.cuh"
#include "common/quad.cuh"
#include "common/step.cuh"

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

// q: read: Wx x + Wh h'; written: the activated gates. b: the bias. c: read: the cell state before
// the step; written: that after it, within the clip if that is > 0. The result is h.
__device__ __forceinline__ Quad lstm_forward(LstmGates& q, const LstmGates& b, Quad& c,
                                             float clip) {
  Quad h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    q.i.v[k] = sigmoid(q.i.v[k] + b.i.v[k]);
    q.f.v[k] = sigmoid(q.f.v[k] + b.f.v[k]);
    q.g.v[k] = tanhf(q.g.v[k] + b.g.v[k]);
    q.o.v[k] = sigmoid(q.o.v[k] + b.o.v[k]);
    float cell = q.f.v[k] * c.v[k] + q.i.v[k] * q.g.v[k];
    // fminf and fmaxf would turn a NaN into the bound and hide it.
    if (clip > 0.0f) cell = cell > clip ? clip : (cell < -clip ? -clip : cell);
    c.v[k] = cell;
    h.v[k] = q.o.v[k] * tanhf(cell);
  }
  return h;
}

// q: read: the activated gates; written: their gradients before activation. before, after: the cell
// states around the step. dh: the whole gradient of h. dc: read: that of the cell state after the
// step; written: that of the one before.
__device__ __forceinline__ void lstm_backward(LstmGates& q, const Quad& before, const Quad& after,
                                              const Quad& dh, Quad& dc, float clip) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float i = q.i.v[k], f = q.f.v[k], g = q.g.v[k], o = q.o.v[k];
    const float th = tanhf(after.v[k]);
    float d_c = dc.v[k] + dh.v[k] * o * (1.0f - th * th);
    if (clip > 0.0f && (after.v[k] >= clip || after.v[k] <= -clip)) d_c = 0.0f;
    q.i.v[k] = d_c * g * i * (1.0f - i);
    q.f.v[k] = d_c * before.v[k] * f * (1.0f - f);
    q.g.v[k] = d_c * i * (1.0f - g * g);
    q.o.v[k] = dh.v[k] * th * o * (1.0f - o);
    dc.v[k] = d_c * f;
  }
}

}  // namespace gatefold
