// What kernels share that compute a recurrent product and the gates behind it in one: which units
// and rows a block has, the product of the backward step, and how a step is handed to the next.
//
// What one step hands to the next stands in operands of the products' precision, two buffers that
// take turns, with rows in whole groups of eight and gates in whole segments, both filled up with
// zeros: h as [B', H'], gate gradients as [B', G H']. Where they stand and how others get them is
// the caller's: `operands` of a step has members rows(), row_pieces() and store(), as
// GlobalOperands does.
#pragma once

#include "common/step.cuh"
#include "common/tile_product.cuh"

namespace gatefold {

// Which units and rows of the batch a block handles.
struct FusedPlace {
  int units;  // number of the group of units
  int first_row;
  int end_row;  // of all that may be: a block has no more than its kRows
};

// A block of a fused step: kTiles packed tiles of 16 gate rows are its units, 8 * kGroups the rows
// of the batch. The first kWorkers threads handle four units of one row each.
template <int kTiles_, int kGroups_, int kUnits_>
struct FusedBlock {
  static constexpr int kTiles = kTiles_;
  static constexpr int kGroups = kGroups_;
  static constexpr int kUnits = kUnits_;
  static constexpr int kRows = 8 * kGroups;
  static constexpr int kQuads = kUnits / 4;  // of units, that the threads of a row handle
  static constexpr int kWorkers = kRows * kQuads;

  using Shares = WarpShares<kTiles, kGroups>;

  static __device__ __forceinline__ int row() { return static_cast<int>(threadIdx.x) / kQuads; }
  static __device__ __forceinline__ int quad() { return static_cast<int>(threadIdx.x) % kQuads; }

  static __device__ __forceinline__ bool is_worker() { return threadIdx.x < kWorkers; }

  // That of a group of units and a group of rows.
  static __device__ __forceinline__ FusedPlace place(int units, int rows, int batch) {
    return {units, rows * kRows, batch};
  }

  static __device__ __forceinline__ StepItem item(const FusedPlace& place, int hidden,
                                                  bool vector) {
    return {place.first_row + row(), place.units * kUnits + 4 * quad(), place.end_row, hidden,
            vector};
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

  // What the product has for gate `gate` of the thread's units.
  static __device__ __forceinline__ Quad sum(const Shares& shares, int gate) {
    return shares.quad(gate * (kUnits / 8) + quad() / 2, row(), quad() % 2);
  }
};

// Backward, the weights of a block are one tile of 16 columns of Wh over all G*H gate rows.
using FusedBackwardBlock = FusedBlock<1, 2, 16>;

// What a thread handles of a step.
struct FusedItem {
  StepItem it;
  int t;
  bool works;  // the thread has units, whose step may be padding
  bool data;   // and it is data

  __device__ __forceinline__ FusedItem(const StepItem& of_thread, bool worker, const StepFrame& f,
                                       int j)
      : it(of_thread), t(step_time(f, j)), works(of_thread.valid && worker) {
    data = works && is_data(f, t, it.row);
  }
};

// Segments of rows of `gates` gates, or of a state if that is 1.
template <class Operand>
__device__ __forceinline__ int row_segments(int gates, int hidden) {
  return gates * whole_segments<Operand>(hidden) / kSegmentDepth<Operand>;
}

// A quad of units as operands of the next step have it: 0 beyond the last unit.
__device__ __forceinline__ Quad whole_quad(Quad q, const StepItem& it) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (k >= it.count) q.v[k] = 0.0f;
  }
  return q;
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

  // Stores an item's quad of a gate, of `gates` gates, or of a state if that is 1.
  __device__ __forceinline__ void store(const Quad& q, int gate, int gates, int hidden,
                                        const StepItem& it) const {
    const int width = whole_segments<Operand>(hidden);
    auto* const numbers = static_cast<typename Operand::Number*>(to);
    store_rounded<Operand>(numbers + (static_cast<size_t>(it.row) * gates + gate) * width + it.unit,
                           whole_quad(q, it));
  }
};

// Hands the hidden state after step j on: to the step after it, as an operand of its product, and
// as y.
template <class Operands>
__device__ __forceinline__ void hand_on_fused(Quad h, const StepFrame& f, int j, int t, int batch,
                                              int hidden, const StepItem& it,
                                              const Operands& operands) {
  store_quad(step_hidden(f, j + 1) + static_cast<size_t>(it.row) * hidden + it.unit, h, it.count,
             it.vector);
  operands.store(h, 0, 1, hidden, it);
  apply_dropout(h, f, t, batch, it);
  store_output(f, j, h, it);
}

// As hand_on_fused where step j is padding: the state stays, y is 0.
template <class Operands>
__device__ __forceinline__ void pass_by_fused(const StepFrame& f, int j, int hidden,
                                              const StepItem& it, const Operands& operands) {
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const Quad h = load_quad(step_hidden(f, j) + state, it.count, it.vector);
  store_quad(step_hidden(f, j + 1) + state, h, it.count, it.vector);
  operands.store(h, 0, 1, hidden, it);
  store_output(f, j, zero_quad(), it);
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
