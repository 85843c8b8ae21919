// One LSTM step in one kernel: the recurrent product, on the tensor cores where the precision has
// some, and the gates behind it.
//
// Forward, a block of 256 threads computes eight units of 32 rows of the batch. Its weights are two
// tiles: rows i and f of the eight units, rows g and o. Backward, a block computes 16 units of 16
// rows. The product is common/tile_product.cuh's, blocks and operands common/fused_step.cuh's.
// Shared memory: 37 KiB forward, 8 KiB backward.
//
// @hot: lstm_step_f32 lstm_step_tf32 lstm_step_bf16 lstm_step_f16
// @hot: lstm_step_backward_f32 lstm_step_backward_tf32 lstm_step_backward_bf16
// @hot: lstm_step_backward_f16

#include "common/fused_step.cuh"
#include "common/lstm.cuh"

namespace gatefold {

constexpr int kLstmGates = 4;

template <class Operand>
__device__ __forceinline__ void lstm_step(const StepFrame& f, int j, int batch, int hidden,
                                          const uint4* weights, const uint4* operands,
                                          void* operands_next) {
  using Block = FusedBlock<2, 4, 8>;
  __shared__ Block::Shares shares;
  __shared__ float4 input[5][Block::kWorkers];
  const int thread = static_cast<int>(threadIdx.x);
  const StepItem it = Block::item(batch, hidden, f.vector != 0);
  const bool works = it.valid && Block::is_worker();
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gates = step_gates(f, j) + static_cast<size_t>(it.row) * kLstmGates * hidden;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed, without registers to wait in.
  if (data && it.vector) {
#pragma unroll
    for (int gate = 0; gate < kLstmGates; ++gate) {
      ptx::cp_async_16(&input[gate][thread], gates + gate * hidden + it.unit);
    }
    ptx::cp_async_16(&input[4][thread], step_extra(f, j) + state);
    ptx::cp_async_commit();
  }
  Block::multiply<Operand>(shares, batch, weights, operands,
                           whole_segments<Operand>(hidden) / kSegmentDepth<Operand>);
  if (!works) return;

  float* const c_next = step_extra(f, j + 1) + state;
  if (!data) {
    const Quad c = load_quad(step_extra(f, j) + state, it.count, it.vector);
    store_quad(c_next, c, it.count, it.vector);
    pass_by_fused<Operand>(f, j, hidden, it, operands_next);
    return;
  }
  LstmGates q;
  Quad c;
  if (it.vector) {
    ptx::cp_async_wait<0>();
    q = {as_quad(input[0][thread]), as_quad(input[1][thread]), as_quad(input[2][thread]),
         as_quad(input[3][thread])};
    c = as_quad(input[4][thread]);
  } else {
    q = load_gates(gates, it, hidden);
    c = load_quad(step_extra(f, j) + state, it.count, it.vector);
  }
  const LstmGates b = load_gates(f.bias, it, hidden);
  add_gates(q, {Block::sum(shares, 0), Block::sum(shares, 1), Block::sum(shares, 2),
                Block::sum(shares, 3)});
  const Quad h = lstm_forward(q, b, c, f.clip);
  if (f.keep) store_gates(gates, q, it, hidden);
  store_quad(c_next, c, it.count, it.vector);
  hand_on_fused<Operand>(h, f, j, t, batch, hidden, it, operands_next);
}

template <class Operand>
__device__ __forceinline__ void lstm_step_backward(const StepFrame& f, int j, int batch, int hidden,
                                                   const uint4* weights, const uint4* operands,
                                                   void* operands_next, float* dh, float* dc) {
  using Block = FusedBackwardBlock;
  __shared__ Block::Shares shares;
  const StepItem it = Block::item(batch, hidden, f.vector != 0);
  const bool works = it.valid && Block::is_worker();
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gates = step_gates(f, j) + static_cast<size_t>(it.row) * kLstmGates * hidden;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed.
  LstmGates q = zero_gates();
  Quad before = zero_quad(), after = zero_quad(), d_c = zero_quad(), d_out = zero_quad();
  if (data) {
    q = load_gates(gates, it, hidden);
    before = load_quad(step_extra(f, j) + state, it.count, it.vector);
    after = load_quad(step_extra(f, j + 1) + state, it.count, it.vector);
    d_c = load_quad(dc + state, it.count, it.vector);
    add_output_gradient(d_out, f, j, t, batch, it);
  }
  multiply_back<Operand>(shares, kLstmGates, batch, hidden, weights, operands);
  if (!works) return;

  Quad d_h = load_quad(dh + state, it.count, it.vector);
  add_quad(d_h, Block::sum(shares, 0));
  if (data) {
    add_quad(d_h, d_out);
    lstm_backward(q, before, after, d_h, d_c, f.clip);
    store_quad(dc + state, d_c, it.count, it.vector);
    d_h = zero_quad();
  }
  store_quad(dh + state, d_h, it.count, it.vector);
  store_gates(gates, q, it, hidden);
  const int width = whole_segments<Operand>(hidden);
  auto* const next = step_operands<Operand>(operands_next, kLstmGates, hidden, it);
  store_step_operands<Operand>(next, q.i, it);
  store_step_operands<Operand>(next + width, q.f, it);
  store_step_operands<Operand>(next + 2 * width, q.g, it);
  store_step_operands<Operand>(next + 3 * width, q.o, it);
}

}  // namespace gatefold

using namespace gatefold;

// Every kernel once for each precision. Two blocks a multiprocessor are asked for, lest the
// compiler takes too many registers for that or, aiming at more, spills.

// One step of a forward pass. Of the frame: gates [B,4H] read: Wx x; written if kept: the activated
// gates. Cell and hidden state before the step read, after it written. y written. weights: packed
// for the forward step. operands [B', H'] read: h before the step. operands_next [B', H'] written:
// h after it.
#define LSTM_STEP(kernel, Operand)                                                  \
  extern "C" __global__ void __launch_bounds__(256, 2)                              \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,     \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands, \
             void* __restrict__ operands_next) {                                    \
    lstm_step<Operand>(*frame, j, batch, hidden, weights, operands, operands_next); \
  }
LSTM_STEP(lstm_step_f32, F32Operand)
LSTM_STEP(lstm_step_tf32, Tf32Operand)
LSTM_STEP(lstm_step_bf16, Bf16Operand)
LSTM_STEP(lstm_step_f16, F16Operand)

// One step of a backward pass. Of the frame: gates read: the activated gates; written: their
// gradients before activation (0 where padding). Cell states around the step read. dy read; null
// means 0. weights: packed for the backward step. operands [B', 4 H'] read: gate gradients of the
// step handled before, which is the one after; 0 if there is none. operands_next [B', 4 H']
// written: those of this step. dh [B,H] read: what flows in beside their product; written: what
// passes this step by (all where padding, else 0). dc [B,H] read and written in place.
#define LSTM_STEP_BACKWARD(kernel, Operand)                                                      \
  extern "C" __global__ void __launch_bounds__(256, 2)                                           \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,                  \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,              \
             void* __restrict__ operands_next, float* __restrict__ dh, float* __restrict__ dc) { \
    lstm_step_backward<Operand>(*frame, j, batch, hidden, weights, operands, operands_next, dh,  \
                                dc);                                                             \
  }
LSTM_STEP_BACKWARD(lstm_step_backward_f32, F32Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_tf32, Tf32Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_bf16, Bf16Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_f16, F16Operand)
