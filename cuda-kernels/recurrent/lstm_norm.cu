// One step of an LSTM with layer normalisation of its products and of its cell state (Ba et al.
// 2016), forward and backward.
//
// Thread mapping: common/recurrent/row_norm.cuh. Frame and order of gates as in lstm_gates.cu.
// Gains [4H] of products with x, [4H] of those with h, gain [H] and shift [H] of the cell state
// stand one after the other in the frame's norm.
//
// @hot: lstm_normed_forward_f32 lstm_normed_backward_f32

#include "common/recurrent/lstm_options.cuh"
#include "common/recurrent/row_norm.cuh"

using namespace gatefold;

namespace gatefold {

__device__ __forceinline__ void scale_gates(LstmGates& q, const LstmGates& by) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    q.i.v[k] *= by.i.v[k];
    q.f.v[k] *= by.f.v[k];
    q.g.v[k] *= by.g.v[k];
    q.o.v[k] *= by.o.v[k];
  }
}

// Gradients of the shift of the cell state and of its gain.
__device__ __forceinline__ float* step_shift(const StepFrame& f, int j, int batch, int hidden) {
  return f.shift_gradients + step_rows(f, j, batch) * 2 * hidden;
}

// What the output's function gives of the normal cell state of an item.
__device__ __forceinline__ Quad shown(const StepFrame& f, const StepOptions& options,
                                      const Quad& normal, int hidden, const StepItem& it) {
  const float* gain = f.norm + static_cast<size_t>(8) * hidden + it.unit;
  const Quad by = load_quad(gain, it.count, it.vector);
  const Quad shift = load_quad(gain + hidden, it.count, it.vector);
  Quad q;
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = fmaf(by.v[k], normal.v[k], shift.v[k]);
  return activated(options.output, q, 0.0f);
}

}  // namespace gatefold

// Of the frame: normal_x read; gates and normal_h written if kept: the activated gates, and the
// normal products with h; states and y as in lstm_gates_forward_f32. product [B,4H]: read: Wh h';
// overwritten. operands [B,H] and type as there. Grid: B blocks. Four a multiprocessor are asked
// for, lest the compiler, aiming at more, spills.
extern "C" __global__ void __launch_bounds__(kRowThreads, 4)
    lstm_normed_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                            float* __restrict__ product, void* __restrict__ operands, int type,
                            StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  float* made = product + 4 * row;
  if (!is_data(f, t, b)) {
    for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
      const StepItem it(b, u, batch, hidden, f.vector != 0);
      const size_t state = row + u;
      const Quad h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
      const Quad c_old = load_quad(step_extra(f, j) + state, it.count, it.vector);
      store_quad(step_extra(f, j + 1) + state, c_old, it.count, it.vector);
      const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
      pass_by(h_old, masked, f, j, it, operands, state, type);
    }
    return;
  }
  const Moments of_h = row_moments(
      4 * hidden, [&](int i) { return made[i]; }, shared);
  const float* gains = f.norm;
  const float* x = f.normal_x + j * f.gates_stride + 4 * row;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    LstmGates normal;
    normal.i = normal_quad(made + u, it, of_h);
    normal.f = normal_quad(made + hidden + u, it, of_h);
    normal.g = normal_quad(made + 2 * hidden + u, it, of_h);
    normal.o = normal_quad(made + 3 * hidden + u, it, of_h);
    if (f.keep) store_gates(step_normal_h(f, j) + 4 * row, normal, it, hidden);
    scale_gates(normal, load_gates(gains + 4 * hidden, it, hidden));
    LstmGates q = load_gates(x, it, hidden);
    scale_gates(q, load_gates(gains, it, hidden));
    add_gates(q, normal);
    add_gates(q, load_gates(f.bias, it, hidden));
    const Quad c_old = load_quad(step_extra(f, j) + row + u, it.count, it.vector);
    Quad c;
    const Quad cell = option_states(q, c, c_old, f, options, t, batch, hidden, it);
    store_quad(step_extra(f, j + 1) + row + u, c, it.count, it.vector);
    if (f.keep) store_gates(step_gates(f, j) + 4 * row, q, it, hidden);
    // A block's threads have read what stood here, but for this one's.
    store_quad(made + u, cell, it.count, it.vector);
    store_quad(made + hidden + u, q.o, it.count, it.vector);
  }
  if (threadIdx.x == 0 && f.keep) step_inverses(f, j, batch, 2)[2 * b + 1] = of_h.inverse;
  __syncthreads();
  const Moments of_c = row_moments(
      hidden, [&](int i) { return made[i]; }, shared);
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad h = shown(f, options, normal_quad(made + u, it, of_c), hidden, it);
    const Quad o = load_quad(made + hidden + u, it.count, it.vector);
#pragma unroll
    for (int k = 0; k < 4; ++k) h.v[k] *= o.v[k];
    if (options.zoneout_h > 0.0f) {
      const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
      const Quad stays_h = zoneout_hidden(f, options, t, batch, hidden, it);
#pragma unroll
      for (int k = 0; k < 4; ++k) h.v[k] = mixed(stays_h.v[k], h_old.v[k], h.v[k]);
    }
    const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
    hand_on(h, masked, f, j, t, batch, it, operands, row + u, type);
  }
}

// Of the frame: gates read: the activated gates; written: the gradients of their sums (0 where
// padding). normal_h read. h_gradients [B,4H] written: those of products with h (0 where padding).
// shift_gradients [B,2,H] written: that of the shift of the cell state, and times the normal state
// (0 where padding). Cell states around the step and dy read. dh, dc as in lstm_gates_backward_f32.
// operands [B,4H] written: h_gradients as an operand of a product. scratch [B,4H]. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    lstm_normed_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                             float* __restrict__ dh, float* __restrict__ dc,
                             void* __restrict__ operands, int type, float* __restrict__ scratch,
                             StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  float* gates = step_gates(f, j) + 4 * row;
  float* h_gradients = step_h_gradients(f, j) + 4 * row;
  float* shift = step_shift(f, j, batch, hidden) + 2 * row;
  float* made = scratch + 4 * row;
  if (!is_data(f, t, b)) {
    for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
      const StepItem it(b, u, batch, hidden, f.vector != 0);
      store_gates(gates, zero_gates(), it, hidden);
      store_gates(h_gradients, zero_gates(), it, hidden);
      store_gate_operands(operands, 4 * row, zero_gates(), it, hidden, type);
      store_quad(shift + u, zero_quad(), it.count, it.vector);
      store_quad(shift + hidden + u, zero_quad(), it.count, it.vector);
    }
    return;
  }
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad cell = load_quad(step_extra(f, j + 1) + row + u, it.count, it.vector);
    if (options.zoneout_c > 0.0f) {  // what a unit would have come to is not kept where it stayed
      const LstmGates q = load_gates(gates, it, hidden);
      const Quad before = load_quad(step_extra(f, j) + row + u, it.count, it.vector);
      const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        cell.v[k] = made_state(q.i.v[k], q.f.v[k], q.g.v[k] * scale.v[k], before.v[k], f.clip);
      }
    }
    store_quad(made + u, cell, it.count, it.vector);
  }
  __syncthreads();
  const Moments of_c = row_moments(
      hidden, [&](int i) { return made[i]; }, shared);
  const float* gain = f.norm + static_cast<size_t>(8) * hidden;
  float sum = 0.0f, inner = 0.0f;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    const Quad normal = normal_quad(made + u, it, of_c);
    const Quad out = shown(f, options, normal, hidden, it);
    const Quad out_slope = slopes(options.output, out, extremes(options.output, 0.0f));
    const Quad o = load_quad(gates + 3 * hidden + u, it.count, it.vector);
    const Quad o_slope = slopes(options.gate, o, extremes(options.gate, options.gate_clip));
    const Quad stays_h = zoneout_hidden(f, options, t, batch, hidden, it);
    Quad d_h = load_quad(dh + row + u, it.count, it.vector);
    add_output_gradient(d_h, f, j, t, batch, it);
    Quad d_o, d_shift, d_gain;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const float d_new = (1.0f - stays_h.v[k]) * d_h.v[k];
      d_h.v[k] *= stays_h.v[k];
      d_o.v[k] = d_new * out.v[k] * o_slope.v[k];
      d_shift.v[k] = d_new * o.v[k] * out_slope.v[k];
      d_gain.v[k] = d_shift.v[k] * normal.v[k];
    }
    store_quad(dh + row + u, d_h, it.count, it.vector);
    store_quad(made + hidden + u, d_o, it.count, it.vector);
    store_quad(shift + u, d_shift, it.count, it.vector);
    store_quad(shift + hidden + u, d_gain, it.count, it.vector);
    const Quad by = load_quad(gain + u, it.count, it.vector);
#pragma unroll
    for (int k = 0; k < 4; ++k) d_shift.v[k] *= by.v[k];
    add_up(d_shift, normal, it, sum, inner);
  }
  const BlockSums of_state = block_sums(sum, inner, shared);
  const float state_mean = of_state.first / hidden, state_inner = of_state.second / hidden;
  const float* gains = f.norm + 4 * hidden;
  const float* normal_h = step_normal_h(f, j) + 4 * row;
  sum = inner = 0.0f;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    const Quad cell = load_quad(made + u, it.count, it.vector);
    const Quad d_o = load_quad(made + hidden + u, it.count, it.vector);
    Quad through = load_quad(shift + u, it.count, it.vector);
    const Quad by = load_quad(gain + u, it.count, it.vector);
#pragma unroll
    for (int k = 0; k < 4; ++k) through.v[k] *= by.v[k];
    through_moments(through, normal_quad(made + u, it, of_c), state_mean, state_inner,
                    of_c.inverse);
    LstmGates q = load_gates(gates, it, hidden);
    const Quad before = load_quad(step_extra(f, j) + row + u, it.count, it.vector);
    Quad d_c = load_quad(dc + row + u, it.count, it.vector);
    option_state_gradients(q, d_c, d_o, through, cell, before, f, options, t, batch, hidden, it);
    store_quad(dc + row + u, d_c, it.count, it.vector);
    store_gates(gates, q, it, hidden);
    scale_gates(q, load_gates(gains, it, hidden));
    store_gates(h_gradients, q, it, hidden);
    const LstmGates normal = load_gates(normal_h, it, hidden);
    add_up(q.i, normal.i, it, sum, inner);
    add_up(q.f, normal.f, it, sum, inner);
    add_up(q.g, normal.g, it, sum, inner);
    add_up(q.o, normal.o, it, sum, inner);
  }
  const BlockSums of_gates = block_sums(sum, inner, shared);
  const float mean = of_gates.first / (4 * hidden), along = of_gates.second / (4 * hidden);
  const float inverse = step_inverses(f, j, batch, 2)[2 * b + 1];
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    LstmGates q = load_gates(h_gradients, it, hidden);
    const LstmGates normal = load_gates(normal_h, it, hidden);
    through_moments(q.i, normal.i, mean, along, inverse);
    through_moments(q.f, normal.f, mean, along, inverse);
    through_moments(q.g, normal.g, mean, along, inverse);
    through_moments(q.o, normal.o, mean, along, inverse);
    store_gates(h_gradients, q, it, hidden);
    store_gate_operands(operands, 4 * row, q, it, hidden, type);
  }
}
