// One step of a plain RNN of a block of 256 threads: the recurrent product, on the tensor cores
// where the precision has some, and the function behind it.
//
// A block computes 16 units of 16 rows of the batch; its weights are one tile. The product is
// common/tile_product.cuh's, blocks and operands common/fused_step.cuh's, equations
// common/rnn.cuh's. The members of a step are explained in common/lstm_step.cuh.
#pragma once

#include "common/fused_step.cuh"
#include "common/rnn.cuh"

namespace gatefold {

template <class Operand_>
struct RnnStep {
  using Operand = Operand_;
  using Block = FusedBlock<1, 2, 16>;
  static constexpr bool kBackward = false;
  static constexpr int kOperandGates = 1;

  struct Room {
    Block::Shares shares;
    float4 input[Block::kWorkers];
  };

  const StepFrame& f;
  int batch;
  int hidden;
  bool relu;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gate(int j, const StepItem& it) const {
    return step_gates(f, j) + static_cast<size_t>(it.row) * hidden + it.unit;
  }

  __device__ __forceinline__ FusedItem fetch(Room& room, int j, const FusedPlace& place) const {
    const FusedItem item(Block::item(place, hidden, f.vector != 0), Block::is_worker(), f, j);
    if (item.data && item.it.vector) {
      ptx::cp_async_16(&room.input[threadIdx.x], gate(j, item.it));
      ptx::cp_async_commit();
    }
    return item;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, const FusedItem& item, int j,
                                      const FusedPlace& place, const uint4* weights,
                                      const Operands& operands) const {
    const StepItem& it = item.it;
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    if (!item.works) return;

    if (!item.data) {
      pass_by_fused(f, j, hidden, it, operands);
      return;
    }
    Quad h;
    if (it.vector) {
      ptx::cp_async_wait<0>();
      h = as_quad(room.input[threadIdx.x]);
    } else {
      h = load_quad(gate(j, it), it.count, it.vector);
    }
    const Quad b = load_quad(f.bias + it.unit, it.count, it.vector);
    rnn_forward(h, Block::sum(room.shares, 0), b, relu);
    if (f.keep) store_quad(gate(j, it), h, it.count, it.vector);
    hand_on_fused(h, f, j, item.t, batch, hidden, it, operands);
  }
};

template <class Operand_>
struct RnnBackwardStep {
  using Operand = Operand_;
  using Block = FusedBackwardBlock;
  static constexpr bool kBackward = true;
  static constexpr int kOperandGates = 1;

  struct Room {
    Block::Shares shares;
  };

  struct Fetched {
    FusedItem item;
    Quad h, d_out;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  bool relu;
  float* dh;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gate(int j, const StepItem& it) const {
    return step_gates(f, j) + static_cast<size_t>(it.row) * hidden + it.unit;
  }

  __device__ __forceinline__ Fetched fetch(Room&, int j, const FusedPlace& place) const {
    Fetched got = {{Block::item(place, hidden, f.vector != 0), Block::is_worker(), f, j},
                   zero_quad(),
                   zero_quad()};
    if (got.item.data) {
      got.h = load_quad(gate(j, got.item.it), got.item.it.count, got.item.it.vector);
      add_output_gradient(got.d_out, f, j, got.item.t, batch, got.item.it);
    }
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    if (!got.item.works) return;

    const StepItem& it = got.item.it;
    float* const d_state = dh + static_cast<size_t>(it.row) * hidden + it.unit;
    Quad d_h = load_quad(d_state, it.count, it.vector);
    add_quad(d_h, Block::sum(room.shares, 0));
    if (got.item.data) {
      add_quad(d_h, got.d_out);
      rnn_backward(got.h, d_h, relu);
      d_h = zero_quad();
    }
    store_quad(d_state, d_h, it.count, it.vector);
    store_quad(gate(j, it), got.h, it.count, it.vector);
    operands.store(got.h, 0, kOperandGates, hidden, it);
  }
};

}  // namespace gatefold
