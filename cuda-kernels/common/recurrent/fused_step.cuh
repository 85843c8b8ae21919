// What kernels share that compute a recurrent product and the gates behind it in one: which units
// and rows a block has, the product of the backward step, and how a step is handed to the next.
//
// What one step hands to the next stands in operands of the products' precision, two buffers that
// take turns, with rows in whole groups of eight and gates in whole segments, both filled up with
// zeros: h as [B', H'], gate gradients as [B', G H']. Where they stand and how others get them is
// the caller's: `operands` of a step has members rows(), row_pieces() and store(), as
// GlobalOperands does.
#pragma once

#include "common/recurrent/step.cuh"
#include "common/tile_product.cuh"

namespace gatefold {

// Which units and rows of the batch a block handles.
struct FusedPlace {
  int units;  // number of the group of units
  int first_row;
  int end_row;  // of all that may be: a block has no more than its kRows
};

// The unit of one row that a thread handles.
struct UnitItem {
  int row;
  int unit;
  bool valid;  // not beyond the batch or the units

  __device__ __forceinline__ UnitItem(int its_row, int its_unit, int batch, int hidden) {
    row = its_row;
    unit = its_unit;
    valid = its_row < batch && its_unit < hidden;
  }
};

// A block of a fused step: kTiles packed tiles of 16 gate rows are its units, 8 * kGroups the rows
// of the batch. Every thread has a unit of a row; eight neighbours have units of one row that lie
// side by side, and the lanes of a warp rows whose sums they read from all banks.
template <int kTiles_, int kGroups_, int kUnits_>
struct FusedBlock {
  static constexpr int kTiles = kTiles_;
  static constexpr int kGroups = kGroups_;
  static constexpr int kUnits = kUnits_;
  static constexpr int kRows = 8 * kGroups;
  static_assert(kRows * kUnits == kTileThreads);

  using Shares = WarpShares<kTiles, kGroups>;

  // Where sums of the thread's row stand, and of its units.
  static __device__ __forceinline__ int row_place() {
    return static_cast<int>(threadIdx.x) / 8 % kRows;
  }
  static __device__ __forceinline__ int unit_group() {
    return static_cast<int>(threadIdx.x) / 8 / kRows;
  }
  static __device__ __forceinline__ int unit_in_group() {
    return static_cast<int>(threadIdx.x) % 8;
  }

  // That of a group of units and a group of rows.
  static __device__ __forceinline__ FusedPlace place(int units, int rows, int batch) {
    return {units, rows * kRows, batch};
  }

  static __device__ __forceinline__ UnitItem item(const FusedPlace& place, int hidden) {
    return {place.first_row + Shares::row_at(row_place()),
            place.units * kUnits + 8 * unit_group() + unit_in_group(), place.end_row, hidden};
  }

  // Pieces of the packed weights of a group of units.
  static __device__ __forceinline__ size_t pieces(int segments) {
    return static_cast<size_t>(kTiles) * segments * kSegmentPieces;
  }

  // The product of the place's weights with its rows of operands; both have `segments` segments.
  template <class Operand, class Operands>
  static __device__ __forceinline__ void multiply(Shares& shares, const FusedPlace& place,
                                                  const uint4* weights, const Operands& operands,
                                                  int segments) {
    const int groups = (place.end_row - place.first_row + 7) / 8;
    multiply_tiles<Operand>(shares, weights, operands.rows(place.first_row, segments),
                            operands.row_pieces(segments), segments,
                            groups < kGroups ? groups : kGroups);
  }

  // What the product has for gate `gate` of the thread's unit.
  static __device__ __forceinline__ float sum(const Shares& shares, int gate) {
    return shares.sum(gate * (kUnits / 8) + unit_group(), row_place(), unit_in_group());
  }
};

// The biases of a block's units, kBiases a unit, on their way to shared memory while the product
// runs, once for all rows. Those of odd steps stand apart: in a cluster a thread may fetch the next
// ones while others take these.
template <class Block, int kBiases>
struct BlockBiases {
  float values[2][kBiases][Block::kUnits];

  // Of step j; bias: of all units, one after the other. They are there behind the block's product.
  __device__ __forceinline__ void fetch(const float* bias, int j, const FusedPlace& place,
                                        int hidden) {
    const int which = static_cast<int>(threadIdx.x) / Block::kUnits;
    const int in_block = static_cast<int>(threadIdx.x) % Block::kUnits;
    const int unit = place.units * Block::kUnits + in_block;
    if (which < kBiases && unit < hidden) {
      ptx::cp_async_4(&values[j & 1][which][in_block], bias + which * hidden + unit);
      ptx::cp_async_commit();
    }
  }

  // That of the thread's unit.
  __device__ __forceinline__ float of(int j, int which) const {
    return values[j & 1][which][8 * Block::unit_group() + Block::unit_in_group()];
  }
};

// Backward, the weights of a block are one tile of 16 columns of Wh over all G*H gate rows.
using FusedBackwardBlock = FusedBlock<1, 2, 16>;

// What a thread handles of a step.
struct FusedItem {
  UnitItem it;
  bool data;  // it is valid, and the step not padding

  __device__ __forceinline__ FusedItem(const UnitItem& of_thread, const StepFrame& f, int j)
      : it(of_thread) {
    data = it.valid && is_data(f, step_time(f, j), it.row);
  }
};

// Segments of rows of `gates` gates, or of a state if that is 1.
template <class Operand>
__device__ __forceinline__ int row_segments(int gates, int hidden) {
  return gates * whole_segments<Operand>(hidden) / kSegmentDepth<Operand>;
}

// Where an item's state stands in rows of H, and its first gate in rows of G*H.
__device__ __forceinline__ size_t state_index(const UnitItem& it, int hidden) {
  return static_cast<size_t>(it.row) * hidden + it.unit;
}
__device__ __forceinline__ size_t gate_index(const UnitItem& it, int gates, int hidden) {
  return static_cast<size_t>(it.row) * gates * hidden + it.unit;
}

// Operands in global memory: those that a step reads, and those of the step after it.
template <class Operand>
struct GlobalOperands {
  const uint4* from;
  void* to;

  // Pieces from one row to the next, of `segments` segments each.
  __device__ __forceinline__ unsigned row_pieces(int segments) const {
    return static_cast<unsigned>(segments) * kSegmentRowPieces;
  }

  // Rows from `row` on.
  __device__ __forceinline__ const uint4* rows(int row, int segments) const {
    return from + static_cast<size_t>(row) * row_pieces(segments);
  }

  // Stores an item's number of a gate, of `gates` gates, or of a state if that is 1. Every thread
  // calls it, and passes 0 where its item is not valid.
  __device__ __forceinline__ void store(float x, int gate, int gates, int hidden,
                                        const UnitItem& it) const {
    if (!it.valid) return;
    auto* const row = static_cast<typename Operand::Number*>(to) +
                      static_cast<size_t>(it.row) * gates * whole_segments<Operand>(hidden);
    row[gate * whole_segments<Operand>(hidden) + it.unit] =
        static_cast<typename Operand::Number>(Operand::rounded(x));
  }
};

// The scale of an item's output under dropout; f.drop is not 0.
__device__ __forceinline__ float output_scale(const StepFrame& f, int j, int batch,
                                              const UnitItem& it) {
  const unsigned long long e =
      static_cast<unsigned long long>(step_time(f, j)) * batch * f.output_width;
  return dropout_scale_at(*f.seed, f.drop_stream, e + output_index(f, it), f.drop, f.keep_scale);
}

// Writes the hidden state after step j, 0 as y where that is padding; a null y means that the
// output stands there already.
__device__ __forceinline__ void store_hidden(float h, const StepFrame& f, int j, int batch,
                                             int hidden, const FusedItem& item) {
  step_hidden(f, j + 1)[state_index(item.it, hidden)] = h;
  if (f.output == nullptr) return;
  float y = item.data ? h : 0.0f;
  if (f.drop != 0.0f && item.data) y = weighted(output_scale(f, j, batch, item.it), y);
  f.output[j * f.output_stride + output_index(f, item.it)] = y;
}

// The gradient of y; 0 if there is none.
__device__ __forceinline__ float output_gradient(const StepFrame& f, int j, int batch,
                                                 const UnitItem& it) {
  if (f.output == nullptr) return 0.0f;
  const float d = f.output[j * f.output_stride + output_index(f, it)];
  return f.drop != 0.0f ? weighted(output_scale(f, j, batch, it), d) : d;
}

// Runs step j of a cell by a block that has a place for itself and reads its weights from the L2
// cache.
template <class Step>
__device__ __forceinline__ void run_fused(const Step& step, int j, const uint4* weights,
                                          const uint4* operands, void* operands_next) {
  __shared__ typename Step::Room room;
  const FusedPlace place =
      Step::Block::place(static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y), step.batch);
  auto fetched = step.fetch(room, j, place);
  step.run(room, fetched, j, place, weights + place.units * Step::Block::pieces(step.segments()),
           GlobalOperands<typename Step::Operand>{operands, operands_next});
}

}  // namespace gatefold
