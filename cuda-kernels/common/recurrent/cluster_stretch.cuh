// A whole stretch of steps of a recurrent layer by thread-block clusters, sm_90 and newer: as
// common/recurrent/stretch.cuh has it, but blocks hand operands of the next product on through each
// other's shared memory.
//
// A cluster of kClusterBlocks blocks has `rows` rows of the batch, a multiple of eight, and all
// units: each block `width` consecutive groups, whose weights it keeps, the last ones perhaps none.
// So clusters share nothing, and run side by side or one after the other as there is room.
//
// Every block has the operands of all units in two slots that take turns, each with an mbarrier.
// What a step makes goes into the other slot of every block, by writes that complete on its
// mbarrier, whose phase ends with the last of them: neither a barrier nor a counter stands between
// two steps. Two slots are enough: a block writes to the slot of the step after next only when it
// has got all of the next, and who sent that had read what the slot held before. The last step
// hands on to global memory, so that when a block ends nothing is under way to it.
#pragma once

#include "common/recurrent/stretch.cuh"

namespace gatefold {

// On every device that has clusters, so many blocks can be one.
constexpr int kClusterBlocks = 8;

// What a launch is told beside its step's own.
struct ClusterStretch {
  int steps;
  int width;             // groups of units of a block
  int rows;              // of a cluster
  const uint4* weights;  // packed
  const void* first;     // operands of the first step
  void* last;            // written: what the last step hands on
  StretchWord* words;    // of which only the first is used
  unsigned* alarm;
};

// What a block has in shared memory beside its weights and operands, no more than ClusterSize.java
// counts on.
template <class Step>
struct ClusterRoom {
  StretchRoom<Step> stretch;
  ptx::Mbarrier received[2];  // of the slots
};

// Operands in slots of shared memory, whose rows are apart so that those that lanes load together
// stand in different banks.
template <class Operand>
struct ClusterOperands {
  const uint4* from;
  uint4* to;  // in the own shared memory; at the same place in that of others
  ptx::Mbarrier* received;
  unsigned blocks;  // that get them
  int first_row;    // of the cluster
  unsigned pitch;   // pieces from one row to the next
  void* last;       // not null: where operands go instead, in global memory

  // As ClusterSize.java counts them.
  static __device__ __forceinline__ unsigned pitch_of(int segments) {
    return static_cast<unsigned>(Operand::kTensorCores ? (segments | 1) * kSegmentRowPieces
                                                       : segments * kSegmentRowPieces + 1);
  }

  __device__ __forceinline__ unsigned row_pieces(int) const { return pitch; }

  __device__ __forceinline__ const uint4* rows(int row, int) const {
    return from + static_cast<unsigned>(row - first_row) * pitch;
  }

  // As GlobalOperands has it. Four lanes have units that are written as one; each writes them to
  // every fourth block.
  __device__ __forceinline__ void store(float x, int gate, int gates, int hidden,
                                        const UnitItem& it) const {
    if (last != nullptr) {
      GlobalOperands<Operand>{nullptr, last}.store(x, gate, gates, hidden, it);
      return;
    }
    const unsigned number = Operand::rounded(x);
    unsigned quad[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) quad[k] = __shfl_sync(0xffffffffu, number, k, 4);
    const unsigned lane = threadIdx.x % 4;
    const bool some = __shfl_sync(0xffffffffu, it.valid ? 1 : 0, 0, 4) != 0;
    if (!some) return;
    auto* const row = reinterpret_cast<typename Operand::Number*>(
        to + static_cast<unsigned>(it.row - first_row) * pitch);
    auto* const at = row + gate * whole_segments<Operand>(hidden) + it.unit - lane;
    const auto words = packed_quad<Operand>(quad);
    for (unsigned rank = lane; rank < blocks; rank += 4) {
      ptx::store_async(at, words, received, rank);
    }
  }
};

// Runs the steps of a cell, forward from 0 or backward to it, in a block that has units.
template <class Step>
__device__ __forceinline__ void run_cluster_block(const Step& step, ClusterRoom<Step>& shared,
                                                  const ClusterStretch& s, int first_units,
                                                  const FusedPlace& first, unsigned blocks,
                                                  uint4* resident, uint4* slots, unsigned pitch) {
  using Operand = typename Step::Operand;
  using Block = typename Step::Block;
  typename Step::Room& room = shared.stretch.step;
  const int all_units = (step.hidden + Block::kUnits - 1) / Block::kUnits;
  const int end_units = first_units + s.width < all_units ? first_units + s.width : all_units;
  const size_t pieces = Block::pieces(step.segments());
  const unsigned slot_pieces = static_cast<unsigned>(s.rows) * pitch;
  // Of a step's operands, as all blocks write them.
  const unsigned bytes = static_cast<unsigned>((first.end_row - first.first_row) *
                                               Step::kOperandGates * ((step.hidden + 3) / 4) * 4 *
                                               static_cast<int>(sizeof(typename Operand::Number)));
  StretchPatience patience(s.words, s.alarm, kClusterGaveUp);
  FusedPlace place = first;
  int done = 0, j = Step::kBackward ? s.steps - 1 : 0;
  auto fetched = step.fetch(room, j, place);
  for (;;) {
    const bool is_last = done + 1 == s.steps;
    const unsigned reads = static_cast<unsigned>(done) & 1u, writes = reads ^ 1u;
    if (place.units == first_units && !is_last && threadIdx.x == 0) {
      ptx::mbarrier_arrive_expect(&shared.received[writes], bytes);
    }
    step.run(room, fetched, j, place, resident + (place.units - first_units) * pieces,
             ClusterOperands<Operand>{slots + reads * slot_pieces, slots + writes * slot_pieces,
                                      &shared.received[writes], blocks, first.first_row, pitch,
                                      is_last ? s.last : nullptr});
    const bool turns = ++place.units == end_units;
    if (turns) {
      if (is_last) return;
      place.units = first_units;
      ++done;
      j += Step::kBackward ? -1 : 1;
    } else {
      __syncthreads();  // the room is free
    }
    fetched = step.fetch(room, j, place);
    // The phases of a slot are those of every second step.
    const unsigned parity = static_cast<unsigned>(done - 1) / 2u & 1u;
    if (turns &&
        !patience.wait([&] { return ptx::mbarrier_try_wait(&shared.received[writes], parity); })) {
      return;
    }
  }
}

// Every thread of a launch of whole clusters, in the first dimension of the grid, calls it.
template <class Step>
__device__ __forceinline__ void run_cluster(const Step& step, ClusterRoom<Step>& shared,
                                            const ClusterStretch& s) {
  using Operand = typename Step::Operand;
  using Block = typename Step::Block;
  static_assert(sizeof(ClusterRoom<Step>) <= (Step::kBackward ? 9 : 33) * 1024);
  extern __shared__ uint4 resident[];
  const int all_units = (step.hidden + Block::kUnits - 1) / Block::kUnits;
  const int first_units = static_cast<int>(ptx::cluster_rank()) * s.width;
  const int first_row = static_cast<int>(blockIdx.x) / kClusterBlocks * s.rows;
  const int end_row = first_row + s.rows < step.batch ? first_row + s.rows : step.batch;
  const int segments = step.segments();
  const size_t pieces = Block::pieces(segments);
  const unsigned pitch = ClusterOperands<Operand>::pitch_of(segments);
  uint4* const slots = resident + s.width * pieces;
  if (first_units < all_units) {
    const int units = all_units - first_units < s.width ? all_units - first_units : s.width;
    if (threadIdx.x < 2) ptx::mbarrier_init(&shared.received[threadIdx.x], 1);
    // Rows in whole groups of eight; what is beyond rows and units stays 0 in both slots.
    const int rows = (end_row - first_row + 7) / 8 * 8, row_pieces = segments * kSegmentRowPieces;
    const uint4* const given =
        static_cast<const uint4*>(s.first) + static_cast<size_t>(first_row) * row_pieces;
    for (int i = static_cast<int>(threadIdx.x); i < rows * row_pieces; i += kTileThreads) {
      const unsigned at =
          static_cast<unsigned>(i / row_pieces) * pitch + static_cast<unsigned>(i % row_pieces);
      slots[at] = given[i];
      slots[static_cast<unsigned>(s.rows) * pitch + at] = make_uint4(0u, 0u, 0u, 0u);
    }
    load_pieces(resident, s.weights + first_units * pieces, units * static_cast<int>(pieces));
  }
  // Nobody writes to a block that is not ready, or has gone.
  ptx::cluster_arrive();
  ptx::cluster_wait();
  if (first_units < all_units) {
    run_cluster_block(step, shared, s, first_units, {first_units, first_row, end_row},
                      static_cast<unsigned>((all_units + s.width - 1) / s.width), resident, slots,
                      pitch);
  }
  // Where blocks have given up, writes may still be under way to the others.
  ptx::cluster_arrive();
  ptx::cluster_wait();
}

}  // namespace gatefold
