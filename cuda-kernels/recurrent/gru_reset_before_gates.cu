// The pointwise parts of one GRU step whose reset gate comes before the candidate's recurrent
// product (Cho et al. 2014), forward and backward: two in each direction, around that product.
//
// Thread mapping and frame as in lstm_gates.cu. Gate order and biases r, z, n. Of the frame's
// `extra`: what the candidate's product is of, r * h', where h' is masked if products take it so.
//
// @hot: gru_reset_before_forward_f32 gru_reset_before_operand_f32
// @hot: gru_reset_before_backward_f32 gru_reset_before_operand_backward_f32

#include "common/recurrent/gru_options.cuh"

using namespace gatefold;

// Of the frame: gates [B,3H] read: Wx x of r; written if kept: r. Hidden state before the step
// read. extra written if kept (0 where padding). product [B,3H] read: Wh_r h'. operands [B,H]
// written: r * h' as an operand of the candidate's product, 0 where padding. type: OperandType.
extern "C" __global__ void __launch_bounds__(256)
    gru_reset_before_operand_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                 const float* __restrict__ product, void* __restrict__ operands,
                                 int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_at = static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  Quad of = zero_quad();
  if (is_data(f, step_time(f, j), it.row)) {
    float* x_row = step_gates(f, j) + gates_at;
    Quad r = load_quad(x_row, it.count, it.vector);
    add_quad(r, load_quad(product + gates_at, it.count, it.vector));
    add_quad(r, load_quad(f.bias + it.unit, it.count, it.vector));
    r = activated(options.gate, r, options.gate_clip);
    of = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    of = recurrent_masked(of, f, options, batch, hidden, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) of.v[k] *= r.v[k];
    if (f.keep) store_quad(x_row, r, it.count, it.vector);
  }
  if (f.keep) store_quad(step_extra(f, j) + state, of, it.count, it.vector);
  store_operand(operands, state, of, it.count, it.vector, type);
}

// Of the frame: gates [B,3H] read: Wx x of z and n; written if kept: z, n. Hidden state before the
// step read, after it written. y and padding as in the LSTM. product [B,3H] read: Wh_z h' and
// Wh_n (r * h'). operands [B,H] and type as in the LSTM.
extern "C" __global__ void __launch_bounds__(256, 2)
    gru_reset_before_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
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
  Quad z = load_quad(x_row + hidden, it.count, it.vector);
  Quad n = load_quad(x_row + 2 * hidden, it.count, it.vector);
  add_quad(z, load_quad(h_row + hidden, it.count, it.vector));
  add_quad(z, load_quad(b_at + hidden, it.count, it.vector));
  add_quad(n, load_quad(h_row + 2 * hidden, it.count, it.vector));
  add_quad(n, load_quad(b_at + 2 * hidden, it.count, it.vector));
  z = activated(options.gate, z, options.gate_clip);
  n = activated(options.candidate, n, options.gate_clip);
  const Quad h = option_gru_state(z, n, h_old, f, options, t, batch, hidden, it);
  if (f.keep) {
    store_quad(x_row + hidden, z, it.count, it.vector);
    store_quad(x_row + 2 * hidden, n, it.count, it.vector);
  }
  const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
  hand_on(h, masked, f, j, t, batch, it, operands, state, type);
}

// Of the frame: gates [B,3H] read: z, n; written: their gradients before activation (0 where
// padding). Hidden state before the step and dy read. dh [B,H]: read: what the step after sends
// back; written: what passes this step by. operands [B,3H] written: the gradients of z and n as
// operands of products.
extern "C" __global__ void __launch_bounds__(256, 2)
    gru_reset_before_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                  float* __restrict__ dh, void* __restrict__ operands, int type,
                                  StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_at = static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  const int t = step_time(f, j);
  float* row = step_gates(f, j) + gates_at;
  Quad z = zero_quad(), n = zero_quad();
  if (is_data(f, t, it.row)) {
    z = load_quad(row + hidden, it.count, it.vector);
    n = load_quad(row + 2 * hidden, it.count, it.vector);
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    Quad d = load_quad(dh + state, it.count, it.vector);
    add_output_gradient(d, f, j, t, batch, it);
    option_gru_gradients(z, n, d, h_old, f, options, t, batch, hidden, it);
    store_quad(dh + state, d, it.count, it.vector);
  }
  store_quad(row + hidden, z, it.count, it.vector);
  store_quad(row + 2 * hidden, n, it.count, it.vector);
  store_operand(operands, gates_at + hidden, z, it.count, it.vector, type);
  store_operand(operands, gates_at + 2 * hidden, n, it.count, it.vector, type);
}

// Of the frame: gates [B,3H] read: r; written: its gradient before activation (0 where padding).
// Hidden state before the step read. gradients [B,H] read: that of r * h'. dh [B,H]: added to: what
// reaches h' through r * h' (nothing where padding). operands [B,3H] written: the gradient of r as
// an operand of a product.
extern "C" __global__ void __launch_bounds__(256, 2)
    gru_reset_before_operand_backward_f32(const StepFrame* __restrict__ frame, int j, int batch,
                                          int hidden, const float* __restrict__ gradients,
                                          float* __restrict__ dh, void* __restrict__ operands,
                                          int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_at = static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  float* row = step_gates(f, j) + gates_at;
  Quad dr = zero_quad();
  if (is_data(f, step_time(f, j), it.row)) {
    dr = load_quad(row, it.count, it.vector);
    const Quad d_masked = load_quad(gradients + state, it.count, it.vector);
    const Quad d_of = recurrent_masked(d_masked, f, options, batch, hidden, it);
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    Quad d = load_quad(dh + state, it.count, it.vector);
    option_reset_gradients_before(dr, d, d_of, h_old, options);
    store_quad(dh + state, d, it.count, it.vector);
  }
  store_quad(row, dr, it.count, it.vector);
  store_operand(operands, gates_at, dr, it.count, it.vector, type);
}
