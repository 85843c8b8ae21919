// One step of an LSTM with layer normalisation of its products and of its cell state (Ba et al.
// 2016), forward and backward, and what of it is done for all steps of a segment at once.
//
// Thread mapping: one block a row, for moments need all of it; its threads take quads of units in
// turns. Every thread reads and writes the same units in every pass over a row, so that barriers
// are needed in sums only. Frame and order of gates as in lstm_gates.cu. Gains [4H] of products
// with x, [4H] of those with h, gain [H] and shift [H] of the cell state stand one after the other
// in the frame's norm.
//
// @hot: lstm_normed_forward_f32 lstm_normed_backward_f32

#include "common/lstm_options.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

constexpr int kRowThreads = 128;
constexpr float kNormEpsilon = 1e-5f;

// Mean, and 1 / deviation, of so many numbers.
struct Moments {
  float mean;
  float inverse;
};

// Two sums over the block; valid in all threads.
struct BlockSums {
  float first;
  float second;
};

__device__ __forceinline__ BlockSums block_sums(float a, float b, double* shared) {
  const double first = block_sum(static_cast<double>(a), shared);
  const double second = block_sum(static_cast<double>(b), shared);
  return {static_cast<float>(first), static_cast<float>(second)};
}

// value(i), of elements [0, count) that a thread of the block has for itself, is the same every
// time.
template <class Value>
__device__ __forceinline__ Moments row_moments(int count, const Value& value, double* shared) {
  double sum = 0.0;
  for (int i = threadIdx.x; i < count; i += kRowThreads) sum += static_cast<double>(value(i));
  const double mean = block_sum(sum, shared) / count;
  double squares = 0.0;
  for (int i = threadIdx.x; i < count; i += kRowThreads) {
    const double centred = static_cast<double>(value(i)) - mean;
    squares += centred * centred;
  }
  const double variance = block_sum(squares, shared) / count;
  return {static_cast<float>(mean),
          static_cast<float>(1.0 / sqrt(variance + static_cast<double>(kNormEpsilon)))};
}

__device__ __forceinline__ Quad normal_quad(const float* p, const StepItem& it, const Moments& m) {
  Quad q = load_quad(p, it.count, it.vector);
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = (q.v[k] - m.mean) * m.inverse;
  return q;
}

__device__ __forceinline__ void scale_gates(LstmGates& q, const LstmGates& by) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    q.i.v[k] *= by.i.v[k];
    q.f.v[k] *= by.f.v[k];
    q.g.v[k] *= by.g.v[k];
    q.o.v[k] *= by.o.v[k];
  }
}

__device__ __forceinline__ float* step_normal_h(const StepFrame& f, int j) {
  return f.normal_h + j * f.gates_stride;
}

// Of step j: 1 / deviation of products with x and with h of every row.
__device__ __forceinline__ float* step_inverses(const StepFrame& f, int j, int hidden) {
  return f.inverses + j * (f.gates_stride / (2 * hidden));
}

__device__ __forceinline__ float* step_shift(const StepFrame& f, int j) {
  return f.shift_gradients + j * (f.gates_stride / 2);
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

__device__ __forceinline__ void add_up(const Quad& u, const Quad& normal, const StepItem& it,
                                       float& sum, float& inner) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (k < it.count) {
      sum += u.v[k];
      inner = fmaf(u.v[k], normal.v[k], inner);
    }
  }
}

// u, gradients of normal values, becomes that of what they were made of.
__device__ __forceinline__ void through_moments(Quad& u, const Quad& normal, float mean,
                                                float inner, float inverse) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    u.v[k] = inverse * (u.v[k] - mean - normal.v[k] * inner);
  }
}

}  // namespace gatefold

// rows [N, width] are normalised in place; inverses [N, 2], if given: the first of each written.
// Grid: N blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads)
    normalise_products_f32(float* __restrict__ rows, float* __restrict__ inverses, int width) {
  __shared__ double shared[kRowThreads];
  float* row = rows + static_cast<long long>(blockIdx.x) * width;
  const Moments m = row_moments(
      width, [&](int i) { return row[i]; }, shared);
  for (int i = threadIdx.x; i < width; i += kRowThreads) row[i] = (row[i] - m.mean) * m.inverse;
  if (threadIdx.x == 0 && inverses != nullptr) inverses[2LL * blockIdx.x] = m.inverse;
}

// From gradients of gates' sums to those of the products with x, in the place of their normal
// values [N, width]; 0 where padding. gains [width]. inverses as above. Row n is step `time` + n /
// batch.
extern "C" __global__ void __launch_bounds__(kRowThreads)
    normalised_products_backward_f32(const float* __restrict__ gates, float* __restrict__ normal,
                                     const float* __restrict__ inverses,
                                     const float* __restrict__ gains,
                                     const int* __restrict__ lengths, int time, int batch,
                                     int width) {
  __shared__ double shared[kRowThreads];
  const long long n = blockIdx.x;
  const float* d = gates + n * width;
  float* row = normal + n * width;
  const bool data = lengths == nullptr || time + n / batch < lengths[n % batch];
  float sum = 0.0f, inner = 0.0f;
  for (int i = threadIdx.x; data && i < width; i += kRowThreads) {
    const float u = d[i] * gains[i];
    sum += u;
    inner = fmaf(u, row[i], inner);
  }
  const BlockSums sums = block_sums(sum, inner, shared);
  const float mean = sums.first / width, along = sums.second / width, inverse = inverses[2 * n];
  for (int i = threadIdx.x; i < width; i += kRowThreads) {
    row[i] = data ? inverse * (d[i] * gains[i] - mean - row[i] * along) : 0.0f;
  }
}

// sums [10H] += those of gates [N,4H] times normal products with x and with h, then the gradients
// of gain and shift of the cell state, which stand the other way round in shift [N,2,H]; in a fixed
// order and double precision. Block 32 x 8 as in column_sums_f32.
extern "C" __global__ void __launch_bounds__(256)
    norm_sums_f32(const float* __restrict__ gates, const float* __restrict__ normal_x,
                  const float* __restrict__ normal_h, const float* __restrict__ shift,
                  float* __restrict__ sums, long long rows, int hidden) {
  __shared__ double partial[8][32];
  const int column = static_cast<int>(blockIdx.x) * 32 + static_cast<int>(threadIdx.x);
  const int width = 4 * hidden;
  double sum = 0.0;
  if (column < 10 * hidden) {
    const float* normal = column < width ? normal_x : normal_h;
    const int gate = column % width;
    const int place = column < 9 * hidden ? column - 7 * hidden : column - 9 * hidden;
    for (long long row = threadIdx.y; row < rows; row += 8) {
      if (column >= 2 * width) {
        sum += static_cast<double>(shift[row * 2 * hidden + place]);
        continue;
      }
      const float d = gates[row * width + gate];
      // In padding there are no normal products.
      if (d != 0.0f) sum += static_cast<double>(d * normal[row * width + gate]);
    }
  }
  sum = column_sum(sum, partial);
  if (threadIdx.y == 0 && column < 10 * hidden) sums[column] += static_cast<float>(sum);
}

// Of the frame: normal_x read; gates and normal_h written if kept: the activated gates, and the
// normal products with h; states and y as in lstm_gates_forward_f32. product [B,4H]: read: Wh h';
// overwritten. operands [B,H] and type as there. Grid: B blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads)
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
  if (threadIdx.x == 0 && f.keep) step_inverses(f, j, hidden)[2 * b + 1] = of_h.inverse;
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
  float* h_gradients = f.h_gradients + j * f.gates_stride + 4 * row;
  float* shift = step_shift(f, j) + 2 * row;
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
  const float inverse = step_inverses(f, j, hidden)[2 * b + 1];
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
