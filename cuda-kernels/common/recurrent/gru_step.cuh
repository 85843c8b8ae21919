// One GRU step of a block of 256 threads: the recurrent product, on the tensor cores where the
// precision has some, and the gates behind it, one unit of one row a thread.
//
// A block computes 16 units of 16 rows of the batch. Forward, its weights are three tiles: rows r,
// z and n of the 16 units. The product is common/tile_product.cuh's, blocks and operands
// common/recurrent/fused_step.cuh's, equations and order of gates common/recurrent/gru.cuh's. The
// members of a step are explained in common/recurrent/lstm_step.cuh.
#pragma once

#include "common/recurrent/fused_step.cuh"
#include "common/recurrent/gru.cuh"

namespace gatefold {

constexpr int kGruGates = 3;

template <class Operand_>
struct GruStep {
  using Operand = Operand_;
  using Block = FusedBlock<3, 2, 16>;
  static constexpr bool kBackward = false;
  static constexpr int kOperandGates = 1;

  struct Room {
    Block::Shares shares;
    BlockBiases<Block, kGruGates + 1> bias;
  };

  struct Fetched {
    FusedItem item;
    GruUnit q;
    float h_old;
  };

  const StepFrame& f;
  int batch;
  int hidden;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const UnitItem& it) const {
    return step_gates(f, j) + gate_index(it, kGruGates, hidden);
  }

  __device__ __forceinline__ Fetched fetch(Room& room, int j, const FusedPlace& place) const {
    room.bias.fetch(f.bias, j, place, hidden);
    Fetched got = {{Block::item(place, hidden), f, j}, {}, 0.0f};
    const UnitItem& it = got.item.it;
    if (it.valid) got.h_old = step_hidden(f, j)[state_index(it, hidden)];
    if (got.item.data) got.q = load_unit_gates(gates(j, it), hidden);
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    const FusedItem& item = got.item;
    float h = got.h_old;
    if (item.data) {
      GruUnit p = {Block::sum(room.shares, 0), Block::sum(room.shares, 1),
                   Block::sum(room.shares, 2)};
      const GruUnit b = {room.bias.of(j, 0), room.bias.of(j, 1), room.bias.of(j, 2)};
      h = gru_forward(got.q, p, b, room.bias.of(j, 3), got.h_old);
      if (f.keep) {
        store_unit_gates(gates(j, item.it), got.q, hidden);
        step_extra(f, j)[state_index(item.it, hidden)] = p.n;
      }
    }
    operands.store(h, 0, 1, hidden, item.it);
    if (item.it.valid) store_hidden(h, f, j, batch, hidden, item);
  }
};

template <class Operand_>
struct GruBackwardStep {
  using Operand = Operand_;
  using Block = FusedBackwardBlock;
  static constexpr bool kBackward = true;
  static constexpr int kOperandGates = kGruGates;

  struct Room {
    Block::Shares shares;
  };

  struct Fetched {
    FusedItem item;
    GruUnit q;
    float recurrent_n, h_old, d_out;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  float* dh;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const UnitItem& it) const {
    return step_gates(f, j) + gate_index(it, kGruGates, hidden);
  }

  __device__ __forceinline__ Fetched fetch(Room&, int j, const FusedPlace& place) const {
    Fetched got = {{Block::item(place, hidden), f, j}, {}, 0.0f, 0.0f, 0.0f};
    const UnitItem& it = got.item.it;
    if (got.item.data) {
      const size_t state = state_index(it, hidden);
      got.q = load_unit_gates(gates(j, it), hidden);
      got.recurrent_n = step_extra(f, j)[state];
      got.h_old = step_hidden(f, j)[state];
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
      d_h += got.d_out;
      gru_backward(got.q, got.recurrent_n, got.h_old, d_h);
    }
    operands.store(got.q.r, 0, kOperandGates, hidden, it);
    operands.store(got.q.z, 1, kOperandGates, hidden, it);
    operands.store(got.recurrent_n, 2, kOperandGates, hidden, it);
    if (!it.valid) return;
    dh[state] = d_h;
    store_unit_gates(gates(j, it), got.q, hidden);
    step_extra(f, j)[state] = got.recurrent_n;
  }
};

}  // namespace gatefold
