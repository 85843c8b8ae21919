// One GRU step in one kernel: the recurrent product, on the tensor cores where the precision has
// some, and the gates behind it.
//
// A block of 256 threads computes 16 units of 16 rows of the batch. Forward, its weights are three
// tiles: rows r, z and n of the 16 units. The product is common/tile_product.cuh's, blocks and
// operands common/fused_step.cuh's, equations and order of gates common/gru.cuh's. Shared memory:
// 28 KiB forward, 8 KiB backward.
//
// @hot: gru_step_f32 gru_step_tf32 gru_step_bf16 gru_step_f16
// @hot: gru_step_backward_f32 gru_step_backward_tf32 gru_step_backward_bf16
// @hot: gru_step_backward_f16

#include "common/fused_step.cuh"
#include "common/gru.cuh"

namespace gatefold {

constexpr int kGruGates = 3;

template <class Operand>
__device__ __forceinline__ void gru_step(const StepFrame& f, int j, int batch, int hidden,
                                         const uint4* weights, const uint4* operands,
                                         void* operands_next) {
  using Block = FusedBlock<3, 2, 16>;
  __shared__ Block::Shares shares;
  __shared__ float4 input[4][Block::kWorkers];
  const int thread = static_cast<int>(threadIdx.x);
  const StepItem it = Block::item(batch, hidden, f.vector != 0);
  const bool works = it.valid && Block::is_worker();
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gates = step_gates(f, j) + static_cast<size_t>(it.row) * kGruGates * hidden;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed, without registers to wait in.
  if (data && it.vector) {
#pragma unroll
    for (int gate = 0; gate < kGruGates; ++gate) {
      ptx::cp_async_16(&input[gate][thread], gates + gate * hidden + it.unit);
    }
    ptx::cp_async_16(&input[3][thread], step_hidden(f, j) + state);
    ptx::cp_async_commit();
  }
  Block::multiply<Operand>(shares, batch, weights, operands,
                           whole_segments<Operand>(hidden) / kSegmentDepth<Operand>);
  if (!works) return;

  if (!data) {
    pass_by_fused<Operand>(f, j, hidden, it, operands_next);
    return;
  }
  GruGates q;
  Quad h_old;
  if (it.vector) {
    ptx::cp_async_wait<0>();
    q = {as_quad(input[0][thread]), as_quad(input[1][thread]), as_quad(input[2][thread])};
    h_old = as_quad(input[3][thread]);
  } else {
    q = load_gru_gates(gates, it, hidden);
    h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
  }
  const GruGates b = load_gru_gates(f.bias, it, hidden);
  const Quad b_recurrent = load_quad(f.bias + 3 * hidden + it.unit, it.count, it.vector);
  GruGates p = {Block::sum(shares, 0), Block::sum(shares, 1), Block::sum(shares, 2)};
  const Quad h = gru_forward(q, p, b, b_recurrent, h_old);
  if (f.keep) {
    store_gru_gates(gates, q, it, hidden);
    store_quad(step_extra(f, j) + state, p.n, it.count, it.vector);
  }
  hand_on_fused<Operand>(h, f, j, t, batch, hidden, it, operands_next);
}

template <class Operand>
__device__ __forceinline__ void gru_step_backward(const StepFrame& f, int j, int batch, int hidden,
                                                  const uint4* weights, const uint4* operands,
                                                  void* operands_next, float* dh) {
  using Block = FusedBackwardBlock;
  __shared__ Block::Shares shares;
  const StepItem it = Block::item(batch, hidden, f.vector != 0);
  const bool works = it.valid && Block::is_worker();
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gates = step_gates(f, j) + static_cast<size_t>(it.row) * kGruGates * hidden;
  float* const recurrent = step_extra(f, j) + state;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed.
  GruGates q = zero_gru_gates();
  Quad recurrent_n = zero_quad(), h_old = zero_quad(), d_out = zero_quad();
  if (data) {
    q = load_gru_gates(gates, it, hidden);
    recurrent_n = load_quad(recurrent, it.count, it.vector);
    h_old = load_quad(step_hidden(f, j) + state, it.count, it.vector);
    add_output_gradient(d_out, f, j, t, batch, it);
  }
  multiply_back<Operand>(shares, kGruGates, batch, hidden, weights, operands);
  if (!works) return;

  Quad d_h = load_quad(dh + state, it.count, it.vector);
  add_quad(d_h, Block::sum(shares, 0));
  if (data) {
    add_quad(d_h, d_out);
    gru_backward(q, recurrent_n, h_old, d_h);
  }
  store_quad(dh + state, d_h, it.count, it.vector);
  store_gru_gates(gates, q, it, hidden);
  store_quad(recurrent, recurrent_n, it.count, it.vector);
  const int width = whole_segments<Operand>(hidden);
  auto* const next = step_operands<Operand>(operands_next, kGruGates, hidden, it);
  store_step_operands<Operand>(next, q.r, it);
  store_step_operands<Operand>(next + width, q.z, it);
  store_step_operands<Operand>(next + 2 * width, recurrent_n, it);
}

}  // namespace gatefold

using namespace gatefold;

// Every kernel once for each precision. Two blocks a multiprocessor are asked for, lest the
// compiler takes too many registers for that or, aiming at more, spills.

// One step of a forward pass. Of the frame: gates [B,3H] read: Wx x; written if kept: r, z, n.
// Recurrent part of the candidate written if kept. Hidden state before the step read, after it
// written. y written. weights: packed for the forward step. operands [B', H'] read: h before the
// step. operands_next [B', H'] written: h after it.
#define GRU_STEP(kernel, Operand)                                                   \
  extern "C" __global__ void __launch_bounds__(256, 2)                              \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,     \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands, \
             void* __restrict__ operands_next) {                                    \
    gru_step<Operand>(*frame, j, batch, hidden, weights, operands, operands_next);  \
  }
GRU_STEP(gru_step_f32, F32Operand)
GRU_STEP(gru_step_tf32, Tf32Operand)
GRU_STEP(gru_step_bf16, Bf16Operand)
GRU_STEP(gru_step_f16, F16Operand)

// One step of a backward pass. Of the frame: gates read: r, z, n; written: the gradients of Wx x (0
// where padding). Recurrent part of the candidate read; written: its gradient (0 where padding).
// Hidden state before the step read. dy read; null means 0. weights: packed for the backward step.
// operands [B', 3 H'] read: gradients of Wh h' of the step handled before, which is the one after;
// 0 if there is none. operands_next [B', 3 H'] written: those of this step. dh [B,H] read: what
// flows in beside their product; written: what passes this step by.
#define GRU_STEP_BACKWARD(kernel, Operand)                                                      \
  extern "C" __global__ void __launch_bounds__(256, 2)                                          \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,                 \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,             \
             void* __restrict__ operands_next, float* __restrict__ dh) {                        \
    gru_step_backward<Operand>(*frame, j, batch, hidden, weights, operands, operands_next, dh); \
  }
GRU_STEP_BACKWARD(gru_step_backward_f32, F32Operand)
GRU_STEP_BACKWARD(gru_step_backward_tf32, Tf32Operand)
GRU_STEP_BACKWARD(gru_step_backward_bf16, Bf16Operand)
GRU_STEP_BACKWARD(gru_step_backward_f16, F16Operand)
