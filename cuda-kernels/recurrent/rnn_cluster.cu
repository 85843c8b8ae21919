// A whole stretch of plain RNN steps in one launch of thread-block clusters, recurrent weights
// resident; sm_90 and newer. What a block of 256 threads does in a step is
// common/recurrent/rnn_step.cuh's, how steps follow each other
// common/recurrent/cluster_stretch.cuh's.
//
// @hot: rnn_cluster_f32 rnn_cluster_tf32 rnn_cluster_bf16 rnn_cluster_f16
// @hot: rnn_cluster_backward_f32 rnn_cluster_backward_tf32 rnn_cluster_backward_bf16
// @hot: rnn_cluster_backward_f16

#include "common/recurrent/cluster_stretch.cuh"
#include "common/recurrent/rnn_step.cuh"

using namespace gatefold;

// Every kernel once for each precision. Shared memory beside what is asked for, the weights of
// `width` groups of units and two slots of operands, as ClusterSize.java counts it.

// Steps 0 to steps - 1 of a forward pass. Of the frame as rnn_step. first [B', H'] read: h before
// step 0. last [B', H'] written: h after the last step.
#define RNN_CLUSTER(kernel, Operand)                                                               \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kClusterBlocks, 1, 1) __launch_bounds__(256, 2) \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,     \
             int rows, const uint4* weights, const void* first, void* last, StretchWord* words,    \
             unsigned* alarm, int relu) {                                                          \
    __shared__ ClusterRoom<RnnStep<Operand>> room;                                                 \
    run_cluster(RnnStep<Operand>{room.stretch.read(frame), batch, hidden, relu != 0}, room,        \
                {steps, width, rows, weights, first, last, words, alarm});                         \
  }
RNN_CLUSTER(rnn_cluster_f32, F32Operand)
RNN_CLUSTER(rnn_cluster_tf32, Tf32Operand)
RNN_CLUSTER(rnn_cluster_bf16, Bf16Operand)
RNN_CLUSTER(rnn_cluster_f16, F16Operand)

// Steps steps - 1 to 0 of a backward pass. Of the frame, dh as rnn_step_backward. first
// [B', G H'] read: gate gradients of the step handled before, 0 if there is none. last [B', G H']
// written: those of step 0.
#define RNN_CLUSTER_BACKWARD(kernel, Operand)                                                      \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kClusterBlocks, 1, 1) __launch_bounds__(256, 2) \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,     \
             int rows, const uint4* weights, const void* first, void* last, StretchWord* words,    \
             unsigned* alarm, float* dh, int relu) {                                               \
    __shared__ ClusterRoom<RnnBackwardStep<Operand>> room;                                         \
    run_cluster(RnnBackwardStep<Operand>{room.stretch.read(frame), batch, hidden, relu != 0, dh},  \
                room, {steps, width, rows, weights, first, last, words, alarm});                   \
  }
RNN_CLUSTER_BACKWARD(rnn_cluster_backward_f32, F32Operand)
RNN_CLUSTER_BACKWARD(rnn_cluster_backward_tf32, Tf32Operand)
RNN_CLUSTER_BACKWARD(rnn_cluster_backward_bf16, Bf16Operand)
RNN_CLUSTER_BACKWARD(rnn_cluster_backward_f16, F16Operand)
