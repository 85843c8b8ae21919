// One step of a plain RNN, with tanh or a rectifier, in one kernel: the recurrent product, on the
// tensor cores where the precision has some, and the function behind it. What a block of 256
// threads does is common/recurrent/rnn_step.cuh's. Shared memory: 8.1 KiB forward, 8 KiB backward.
//
// @hot: rnn_step_f32 rnn_step_tf32x3 rnn_step_tf32 rnn_step_bf16 rnn_step_f16
// @hot: rnn_step_backward_f32 rnn_step_backward_tf32x3 rnn_step_backward_tf32
// @hot: rnn_step_backward_bf16 rnn_step_backward_f16

#include "common/recurrent/rnn_step.cuh"

using namespace gatefold;

// Every kernel once for each precision, and for F32 by TF32 parts. Two blocks a multiprocessor are
// asked for, lest the compiler takes too many registers for that or, aiming at more, spills. relu
// != 0 chooses the rectifier.

// One step of a forward pass. Of the frame: gates [B,H] read: Wx x; written if kept: h. Hidden
// state before the step read, after it written. y written. weights: packed for the forward step.
// operands [B', H'] read: h before the step. operands_next [B', H'] written: h after it.
#define RNN_STEP(kernel, Operand)                                                       \
  extern "C" __global__ void __launch_bounds__(256, 2)                                  \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,         \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,     \
             void* __restrict__ operands_next, int relu) {                              \
    run_fused(RnnStep<Operand>{*frame, batch, hidden, relu != 0}, j, weights, operands, \
              operands_next);                                                           \
  }
RNN_STEP(rnn_step_f32, F32Operand)
RNN_STEP(rnn_step_tf32x3, Tf32x3Operand)
RNN_STEP(rnn_step_tf32, Tf32Operand)
RNN_STEP(rnn_step_bf16, Bf16Operand)
RNN_STEP(rnn_step_f16, F16Operand)

// One step of a backward pass. Of the frame: gates [B,H] read: h; written: the gradient before the
// function (0 where padding). dy read; null means 0. weights: packed for the backward step.
// operands [B', H'] read: such gradients of the step handled before, which is the one after; 0 if
// there is none. operands_next [B', H'] written: those of this step. dh [B,H] as in the LSTM.
#define RNN_STEP_BACKWARD(kernel, Operand)                                                \
  extern "C" __global__ void __launch_bounds__(256, 2)                                    \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,           \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,       \
             void* __restrict__ operands_next, float* __restrict__ dh, int relu) {        \
    run_fused(RnnBackwardStep<Operand>{*frame, batch, hidden, relu != 0, dh}, j, weights, \
              operands, operands_next);                                                   \
  }
RNN_STEP_BACKWARD(rnn_step_backward_f32, F32Operand)
RNN_STEP_BACKWARD(rnn_step_backward_tf32x3, Tf32x3Operand)
RNN_STEP_BACKWARD(rnn_step_backward_tf32, Tf32Operand)
RNN_STEP_BACKWARD(rnn_step_backward_bf16, Bf16Operand)
RNN_STEP_BACKWARD(rnn_step_backward_f16, F16Operand)
