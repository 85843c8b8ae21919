// One step of a plain RNN of a block of 256 threads: the recurrent product, on the tensor cores
// where the precision has some, and the function behind it, one unit of one row a thread.
//
// A block computes 16 units of 16 rows of the batch; its weights are one tile. The product is
// common/tile_product.cuh's, blocks and operands common/recurrent/fused_step.cuh's, equations
// common/recurrent/rnn.cuh's. The members of a step are explained in
// common/recurrent/lstm_step.cuh.
#pragma once

#include "common/recurrent/fused_step.cuh"
#include "common/recurrent/rnn.cuh"

namespace gatefold {

template <class Operand_>
struct RnnStep {
  using Operand = Operand_;
  using Block = FusedBlock<1, 2, 16>;
  static constexpr bool kBackward = false;
  static constexpr int kOperandGates = 1;

  struct Room {
    Block::Shares shares;
    BlockBiases<Block, 1> bias;
  };

  struct Fetched {
    FusedItem item;
    float x;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  bool relu;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gate(int j, const UnitItem& it) const {
    return step_gates(f, j) + state_index(it, hidden);
  }

  __device__ __forceinline__ Fetched fetch(Room& room, int j, const FusedPlace& place) const {
    room.bias.fetch(f.bias, j, place, hidden);
    Fetched got = {{Block::item(place, hidden), f, j}, 0.0f};
    if (got.item.data) got.x = *gate(j, got.item.it);
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    const FusedItem& item = got.item;
    float h = 0.0f;
    if (item.data) {
      h = rnn_forward(got.x, Block::sum(room.shares, 0), room.bias.of(j, 0), relu);
      if (f.keep) *gate(j, item.it) = h;
    } else if (item.it.valid) {
      h = step_hidden(f, j)[state_index(item.it, hidden)];
    }
    operands.store(h, 0, 1, hidden, item.it);
    if (item.it.valid) store_hidden(h, f, j, batch, hidden, item);
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
    float h, d_out;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  bool relu;
  float* dh;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gate(int j, const UnitItem& it) const {
    return step_gates(f, j) + state_index(it, hidden);
  }

  __device__ __forceinline__ Fetched fetch(Room&, int j, const FusedPlace& place) const {
    Fetched got = {{Block::item(place, hidden), f, j}, 0.0f, 0.0f};
    if (got.item.data) {
      got.h = *gate(j, got.item.it);
      got.d_out = output_gradient(f, j, batch, got.item.it);
    }
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    const UnitItem& it = got.item.it;
    const size_t state = state_index(it, hidden);
    float d_h = 0.0f, d_sum = 0.0f;
    if (it.valid) d_h = dh[state] + Block::sum(room.shares, 0);
    if (got.item.data) {
      d_sum = rnn_backward(got.h, d_h + got.d_out, relu);
      d_h = 0.0f;
    }
    operands.store(d_sum, 0, kOperandGates, hidden, it);
    if (!it.valid) return;
    dh[state] = d_h;
    *gate(j, it) = d_sum;
  }
};

}  // namespace gatefold
