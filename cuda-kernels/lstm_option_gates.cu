// The pointwise part of one step of an LSTM with options, forward and backward, and the gradient of
// its peepholes.
//
// Thread mapping, frame and order of gates as in lstm_gates.cu. Peepholes [3H], of i, f and o, if
// the frame has any.
//
// @hot: lstm_option_gates_backward_f32 lstm_option_gates_forward_f32

#include "common/cell_noise.cuh"
#include "common/lstm.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

// The peepholes of gate 0 (i), 1 (f) or 2 (o); zeros if there are none.
__device__ __forceinline__ Quad load_peepholes(const StepFrame& f, int gate, const StepItem& it,
                                               int hidden) {
  if (f.peepholes == nullptr) return zero_quad();
  return load_quad(f.peepholes + static_cast<size_t>(gate) * hidden + it.unit, it.count, it.vector);
}

__device__ __forceinline__ void add_products(Quad& q, const Quad& p, const Quad& c) {
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = fmaf(p.v[k], c.v[k], q.v[k]);
}

// The cell state that a step makes, before any of it may stay what it was; g: times its mask. The
// same bits wherever it is computed.
__device__ __forceinline__ float made_state(float i, float f, float g, float before, float clip) {
  return within(fmaf(f, before, i * g), clip);
}

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
  add_products(q.i, load_peepholes(f, 0, it, hidden), c_old);
  add_products(q.f, load_peepholes(f, 1, it, hidden), c_old);
  q.i = activated(options.gate, q.i, options.gate_clip);
  if (options.coupled) {
#pragma unroll
    for (int k = 0; k < 4; ++k) q.f.v[k] = 1.0f - q.i.v[k];
  } else {
    q.f = activated(options.gate, q.f, options.gate_clip);
  }
  q.g = activated(options.candidate, q.g, options.gate_clip);
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays_c = zoneout_cell(f, options, t, batch, hidden, it);
  Quad made, c;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    made.v[k] = made_state(q.i.v[k], q.f.v[k], q.g.v[k] * scale.v[k], c_old.v[k], f.clip);
    c.v[k] = mixed(stays_c.v[k], c_old.v[k], made.v[k]);
  }
  add_products(q.o, load_peepholes(f, 2, it, hidden), c);
  q.o = activated(options.gate, q.o, options.gate_clip);
  Quad h = activated(options.output, made, 0.0f);
#pragma unroll
  for (int k = 0; k < 4; ++k) h.v[k] *= q.o.v[k];
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
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays_h = zoneout_hidden(f, options, t, batch, hidden, it);
  const Quad stays_c = zoneout_cell(f, options, t, batch, hidden, it);
  Quad made = load_quad(step_extra(f, j + 1) + state, it.count, it.vector);
  if (options.zoneout_c > 0.0f) {  // what a unit would have come to is not kept where it stayed
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      made.v[k] = made_state(q.i.v[k], q.f.v[k], q.g.v[k] * scale.v[k], before.v[k], f.clip);
    }
  }
  Quad d_h = load_quad(dh + state, it.count, it.vector);
  Quad d_c = load_quad(dc + state, it.count, it.vector);
  add_output_gradient(d_h, f, j, t, batch, it);
  const Quad out = activated(options.output, made, 0.0f);
  const Quad out_slope = slopes(options.output, out, extremes(options.output, 0.0f));
  const Extremes of_gate = extremes(options.gate, options.gate_clip);
  const Extremes of_candidate = extremes(options.candidate, options.gate_clip);
  const Quad i_slope = slopes(options.gate, q.i, of_gate);
  const Quad f_slope = slopes(options.gate, q.f, of_gate);
  const Quad g_slope = slopes(options.candidate, q.g, of_candidate);
  const Quad o_slope = slopes(options.gate, q.o, of_gate);
  const Quad p_i = load_peepholes(f, 0, it, hidden);
  const Quad p_f = load_peepholes(f, 1, it, hidden);
  const Quad p_o = load_peepholes(f, 2, it, hidden);
  const bool coupled = options.coupled != 0;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float forget = q.f.v[k];
    const float d_new = (1.0f - stays_h.v[k]) * d_h.v[k];
    const float d_o = d_new * out.v[k] * o_slope.v[k];
    const float d_state = d_c.v[k] + d_o * p_o.v[k];
    float cell = (1.0f - stays_c.v[k]) * d_state + d_new * q.o.v[k] * out_slope.v[k];
    if (f.clip > 0.0f && (made.v[k] >= f.clip || made.v[k] <= -f.clip)) cell = 0.0f;
    const float past = cell * before.v[k];
    const float d_i = (cell * q.g.v[k] * scale.v[k] - (coupled ? past : 0.0f)) * i_slope.v[k];
    const float d_f = coupled ? 0.0f : past * f_slope.v[k];
    q.g.v[k] = cell * q.i.v[k] * scale.v[k] * g_slope.v[k];
    q.i.v[k] = d_i;
    q.f.v[k] = d_f;
    q.o.v[k] = d_o;
    d_h.v[k] *= stays_h.v[k];
    d_c.v[k] = stays_c.v[k] * d_state + cell * forget + d_i * p_i.v[k] + d_f * p_f.v[k];
  }
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
