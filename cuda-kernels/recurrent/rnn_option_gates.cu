// The pointwise part of one step of a plain RNN with options, forward and backward.
//
// Thread mapping and frame as in lstm_gates.cu. One gate: H floats a row.
//
// @hot: rnn_option_gates_backward_f32 rnn_option_gates_forward_f32

#include "common/recurrent/rnn_options.cuh"
#include "common/recurrent/step.cuh"

using namespace gatefold;

// As rnn_gates_forward_f32; h is the candidate's function of the sum.
extern "C" __global__ void __launch_bounds__(256)
    rnn_option_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                 const float* __restrict__ product, void* __restrict__ operands,
                                 int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const int t = step_time(f, j);
  if (!is_data(f, t, it.row)) {
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
    pass_by(h_old, masked, f, j, it, operands, state, type);
    return;
  }
  float* gates = step_gates(f, j) + state;
  Quad sum = load_quad(gates, it.count, it.vector);
  add_quad(sum, load_quad(product + state, it.count, it.vector));
  add_quad(sum, load_quad(f.bias + it.unit, it.count, it.vector));
  Quad h = activated(options.candidate, sum, options.gate_clip);
  if (f.keep) store_quad(gates, h, it.count, it.vector);
  const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
  option_rnn_state(h, h_old, f, options, t, batch, hidden, it);
  const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
  hand_on(h, masked, f, j, t, batch, it, operands, state, type);
}

// As rnn_gates_backward_f32.
extern "C" __global__ void __launch_bounds__(256, 2)
    rnn_option_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                  float* __restrict__ dh, void* __restrict__ operands, int type,
                                  StepOptions options) {
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
  const Quad value = load_quad(gates, it.count, it.vector);
  Quad d = load_quad(dh + state, it.count, it.vector);
  add_output_gradient(d, f, j, t, batch, it);
  Quad past;
  option_rnn_gradients(d, past, value, f, options, t, batch, hidden, it);
  store_quad(gates, d, it.count, it.vector);
  store_operand(operands, state, d, it.count, it.vector, type);
  store_quad(dh + state, past, it.count, it.vector);
}
