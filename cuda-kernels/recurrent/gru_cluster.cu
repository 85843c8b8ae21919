// A whole stretch of GRU steps in one launch of thread-block clusters, recurrent weights resident;
// sm_90 and newer. What a block of 256 threads does in a step is common/recurrent/gru_step.cuh's,
// how steps follow each other common/recurrent/cluster_stretch.cuh's.
//
// @hot: gru_cluster_f32 gru_cluster_tf32 gru_cluster_bf16 gru_cluster_f16
// @hot: gru_cluster_backward_f32 gru_cluster_backward_tf32 gru_cluster_backward_bf16
// @hot: gru_cluster_backward_f16

#include "common/recurrent/cluster_stretch.cuh"
#include "common/recurrent/gru_step.cuh"

using namespace gatefold;

// Every kernel once for each precision. Shared memory beside what is asked for, the weights of
// `width` groups of units and two slots of operands, as ClusterSize.java counts it.

// Steps 0 to steps - 1 of a forward pass. Of the frame as gru_step. first [B', H'] read: h before
// step 0. last [B', H'] written: h after the last step.
#define GRU_CLUSTER(kernel, Operand)                                                               \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kClusterBlocks, 1, 1) __launch_bounds__(256, 2) \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,     \
             int rows, const uint4* weights, const void* first, void* last, StretchWord* words,    \
             unsigned* alarm) {                                                                    \
    __shared__ ClusterRoom<GruStep<Operand>> room;                                                 \
    run_cluster(GruStep<Operand>{room.stretch.read(frame), batch, hidden}, room,                   \
                {steps, width, rows, weights, first, last, words, alarm});                         \
  }
GRU_CLUSTER(gru_cluster_f32, F32Operand)
GRU_CLUSTER(gru_cluster_tf32, Tf32Operand)
GRU_CLUSTER(gru_cluster_bf16, Bf16Operand)
GRU_CLUSTER(gru_cluster_f16, F16Operand)

// Steps steps - 1 to 0 of a backward pass. Of the frame, dh as gru_step_backward. first
// [B', G H'] read: gate gradients of the step handled before, 0 if there is none. last [B', G H']
// written: those of step 0.
#define GRU_CLUSTER_BACKWARD(kernel, Operand)                                                      \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kClusterBlocks, 1, 1) __launch_bounds__(256, 2) \
      kernel(const StepFrame* __restrict__ frame, int steps, int batch, int hidden, int width,     \
             int rows, const uint4* weights, const void* first, void* last, StretchWord* words,    \
             unsigned* alarm, float* dh) {                                                         \
    __shared__ ClusterRoom<GruBackwardStep<Operand>> room;                                         \
    run_cluster(GruBackwardStep<Operand>{room.stretch.read(frame), batch, hidden, dh}, room,       \
                {steps, width, rows, weights, first, last, words, alarm});                         \
  }
GRU_CLUSTER_BACKWARD(gru_cluster_backward_f32, F32Operand)
GRU_CLUSTER_BACKWARD(gru_cluster_backward_tf32, Tf32Operand)
GRU_CLUSTER_BACKWARD(gru_cluster_backward_bf16, Bf16Operand)
GRU_CLUSTER_BACKWARD(gru_cluster_backward_f16, F16Operand)
