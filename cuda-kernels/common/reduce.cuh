// Sums in a fixed order: the same bits for every run, whatever order blocks finish in.
#pragma once

namespace gatefold {

// Sum over the block, valid in thread 0. `shared` holds one double per thread; the block size is a
// power of two. Every thread of the block calls it; it ends with a barrier, so that `shared` can be
// used again.
__device__ __forceinline__ double block_sum(double value, double* shared) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = static_cast<int>(blockDim.x) / 2; half > 0; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    __syncthreads();
  }
  const double sum = shared[0];
  __syncthreads();
  return sum;
}

// Maximum over the block, valid in every thread; otherwise as block_sum. NaN is passed over.
__device__ __forceinline__ float block_max(float value, float* shared) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = static_cast<int>(blockDim.x) / 2; half > 0; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) {
      shared[threadIdx.x] = fmaxf(shared[threadIdx.x], shared[threadIdx.x + half]);
    }
    __syncthreads();
  }
  const float most = shared[0];
  __syncthreads();
  return most;
}

// Sum over the thread rows of a block 32 x 8 at one thread column, in the order of the rows; valid
// in row 0. Every thread of the block calls it.
__device__ __forceinline__ double column_sum(double sum, double (*partial)[32]) {
  partial[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0) {
    for (int group = 1; group < 8; ++group) sum += partial[group][threadIdx.x];
  }
  return sum;
}

}  // namespace gatefold
