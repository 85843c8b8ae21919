// One step of a plain RNN, with tanh or a rectifier, in one kernel: the recurrent product, on the
// tensor cores where the precision has some, and the function behind it.
//
// A block of 256 threads computes 16 units of 16 rows of the batch; its weights are one tile. The
// product is common/tile_product.cuh's, blocks and operands common/fused_step.cuh's, equations
// common/rnn.cuh's. Shared memory: 9 KiB forward, 8 KiB backward.
//
// @hot: rnn_step_f32 rnn_step_tf32 rnn_step_bf16 rnn_step_f16
// @hot: rnn_step_backward_f32 rnn_step_backward_tf32 rnn_step_backward_bf16
// @hot: rnn_step_backward_f16

#include "common/fused_step.cuh"
#include "common/rnn.cuh"

namespace gatefold {

template <class Operand>
__device__ __forceinline__ void rnn_step(const StepFrame& f, int j, int batch, int hidden,
                                         const uint4* weights, const uint4* operands,
                                         void* operands_next, bool relu) {
  using Block = FusedBlock<1, 2, 16>;
  __shared__ Block::Shares shares;
  __shared__ float4 input[Block::kWorkers];
  const int thread = static_cast<int>(threadIdx.x);
  const StepItem it = Block::item(batch, hidden, f.vector != 0);
  const bool works = it.valid && Block::is_worker();
  float* const gate = step_gates(f, j) + static_cast<size_t>(it.row) * hidden + it.unit;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On its way while the product is computed, without registers to wait in.
  if (data && it.vector) {
    ptx::cp_async_16(&input[thread], gate);
    ptx::cp_async_commit();
  }
  Block::multiply<Operand>(shares, batch, weights, operands,
                           whole_segments<Operand>(hidden) / kSegmentDepth<Operand>);
  if (!works) return;

  if (!data) {
    pass_by_fused<Operand>(f, j, hidden, it, operands_next);
    return;
  }
  Quad h;
  if (it.vector) {
    ptx::cp_async_wait<0>();
    h = as_quad(input[thread]);
  } else {
    h = load_quad(gate, it.count, it.vector);
  }
  const Quad b = load_quad(f.bias + it.unit, it.count, it.vector);
  rnn_forward(h, Block::sum(shares, 0), b, relu);
  if (f.keep) store_quad(gate, h, it.count, it.vector);
  hand_on_fused<Operand>(h, f, j, t, batch, hidden, it, operands_next);
}

template <class Operand>
__device__ __forceinline__ void rnn_step_backward(const StepFrame& f, int j, int batch, int hidden,
                                                  const uint4* weights, const uint4* operands,
                                                  void* operands_next, float* dh, bool relu) {
  using Block = FusedBackwardBlock;
  __shared__ Block::Shares shares;
  const StepItem it = Block::item(batch, hidden, f.vector != 0);
  const bool works = it.valid && Block::is_worker();
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* const gate = step_gates(f, j) + state;
  const int t = step_time(f, j);
  const bool data = works && is_data(f, t, it.row);

  // On their way while the product is computed.
  Quad h = zero_quad(), d_out = zero_quad();
  if (data) {
    h = load_quad(gate, it.count, it.vector);
    add_output_gradient(d_out, f, j, t, batch, it);
  }
  multiply_back<Operand>(shares, 1, batch, hidden, weights, operands);
  if (!works) return;

  Quad d_h = load_quad(dh + state, it.count, it.vector);
  add_quad(d_h, Block::sum(shares, 0));
  if (data) {
    add_quad(d_h, d_out);
    rnn_backward(h, d_h, relu);
    d_h = zero_quad();
  }
  store_quad(dh + state, d_h, it.count, it.vector);
  store_quad(gate, h, it.count, it.vector);
  store_step_operands<Operand>(step_operands<Operand>(operands_next, 1, hidden, it), h, it);
}

}  // namespace gatefold

using namespace gatefold;

// Every kernel once for each precision. Two blocks a multiprocessor are asked for, lest the
// compiler takes too many registers for that or, aiming at more, spills. relu != 0 chooses the
// rectifier.

// One step of a forward pass. Of the frame: gates [B,H] read: Wx x; written if kept: h. Hidden
// state before the step read, after it written. y written. weights: packed for the forward step.
// operands [B', H'] read: h before the step. operands_next [B', H'] written: h after it.
#define RNN_STEP(kernel, Operand)                                                             \
  extern "C" __global__ void __launch_bounds__(256, 2)                                        \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,               \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,           \
             void* __restrict__ operands_next, int relu) {                                    \
    rnn_step<Operand>(*frame, j, batch, hidden, weights, operands, operands_next, relu != 0); \
  }
RNN_STEP(rnn_step_f32, F32Operand)
RNN_STEP(rnn_step_tf32, Tf32Operand)
RNN_STEP(rnn_step_bf16, Bf16Operand)
RNN_STEP(rnn_step_f16, F16Operand)

// One step of a backward pass. Of the frame: gates [B,H] read: h; written: the gradient before the
// function (0 where padding). dy read; null means 0. weights: packed for the backward step.
// operands [B', H'] read: such gradients of the step handled before, which is the one after; 0 if
// there is none. operands_next [B', H'] written: those of this step. dh [B,H] as in the LSTM.
#define RNN_STEP_BACKWARD(kernel, Operand)                                                     \
  extern "C" __global__ void __launch_bounds__(256, 2)                                         \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,                \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,            \
             void* __restrict__ operands_next, float* __restrict__ dh, int relu) {             \
    rnn_step_backward<Operand>(*frame, j, batch, hidden, weights, operands, operands_next, dh, \
                               relu != 0);                                                     \
  }
RNN_STEP_BACKWARD(rnn_step_backward_f32, F32Operand)
RNN_STEP_BACKWARD(rnn_step_backward_tf32, Tf32Operand)
RNN_STEP_BACKWARD(rnn_step_backward_bf16, Bf16Operand)
RNN_STEP_BACKWARD(rnn_step_backward_f16, F16Operand)
