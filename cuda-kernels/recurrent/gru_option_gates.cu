// The pointwise part of one GRU step with options, forward and backward.
//
// Thread mapping and frame as in lstm_gates.cu; order of gates and biases as in gru_gates.cu.
//
// @hot: gru_option_gates_backward_f32 gru_option_gates_forward_f32

#include "common/recurrent/gru_options.cuh"

using namespace gatefold;

// As gru_gates_forward_f32.
extern "C" __global__ void __launch_bounds__(256)
    gru_option_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                 const float* __restrict__ product, void* __restrict__ operands,
                                 int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const int t = step_time(f, j);
  const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
  if (!is_data(f, t, it.row)) {
    const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
    pass_by(h_old, masked, f, j, it, operands, state, type);
    return;
  }
  float* x_row = step_gates(f, j) + static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  const float* h_row = product + static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  const float* b_at = f.bias + it.unit;
  Quad r = load_quad(x_row, it.count, it.vector);
  Quad z = load_quad(x_row + hidden, it.count, it.vector);
  Quad n = load_quad(x_row + 2 * hidden, it.count, it.vector);
  Quad q = load_quad(h_row + 2 * hidden, it.count, it.vector);
  add_quad(r, load_quad(h_row, it.count, it.vector));
  add_quad(r, load_quad(b_at, it.count, it.vector));
  add_quad(z, load_quad(h_row + hidden, it.count, it.vector));
  add_quad(z, load_quad(b_at + hidden, it.count, it.vector));
  add_quad(n, load_quad(b_at + 2 * hidden, it.count, it.vector));
  add_quad(q, load_quad(b_at + 3 * hidden, it.count, it.vector));
  r = activated(options.gate, r, options.gate_clip);
  z = activated(options.gate, z, options.gate_clip);
#pragma unroll
  for (int k = 0; k < 4; ++k) n.v[k] += r.v[k] * q.v[k];
  n = activated(options.candidate, n, options.gate_clip);
  const Quad h = option_gru_state(z, n, h_old, f, options, t, batch, hidden, it);
  if (f.keep) {
    store_quad(x_row, r, it.count, it.vector);
    store_quad(x_row + hidden, z, it.count, it.vector);
    store_quad(x_row + 2 * hidden, n, it.count, it.vector);
    store_quad(step_extra(f, j) + state, q, it.count, it.vector);
  }
  const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
  hand_on(h, masked, f, j, t, batch, it, operands, state, type);
}

// As gru_gates_backward_f32.
extern "C" __global__ void __launch_bounds__(256, 2)
    gru_option_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                  float* __restrict__ dh, void* __restrict__ operands, int type,
                                  StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_at = static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  const int t = step_time(f, j);
  float* row = step_gates(f, j) + gates_at;
  float* recurrent_n = step_extra(f, j) + state;
  Quad r = zero_quad(), z = zero_quad(), n = zero_quad(), q = zero_quad();
  if (is_data(f, t, it.row)) {
    r = load_quad(row, it.count, it.vector);
    z = load_quad(row + hidden, it.count, it.vector);
    n = load_quad(row + 2 * hidden, it.count, it.vector);
    q = load_quad(recurrent_n, it.count, it.vector);
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    Quad d = load_quad(dh + state, it.count, it.vector);
    add_output_gradient(d, f, j, t, batch, it);
    option_gru_gradients(z, n, d, h_old, f, options, t, batch, hidden, it);
    option_reset_gradients(r, q, n, options);
    store_quad(dh + state, d, it.count, it.vector);
  }
  store_quad(row, r, it.count, it.vector);
  store_quad(row + hidden, z, it.count, it.vector);
  store_quad(row + 2 * hidden, n, it.count, it.vector);
  store_quad(recurrent_n, q, it.count, it.vector);
  store_operand(operands, gates_at, r, it.count, it.vector, type);
  store_operand(operands, gates_at + hidden, z, it.count, it.vector, type);
  store_operand(operands, gates_at + 2 * hidden, q, it.count, it.vector, type);
}
