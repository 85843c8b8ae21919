// Softmax and log-softmax over rows [N, C]. One block of 128 threads a row; shared memory holds the
// reductions.

#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

// y = softmax(x), or its logarithm if logarithm != 0; y may be x. Grid: N blocks.
extern "C" __global__ void __launch_bounds__(128)
    softmax_forward_f32(int logarithm, const float* x, float* y, int columns) {
  __shared__ float most_shared[128];
  __shared__ double sum_shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * columns;
  float most = -infinity();
  for (int c = threadIdx.x; c < columns; c += 128) most = fmaxf(most, x[row + c]);
  most = block_max(most, most_shared);
  double sum = 0.0;
  for (int c = threadIdx.x; c < columns; c += 128) {
    sum += static_cast<double>(expf(x[row + c] - most));
  }
  sum = block_sum(sum, sum_shared);
  const float log_sum = static_cast<float>(log(sum));
  const float scale = static_cast<float>(1.0 / sum);
  for (int c = threadIdx.x; c < columns; c += 128) {
    const float shifted = x[row + c] - most;
    y[row + c] = logarithm ? shifted - log_sum : expf(shifted) * scale;
  }
}

// dx = y * (dy - sum(dy * y)), or dy - exp(y) * sum(dy) for the logarithm; dx may be dy. Grid: N
// blocks.
extern "C" __global__ void __launch_bounds__(128)
    softmax_backward_f32(int logarithm, const float* __restrict__ y, const float* dy, float* dx,
                         int columns) {
  __shared__ double sum_shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * columns;
  double sum = 0.0;
  for (int c = threadIdx.x; c < columns; c += 128) {
    const double d = static_cast<double>(dy[row + c]);
    sum += logarithm ? d : d * static_cast<double>(y[row + c]);
  }
  const float total = static_cast<float>(block_sum(sum, sum_shared));
  for (int c = threadIdx.x; c < columns; c += 128) {
    const float out = y[row + c];
    dx[row + c] = logarithm ? dy[row + c] - expf(out) * total : out * (dy[row + c] - total);
  }
}
