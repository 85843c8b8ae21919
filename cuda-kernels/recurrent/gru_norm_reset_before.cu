// One step of a GRU with layer normalisation of its products (Ba et al. 2016) whose reset gate
// comes before the candidate's recurrent product: two kernels in each direction, around that
// product, which is normalised by itself over its H units, as that of r and z over both.
//
// Thread mapping: common/recurrent/row_norm.cuh. Frame, order of gates and biases, and what of the
// frame `extra` is, as in gru_reset_before_gates.cu; gains as in gru_norm.cu.
//
// @hot: gru_normed_reset_operand_f32 gru_normed_reset_forward_f32
// @hot: gru_normed_reset_backward_f32 gru_normed_reset_operand_backward_f32

#include "common/recurrent/gru_options.cuh"
#include "common/recurrent/row_norm.cuh"

using namespace gatefold;

// Of the frame: normal_x of r and z read; gates written: r and z. Hidden state before the step
// read. Written if kept: normal_h of r and z, extra (0 where padding). product [B,3H] read: that of
// r and z. operands [B,H] written: r * h' as an operand of the candidate's product, 0 where
// padding. type: OperandType. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    gru_normed_reset_operand_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                 const float* __restrict__ product, void* __restrict__ operands,
                                 int type, StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  const float* made = product + 3 * row;
  const bool data = is_data(f, t, b);
  Moments of_h = {0.0f, 0.0f};
  if (data) {  // the same for all threads of the block
    of_h = row_moments(
        2 * hidden, [&](int i) { return made[i]; }, shared);
  }
  const float *gains_x = f.norm, *gains_h = f.norm + 3 * hidden;
  const float* x = f.normal_x + j * f.gates_stride + 3 * row;
  float* gates = step_gates(f, j) + 3 * row;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad of = zero_quad();
    if (data) {
      const Quad normal_r = normal_quad(made + u, it, of_h);
      const Quad normal_z = normal_quad(made + hidden + u, it, of_h);
      if (f.keep) {
        float* normal = step_normal_h(f, j) + 3 * row + u;
        store_quad(normal, normal_r, it.count, it.vector);
        store_quad(normal + hidden, normal_z, it.count, it.vector);
      }
      Quad r = gate_sum(x + u, gains_x + u, normal_r, gains_h + u, f.bias + u, it);
      Quad z = gate_sum(x + hidden + u, gains_x + hidden + u, normal_z, gains_h + hidden + u,
                        f.bias + hidden + u, it);
      r = activated(options.gate, r, options.gate_clip);
      z = activated(options.gate, z, options.gate_clip);
      store_quad(gates + u, r, it.count, it.vector);
      store_quad(gates + hidden + u, z, it.count, it.vector);
      of = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
      of = recurrent_masked(of, f, options, batch, hidden, it);
#pragma unroll
      for (int k = 0; k < 4; ++k) of.v[k] *= r.v[k];
    }
    if (f.keep) store_quad(step_extra(f, j) + row + u, of, it.count, it.vector);
    store_operand(operands, row + u, of, it.count, it.vector, type);
  }
  if (threadIdx.x == 0 && f.keep && data) step_inverses(f, j, batch, 3)[3 * b + 1] = of_h.inverse;
}

// Of the frame: normal_x of n and gate z read; written if kept: gate n, normal_h of n. States and y
// as in gru_gates_forward_f32. product [B,3H] read: that of n. operands [B,H] and type as there.
// Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    gru_normed_reset_forward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                 const float* __restrict__ product, void* __restrict__ operands,
                                 int type, StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  const int of_n = 2 * hidden;
  const float* made = product + 3 * row + of_n;
  const bool data = is_data(f, t, b);
  Moments of_h = {0.0f, 0.0f};
  if (data) {
    of_h = row_moments(
        hidden, [&](int i) { return made[i]; }, shared);
  }
  const float *gains_x = f.norm + of_n, *gains_h = gains_x + 3 * hidden;
  const float* x = f.normal_x + j * f.gates_stride + 3 * row + of_n;
  float* gates = step_gates(f, j) + 3 * row;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
    if (!data) {
      const Quad masked = recurrent_masked(h_old, f, options, batch, hidden, it);
      pass_by(h_old, masked, f, j, it, operands, row + u, type);
      continue;
    }
    const Quad normal = normal_quad(made + u, it, of_h);
    Quad n = gate_sum(x + u, gains_x + u, normal, gains_h + u, f.bias + of_n + u, it);
    n = activated(options.candidate, n, options.gate_clip);
    const Quad z = load_quad(gates + hidden + u, it.count, it.vector);
    const Quad h = option_gru_state(z, n, h_old, f, options, t, batch, hidden, it);
    if (f.keep) {
      store_quad(gates + of_n + u, n, it.count, it.vector);
      store_quad(step_normal_h(f, j) + 3 * row + of_n + u, normal, it.count, it.vector);
    }
    const Quad masked = recurrent_masked(h, f, options, batch, hidden, it);
    hand_on(h, masked, f, j, t, batch, it, operands, row + u, type);
  }
  if (threadIdx.x == 0 && f.keep && data) step_inverses(f, j, batch, 3)[3 * b + 2] = of_h.inverse;
}

// Of the frame: gates read: z, n; written: the gradients of their sums (0 where padding). normal_h
// of n read. h_gradients of n written: those of its product (0 where padding). Hidden state before
// the step and dy read. dh as in gru_reset_before_backward_f32. operands [B,3H] written:
// h_gradients of n as an operand of a product. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    gru_normed_reset_backward_f32(const StepFrame* __restrict__ frame, int j, int batch, int hidden,
                                  float* __restrict__ dh, void* __restrict__ operands, int type,
                                  StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  const int of_n = 2 * hidden;
  float* gates = step_gates(f, j) + 3 * row;
  float* h_gradients = step_h_gradients(f, j) + 3 * row + of_n;
  const float* normal_h = step_normal_h(f, j) + 3 * row + of_n;
  const float* gains = f.norm + 3 * hidden + of_n;
  const bool data = is_data(f, t, b);
  float sum = 0.0f, inner = 0.0f;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad z = zero_quad(), n = zero_quad();
    if (data) {
      z = load_quad(gates + hidden + u, it.count, it.vector);
      n = load_quad(gates + of_n + u, it.count, it.vector);
      const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
      Quad d = load_quad(dh + row + u, it.count, it.vector);
      add_output_gradient(d, f, j, t, batch, it);
      option_gru_gradients(z, n, d, h_old, f, options, t, batch, hidden, it);
      store_quad(dh + row + u, d, it.count, it.vector);
    }
    store_quad(gates + hidden + u, z, it.count, it.vector);
    store_quad(gates + of_n + u, n, it.count, it.vector);
    n = scaled(n, gains + u, it);
    store_quad(h_gradients + u, n, it.count, it.vector);
    if (data) add_up(n, load_quad(normal_h + u, it.count, it.vector), it, sum, inner);
  }
  const BlockSums of_product = block_sums(sum, inner, shared);
  const float mean = of_product.first / hidden, along = of_product.second / hidden;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad n = zero_quad();
    if (data) {
      n = load_quad(h_gradients + u, it.count, it.vector);
      through_moments(n, load_quad(normal_h + u, it.count, it.vector), mean, along,
                      step_inverses(f, j, batch, 3)[3 * b + 2]);
    }
    store_quad(h_gradients + u, n, it.count, it.vector);
    store_operand(operands, 3 * row + of_n + u, n, it.count, it.vector, type);
  }
}

// Of the frame: gates read: r, and the gradient of z; written: that of r (0 where padding).
// normal_h of r and z read. h_gradients of r and z written: those of their product (0 where
// padding). Hidden state before the step read. gradients [B,H] read: that of r * h'. dh added to as
// in gru_reset_before_operand_backward_f32. operands [B,3H] written: h_gradients of r and z as
// operands of a product. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads, 3)
    gru_normed_reset_operand_backward_f32(const StepFrame* __restrict__ frame, int j, int batch,
                                          int hidden, const float* __restrict__ gradients,
                                          float* __restrict__ dh, void* __restrict__ operands,
                                          int type, StepOptions options) {
  __shared__ double shared[kRowThreads];
  const StepFrame& f = *frame;
  const int b = static_cast<int>(blockIdx.x), t = step_time(f, j);
  const size_t row = static_cast<size_t>(b) * hidden;
  float* gates = step_gates(f, j) + 3 * row;
  float* h_gradients = step_h_gradients(f, j) + 3 * row;
  const float* normal_h = step_normal_h(f, j) + 3 * row;
  const float* gains = f.norm + 3 * hidden;
  const bool data = is_data(f, t, b);
  float sum = 0.0f, inner = 0.0f;
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad dr = zero_quad();
    if (data) {
      dr = load_quad(gates + u, it.count, it.vector);
      const Quad d_masked = load_quad(gradients + row + u, it.count, it.vector);
      const Quad d_of = recurrent_masked(d_masked, f, options, batch, hidden, it);
      const Quad h_old = load_quad(step_hidden(f, j) + row + u, it.count, it.vector);
      Quad d = load_quad(dh + row + u, it.count, it.vector);
      option_reset_gradients_before(dr, d, d_of, h_old, options);
      store_quad(dh + row + u, d, it.count, it.vector);
    }
    store_quad(gates + u, dr, it.count, it.vector);
    dr = scaled(dr, gains + u, it);
    const Quad z = load_quad(gates + hidden + u, it.count, it.vector);
    const Quad dz = scaled(z, gains + hidden + u, it);
    store_quad(h_gradients + u, dr, it.count, it.vector);
    store_quad(h_gradients + hidden + u, dz, it.count, it.vector);
    if (data) {
      add_up(dr, load_quad(normal_h + u, it.count, it.vector), it, sum, inner);
      add_up(dz, load_quad(normal_h + hidden + u, it.count, it.vector), it, sum, inner);
    }
  }
  const BlockSums of_product = block_sums(sum, inner, shared);
  const float mean = of_product.first / (2 * hidden), along = of_product.second / (2 * hidden);
  for (int u = 4 * threadIdx.x; u < hidden; u += 4 * kRowThreads) {
    const StepItem it(b, u, batch, hidden, f.vector != 0);
    Quad dr = zero_quad(), dz = zero_quad();
    if (data) {
      const float inverse = step_inverses(f, j, batch, 3)[3 * b + 1];
      dr = load_quad(h_gradients + u, it.count, it.vector);
      dz = load_quad(h_gradients + hidden + u, it.count, it.vector);
      through_moments(dr, load_quad(normal_h + u, it.count, it.vector), mean, along, inverse);
      through_moments(dz, load_quad(normal_h + hidden + u, it.count, it.vector), mean, along,
                      inverse);
    }
    store_quad(h_gradients + u, dr, it.count, it.vector);
    store_quad(h_gradients + hidden + u, dz, it.count, it.vector);
    store_operand(operands, 3 * row + u, dr, it.count, it.vector, type);
    store_operand(operands, 3 * row + hidden + u, dz, it.count, it.vector, type);
  }
}
