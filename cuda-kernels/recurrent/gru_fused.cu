// One GRU step in one kernel: the recurrent product, on the tensor cores where the precision has
// some, and the gates behind it. What a block of 256 threads does is
// common/recurrent/gru_step.cuh's. Shared memory: 24.5 KiB forward, 8 KiB backward.
//
// @hot: gru_step_f32 gru_step_tf32x3 gru_step_tf32 gru_step_bf16 gru_step_f16
// @hot: gru_step_backward_f32 gru_step_backward_tf32x3 gru_step_backward_tf32
// @hot: gru_step_backward_bf16 gru_step_backward_f16

#include "common/recurrent/gru_step.cuh"

using namespace gatefold;

// Every kernel once for each precision, and for F32 by TF32 parts. Two blocks a multiprocessor are
// asked for, lest the compiler takes too many registers for that or, aiming at more, spills.

// One step of a forward pass. Of the frame: gates [B,3H] read: Wx x; written if kept: r, z, n.
// Recurrent part of the candidate written if kept. Hidden state before the step read, after it
// written. y written. weights: packed for the forward step. operands [B', H'] read: h before the
// step. operands_next [B', H'] written: h after it.
#define GRU_STEP(kernel, Operand)                                                            \
  extern "C" __global__ void __launch_bounds__(256, 2)                                       \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,              \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,          \
             void* __restrict__ operands_next) {                                             \
    run_fused(GruStep<Operand>{*frame, batch, hidden}, j, weights, operands, operands_next); \
  }
GRU_STEP(gru_step_f32, F32Operand)
GRU_STEP(gru_step_tf32x3, Tf32x3Operand)
GRU_STEP(gru_step_tf32, Tf32Operand)
GRU_STEP(gru_step_bf16, Bf16Operand)
GRU_STEP(gru_step_f16, F16Operand)

// One step of a backward pass. Of the frame: gates read: r, z, n; written: the gradients of Wx x (0
// where padding). Recurrent part of the candidate read; written: its gradient (0 where padding).
// Hidden state before the step read. dy read; null means 0. weights: packed for the backward step.
// operands [B', 3 H'] read: gradients of Wh h' of the step handled before, which is the one after;
// 0 if there is none. operands_next [B', 3 H'] written: those of this step. dh [B,H] read: what
// flows in beside their product; written: what passes this step by.
#define GRU_STEP_BACKWARD(kernel, Operand)                                               \
  extern "C" __global__ void __launch_bounds__(256, 2)                                   \
      kernel(const StepFrame* __restrict__ frame, int j, int batch, int hidden,          \
             const uint4* __restrict__ weights, const uint4* __restrict__ operands,      \
             void* __restrict__ operands_next, float* __restrict__ dh) {                 \
    run_fused(GruBackwardStep<Operand>{*frame, batch, hidden, dh}, j, weights, operands, \
              operands_next);                                                            \
  }
GRU_STEP_BACKWARD(gru_step_backward_f32, F32Operand)
GRU_STEP_BACKWARD(gru_step_backward_tf32x3, Tf32x3Operand)
GRU_STEP_BACKWARD(gru_step_backward_tf32, Tf32Operand)
GRU_STEP_BACKWARD(gru_step_backward_bf16, Bf16Operand)
GRU_STEP_BACKWARD(gru_step_backward_f16, F16Operand)
