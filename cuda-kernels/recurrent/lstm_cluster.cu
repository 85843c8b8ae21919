// A whole stretch of LSTM steps in one launch of thread-block clusters, recurrent weights resident;
// sm_90 and newer. What a block of 256 threads does in a step is common/recurrent/lstm_step.cuh's,
// how steps follow each other common/recurrent/cluster_stretch.cuh's.
//
// @hot: lstm_cluster_f32 lstm_cluster_tf32 lstm_cluster_bf16 lstm_cluster_f16
// @hot: lstm_cluster_backward_f32 lstm_cluster_backward_tf32 lstm_cluster_backward_bf16
// @hot: lstm_cluster_backward_f16

#include "common/recurrent/cluster_stretch.cuh"
#include "common/recurrent/lstm_step.cuh"

using namespace gatefold;

// Every kernel once for each precision. Shared memory beside what is asked for, the weights of
// `width` groups of units and two slots of operands, as ClusterSize.java counts it.

// Steps 0 to steps - 1 of a forward pass. Of the frame as lstm_step. first [B', H'] read: h before
// step 0. last [B', H'] written: h after the last step.
#define LSTM_CLUSTER(kernel, Operand)                                                              \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kClusterBlocks, 1, 1) __launch_bounds__(256, 2) \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,     \
             int rows, const uint4* weights, const void* first, void* last, StretchWord* words,    \
             unsigned* alarm) {                                                                    \
    __shared__ ClusterRoom<LstmStep<Operand>> room;                                                \
    run_cluster(LstmStep<Operand>{room.stretch.read(frame), batch, hidden}, room,                  \
                {steps, width, rows, weights, first, last, words, alarm});                         \
  }
LSTM_CLUSTER(lstm_cluster_f32, F32Operand)
LSTM_CLUSTER(lstm_cluster_tf32, Tf32Operand)
LSTM_CLUSTER(lstm_cluster_bf16, Bf16Operand)
LSTM_CLUSTER(lstm_cluster_f16, F16Operand)

// Steps steps - 1 to 0 of a backward pass. Of the frame, dh and dc as lstm_step_backward. first
// [B', G H'] read: gate gradients of the step handled before, 0 if there is none. last [B', G H']
// written: those of step 0.
#define LSTM_CLUSTER_BACKWARD(kernel, Operand)                                                     \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kClusterBlocks, 1, 1) __launch_bounds__(256, 2) \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,     \
             int rows, const uint4* weights, const void* first, void* last, StretchWord* words,    \
             unsigned* alarm, float* dh, float* dc) {                                              \
    __shared__ ClusterRoom<LstmBackwardStep<Operand>> room;                                        \
    run_cluster(LstmBackwardStep<Operand>{room.stretch.read(frame), batch, hidden, dh, dc}, room,  \
                {steps, width, rows, weights, first, last, words, alarm});                         \
  }
LSTM_CLUSTER_BACKWARD(lstm_cluster_backward_f32, F32Operand)
LSTM_CLUSTER_BACKWARD(lstm_cluster_backward_tf32, Tf32Operand)
LSTM_CLUSTER_BACKWARD(lstm_cluster_backward_bf16, Bf16Operand)
LSTM_CLUSTER_BACKWARD(lstm_cluster_backward_f16, F16Operand)
