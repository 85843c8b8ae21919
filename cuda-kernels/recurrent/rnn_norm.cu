// One step of a plain RNN with layer normalisation of both products (Ba et al. 2016), forward and
// backward.
//
// Thread mapping: common/recurrent/row_norm.cuh. Frame as in lstm_gates.cu; one gate, H floats a
// row. Gains [H] of products with x and [H] of those with h stand in the frame's norm.
//
// @hot: rnn_normed_forward_f32 rnn_normed_backward_f32

#include "common/recurrent/rnn_options.cuh"
#include "common/recurrent/row_norm.cuh"

using namespace gatefold;

// Of the frame: normal_x read; written if kept: the function's values, and normal_h; states and y
// as in rnn_gates_forward_f32. product [B,H] read: Wh h'. operands [B,H] and type as there. Grid: B
// blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    rnn_normed_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                           const float* __restrict__ product, void* __restrict__ operands, int type,
                           StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  const float* made = product + row;
  const bool data = is_data(f, t, b);
  Moments of_h = {0.0f, 0.0f};
  if (data) {  // the same for all threads of the block
    of_h = row_moments(
        hidden, [&](int i) { return made[i]; }, shared);
  }
  const float* x = f.normal_x + j * f.gates_stride + row;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
    if (!data) {
      const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
      pass_by(h_old, masked, f, j, it, operands, row + u, type);
      continue;
    }
    const Quad normal = normal_quad(made + u, it, of_h);
    const Quad sum = gate_sum(x + u, f.norm + u, normal, f.norm + hidden + u, f.bias + u, it);
    Quad h = activated(options.candidate, sum, options.gate_clip);
    if (f.keep) {
      store_quad(step_gates(f, j) + row + u, h, it.count, it.vector);
      store_quad(step_normal_h(f, j) + row + u, normal, it.count, it.vector);
    }
    option_rnn_state(h, h_old, f, options, t, batch, hidden, it);
    const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
    hand_on(h, masked, f, j, t, batch, it, operands, row + u, type);
  }
  if (threadIdx.x == 0 && f.keep && data) step_inverses(f, j, batch, 2)[2 * b + 1] = of_h.inverse;
}

// Of the frame: gates read: the function's values; written: the gradients of its sums (0 where
// padding). normal_h read. h_gradients [B,H] written: those of products with h (0 where padding).
// dy read. dh as in rnn_gates_backward_f32. operands [B,H] written: h_gradients as an operand of a
// product. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    rnn_normed_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                            float* __restrict__ dh, void* __restrict__ operands, int type,
                            StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  float* gates = step_gates(f, j) + row;
  float* h_gradients = step_h_gradients(f, j) + row;
  const float* normal_h = step_normal_h(f, j) + row;
  const float* gains = f.norm + hidden;
  const bool data = is_data(f, t, b);
  float sum = 0.0f, inner = 0.0f;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad d = zero_quad();
    if (data) {
      const Quad value = load_quad(gates + u, it.count, it.vector);
      d = load_quad(dh + row + u, it.count, it.vector);
      add_output_gradient(d, f, j, t, batch, it);
      Quad past;
      option_rnn_gradients(d, past, value, f, options, t, batch, hidden, it);
      store_quad(dh + row + u, past, it.count, it.vector);
    }
    store_quad(gates + u, d, it.count, it.vector);
    d = scaled(d, gains + u, it);
    store_quad(h_gradients + u, d, it.count, it.vector);
    if (data) add_up(d, load_quad(normal_h + u, it.count, it.vector), it, sum, inner);
  }
  const BlockSums of_product = block_sums(sum, inner, shared);
  const float mean = of_product.first / hidden, along = of_product.second / hidden;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad d = zero_quad();
    if (data) {
      d = load_quad(h_gradients + u, it.count, it.vector);
      through_moments(d, load_quad(normal_h + u, it.count, it.vector), mean, along,
                      step_inverses(f, j, batch, 2)[2 * b + 1]);
    }
    store_quad(h_gradients + u, d, it.count, it.vector);
    store_operand(operands, row + u, d, it.count, it.vector, type);
  }
}
