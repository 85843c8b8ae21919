// One LSTM step in one kernel: the recurrent product, on the tensor cores where the precision has
// some, and the gates behind it. What a block of 256 threads does is
// common/recurrent/lstm_step.cuh's. Shared memory: 32.3 KiB forward, 8 KiB backward.
//
// @hot: lstm_step_f32 lstm_step_tf32x3 lstm_step_tf32 lstm_step_bf16 lstm_step_f16
// @hot: lstm_step_backward_f32 lstm_step_backward_tf32x3 lstm_step_backward_tf32
// @hot: lstm_step_backward_bf16 lstm_step_backward_f16

#include "common/recurrent/lstm_step.cuh"

using namespace gatefold;

// Every kernel once for each precision, and for F32 by TF32 parts. Two blocks a multiprocessor are
// asked for, lest the compiler takes too many registers for that or, aiming at more, spills.

// One step of a forward pass. Of the frame: gates [B,4H] read: Wx x; written if kept: the activated
// gates. Cell and hidden state before the step read, after it written. y written. weights: packed
// for the forward step. operands [B', H'] read: h before the step. operands_next [B', H'] written:
// h after it.
#define LSTM_STEP(kernel, Operand)                                                            \
  extern "C" __global__ void __launch_bounds__(256, 2)                                        \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,               \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,           \
             void* __restrict__ operands_next) {                                              \
    run_fused(LstmStep<Operand>{*frame, batch, hidden}, j, weights, operands, operands_next); \
  }
LSTM_STEP(lstm_step_f32, F32Operand)
LSTM_STEP(lstm_step_tf32x3, Tf32x3Operand)
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
    run_fused(LstmBackwardStep<Operand>{*frame, batch, hidden, dh, dc}, j, weights, operands,    \
              operands_next);                                                                    \
  }
LSTM_STEP_BACKWARD(lstm_step_backward_f32, F32Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_tf32x3, Tf32x3Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_tf32, Tf32Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_bf16, Bf16Operand)
LSTM_STEP_BACKWARD(lstm_step_backward_f16, F16Operand)
