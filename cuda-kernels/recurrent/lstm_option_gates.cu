// The pointwise part of one step of an LSTM with options, forward and backward, and the gradient of
// its peepholes.
//
// Thread mapping, frame and order of gates as in lstm_gates.cu. Peepholes [3H], of i, f and o, if
// the frame has any.
//
// @hot: lstm_option_gates_backward_f32 lstm_option_gates_forward_f32

#include "common/recurrent/lstm_options.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

// As lstm_gates_forward_f32. Two blocks a multiprocessor are asked for lest the compiler aims at
// more and spills.
extern "C" __global__ void __launch_bounds__(256, 2)
    lstm_option_gates_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                  const float* __restrict__ product, void* __restrict__ operands,
                                  int type, StepOptions options) {
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
    const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
    pass_by(h_old, masked, f, j, it, operands, state, type);
    return;
  }
  float* row = step_gates(f, j) + gates_row;
  LstmGates q = load_gates(row, it, hidden);
  add_gates(q, load_gates(product + gates_row, it, hidden));
  add_gates(q, load_gates(f.bias, it, hidden));
  Quad c;
  Quad h = option_units(q, c, c_old, f, options, t, batch, hidden, it);
  if (options.zoneout_h > 0.0f) {
    const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    const Quad stays_h = zoneout_hidden(f, options, t, batch, hidden, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) h.v[k] = mixed(stays_h.v[k], h_old.v[k], h.v[k]);
  }
  if (f.keep) store_gates(row, q, it, hidden);
  store_quad(c_next, c, it.count, it.vector);
  const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
  hand_on(h, masked, f, j, t, batch, it, operands, state, type);
}

// As lstm_gates_backward_f32.
extern "C" __global__ void __launch_bounds__(256, 2)
    lstm_option_gates_backward_f32(const StepFrame* __restrict__ frame, int j, int batch,
                                   int hidden, float* __restrict__ dh, float* __restrict__ dc,
                                   void* __restrict__ operands, int type, StepOptions options) {
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
  const Quad stays_h = zoneout_hidden(f, options, t, batch, hidden, it);
  Quad d_h = load_quad(dh + state, it.count, it.vector);
  Quad d_c = load_quad(dc + state, it.count, it.vector);
  add_output_gradient(d_h, f, j, t, batch, it);
  Quad d_new;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    d_new.v[k] = (1.0f - stays_h.v[k]) * d_h.v[k];
    d_h.v[k] *= stays_h.v[k];
  }
  option_unit_gradients(q, d_c, d_new, before, after, f, options, t, batch, hidden, it);
  store_gates(row, q, it, hidden);
  store_gate_operands(operands, gates_row, q, it, hidden, type);
  store_quad(dh + state, d_h, it.count, it.vector);
  store_quad(dc + state, d_c, it.count, it.vector);
}

// sums [3H] += column sums of the gradients of i and f times the cell state before their step, and
// of o times that after it, in a fixed order and double precision. gates [N,4H], before and after
// [N,H]. Block 32 x 8 as in column_sums_f32; a row of the grid for each of the three.
extern "C" __global__ void __launch_bounds__(256)
    peephole_sums_f32(const float* __restrict__ gates, const float* __restrict__ before,
                      const float* __restrict__ after, float* __restrict__ sums, long long rows,
                      int hidden) {
  __shared__ double partial[8][32];
  const int unit = static_cast<int>(blockIdx.x) * 32 + static_cast<int>(threadIdx.x);
  const int peephole = static_cast<int>(blockIdx.y);
  const int gate = peephole == 2 ? 3 : peephole;
  const float* cells = peephole == 2 ? after : before;
  double sum = 0.0;
  if (unit < hidden) {
    for (long long row = threadIdx.y; row < rows; row += 8) {
      const float d = gates[(row * 4 + gate) * hidden + unit];
      sum += static_cast<double>(weighted(d, cells[row * hidden + unit]));
    }
  }
  sum = column_sum(sum, partial);
  if (threadIdx.y == 0 && unit < hidden) {
    sums[static_cast<size_t>(peephole) * hidden + unit] += static_cast<float>(sum);
  }
}
