// One LSTM step in one kernel: the recurrent product, on the tensor cores where the precision has
// some, and the gates behind it.
//
// Forward, a block of 256 threads computes eight units of 32 rows of the batch: blockIdx.x * 8 is
// the first unit, blockIdx.y * 32 the first row. Its weights are two tiles: rows i and f of the
// eight units, rows g and o. Backward, a block computes 16 units of 16 rows; its weights are one
// tile of 16 columns of Wh over all 4H gate rows. The product is common/tile_product.cuh's; then
// thread q < 64 handles four units of one row. Shared memory: 37 KiB forward, 8 KiB backward.
//
// What one step hands to the next stands in operands of the products' precision, two buffers that
// take turns, with rows in whole groups of eight and gates in whole segments, both filled up with
// zeros: h as [B', H'], gate gradients as [B', 4 H'].
//
// @hot: lstm_step_f32 lstm_step_tf32 lstm_step_bf16 lstm_step_f16
// @hot: lstm_step_backward_f32 lstm_step_backward_tf32 lstm_step_backward_bf16
// @hot: lstm_step_backward_f16

#include "common/grid.cuh"
#include "common/lstm.cuh"
#include "common/tile_product.cuh"

namespace gatefold {

constexpr int kForwardTiles = 2;
constexpr int kForwardUnits = 8;
constexpr int kForwardGroups = 4;
constexpr int kForwardThreads = 64;  // that have gates to compute
constexpr int kBackwardTiles = 1;
constexpr int kBackwardUnits = 16;
constexpr int kBackwardGroups = 2;
constexpr int kBackwardThreads = 64;

// Groups of eight rows that a block of kGroups has, from its first row on.
template <int kGroups>
__device__ __forceinline__ int groups_from(int first_row, int batch) {
  const int groups = (batch - first_row + 7) / 8;
  return groups < kGroups ? groups : kGroups;
}

// Stores the hidden state of a quad of units as operands of the next step: 0 beyond the last unit,
// as before.
template <class Operand>
__device__ __forceinline__ void store_step_operands(typename Operand::Number* p, Quad q,
                                                    const StepItem& it) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (k >= it.count) q.v[k] = 0.0f;
  }
  store_rounded<Operand>(p, q);
}

template <class Operand>
__device__ __forceinline__ void lstm_step(const StepFrame& f, int j, int batch, int hidden,
                                          const uint4* weights, const uint4* operands,
                                          void* operands_next) {
  using Number = typename Operand::Number;
  __shared__ WarpShares<kForwardTiles, kForwardGroups> shares;
  __shared__ float4 input[5][kForwardThreads];
  const int width = whole_segments<Operand>(hidden);
  const int segments = width / kSegmentDepth<Operand>;
  const int first_row = static_cast<int>(blockIdx.y) * kForwardGroups * 8;
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / 2, half = thread % 2;
  const StepItem it(first_row + row, static_cast<int>(blockIdx.x) * kForwardUnits + 4 * half, batch,
                    hidden, f.vector != 0);
  const bool works = it.valid && thread < kForwardThreads;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gates = step_gates(f, j) + static_cast<size_t>(it.row) * 4 * hidden;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed, without registers to wait in.
  if (data && it.vector) {
#pragma unroll
    for (int gate = 0; gate < 4; ++gate) {
      ptx::cp_async_16(&input[gate][thread], gates + gate * hidden + it.unit);
    }
    ptx::cp_async_16(&input[4][thread], step_extra(f, j) + state);
    ptx::cp_async_commit();
  }
  multiply_tiles<Operand>(
      shares, weights + static_cast<size_t>(blockIdx.x) * kForwardTiles * segments * kSegmentPieces,
      operands + static_cast<size_t>(first_row) * segments * kSegmentRowPieces, segments,
      groups_from<kForwardGroups>(first_row, batch));
  if (!works) return;

  float* const c_next = step_extra(f, j + 1) + state;
  float* const h_next = step_hidden(f, j + 1) + state;
  Number* const next =
      static_cast<Number*>(operands_next) + static_cast<size_t>(it.row) * width + it.unit;
  if (!data) {
    const Quad c = load_quad(step_extra(f, j) + state, it.count, it.vector);
    const Quad h = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    store_quad(c_next, c, it.count, it.vector);
    store_quad(h_next, h, it.count, it.vector);
    store_step_operands<Operand>(next, h, it);
    store_output(f, j, zero_quad(), it);
    return;
  }
  LstmGates q;
  Quad c;
  if (it.vector) {
    ptx::cp_async_wait<0>();
    q = {as_quad(input[0][thread]), as_quad(input[1][thread]), as_quad(input[2][thread]),
         as_quad(input[3][thread])};
    c = as_quad(input[4][thread]);
  } else {
    q = load_gates(gates, it, hidden);
    c = load_quad(step_extra(f, j) + state, it.count, it.vector);
  }
  const LstmGates b = load_gates(f.bias, it, hidden);
  add_gates(q, {shares.quad(0, row, half), shares.quad(1, row, half), shares.quad(2, row, half),
                shares.quad(3, row, half)});
  Quad h = lstm_forward(q, b, c, f.clip);
  if (f.keep) store_gates(gates, q, it, hidden);
  store_quad(c_next, c, it.count, it.vector);
  store_quad(h_next, h, it.count, it.vector);
  store_step_operands<Operand>(next, h, it);
  apply_dropout(h, f, t, batch, it);
  store_output(f, j, h, it);
}

// The product of a block of the backward step: gate gradients of the step handled before, with Wh.
template <class Operand>
__device__ __forceinline__ void multiply_back(WarpShares<kBackwardTiles, kBackwardGroups>& shares,
                                              int batch, int hidden, const uint4* weights,
                                              const uint4* operands) {
  const int segments = 4 * whole_segments<Operand>(hidden) / kSegmentDepth<Operand>;
  const int first_row = static_cast<int>(blockIdx.y) * kBackwardGroups * 8;
  multiply_tiles<Operand>(
      shares,
      weights + static_cast<size_t>(blockIdx.x) * kBackwardTiles * segments * kSegmentPieces,
      operands + static_cast<size_t>(first_row) * segments * kSegmentRowPieces, segments,
      groups_from<kBackwardGroups>(first_row, batch));
}

// What a thread handles of a block of the backward step.
__device__ __forceinline__ StepItem backward_item(int batch, int hidden, bool vector) {
  const int thread = static_cast<int>(threadIdx.x);
  return {static_cast<int>(blockIdx.y) * kBackwardGroups * 8 + thread / 4,
          static_cast<int>(blockIdx.x) * kBackwardUnits + 4 * (thread % 4), batch, hidden, vector};
}

// Its part of the product.
__device__ __forceinline__ Quad
backward_sum(const WarpShares<kBackwardTiles, kBackwardGroups>& shares) {
  const int thread = static_cast<int>(threadIdx.x);
  return shares.quad(thread % 4 / 2, thread / 4, thread % 2);
}

template <class Operand>
__device__ __forceinline__ void lstm_step_backward(const StepFrame& f, int j, int batch, int hidden,
                                                   const uint4* weights, const uint4* operands,
                                                   void* operands_next, float* dh, float* dc) {
  using Number = typename Operand::Number;
  __shared__ WarpShares<kBackwardTiles, kBackwardGroups> shares;
  const StepItem it = backward_item(batch, hidden, f.vector != 0);
  const bool works = it.valid && threadIdx.x < kBackwardThreads;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gates = step_gates(f, j) + static_cast<size_t>(it.row) * 4 * hidden;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed.
  LstmGates q = zero_gates();
  Quad before = zero_quad(), after = zero_quad(), d_c = zero_quad(), d_out = zero_quad();
  if (data) {
    q = load_gates(gates, it, hidden);
    before = load_quad(step_extra(f, j) + state, it.count, it.vector);
    after = load_quad(step_extra(f, j + 1) + state, it.count, it.vector);
    d_c = load_quad(dc + state, it.count, it.vector);
    if (f.output != nullptr) {
      d_out = load_output(f, j, it);
      apply_dropout(d_out, f, t, batch, it);
    }
  }
  multiply_back<Operand>(shares, batch, hidden, weights, operands);
  if (!works) return;

  Quad d_h = load_quad(dh + state, it.count, it.vector);
  add_quad(d_h, backward_sum(shares));
  if (data) {
    add_quad(d_h, d_out);
    lstm_backward(q, before, after, d_h, d_c, f.clip);
    store_quad(dc + state, d_c, it.count, it.vector);
    d_h = zero_quad();
  }
  store_quad(dh + state, d_h, it.count, it.vector);
  store_gates(gates, q, it, hidden);
  const int width = whole_segments<Operand>(hidden);
  Number* const next =
      static_cast<Number*>(operands_next) + static_cast<size_t>(it.row) * 4 * width + it.unit;
  store_step_operands<Operand>(next, q.i, it);
  store_step_operands<Operand>(next + width, q.f, it);
  store_step_operands<Operand>(next + 2 * width, q.g, it);
  store_step_operands<Operand>(next + 3 * width, q.o, it);
}

template <class Operand>
__device__ __forceinline__ void lstm_state_gradient(int batch, int hidden, const uint4* weights,
                                                    const uint4* operands, float* dh) {
  __shared__ WarpShares<kBackwardTiles, kBackwardGroups> shares;
  multiply_back<Operand>(shares, batch, hidden, weights, operands);
  const StepItem it = backward_item(batch, hidden, hidden % 4 == 0);
  if (!it.valid || threadIdx.x >= kBackwardThreads) return;
  float* const mine = dh + static_cast<size_t>(it.row) * hidden + it.unit;
  Quad d_h = load_quad(mine, it.count, it.vector);
  add_quad(d_h, backward_sum(shares));
  store_quad(mine, d_h, it.count, it.vector);
}

// Packs Wh [4H,H]. One thread a piece of 16 bytes.
template <class Operand>
__device__ __forceinline__ void pack_lstm(const float* wh, uint4* packed, int hidden,
                                          int backward) {
  constexpr int word = 4 / static_cast<int>(sizeof(typename Operand::Number));
  const int width = whole_segments<Operand>(hidden);
  const int segments = (backward != 0 ? 4 : 1) * width / kSegmentDepth<Operand>;
  const int tiles = backward != 0 ? (hidden + kBackwardUnits - 1) / kBackwardUnits
                                  : (hidden + kForwardUnits - 1) / kForwardUnits * kForwardTiles;
  const long long pieces = static_cast<long long>(tiles) * segments * kSegmentPieces;
  for (long long i = first_element(); i < pieces; i += grid_size()) {
    const int segment = static_cast<int>(i / kSegmentPieces % segments);
    const int tile = static_cast<int>(i / kSegmentPieces / segments);
    unsigned words[4] = {0u, 0u, 0u, 0u};
#pragma unroll
    for (int e = 0; e < 4 * word; ++e) {
      const PackedPlace p = packed_place<Operand>(static_cast<int>(i % kSegmentPieces), e);
      const int k = segment * kSegmentDepth<Operand> + p.k;
      int gate, unit, column;
      if (backward != 0) {
        gate = k / width;
        unit = k % width;
        column = tile * kBackwardUnits + p.row;
      } else {
        gate = tile % kForwardTiles * 2 + p.row / 8;
        unit = tile / kForwardTiles * kForwardUnits + p.row % 8;
        column = k;
      }
      if (unit < hidden && column < hidden) {
        const unsigned number =
            Operand::rounded(wh[(static_cast<size_t>(gate) * hidden + unit) * hidden + column]);
        words[e / word] |= number << (16 * (e % word));
      }
    }
    packed[i] = make_uint4(words[0], words[1], words[2], words[3]);
  }
}

// operands [B', H'] = h [B,H], rounded; what is beyond stays.
template <class Operand>
__device__ __forceinline__ void start_lstm(const float* h, void* operands, int batch, int hidden,
                                           int vector) {
  const int quads = (hidden + 3) / 4, width = whole_segments<Operand>(hidden);
  for (long long i = first_element(); i < static_cast<long long>(batch) * quads; i += grid_size()) {
    const int unit = static_cast<int>(i % quads) * 4;
    const size_t row = static_cast<size_t>(i / quads);
    store_rounded<Operand>(
        static_cast<typename Operand::Number*>(operands) + row * width + unit,
        load_quad(h + row * hidden + unit, hidden - unit < 4 ? hidden - unit : 4, vector != 0));
  }
}

}  // namespace gatefold

using namespace gatefold;

// Every kernel once for each precision. Two blocks a multiprocessor are asked for, lest the
// compiler takes too many registers for that or, aiming at more, spills.

// One step of a forward pass. Of the frame: gates [B,4H] read: Wx x; written if kept: the activated
// gates. Cell and hidden state before the step read, after it written. y written. weights: packed
// for the forward step. operands [B', H'] read: h before the step. operands_next [B', H'] written:
// h after it.
#define LSTM_STEP(kernel, Operand)                                                  \
  extern "C" __global__ void __launch_bounds__(256, 2)                              \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,     \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands, \
             void* __restrict__ operands_next) {                                    \
    lstm_step<Operand>(*frame, j, batch, hidden, weights, operands, operands_next); \
  }
LSTM_STEP(lstm_step_f32, F32Operand)
LSTM_STEP(lstm_step_tf32, Tf32Operand)
LSTM_STEP(lstm_step_bf16, Bf16Operand)
LSTM_STEP(lstm_step_f16, F16Operand)

// One step of a backward pass. Of the frame: gates read: the activated gates; written: their
// gradients before activation (0 where padding). Cell states around the step read. dy read; null
// means 0. weights: packed for the backward step. operands [B', 4 H'] read: gate gradients of the
// step handled before, which is the one after; 0 if there is none. operands_next [B', 4 H']
// written: those of this step. dh [B,H] read: what flows in beside their product; written: what
// passes this step by (all where padding, else 0). dc [B,H] read and written in place.
#define LSTM_STEP_BACKWARD(kernel, Operand)                                                      \
  extern "C" __global__ void __launch_bounds__(256, 2)                                           \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,                  \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,              \
             void* __restrict__ operands_next, float* __restrict__ dh, float* __restrict__ dc) { \
    lstm_step_backward<Operand>(*frame, j, batch, hidden, weights, operands, operands_next, dh,  \
                                dc);                                                             \
  }
LSTM_STEP_BACKWARD(lstm_step_backward_f32, F32Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_tf32, Tf32Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_bf16, Bf16Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_f16, F16Operand)

// After the last step of a backward pass: dh [B,H] += the product of its gate gradients, in
// operands [B', 4 H'], with Wh. weights: packed for the backward step.
#define LSTM_STATE_GRADIENT(kernel, Operand)                               \
  extern "C" __global__ void __launch_bounds__(256, 2)                     \
      kernel(int batch, int hidden, const uint4* __restrict__ weights,     \
             const uint4* __restrict__ operands, float* __restrict__ dh) { \
    lstm_state_gradient<Operand>(batch, hidden, weights, operands, dh);    \
  }
LSTM_STATE_GRADIENT(lstm_state_gradient_f32, F32Operand)
LSTM_STATE_GRADIENT(lstm_state_gradient_tf32, Tf32Operand)
LSTM_STATE_GRADIENT(lstm_state_gradient_bf16, Bf16Operand)
LSTM_STATE_GRADIENT(lstm_state_gradient_f16, F16Operand)

// Packs Wh [4H,H] for the forward step or, if backward != 0, for the backward step.
#define PACK_LSTM(kernel, Operand)                                                                 \
  extern "C" __global__ void __launch_bounds__(256, 2)                                             \
      kernel(const float* __restrict__ wh, uint4* __restrict__ packed, int hidden, int backward) { \
    pack_lstm<Operand>(wh, packed, hidden, backward);                                              \
  }
PACK_LSTM(pack_lstm_f32, F32Operand)
PACK_LSTM(pack_lstm_tf32, Tf32Operand)
PACK_LSTM(pack_lstm_bf16, Bf16Operand)
PACK_LSTM(pack_lstm_f16, F16Operand)

// operands [B', H']: [B,H] of it written: h [B,H], rounded. vector: as in StepFrame, of h.
#define START_LSTM(kernel, Operand)                                                           \
  extern "C" __global__ void __launch_bounds__(256)                                           \
      kernel(const float* __restrict__ h, void* __restrict__ operands, int batch, int hidden, \
             int vector) {                                                                    \
    start_lstm<Operand>(h, operands, batch, hidden, vector);                                  \
  }
START_LSTM(start_lstm_f32, F32Operand)
START_LSTM(start_lstm_tf32, Tf32Operand)
START_LSTM(start_lstm_bf16, Bf16Operand)
START_LSTM(start_lstm_f16, F16Operand)
