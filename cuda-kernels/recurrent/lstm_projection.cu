// The pointwise parts of one step of an LSTM whose units are projected to h (Sak et al. 2014),
// forward and backward: one for the units and one for the projection in each direction.
//
// Thread mapping, frame and order of gates as in lstm_gates.cu; kernels of the projection have P
// features of h in the place of H units. Peepholes as in lstm_option_gates.cu.
//
// @hot: lstm_projected_gates_forward_f32 lstm_projection_forward_f32
// @hot: lstm_projected_gates_backward_f32 lstm_projection_backward_f32

#include "common/recurrent/lstm_options.cuh"

using namespace gatefold;

// Of the frame: gates [B,4H] read: Wx x; written if kept: the activated gates. Cell state before
// the step read, after it written. given written if kept: what is projected, 0 where padding.
// product [B,4H] read: Wh h'. operands [B,H] written: what is projected as an operand of a product.
// type: OperandType.
extern "C" __global__ void __launch_bounds__(256, 2)
    lstm_projected_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch,
                                     int hidden, const float* __restrict__ product,
                                     void* __restrict__ operands, int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_row = static_cast<size_t>(it.row) * 4 * hidden;
  const int t = step_time(f, j);
  const Quad c_old = load_quad(step_extra(f, j) + state, it.count, it.vector);
  Quad c = c_old, given = zero_quad();
  if (is_data(f, t, it.row)) {
    float* row = step_gates(f, j) + gates_row;
    LstmGates q = load_gates(row, it, hidden);
    add_gates(q, load_gates(product + gates_row, it, hidden));
    add_gates(q, load_gates(f.bias, it, hidden));
    given = option_units(q, c, c_old, f, options, t, batch, hidden, it);
    if (f.keep) store_gates(row, q, it, hidden);
  }
  store_quad(step_extra(f, j + 1) + state, c, it.count, it.vector);
  if (f.keep) store_quad(f.given + j * f.given_stride + state, given, it.count, it.vector);
  store_operand(operands, state, given, it.count, it.vector, type);
}

// Of the frame: hidden state before the step read, after it written; y written. product [B,P] read:
// what was given, times Wr. operands [B,P] written: h as an operand of the next step's product.
extern "C" __global__ void __launch_bounds__(256)
    lstm_projection_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int features,
                                const float* __restrict__ product, void* __restrict__ operands,
                                int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, features, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * features + it.unit;
  const int t = step_time(f, j);
  const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
  if (!is_data(f, t, it.row)) {
    const Quad masked = recurrent_masked(h_old, f, options, batch, features, it);
    pass_by(h_old, masked, f, j, it, operands, state, type);
    return;
  }
  Quad h = load_quad(product + state, it.count, it.vector);
  if (options.zoneout_h > 0.0f) {
    const Quad stays = zoneout_hidden(f, options, t, batch, features, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) h.v[k] = mixed(stays.v[k], h_old.v[k], h.v[k]);
  }
  const Quad masked = recurrent_masked(h, f, options, batch, features, it);
  hand_on(h, masked, f, j, t, batch, it, operands, state, type);
}

// Of the frame: dy read; projected written: the gradient of the projection, 0 where padding. dh
// [B,P]: read: what the step after sends back; written: what passes this step by. operands [B,P]
// written: the gradient of the projection as an operand of a product.
extern "C" __global__ void __launch_bounds__(256)
    lstm_projection_backward_f32(const StepFrame* __restrict__ frame, int j, int batch,
                                 int features, float* __restrict__ dh, void* __restrict__ operands,
                                 int type, StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, features, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * features + it.unit;
  const int t = step_time(f, j);
  Quad d_new = zero_quad();
  if (is_data(f, t, it.row)) {
    Quad d_h = load_quad(dh + state, it.count, it.vector);
    add_output_gradient(d_h, f, j, t, batch, it);
    const Quad stays = zoneout_hidden(f, options, t, batch, features, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      d_new.v[k] = (1.0f - stays.v[k]) * d_h.v[k];
      d_h.v[k] *= stays.v[k];
    }
    store_quad(dh + state, d_h, it.count, it.vector);
  }
  store_quad(f.projected + j * f.projected_stride + state, d_new, it.count, it.vector);
  store_operand(operands, state, d_new, it.count, it.vector, type);
}

// Of the frame: gates [B,4H] read: the activated gates; written: their gradients before activation
// (0 where padding). Cell states around the step read. gradients [B,H] read: that of what was
// given. dc [B,H]: read: that of the cell state after the step; written: of the one before.
// operands [B,4H] written: the gradients of the gates as operands of products.
extern "C" __global__ void __launch_bounds__(256, 2)
    lstm_projected_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch,
                                      int hidden, const float* __restrict__ gradients,
                                      float* __restrict__ dc, void* __restrict__ operands, int type,
                                      StepOptions options) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_row = static_cast<size_t>(it.row) * 4 * hidden;
  const int t = step_time(f, j);
  float* row = step_gates(f, j) + gates_row;
  LstmGates q = zero_gates();
  if (is_data(f, t, it.row)) {
    q = load_gates(row, it, hidden);
    const Quad before = load_quad(step_extra(f, j) + state, it.count, it.vector);
    const Quad after = load_quad(step_extra(f, j + 1) + state, it.count, it.vector);
    const Quad d = load_quad(gradients + state, it.count, it.vector);
    Quad d_c = load_quad(dc + state, it.count, it.vector);
    option_unit_gradients(q, d_c, d, before, after, f, options, t, batch, hidden, it);
    store_quad(dc + state, d_c, it.count, it.vector);
  }
  store_gates(row, q, it, hidden);
  store_gate_operands(operands, gates_row, q, it, hidden, type);
}
