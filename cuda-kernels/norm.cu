// Normalisation of features [N, D] over each row, and of channels [N, C, S] over rows and places.
// Sums are in double precision and a fixed order. lengths [batch] of N = steps * batch rows, or
// null if all rows count.

#include "common/arrays.cuh"
#include "common/grid.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

// Columns and rows of the blocks that sum over rows.
constexpr int kColumns = 32;
constexpr int kRows = 8;

__device__ __forceinline__ double wide(float value) { return static_cast<double>(value); }

__device__ __forceinline__ double factor(FloatIn gamma, long long i) {
  return gamma == nullptr ? 1.0 : wide(gamma[i]);
}

__device__ __forceinline__ double shift(FloatIn beta, long long i) {
  return beta == nullptr ? 0.0 : wide(beta[i]);
}

__device__ __forceinline__ bool counts(IntIn lengths, int batch, long long n) {
  return lengths == nullptr || n / batch < lengths[n % batch];
}

// The sum over the rows of the block, for each of its columns; valid in all threads.
__device__ __forceinline__ double sum_of_rows(double value, double (*shared)[kColumns]) {
  shared[threadIdx.y][threadIdx.x] = value;
  __syncthreads();
  double sum = 0.0;
  for (int r = 0; r < kRows; ++r) sum += shared[r][threadIdx.x];
  __syncthreads();
  return sum;
}

}  // namespace gatefold

// moments [N, 2]: mean and 1 / sqrt(variance + epsilon) of each row. Grid: N blocks.
extern "C" __global__ void __launch_bounds__(128)
    layer_norm_moments_f32(FloatIn x, double* __restrict__ moments, int width, float epsilon) {
  __shared__ double shared[128];
  const float* row = x + static_cast<long long>(blockIdx.x) * width;
  double sum = 0.0;
  for (int d = threadIdx.x; d < width; d += 128) sum += wide(row[d]);
  const double mean = block_sum(sum, shared) / width;
  double squares = 0.0;
  for (int d = threadIdx.x; d < width; d += 128) {
    const double centred = wide(row[d]) - mean;
    squares += centred * centred;
  }
  const double variance = block_sum(squares, shared) / width;
  if (threadIdx.x == 0) {
    moments[2LL * blockIdx.x] = mean;
    moments[2LL * blockIdx.x + 1] = 1.0 / sqrt(variance + wide(epsilon));
  }
}

// y [N, D]; count = N * D.
extern "C" __global__ void __launch_bounds__(256)
    layer_norm_forward_f32(FloatIn x, const double* __restrict__ moments, FloatIn gamma,
                           FloatIn beta, FloatOut y, int width, long long count) {
  for (long long i = first_element(); i < count; i += grid_size()) {
    const double* m = moments + i / width * 2;
    const double normal = (wide(x[i]) - m[0]) * m[1];
    y[i] = static_cast<float>(normal * factor(gamma, i % width) + shift(beta, i % width));
  }
}

// dx [N, D]. Grid: N blocks.
extern "C" __global__ void __launch_bounds__(128)
    layer_norm_backward_f32(FloatIn x, const double* __restrict__ moments, FloatIn gamma,
                            FloatIn dy, FloatOut dx, int width) {
  __shared__ double shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * width;
  const double mean = moments[2LL * blockIdx.x], inverse = moments[2LL * blockIdx.x + 1];
  double sum = 0.0, inner = 0.0;
  for (int d = threadIdx.x; d < width; d += 128) {
    const double g = wide(dy[row + d]) * factor(gamma, d);
    sum += g;
    inner += g * (wide(x[row + d]) - mean) * inverse;
  }
  sum = block_sum(sum, shared) / width;
  inner = block_sum(inner, shared) / width;
  for (int d = threadIdx.x; d < width; d += 128) {
    const double normal = (wide(x[row + d]) - mean) * inverse;
    const double g = wide(dy[row + d]) * factor(gamma, d);
    dx[row + d] = static_cast<float>((g - sum - normal * inner) * inverse);
  }
}

// dgamma [D] and dbeta [D] accumulated; either may be null. Grid: blocks of 32 columns and 8 rows.
extern "C" __global__ void __launch_bounds__(256)
    layer_norm_parameters_f32(FloatIn x, const double* __restrict__ moments, FloatIn dy,
                              FloatOut dgamma, FloatOut dbeta, int width, long long rows) {
  __shared__ double shared[kRows][kColumns];
  const int d = blockIdx.x * kColumns + threadIdx.x;
  double gammas = 0.0, betas = 0.0;
  for (long long n = threadIdx.y; n < rows && d < width; n += kRows) {
    const double g = wide(dy[n * width + d]);
    gammas += g * (wide(x[n * width + d]) - moments[2 * n]) * moments[2 * n + 1];
    betas += g;
  }
  gammas = sum_of_rows(gammas, shared);
  betas = sum_of_rows(betas, shared);
  if (threadIdx.y == 0 && d < width) {
    if (dgamma != nullptr) dgamma[d] += static_cast<float>(gammas);
    if (dbeta != nullptr) dbeta[d] += static_cast<float>(betas);
  }
}

// mean [C] and variance [C] of `numbers` valid numbers of each channel; running values approach
// them by momentum, or are null. Grid: blocks of 32 channels and 8 rows.
extern "C" __global__ void __launch_bounds__(256)
    batch_statistics_f32(FloatIn x, IntIn lengths, FloatOut mean, FloatOut variance,
                         FloatOut running_mean, FloatOut running_variance, int batch,
                         long long count, int channels, int places, long long numbers,
                         float momentum) {
  __shared__ double shared[kRows][kColumns];
  const int c = blockIdx.x * kColumns + threadIdx.x;
  double sum = 0.0;
  for (long long n = threadIdx.y; n < count && c < channels; n += kRows) {
    if (!counts(lengths, batch, n)) continue;
    for (int s = 0; s < places; ++s) sum += wide(x[(n * channels + c) * places + s]);
  }
  const double share = numbers == 0 ? 0.0 : 1.0 / static_cast<double>(numbers);
  const double average = sum_of_rows(sum, shared) * share;
  double squares = 0.0;
  for (long long n = threadIdx.y; n < count && c < channels; n += kRows) {
    if (!counts(lengths, batch, n)) continue;
    for (int s = 0; s < places; ++s) {
      const double centred = wide(x[(n * channels + c) * places + s]) - average;
      squares += centred * centred;
    }
  }
  squares = sum_of_rows(squares, shared);
  if (threadIdx.y > 0 || c >= channels) return;
  mean[c] = static_cast<float>(average);
  variance[c] = static_cast<float>(squares * share);
  if (numbers < 2) return;
  if (running_mean != nullptr) {
    const double before = wide(running_mean[c]);
    running_mean[c] = static_cast<float>(before + wide(momentum) * (average - before));
  }
  if (running_variance != nullptr) {
    const double before = wide(running_variance[c]);
    const double unbiased = squares / static_cast<double>(numbers - 1);
    running_variance[c] = static_cast<float>(before + wide(momentum) * (unbiased - before));
  }
}

// y [N, C, S], 0 in padding; total = N * C * S.
extern "C" __global__ void __launch_bounds__(256)
    batch_norm_forward_f32(FloatIn x, IntIn lengths, FloatIn mean, FloatIn variance, FloatIn gamma,
                           FloatIn beta, FloatOut y, int batch, int channels, int places,
                           float epsilon, long long total) {
  for (long long i = first_element(); i < total; i += grid_size()) {
    const long long c = i / places % channels;
    float value = 0.0f;
    if (counts(lengths, batch, i / places / channels)) {
      const double normal = (wide(x[i]) - wide(mean[c])) / sqrt(wide(variance[c]) + wide(epsilon));
      value = static_cast<float>(normal * factor(gamma, c) + shift(beta, c));
    }
    y[i] = value;
  }
}

// sums [C, 2]: of dy, and of dy times the normalised x; added to dbeta [C] and dgamma [C], either
// of which may be null. Grid: blocks of 32 channels and 8 rows.
extern "C" __global__ void __launch_bounds__(256)
    batch_norm_sums_f32(FloatIn x, IntIn lengths, FloatIn mean, FloatIn variance, FloatIn dy,
                        double* __restrict__ sums, FloatOut dgamma, FloatOut dbeta, int batch,
                        long long count, int channels, int places, float epsilon) {
  __shared__ double shared[kRows][kColumns];
  const int c = blockIdx.x * kColumns + threadIdx.x;
  double sum = 0.0, inner = 0.0;
  for (long long n = threadIdx.y; n < count && c < channels; n += kRows) {
    if (!counts(lengths, batch, n)) continue;
    const double inverse = 1.0 / sqrt(wide(variance[c]) + wide(epsilon));
    for (int s = 0; s < places; ++s) {
      const long long i = (n * channels + c) * places + s;
      sum += wide(dy[i]);
      inner += wide(dy[i]) * (wide(x[i]) - wide(mean[c])) * inverse;
    }
  }
  sum = sum_of_rows(sum, shared);
  inner = sum_of_rows(inner, shared);
  if (threadIdx.y > 0 || c >= channels) return;
  sums[2LL * c] = sum;
  sums[2LL * c + 1] = inner;
  if (dgamma != nullptr) dgamma[c] += static_cast<float>(inner);
  if (dbeta != nullptr) dbeta[c] += static_cast<float>(sum);
}

// dx [N, C, S], 0 in padding. share: 1 / how many numbers a channel has, through whose moments
// gradients flow; 0 if the moments were given.
extern "C" __global__ void __launch_bounds__(256)
    batch_norm_backward_f32(FloatIn x, IntIn lengths, FloatIn mean, FloatIn variance, FloatIn gamma,
                            FloatIn dy, const double* __restrict__ sums, FloatOut dx, int batch,
                            int channels, int places, float epsilon, double share,
                            long long total) {
  for (long long i = first_element(); i < total; i += grid_size()) {
    const long long c = i / places % channels;
    float value = 0.0f;
    if (counts(lengths, batch, i / places / channels)) {
      const double inverse = 1.0 / sqrt(wide(variance[c]) + wide(epsilon));
      const double normal = (wide(x[i]) - wide(mean[c])) * inverse;
      const double through = (sums[2 * c] + normal * sums[2 * c + 1]) * share;
      value = static_cast<float>((wide(dy[i]) - through) * inverse * factor(gamma, c));
    }
    dx[i] = value;
  }
}
