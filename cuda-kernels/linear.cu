// What a matrix product leaves to do in a linear layer: adding the bias, and the bias' gradient.

#include "common/grid.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

// y [N, O] += b [O]. Grid-stride loop over the elements.
extern "C" __global__ void __launch_bounds__(256)
    add_bias_f32(const float* __restrict__ b, float* __restrict__ y, long long n, int columns) {
  for (long long i = first_element(); i < n; i += grid_size()) y[i] += b[i % columns];
}

// sums [C] += column sums of x [N, C] whose rows are `stride` floats apart, in a fixed order and
// double precision. Block 32 x 8: a lane for each of 32 columns, rows dealt to 8 groups; thread row
// 0 adds the groups in order.
extern "C" __global__ void __launch_bounds__(256)
    column_sums_f32(const float* __restrict__ x, float* __restrict__ sums, long long rows,
                    int columns, int stride) {
  __shared__ double partial[8][32];
  const int column = static_cast<int>(blockIdx.x) * 32 + static_cast<int>(threadIdx.x);
  double sum = 0.0;
  if (column < columns) {
    for (long long row = threadIdx.y; row < rows; row += 8) {
      sum += static_cast<double>(x[row * stride + column]);
    }
  }
  sum = column_sum(sum, partial);
  if (threadIdx.y == 0 && column < columns) sums[column] += static_cast<float>(sum);
}
