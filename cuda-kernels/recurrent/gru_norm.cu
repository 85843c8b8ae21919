// One step of a GRU with layer normalisation of its products (Ba et al. 2016), forward and
// backward.
//
// Thread mapping: common/recurrent/row_norm.cuh. Frame as in lstm_gates.cu, order of gates and
// biases as in gru_gates.cu. Gains [3H] of products with x and [3H] of those with h stand in the
// frame's norm.
//
// @hot: gru_normed_forward_f32 gru_normed_backward_f32

#include "common/recurrent/gru.cuh"
#include "common/recurrent/gru_options.cuh"
#include "common/recurrent/row_norm.cuh"

using namespace gatefold;

// Of the frame: normal_x read; written if kept: the activated gates, normal_h, and the recurrent
// part of the candidate; states and y as in gru_gates_forward_f32. product [B,3H] read: Wh h'.
// operands [B,H] and type as there. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    gru_normed_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                           const float* __restrict__ product, void* __restrict__ operands, int type,
                           StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  const float* made = product + 3 * row;
  if (!is_data(f, t, b)) {
    for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
      const StepItem it(b, u, batch, hidden, f.vector != 0);
      const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
      const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
      pass_by(h_old, masked, f, j, it, operands, row + u, type);
    }
    return;
  }
  const Moments of_h = row_moments(
      3 * hidden, [&](int i) { return made[i]; }, shared);
  const float *gains_x = f.norm, *gains_h = f.norm + 3 * hidden;
  const float* x = f.normal_x + j * f.gates_stride + 3 * row;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    GruGates normal;
    normal.r = normal_quad(made + u, it, of_h);
    normal.z = normal_quad(made + hidden + u, it, of_h);
    normal.n = normal_quad(made + 2 * hidden + u, it, of_h);
    if (f.keep) store_gru_gates(step_normal_h(f, j) + 3 * row, normal, it, hidden);
    GruGates q;
    q.r = gate_sum(x + u, gains_x + u, normal.r, gains_h + u, f.bias + u, it);
    q.z = gate_sum(x + hidden + u, gains_x + hidden + u, normal.z, gains_h + hidden + u,
                   f.bias + hidden + u, it);
    Quad recurrent = scaled(normal.n, gains_h + 2 * hidden + u, it);
    add_quad(recurrent, load_quad(f.bias + 3 * hidden + u, it.count, it.vector));
    const int of_n = 2 * hidden + u;
    q.n = scaled(load_quad(x + of_n, it.count, it.vector), gains_x + of_n, it);
    add_quad(q.n, load_quad(f.bias + of_n, it.count, it.vector));
    q.r = activated(options.gate, q.r, options.gate_clip);
    q.z = activated(options.gate, q.z, options.gate_clip);
#pragma unroll
    for (int k = 0; k < 4; ++k) q.n.v[k] += q.r.v[k] * recurrent.v[k];
    q.n = activated(options.candidate, q.n, options.gate_clip);
    const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
    const Quad h = option_gru_state(q.z, q.n, h_old, f, options, t, batch, hidden, it);
    if (f.keep) {
      store_gru_gates(step_gates(f, j) + 3 * row, q, it, hidden);
      store_quad(step_extra(f, j) + row + u, recurrent, it.count, it.vector);
    }
    const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
    hand_on(h, masked, f, j, t, batch, it, operands, row + u, type);
  }
  if (threadIdx.x == 0 && f.keep) step_inverses(f, j, batch, 2)[2 * b + 1] = of_h.inverse;
}

// Of the frame: gates read: the activated gates; written: the gradients of their sums (0 where
// padding). Recurrent part of the candidate read; written: its gradient (0 where padding). normal_h
// read. h_gradients [B,3H] written: those of products with h (0 where padding). Hidden state before
// the step and dy read. dh as in gru_gates_backward_f32. operands [B,3H] written: h_gradients as an
// operand of a product. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    gru_normed_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                            float* __restrict__ dh, void* __restrict__ operands, int type,
                            StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  float* gates = step_gates(f, j) + 3 * row;
  float* h_gradients = step_h_gradients(f, j) + 3 * row;
  float* recurrent = step_extra(f, j) + row;
  const float* normal_h = step_normal_h(f, j) + 3 * row;
  const float* gains = f.norm + 3 * hidden;
  const bool data = is_data(f, t, b);
  float sum = 0.0f, inner = 0.0f;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    GruGates q = zero_gru_gates();
    Quad d_recurrent = zero_quad();
    if (data) {
      q = load_gru_gates(gates, it, hidden);
      d_recurrent = load_quad(recurrent + u, it.count, it.vector);
      const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
      Quad d = load_quad(dh + row + u, it.count, it.vector);
      add_output_gradient(d, f, j, t, batch, it);
      option_gru_gradients(q.z, q.n, d, h_old, f, options, t, batch, hidden, it);
      option_reset_gradients(q.r, d_recurrent, q.n, options);
      store_quad(dh + row + u, d, it.count, it.vector);
    }
    store_gru_gates(gates, q, it, hidden);
    store_quad(recurrent + u, d_recurrent, it.count, it.vector);
    q.r = scaled(q.r, gains + u, it);
    q.z = scaled(q.z, gains + hidden + u, it);
    q.n = scaled(d_recurrent, gains + 2 * hidden + u, it);
    store_gru_gates(h_gradients, q, it, hidden);
    if (data) {
      const GruGates normal = load_gru_gates(normal_h, it, hidden);
      add_up(q.r, normal.r, it, sum, inner);
      add_up(q.z, normal.z, it, sum, inner);
      add_up(q.n, normal.n, it, sum, inner);
    }
  }
  const BlockSums of_gates = block_sums(sum, inner, shared);
  const float mean = of_gates.first / (3 * hidden), along = of_gates.second / (3 * hidden);
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    GruGates q = zero_gru_gates();
    if (data) {
      const float inverse = step_inverses(f, j, batch, 2)[2 * b + 1];
      q = load_gru_gates(h_gradients, it, hidden);
      const GruGates normal = load_gru_gates(normal_h, it, hidden);
      through_moments(q.r, normal.r, mean, along, inverse);
      through_moments(q.z, normal.z, mean, along, inverse);
      through_moments(q.n, normal.n, mean, along, inverse);
    }
    store_gru_gates(h_gradients, q, it, hidden);
    const size_t at = 3 * row + u;
    store_operand(operands, at, q.r, it.count, it.vector, type);
    store_operand(operands, at + hidden, q.z, it.count, it.vector, type);
    store_operand(operands, at + 2 * hidden, q.n, it.count, it.vector, type);
  }
}
