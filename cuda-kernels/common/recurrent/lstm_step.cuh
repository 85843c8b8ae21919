// One LSTM step of a block of 256 threads: the recurrent product, on the tensor cores where the
// precision has some, and the gates behind it, one unit of one row a thread.
//
// Forward, a block computes eight units of 32 rows of the batch. Its weights are two tiles: rows i
// and f of the eight units, rows g and o. Backward, a block computes 16 units of 16 rows. The
// product is common/tile_product.cuh's, blocks and operands common/recurrent/fused_step.cuh's.
#pragma once

#include "common/recurrent/fused_step.cuh"
#include "common/recurrent/lstm.cuh"

namespace gatefold {

constexpr int kLstmGates = 4;

// The forward step.
template <class Operand_>
struct LstmStep {
  using Operand = Operand_;
  using Block = FusedBlock<2, 4, 8>;
  static constexpr bool kBackward = false;
  static constexpr int kOperandGates = 1;

  // In shared memory.
  struct Room {
    Block::Shares shares;
    BlockBiases<Block, kLstmGates> bias;
  };

  // What a thread handles of a step, and what it has of it before the product.
  struct Fetched {
    FusedItem item;
    LstmUnit q;
    float c;
  };

  const StepFrame& f;
  int batch;
  int hidden;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const UnitItem& it) const {
    return step_gates(f, j) + gate_index(it, kLstmGates, hidden);
  }

  // Depends on nothing that blocks hand on to each other.
  __device__ __forceinline__ Fetched fetch(Room& room, int j, const FusedPlace& place) const {
    room.bias.fetch(f.bias, j, place, hidden);
    Fetched got = {{Block::item(place, hidden), f, j}, {}, 0.0f};
    const UnitItem& it = got.item.it;
    if (it.valid) got.c = step_extra(f, j)[state_index(it, hidden)];
    if (got.item.data) got.q = load_unit_gates(gates(j, it), hidden);
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    const FusedItem& item = got.item;
    const size_t state = state_index(item.it, hidden);
    float h = 0.0f;
    if (item.data) {
      got.q.i += Block::sum(room.shares, 0);
      got.q.f += Block::sum(room.shares, 1);
      got.q.g += Block::sum(room.shares, 2);
      got.q.o += Block::sum(room.shares, 3);
      const LstmUnit b = {room.bias.of(j, 0), room.bias.of(j, 1), room.bias.of(j, 2),
                          room.bias.of(j, 3)};
      h = lstm_forward(got.q, b, got.c, f.clip);
      if (f.keep) store_unit_gates(gates(j, item.it), got.q, hidden);
    } else if (item.it.valid) {
      h = step_hidden(f, j)[state];
    }
    operands.store(h, 0, 1, hidden, item.it);
    if (!item.it.valid) return;
    step_extra(f, j + 1)[state] = got.c;
    store_hidden(h, f, j, batch, hidden, item);
  }
};

// The backward step.
template <class Operand_>
struct LstmBackwardStep {
  using Operand = Operand_;
  using Block = FusedBackwardBlock;
  static constexpr bool kBackward = true;
  static constexpr int kOperandGates = kLstmGates;

  struct Room {
    Block::Shares shares;
  };

  struct Fetched {
    FusedItem item;
    LstmUnit q;
    float before, after, d_c, d_out;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  float* dh;
  float* dc;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const UnitItem& it) const {
    return step_gates(f, j) + gate_index(it, kLstmGates, hidden);
  }

  __device__ __forceinline__ Fetched fetch(Room&, int j, const FusedPlace& place) const {
    Fetched got = {{Block::item(place, hidden), f, j}, {}, 0.0f, 0.0f, 0.0f, 0.0f};
    const UnitItem& it = got.item.it;
    if (got.item.data) {
      const size_t state = state_index(it, hidden);
      got.q = load_unit_gates(gates(j, it), hidden);
      got.before = step_extra(f, j)[state];
      got.after = step_extra(f, j + 1)[state];
      got.d_c = dc[state];
      got.d_out = output_gradient(f, j, batch, it);
    }
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    const UnitItem& it = got.item.it;
    const size_t state = state_index(it, hidden);
    float d_h = 0.0f;
    if (it.valid) d_h = dh[state] + Block::sum(room.shares, 0);
    if (got.item.data) {
      lstm_backward(got.q, got.before, got.after, d_h + got.d_out, got.d_c, f.clip);
      dc[state] = got.d_c;
      d_h = 0.0f;
    }
    operands.store(got.q.i, 0, kOperandGates, hidden, it);
    operands.store(got.q.f, 1, kOperandGates, hidden, it);
    operands.store(got.q.g, 2, kOperandGates, hidden, it);
    operands.store(got.q.o, 3, kOperandGates, hidden, it);
    if (!it.valid) return;
    dh[state] = d_h;
    store_unit_gates(gates(j, it), got.q, hidden);
  }
};

}  // namespace gatefold
