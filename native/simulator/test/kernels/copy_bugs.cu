// Asynchronous copies to shared memory: data used before it was waited for, and a barrier left out.
#include "common/ptx.cuh"

using namespace gatefold;

template <bool kWait, bool kBarrier>
__device__ void through_shared(const float* x, float* y) {
  __shared__ __align__(16) float s[128];
  int t = threadIdx.x;
  if (t < 32) ptx::cp_async_16(s + 4 * t, x + 4 * t);
  ptx::cp_async_commit();
  if (kWait) ptx::cp_async_wait<0>();
  if (kBarrier) __syncthreads();
  y[t] = s[127 - t];
}
extern "C" __global__ void copy_wait_bug(const float* x, float* y) {
  through_shared<false, true>(x, y);
}
extern "C" __global__ void copy_barrier_bug(const float* x, float* y) {
  through_shared<true, false>(x, y);
}
extern "C" __global__ void copy_ok(const float* x, float* y) { through_shared<true, true>(x, y); }
