// Blocks of a cooperative launch that hand numbers on to each other, round after round: without a
// mistake, and with one each in what orders them.
#include "common/ptx.cuh"

using namespace gatefold;

namespace {

constexpr int kRounds = 6;
constexpr int kThreads = 64;

enum Mistake {
  kNone,
  kFlagBeforeData,    // the arrival does not wait for the block's other threads
  kTargetOffByOne,    // one arrival too few is awaited
  kSlotReusedEarly,   // what a round writes others still read
  kReadWithoutWait,   // by a thread that neither looked at the counter nor met one that did
  kLostArrival,       // one block never arrives
  kBarrierInABranch,  // not the same for all threads of the block
};

// x: two slots of gridDim.x * kThreads numbers, the first given. Every round, a thread adds what
// the thread of its number in the block behind has.
__device__ void hand_on(float* x, unsigned* counter, Mistake mistake) {
  const int thread = static_cast<int>(threadIdx.x), block = static_cast<int>(blockIdx.x);
  const int blocks = static_cast<int>(gridDim.x);
  for (int round = 0; round < kRounds; ++round) {
    float* const from = x + round % 2 * blocks * kThreads;
    float* const to = mistake == kSlotReusedEarly ? from : x + (round + 1) % 2 * blocks * kThreads;
    const float sum =
        from[block * kThreads + thread] + from[(block + 1) % blocks * kThreads + thread];
    // One block is late.
    for (int i = 0; block == 1 && i < 200; ++i) ptx::spin_pause();
    to[block * kThreads + thread] = sum;
    if (mistake != kFlagBeforeData) __syncthreads();
    const bool lost = mistake == kLostArrival && block == 1;
    if (thread == 0 && !lost) ptx::atomic_add_release_gpu(counter, 1u);
    const unsigned target = (round + 1) * blocks - (mistake == kTargetOffByOne ? 1 : 0);
    if (thread < 32) {
      while (ptx::load_acquire_gpu(counter) < target) ptx::spin_pause();
    }
    if (mistake == kBarrierInABranch) {
      if (thread < 32) {
        __syncthreads();
      } else {
        __syncthreads();
      }
    } else if (mistake != kReadWithoutWait) {
      __syncthreads();
    }
  }
}

}  // namespace

#define ROUNDS(kernel, mistake) \
  extern "C" __global__ void kernel(float* x, unsigned* counter) { hand_on(x, counter, mistake); }
ROUNDS(no_mistake, kNone)
ROUNDS(flag_before_data, kFlagBeforeData)
ROUNDS(target_off_by_one, kTargetOffByOne)
ROUNDS(slot_reused_early, kSlotReusedEarly)
ROUNDS(read_without_wait, kReadWithoutWait)
ROUNDS(lost_arrival, kLostArrival)
ROUNDS(barrier_in_a_branch, kBarrierInABranch)

// One thread hands a number on through a word of its own, without a barrier of its block.
extern "C" __global__ void message(float* x, unsigned* flag) {
  if (threadIdx.x == 0 && blockIdx.x == 0) {
    x[0] = 1.0f;
    ptx::store_release_gpu(flag, 1u);
  }
  if (threadIdx.x == 0 && blockIdx.x == 1) {
    while (ptx::load_acquire_gpu(flag) == 0) ptx::spin_pause();
    x[1] = x[0];
  }
}

// The number comes behind the word that hands it on.
extern "C" __global__ void late_message(float* x, unsigned* flag) {
  if (threadIdx.x == 0 && blockIdx.x == 0) {
    ptx::store_release_gpu(flag, 1u);
    x[0] = 1.0f;
  }
  if (threadIdx.x == 0 && blockIdx.x == 1) {
    while (ptx::load_acquire_gpu(flag) == 0) ptx::spin_pause();
    for (int i = 0; i < 200; ++i) ptx::spin_pause();
    x[1] = x[0];
  }
}
