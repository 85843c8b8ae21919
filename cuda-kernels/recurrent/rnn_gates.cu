// The pointwise part of one step of a plain RNN, with tanh or a rectifier, forward and backward.
//
// Thread mapping and frame as in lstm_gates.cu. One gate: H floats a row.
//
// @hot: rnn_gates_backward_f32 rnn_gates_forward_f32

#include "common/recurrent/rnn.cuh"
#include "common/recurrent/step.cuh"

using namespace gatefold;

// Of the frame: gates [B,H] read: Wx x; written if kept: h. Hidden state before the step read,
// after it written. y and padding as in the LSTM. product [B,H] read: Wh h'. operands [B,H] and
// type as in the LSTM. relu != 0 chooses the rectifier.
extern "C" __global__ void __launch_bounds__(256)
    rnn_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                          const float* __restrict__ product, void* __restrict__ operands, int type,
                          int relu) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const int t = step_time(f, j);
  if (!is_data(f, t, it.row)) {
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    pass_by(h_old, f, j, it, operands, state, type);
    return;
  }
  float* gates = step_gates(f, j) + state;
  Quad h = load_quad(gates, it.count, it.vector);
  const Quad p = load_quad(product + state, it.count, it.vector);
  const Quad b = load_quad(f.bias + it.unit, it.count, it.vector);
  rnn_forward(h, p, b, relu != 0);
  if (f.keep) store_quad(gates, h, it.count, it.vector);
  hand_on(h, f, j, t, batch, it, operands, state, type);
}

// Of the frame: gates [B,H] read: h; written: the gradient before activation (0 where padding). dy
// read. dh [B,H] and operands [B,H] as in the LSTM.
extern "C" __global__ void __launch_bounds__(256)
    rnn_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                           float* __restrict__ dh, void* __restrict__ operands, int type,
                           int relu) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const int t = step_time(f, j);
  float* gates = step_gates(f, j) + state;
  if (!is_data(f, t, it.row)) {
    store_quad(gates, zero_quad(), it.count, it.vector);
    store_operand(operands, state, zero_quad(), it.count, it.vector, type);
    return;
  }
  Quad h = load_quad(gates, it.count, it.vector);
  Quad d = load_quad(dh + state, it.count, it.vector);
  add_output_gradient(d, f, j, t, batch, it);
  rnn_backward(h, d, relu != 0);
  store_quad(gates, h, it.count, it.vector);
  store_operand(operands, state, h, it.count, it.vector, type);
  store_quad(dh + state, zero_quad(), it.count, it.vector);
}
