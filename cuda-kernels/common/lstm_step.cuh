// One LSTM step of a block of 256 threads: the recurrent product, on the tensor cores where the
// precision has some, and the gates behind it.
//
// Forward, a block computes eight units of 32 rows of the batch. Its weights are two tiles: rows i
// and f of the eight units, rows g and o. Backward, a block computes 16 units of 16 rows. The
// product is common/tile_product.cuh's, blocks and operands common/fused_step.cuh's.
#pragma once

#include "common/fused_step.cuh"
#include "common/lstm.cuh"

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
    float4 input[5][Block::kWorkers];
  };

  const StepFrame& f;
  int batch;
  int hidden;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const StepItem& it) const {
    return step_gates(f, j) + static_cast<size_t>(it.row) * kLstmGates * hidden;
  }

  __device__ __forceinline__ size_t state(const StepItem& it) const {
    return static_cast<size_t>(it.row) * hidden + it.unit;
  }

  // What a thread handles of step j, whose input has set out for the room, without registers to
  // wait in. Depends on nothing that blocks hand on to each other.
  __device__ __forceinline__ FusedItem fetch(Room& room, int j, const FusedPlace& place) const {
    const FusedItem item(Block::item(place, hidden, f.vector != 0), Block::is_worker(), f, j);
    if (item.data && item.it.vector) {
      const float* const from = gates(j, item.it) + item.it.unit;
#pragma unroll
      for (int gate = 0; gate < kLstmGates; ++gate) {
        ptx::cp_async_16(&room.input[gate][threadIdx.x], from + gate * hidden);
      }
      ptx::cp_async_commit();
    }
    return item;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, const FusedItem& item, int j,
                                      const FusedPlace& place, const uint4* weights,
                                      const Operands& operands) const {
    const StepItem& it = item.it;
    if (item.data && it.vector) {
      ptx::cp_async_16(&room.input[4][threadIdx.x], step_extra(f, j) + state(it));
      ptx::cp_async_commit();
    }
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    if (!item.works) return;

    float* const c_next = step_extra(f, j + 1) + state(it);
    if (!item.data) {
      const Quad c = load_quad(step_extra(f, j) + state(it), it.count, it.vector);
      store_quad(c_next, c, it.count, it.vector);
      pass_by_fused(f, j, hidden, it, operands);
      return;
    }
    LstmGates q;
    Quad c;
    if (it.vector) {
      ptx::cp_async_wait<0>();
      const int thread = static_cast<int>(threadIdx.x);
      q = {as_quad(room.input[0][thread]), as_quad(room.input[1][thread]),
           as_quad(room.input[2][thread]), as_quad(room.input[3][thread])};
      c = as_quad(room.input[4][thread]);
    } else {
      q = load_gates(gates(j, it), it, hidden);
      c = load_quad(step_extra(f, j) + state(it), it.count, it.vector);
    }
    const LstmGates b = load_gates(f.bias, it, hidden);
    add_gates(q, {Block::sum(room.shares, 0), Block::sum(room.shares, 1),
                  Block::sum(room.shares, 2), Block::sum(room.shares, 3)});
    const Quad h = lstm_forward(q, b, c, f.clip);
    if (f.keep) store_gates(gates(j, it), q, it, hidden);
    store_quad(c_next, c, it.count, it.vector);
    hand_on_fused(h, f, j, item.t, batch, hidden, it, operands);
  }
};

// The backward step.
template <class Operand_>
struct LstmBackwardStep {
  using Operand = Operand_;
  using Block = FusedBackwardBlock;
  static constexpr bool kBackward = true;
  static constexpr int kOperandGates = kLstmGates;

  // In shared memory.
  struct Room {
    Block::Shares shares;
  };

  // What a thread handles of a step, and what it has of it before the product.
  struct Fetched {
    FusedItem item;
    LstmGates q;
    Quad before, after, d_c, d_out;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  float* dh;
  float* dc;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const StepItem& it) const {
    return step_gates(f, j) + static_cast<size_t>(it.row) * kLstmGates * hidden;
  }

  // Depends on nothing that blocks hand on to each other.
  __device__ __forceinline__ Fetched fetch(Room&, int j, const FusedPlace& place) const {
    Fetched got = {{Block::item(place, hidden, f.vector != 0), Block::is_worker(), f, j},
                   zero_gates(),
                   zero_quad(),
                   zero_quad(),
                   zero_quad(),
                   zero_quad()};
    const StepItem& it = got.item.it;
    if (got.item.data) {
      const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
      got.q = load_gates(gates(j, it), it, hidden);
      got.before = load_quad(step_extra(f, j) + state, it.count, it.vector);
      got.after = load_quad(step_extra(f, j + 1) + state, it.count, it.vector);
      got.d_c = load_quad(dc + state, it.count, it.vector);
      add_output_gradient(got.d_out, f, j, got.item.t, batch, it);
    }
    return got;
  }

  template <class Operands>
  __device__ __forceinline__ void run(Room& room, Fetched& got, int j, const FusedPlace& place,
                                      const uint4* weights, const Operands& operands) const {
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    if (!got.item.works) return;

    const StepItem& it = got.item.it;
    const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
    Quad d_h = load_quad(dh + state, it.count, it.vector);
    add_quad(d_h, Block::sum(room.shares, 0));
    if (got.item.data) {
      add_quad(d_h, got.d_out);
      lstm_backward(got.q, got.before, got.after, d_h, got.d_c, f.clip);
      store_quad(dc + state, got.d_c, it.count, it.vector);
      d_h = zero_quad();
    }
    store_quad(dh + state, d_h, it.count, it.vector);
    store_gates(gates(j, it), got.q, it, hidden);
    operands.store(got.q.i, 0, kOperandGates, hidden, it);
    operands.store(got.q.f, 1, kOperandGates, hidden, it);
    operands.store(got.q.g, 2, kOperandGates, hidden, it);
    operands.store(got.q.o, 3, kOperandGates, hidden, it);
  }
};

}  // namespace gatefold
