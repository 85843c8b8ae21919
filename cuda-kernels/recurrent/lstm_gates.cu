// The pointwise part of one LSTM step, forward and backward: gates, cell state, output.
//
// Thread mapping: one thread handles four consecutive units of one row; threads run over rows and
// units in order, so that neighbours read neighbouring 16 bytes. No shared memory, no
// synchronisation; any block size, grid covers B * ceil(H/4). Gate order i, f, g, o; G = 4H floats
// a row. `frame` says where step j of the chunk stands; what else a launch is given is the same for
// every frame.
//
// @hot: lstm_gates_backward_f32 lstm_gates_forward_f32

#include "common/recurrent/lstm.cuh"

using namespace gatefold;

// Of the frame: gates read: Wx x; written if kept: the activated gates. Cell and hidden state
// before the step read, after it written (the row's old state where the step is padding). y:
// written, this direction's columns (0 where padding).
// product [B,4H] read: Wh h'. operands [B,H] written: the state after the step as an operand of the
// next product, not the buffer that this step's product read. type: OperandType.
extern "C" __global__ void __launch_bounds__(256)
    lstm_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                           const float* __restrict__ product, void* __restrict__ operands,
                           int type) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_row = static_cast<size_t>(it.row) * 4 * hidden;
  const int t = step_time(f, j);
  float* c_next = step_extra(f, j + 1) + state;
  const Quad c_old = load_quad(step_extra(f, j) + state, it.count, it.vector);
  if (!is_data(f, t, it.row)) {
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    store_quad(c_next, c_old, it.count, it.vector);
    pass_by(h_old, f, j, it, operands, state, type);
    return;
  }
  float* row = step_gates(f, j) + gates_row;
  LstmGates q = load_gates(row, it, hidden);
  const LstmGates p = load_gates(product + gates_row, it, hidden);
  const LstmGates b = load_gates(f.bias, it, hidden);
  add_gates(q, p);
  Quad c = c_old;
  const Quad h = lstm_forward(q, b, c, f.clip);
  if (f.keep) store_gates(row, q, it, hidden);
  store_quad(c_next, c, it.count, it.vector);
  hand_on(h, f, j, t, batch, it, operands, state, type);
}

// Of the frame: gates read: the activated gates; written: their gradients before activation (0
// where padding). Cell states around the step read. dy read; null means 0.
// dh [B,H]: read: what the step after sends back; written: what passes this step by (all of it
// where padding, else 0), onto which the recurrent product is added. dc [B,H]: read and written in
// place. operands [B,4H] written: the gradients of the gates as an operand of that product. Two
// blocks a multiprocessor are asked for lest the compiler aims at more and spills.
extern "C" __global__ void __launch_bounds__(256, 2)
    lstm_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                            float* __restrict__ dh, float* __restrict__ dc,
                            void* __restrict__ operands, int type) {
  const StepFrame& f = *frame;
  const StepItem it(batch, hidden, f.vector != 0);
  if (!it.valid) return;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const size_t gates_row = static_cast<size_t>(it.row) * 4 * hidden;
  const int t = step_time(f, j);
  float* row = step_gates(f, j) + gates_row;
  if (!is_data(f, t, it.row)) {
    store_gates(row, zero_gates(), it, hidden);
    store_gate_operands(operands, gates_row, zero_gates(), it, hidden, type);
    return;
  }
  LstmGates q = load_gates(row, it, hidden);
  const Quad before = load_quad(step_extra(f, j) + state, it.count, it.vector);
  const Quad after = load_quad(step_extra(f, j + 1) + state, it.count, it.vector);
  Quad d_h = load_quad(dh + state, it.count, it.vector);
  Quad d_c = load_quad(dc + state, it.count, it.vector);
  add_output_gradient(d_h, f, j, t, batch, it);
  lstm_backward(q, before, after, d_h, d_c, f.clip);
  store_gates(row, q, it, hidden);
  store_gate_operands(operands, gates_row, q, it, hidden, type);
  store_quad(dh + state, zero_quad(), it.count, it.vector);
  store_quad(dc + state, d_c, it.count, it.vector);
}
