// What the kernels of fused steps work on, made for all cells alike: packed recurrent weights, the
// hidden state before the first step, and the product that is left after the last step backward.
// Every kernel once for each precision, and for F32 by TF32 parts.

#include "common/grid.cuh"
#include "common/recurrent/fused_step.cuh"

namespace gatefold {

// Packs Wh [G*H,H]. One thread a piece of 16 bytes.
template <class Operand>
__device__ __forceinline__ void pack_recurrent(const float* wh, uint4* packed, int gates,
                                               int hidden, int units, int backward) {
  constexpr int word = 4 / static_cast<int>(sizeof(typename Operand::Number));
  constexpr int columns = FusedBackwardBlock::kUnits;
  const int width = whole_segments<Operand>(hidden);
  const int segments = (backward != 0 ? gates : 1) * width / kSegmentDepth<Operand>;
  const int block_tiles = gates * units / 16;
  const int tiles =
      backward != 0 ? (hidden + columns - 1) / columns : (hidden + units - 1) / units * block_tiles;
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
        column = tile * columns + p.row;
      } else {
        const int row = tile % block_tiles * 16 + p.row;
        gate = row / units;
        unit = tile / block_tiles * units + row % units;
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

template <class Operand>
__device__ __forceinline__ void start_fused(const float* h, void* operands, int batch, int hidden,
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

template <class Operand>
__device__ __forceinline__ void state_gradient(int gates, int batch, int hidden,
                                               const uint4* weights, const uint4* operands,
                                               float* dh) {
  using Block = FusedBackwardBlock;
  __shared__ Block::Shares shares;
  const FusedPlace place =
      Block::place(static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y), batch);
  const int segments = row_segments<Operand>(gates, hidden);
  Block::multiply<Operand>(shares, place, weights + place.units * Block::pieces(segments),
                           GlobalOperands<Operand>{operands, nullptr}, segments);
  const UnitItem it = Block::item(place, hidden);
  if (it.valid) dh[state_index(it, hidden)] += Block::sum(shares, 0);
}

}  // namespace gatefold

using namespace gatefold;

// Two blocks a multiprocessor are asked for, lest the compiler takes too many registers for that
// or, aiming at more, spills.

// Packs Wh [G*H,H] for the forward step, in blocks of `units` units (16 times a whole number of
// tiles for all gates), or, if backward != 0, for the backward step. packed: the rows of a block,
// gate by gate, in tiles of 16, every H' wide; backward: 16 columns, every G*H' long.
#define PACK_RECURRENT(kernel, Operand)                                                       \
  extern "C" __global__ void __launch_bounds__(256, 2)                                        \
      kernel(const float* __restrict__ wh, uint4* __restrict__ packed, int gates, int hidden, \
             int units, int backward) {                                                       \
    pack_recurrent<Operand>(wh, packed, gates, hidden, units, backward);                      \
  }
PACK_RECURRENT(pack_recurrent_f32, F32Operand)
PACK_RECURRENT(pack_recurrent_tf32x3, Tf32x3Operand)
PACK_RECURRENT(pack_recurrent_tf32, Tf32Operand)
PACK_RECURRENT(pack_recurrent_bf16, Bf16Operand)
PACK_RECURRENT(pack_recurrent_f16, F16Operand)

// operands [B', H']: [B,H] of it written: h [B,H], rounded; what is beyond stays. vector: as in
// StepFrame, of h.
#define START_FUSED(kernel, Operand)                                                          \
  extern "C" __global__ void __launch_bounds__(256)                                           \
      kernel(const float* __restrict__ h, void* __restrict__ operands, int batch, int hidden, \
             int vector) {                                                                    \
    start_fused<Operand>(h, operands, batch, hidden, vector);                                 \
  }
START_FUSED(start_fused_f32, F32Operand)
START_FUSED(start_fused_tf32x3, Tf32x3Operand)
START_FUSED(start_fused_tf32, Tf32Operand)
START_FUSED(start_fused_bf16, Bf16Operand)
START_FUSED(start_fused_f16, F16Operand)

// After the last step of a backward pass: dh [B,H] += the product of its gate gradients, in
// operands [B', G H'], with Wh. weights: packed for the backward step.
#define STATE_GRADIENT(kernel, Operand)                                           \
  extern "C" __global__ void __launch_bounds__(256, 2)                            \
      kernel(int gates, int batch, int hidden, const uint4* __restrict__ weights, \
             const uint4* __restrict__ operands, float* __restrict__ dh) {        \
    state_gradient<Operand>(gates, batch, hidden, weights, operands, dh);         \
  }
STATE_GRADIENT(state_gradient_f32, F32Operand)
STATE_GRADIENT(state_gradient_tf32x3, Tf32x3Operand)
STATE_GRADIENT(state_gradient_tf32, Tf32Operand)
STATE_GRADIENT(state_gradient_bf16, Bf16Operand)
STATE_GRADIENT(state_gradient_f16, F16Operand)
