// The pointwise part of one step of a plain RNN (Elman 1990), with tanh or a rectifier, forward and
// backward.
//
// Thread mapping as in lstm_gates.cu. One gate: H floats a row.
//
// @hot: rnn_gates_backward_f32 rnn_gates_forward_f32

#include "common/step.cuh"

using namespace gatefold;

// gates [B,H]: read: Wx x + Wh h'; written if keep != 0: h. bias [H] read. h_prev [B,H] read;
// h_next [B,H] written. relu != 0 chooses the rectifier. y and lengths as in the LSTM.
extern "C" __global__ void __launch_bounds__(256)
    rnn_gates_forward_f32(float* __restrict__ gates, const float* __restrict__ bias,
                          const float* __restrict__ h_prev, float* __restrict__ h_next,
                          float* __restrict__ y, const int* __restrict__ lengths, StepShape shape,
                          StepDropout dropout, int relu, int keep) {
  const StepItem it(shape);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * shape.hidden + it.unit;
  if (!is_data(lengths, shape, it.row)) {
    const Quad h_old = load_quad(h_prev + state, it.count, it.vector);
    store_quad(h_next + state, h_old, it.count, it.vector);
    store_output(y, zero_quad(), shape, it);
    return;
  }
  Quad h = load_quad(gates + state, it.count, it.vector);
  const Quad b = load_quad(bias + it.unit, it.count, it.vector);
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float a = h.v[k] + b.v[k];
    h.v[k] = relu ? (a < 0.0f ? 0.0f : a) : tanhf(a);
  }
  if (keep) store_quad(gates + state, h, it.count, it.vector);
  store_quad(h_next + state, h, it.count, it.vector);
  apply_dropout(h, dropout, shape, it);
  store_output(y, h, shape, it);
}

// gates [B,H]: read: h; written: the gradient before activation (0 where padding). dh as in the
// LSTM.
extern "C" __global__ void __launch_bounds__(256)
    rnn_gates_backward_f32(float* __restrict__ gates, const float* __restrict__ dy,
                           float* __restrict__ dh, const int* __restrict__ lengths, StepShape shape,
                           StepDropout dropout, int relu) {
  const StepItem it(shape);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * shape.hidden + it.unit;
  if (!is_data(lengths, shape, it.row)) {
    store_quad(gates + state, zero_quad(), it.count, it.vector);
    return;
  }
  Quad h = load_quad(gates + state, it.count, it.vector);
  Quad d = load_quad(dh + state, it.count, it.vector);
  if (dy != nullptr) {
    Quad dout = load_output(dy, shape, it);
    apply_dropout(dout, dropout, shape, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) d.v[k] += dout.v[k];
  }
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float slope = relu ? (h.v[k] > 0.0f ? 1.0f : 0.0f) : 1.0f - h.v[k] * h.v[k];
    h.v[k] = d.v[k] * slope;
  }
  store_quad(gates + state, h, it.count, it.vector);
  store_quad(dh + state, zero_quad(), it.count, it.vector);
}
