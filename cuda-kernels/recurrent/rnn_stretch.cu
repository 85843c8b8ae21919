// A whole stretch of plain RNN steps in one cooperative launch, recurrent weights resident.
// What a block of 256 threads does in a step is common/recurrent/rnn_step.cuh's, how steps follow
// each other common/recurrent/stretch.cuh's.
//
// @hot: rnn_stretch_f32 rnn_stretch_tf32 rnn_stretch_bf16 rnn_stretch_f16
// @hot: rnn_stretch_backward_f32 rnn_stretch_backward_tf32 rnn_stretch_backward_bf16
// @hot: rnn_stretch_backward_f16

#include "common/recurrent/rnn_step.cuh"
#include "common/recurrent/stretch.cuh"

using namespace gatefold;

// Every kernel once for each precision; one block a multiprocessor. Shared memory beside what is
// asked for, the weights of `width` groups of units, as PersistentSize.java counts it.

// Steps 0 to steps - 1 of a forward pass. Of the frame as rnn_step. operands_0, operands_1
// [B', H']: the first read: h before step 0; both written.
#define RNN_STRETCH(kernel, Operand)                                                           \
  extern "C" __global__ void __launch_bounds__(256, 1)                                         \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width, \
             const uint4* weights, void* operands_0, void* operands_1, StretchWord* words,     \
             unsigned* alarm, int relu) {                                                      \
    __shared__ StretchRoom<RnnStep<Operand>> room;                                             \
    run_stretch(RnnStep<Operand>{room.read(frame), batch, hidden, relu != 0}, room,            \
                {steps, width, weights, {operands_0, operands_1}, words, alarm});              \
  }
RNN_STRETCH(rnn_stretch_f32, F32Operand)
RNN_STRETCH(rnn_stretch_tf32, Tf32Operand)
RNN_STRETCH(rnn_stretch_bf16, Bf16Operand)
RNN_STRETCH(rnn_stretch_f16, F16Operand)

// Steps steps - 1 to 0 of a backward pass. Of the frame, dh as rnn_step_backward. operands_0,
// operands_1 [B', G H']: that of the parity of `steps` read: gate gradients of the step handled
// before, 0 if there is none; both written, the first at last.
#define RNN_STRETCH_BACKWARD(kernel, Operand)                                                   \
  extern "C" __global__ void __launch_bounds__(256, 1)                                          \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,  \
             const uint4* weights, void* operands_0, void* operands_1, StretchWord* words,      \
             unsigned* alarm, float* dh, int relu) {                                            \
    __shared__ StretchRoom<RnnBackwardStep<Operand>> room;                                      \
    run_stretch(RnnBackwardStep<Operand>{room.read(frame), batch, hidden, relu != 0, dh}, room, \
                {steps, width, weights, {operands_0, operands_1}, words, alarm});               \
  }
RNN_STRETCH_BACKWARD(rnn_stretch_backward_f32, F32Operand)
RNN_STRETCH_BACKWARD(rnn_stretch_backward_tf32, Tf32Operand)
RNN_STRETCH_BACKWARD(rnn_stretch_backward_bf16, Bf16Operand)
RNN_STRETCH_BACKWARD(rnn_stretch_backward_f16, F16Operand)
