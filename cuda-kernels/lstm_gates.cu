// The pointwise part of one LSTM step, forward and backward: gates, cell state, output.
//
// Thread mapping: one thread handles four consecutive units of one row; threads run over rows and
// units in order, so that neighbours read neighbouring 16 bytes. No shared memory, no
// synchronisation; any block size, grid covers B * ceil(H/4). Gate order i, f, g, o; G = 4H floats
// a row.
//
// @hot: lstm_gates_backward_f32 lstm_gates_forward_f32

#include "common/math.cuh"
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

}  // namespace gatefold

using namespace gatefold;

// gates [B,4H]: read: Wx x + Wh h'; written if keep != 0: the activated gates. bias [4H] read.
// c_prev, h_prev [B,H] read; c_next, h_next [B,H] written (the row's old state where the step is
// padding). y [B, D*H] rows of this step, this direction's columns written (0 where padding).
// lengths [B] or null. clip > 0 bounds |c|. c_next may be c_prev and h_next may not be h_prev.
extern "C" __global__ void __launch_bounds__(256)
    lstm_gates_forward_f32(float* __restrict__ gates, const float* __restrict__ bias,
                           const float* c_prev, float* c_next, const float* __restrict__ h_prev,
                           float* __restrict__ h_next, float* __restrict__ y,
                           const int* __restrict__ lengths, StepShape shape, StepDropout dropout,
                           float clip, int keep) {
  const StepItem it(shape);
  if (!it.valid) return;
  const int hidden = shape.hidden;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const Quad c_old = load_quad(c_prev + state, it.count, it.vector);
  if (!is_data(lengths, shape, it.row)) {
    const Quad h_old = load_quad(h_prev + state, it.count, it.vector);
    store_quad(c_next + state, c_old, it.count, it.vector);
    store_quad(h_next + state, h_old, it.count, it.vector);
    store_output(y, zero_quad(), shape, it);
    return;
  }
  float* row = gates + static_cast<size_t>(it.row) * 4 * hidden;
  LstmGates q = load_gates(row, it, hidden);
  const LstmGates b = load_gates(bias, it, hidden);
  Quad c, h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    q.i.v[k] = sigmoid(q.i.v[k] + b.i.v[k]);
    q.f.v[k] = sigmoid(q.f.v[k] + b.f.v[k]);
    q.g.v[k] = tanhf(q.g.v[k] + b.g.v[k]);
    q.o.v[k] = sigmoid(q.o.v[k] + b.o.v[k]);
    float cell = q.f.v[k] * c_old.v[k] + q.i.v[k] * q.g.v[k];
    // fminf and fmaxf would turn a NaN into the bound and hide it.
    if (clip > 0.0f) cell = cell > clip ? clip : (cell < -clip ? -clip : cell);
    c.v[k] = cell;
    h.v[k] = q.o.v[k] * tanhf(cell);
  }
  if (keep) store_gates(row, q, it, hidden);
  store_quad(c_next + state, c, it.count, it.vector);
  store_quad(h_next + state, h, it.count, it.vector);
  apply_dropout(h, dropout, shape, it);
  store_output(y, h, shape, it);
}

// gates [B,4H]: read: the activated gates; written: their gradients before activation (0 where
// padding). c_prev, c_next [B,H] read: the cell states around the step. dy [B, D*H] rows of this
// step, read; null means 0. dh [B,H]: read: what the step after sends back; written: what passes
// this step by (all of it where padding, else 0), onto which the recurrent product is added. dc
// [B,H]: read and written in place.
// Two blocks a multiprocessor are asked for lest the compiler aims at more and spills.
extern "C" __global__ void __launch_bounds__(256, 2)
    lstm_gates_backward_f32(float* __restrict__ gates, const float* __restrict__ c_prev,
                            const float* __restrict__ c_next, const float* __restrict__ dy,
                            float* __restrict__ dh, float* __restrict__ dc,
                            const int* __restrict__ lengths, StepShape shape, StepDropout dropout,
                            float clip) {
  const StepItem it(shape);
  if (!it.valid) return;
  const int hidden = shape.hidden;
  float* row = gates + static_cast<size_t>(it.row) * 4 * hidden;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  if (!is_data(lengths, shape, it.row)) {
    const LstmGates zero = {zero_quad(), zero_quad(), zero_quad(), zero_quad()};
    store_gates(row, zero, it, hidden);
    return;
  }
  LstmGates q = load_gates(row, it, hidden);
  const Quad before = load_quad(c_prev + state, it.count, it.vector);
  const Quad after = load_quad(c_next + state, it.count, it.vector);
  const Quad dh_in = load_quad(dh + state, it.count, it.vector);
  Quad dcell = load_quad(dc + state, it.count, it.vector);
  Quad dout = zero_quad();
  if (dy != nullptr) {
    dout = load_output(dy, shape, it);
    apply_dropout(dout, dropout, shape, it);
  }
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float i = q.i.v[k], f = q.f.v[k], g = q.g.v[k], o = q.o.v[k];
    const float th = tanhf(after.v[k]);
    const float d_h = dh_in.v[k] + dout.v[k];
    float d_c = dcell.v[k] + d_h * o * (1.0f - th * th);
    if (clip > 0.0f && (after.v[k] >= clip || after.v[k] <= -clip)) d_c = 0.0f;
    q.i.v[k] = d_c * g * i * (1.0f - i);
    q.f.v[k] = d_c * before.v[k] * f * (1.0f - f);
    q.g.v[k] = d_c * i * (1.0f - g * g);
    q.o.v[k] = d_h * th * o * (1.0f - o);
    dcell.v[k] = d_c * f;
  }
  store_gates(row, q, it, hidden);
  store_quad(dh + state, zero_quad(), it.count, it.vector);
  store_quad(dc + state, dcell, it.count, it.vector);
}
