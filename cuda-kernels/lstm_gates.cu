// The pointwise part of one LSTM step, forward and backward: gates, cell state, output.
//
// Thread mapping: one thread handles four consecutive units of one row; threads run over rows and
// units in order, so that neighbours read neighbouring 16 bytes. No shared memory, no
// synchronisation; any block size, grid covers B * ceil(H/4). Gate order i, f, g, o; G = 4H floats
// a row.
//
// @hot: lstm_gates_backward_f32 lstm_gates_forward_f32

#include "common/lstm.cuh"

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
  Quad c = c_old;
  Quad h = lstm_forward(q, b, c, clip);
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
    store_gates(row, zero_gates(), it, hidden);
    return;
  }
  LstmGates q = load_gates(row, it, hidden);
  const Quad before = load_quad(c_prev + state, it.count, it.vector);
  const Quad after = load_quad(c_next + state, it.count, it.vector);
  Quad d_h = load_quad(dh + state, it.count, it.vector);
  Quad d_c = load_quad(dc + state, it.count, it.vector);
  if (dy != nullptr) {
    Quad d_out = load_output(dy, shape, it);
    apply_dropout(d_out, dropout, shape, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) d_h.v[k] += d_out.v[k];
  }
  lstm_backward(q, before, after, d_h, d_c, clip);
  store_gates(row, q, it, hidden);
  store_quad(dh + state, zero_quad(), it.count, it.vector);
  store_quad(dc + state, d_c, it.count, it.vector);
}
