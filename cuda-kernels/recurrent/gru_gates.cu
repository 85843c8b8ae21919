// The pointwise part of one GRU step, forward and backward.
//
// Thread mapping and frame as in lstm_gates.cu, equations and order of gates as in
// common/recurrent/gru.cuh.
//
// @hot: gru_gates_backward_f32 gru_gates_forward_f32

#include "common/recurrent/gru.cuh"

using namespace gatefold;

// Of the frame: gates [B,3H] read: Wx x; written if kept: r, z, n. Recurrent part of the candidate
// written if kept: Wh_n h' + b_hn. Hidden state before the step read, after it written. y and
// padding as in the LSTM.
// product [B,3H] read: Wh h'. operands [B,H] and type as in the LSTM.
extern "C" __global__ void __launch_bounds__(256)
    gru_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                          const float* __restrict__ product, void* __restrict__ operands,
                          int type) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t row = static_cast<size_t>(it.row) * 3 * hidden;
  const int t = step_time(f, j);
  const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
  if (!is_data(f, t, it.row)) {
    pass_by(h_old, f, j, it, operands, state, type);
    return;
  }
  float* const gates = step_gates(f, j) + row;
  GruGates q = load_gru_gates(gates, it, hidden);
  GruGates p = load_gru_gates(product + row, it, hidden);
  const GruGates b = load_gru_gates(f.bias, it, hidden);
  const Quad b_recurrent = load_quad(f.bias + 3 * hidden + it.unit, it.count, it.vector);
  const Quad h = gru_forward(q, p, b, b_recurrent, h_old);
  if (f.keep) {
    store_gru_gates(gates, q, it, hidden);
    store_quad(step_extra(f, j) + state, p.n, it.count, it.vector);
  }
  hand_on(h, f, j, t, batch, it, operands, state, type);
}

// Of the frame: gates [B,3H] read: r, z, n; written: the gradients of Wx x (0 where padding).
// Recurrent part of the candidate read: Wh_n h' + b_hn; written: its gradient (0 where padding).
// Hidden state before the step and dy read.
// dh [B,H]: read: what the step after sends back; written: what passes this step by, onto which the
// product is added. operands [B,3H] written: the gradients of Wh h' as an operand of that product;
// of r and z they are those of the input product.
extern "C" __global__ void __launch_bounds__(256)
    gru_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                           float* __restrict__ dh, void* __restrict__ operands, int type) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t row = static_cast<size_t>(it.row) * 3 * hidden;
  const int t = step_time(f, j);
  float* const gates = step_gates(f, j) + row;
  float* const recurrent = step_extra(f, j) + state;
  GruGates q = zero_gru_gates();
  Quad recurrent_n = zero_quad();
  if (is_data(f, t, it.row)) {
    q = load_gru_gates(gates, it, hidden);
    recurrent_n = load_quad(recurrent, it.count, it.vector);
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    Quad d = load_quad(dh + state, it.count, it.vector);
    add_output_gradient(d, f, j, t, batch, it);
    gru_backward(q, recurrent_n, h_old, d);
    store_quad(dh + state, d, it.count, it.vector);
  }
  store_gru_gates(gates, q, it, hidden);
  store_quad(recurrent, recurrent_n, it.count, it.vector);
  const size_t at = row + it.unit;
  store_operand(operands, at, q.r, it.count, it.vector, type);
  store_operand(operands, at + hidden, q.z, it.count, it.vector, type);
  store_operand(operands, at + 2 * hidden, recurrent_n, it.count, it.vector, type);
}
