// One GRU step of a block of 256 threads: the recurrent product, on the tensor cores where the
// precision has some, and the gates behind it.
//
// A block computes 16 units of 16 rows of the batch. Forward, its weights are three tiles: rows r,
// z and n of the 16 units. The product is common/tile_product.cuh's, blocks and operands
// common/fused_step.cuh's, equations and order of gates common/gru.cuh's. The members of a step are
// explained in common/lstm_step.cuh.
#pragma once

#include "common/fused_step.cuh"
#include "common/gru.cuh"

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
    float4 input[4][Block::kWorkers];
  };

  const StepFrame& f;
  int batch;
  int hidden;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const StepItem& it) const {
    return step_gates(f, j) + static_cast<size_t>(it.row) * kGruGates * hidden;
  }

  __device__ __forceinline__ FusedItem fetch(Room& room, int j, const FusedPlace& place) const {
    const FusedItem item(Block::item(place, hidden, f.vector != 0), Block::is_worker(), f, j);
    if (item.data && item.it.vector) {
      const float* const from = gates(j, item.it) + item.it.unit;
#pragma unroll
      for (int gate = 0; gate < kGruGates; ++gate) {
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
    const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
    const float* const h_before = step_hidden(f, j) + state;
    if (item.data && it.vector) {
      ptx::cp_async_16(&room.input[3][threadIdx.x], h_before);
      ptx::cp_async_commit();
    }
    Block::multiply<Operand>(room.shares, place, weights, operands, segments());
    if (!item.works) return;

    if (!item.data) {
      pass_by_fused(f, j, hidden, it, operands);
      return;
    }
    GruGates q;
    Quad h_old;
    if (it.vector) {
      ptx::cp_async_wait<0>();
      const int thread = static_cast<int>(threadIdx.x);
      q = {as_quad(room.input[0][thread]), as_quad(room.input[1][thread]),
           as_quad(room.input[2][thread])};
      h_old = as_quad(room.input[3][thread]);
    } else {
      q = load_gru_gates(gates(j, it), it, hidden);
      h_old = load_quad(h_before, it.count, it.vector);
    }
    const GruGates b = load_gru_gates(f.bias, it, hidden);
    const Quad b_recurrent = load_quad(f.bias + 3 * hidden + it.unit, it.count, it.vector);
    GruGates p = {Block::sum(room.shares, 0), Block::sum(room.shares, 1),
                  Block::sum(room.shares, 2)};
    const Quad h = gru_forward(q, p, b, b_recurrent, h_old);
    if (f.keep) {
      store_gru_gates(gates(j, it), q, it, hidden);
      store_quad(step_extra(f, j) + state, p.n, it.count, it.vector);
    }
    hand_on_fused(h, f, j, item.t, batch, hidden, it, operands);
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
    GruGates q;
    Quad recurrent_n, h_old, d_out;
  };

  const StepFrame& f;
  int batch;
  int hidden;
  float* dh;

  __device__ __forceinline__ int segments() const {
    return row_segments<Operand>(kOperandGates, hidden);
  }

  __device__ __forceinline__ float* gates(int j, const StepItem& it) const {
    return step_gates(f, j) + static_cast<size_t>(it.row) * kGruGates * hidden;
  }

  __device__ __forceinline__ Fetched fetch(Room&, int j, const FusedPlace& place) const {
    Fetched got = {{Block::item(place, hidden, f.vector != 0), Block::is_worker(), f, j},
                   zero_gru_gates(),
                   zero_quad(),
                   zero_quad(),
                   zero_quad()};
    const StepItem& it = got.item.it;
    if (got.item.data) {
      const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
      got.q = load_gru_gates(gates(j, it), it, hidden);
      got.recurrent_n = load_quad(step_extra(f, j) + state, it.count, it.vector);
      got.h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
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
      gru_backward(got.q, got.recurrent_n, got.h_old, d_h);
    }
    store_quad(dh + state, d_h, it.count, it.vector);
    store_gru_gates(gates(j, it), got.q, it, hidden);
    store_quad(step_extra(f, j) + state, got.recurrent_n, it.count, it.vector);
    operands.store(got.q.r, 0, kOperandGates, hidden, it);
    operands.store(got.q.z, 1, kOperandGates, hidden, it);
    operands.store(got.recurrent_n, 2, kOperandGates, hidden, it);
  }
};

}  // namespace gatefold
