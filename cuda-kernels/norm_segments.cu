// What of layer normalisation inside cells is done for all steps of a segment at once: products
// with x, and the gradients of gains.
//
// Thread mapping: common/recurrent/row_norm.cuh.

#include "common/recurrent/row_norm.cuh"

using namespace gatefold;

// rows [N, width] are normalised in place; inverses [N, products], if given: the first of each
// written. Grid: N blocks.
extern "C" __global__ void __launch_bounds__(kRowThreads)
    normalise_products_f32(float* __restrict__ rows, float* __restrict__ inverses, int width,
                           int products) {
  __shared__ double shared[kRowThreads];
  float* row = rows + static_cast<long long>(blockIdx.x) * width;
  const Moments m = row_moments(
      width, [&](int i) { return row[i]; }, shared);
  for (int i = threadIdx.x; i < width; i += kRowThreads) row[i] = (row[i] - m.mean) * m.inverse;
  if (threadIdx.x == 0 && inverses != nullptr) {
    inverses[static_cast<long long>(blockIdx.x) * products] = m.inverse;
  }
}

// From gradients of gates' sums to those of the products with x, in the place of their normal
// values [N, width]; 0 where padding. gains [width]. inverses as above. Row n is step `time` + n /
// batch.
extern "C" __global__ void __launch_bounds__(kRowThreads)
    normalised_products_backward_f32(const float* __restrict__ gates, float* __restrict__ normal,
                                     const float* __restrict__ inverses,
                                     const float* __restrict__ gains,
                                     const int* __restrict__ lengths, int time, int batch,
                                     int width, int products) {
  __shared__ double shared[kRowThreads];
  const long long n = blockIdx.x;
  const float* d = gates + n * width;
  float* row = normal + n * width;
  const bool data = lengths == nullptr || time + n / batch < lengths[n % batch];
  float sum = 0.0f, inner = 0.0f;
  for (int i = threadIdx.x; data && i < width; i += kRowThreads) {
    const float u = d[i] * gains[i];
    sum += u;
    inner = fmaf(u, row[i], inner);
  }
  const BlockSums sums = block_sums(sum, inner, shared);
  const float mean = sums.first / width, along = sums.second / width,
              inverse = inverses[n * products];
  for (int i = threadIdx.x; i < width; i += kRowThreads) {
    row[i] = data ? inverse * (d[i] * gains[i] - mean - row[i] * along) : 0.0f;
  }
}

// sums [2GH], of cells with a cell state [2GH + 2H], += those of gates [N,GH] times normal products
// with x and with h, then the gradients of gain and shift of the cell state, which stand the other
// way round in shift [N,2,H]; in a fixed order and double precision. apart [N,H], or null: the
// gradients of the last gate's recurrent part where it has its own. Block 32 x 8 as in
// column_sums_f32.
extern "C" __global__ void __launch_bounds__(256)
    norm_sums_f32(const float* __restrict__ gates, const float* __restrict__ apart,
                  const float* __restrict__ normal_x, const float* __restrict__ normal_h,
                  const float* __restrict__ shift, float* __restrict__ sums, long long rows,
                  int hidden, int width, int columns) {
  __shared__ double partial[8][32];
  const int column = static_cast<int>(blockIdx.x) * 32 + static_cast<int>(threadIdx.x);
  double sum = 0.0;
  if (column < columns) {
    const float* normal = column < width ? normal_x : normal_h;
    const int gate = column % width;
    const int of_c = column - 2 * width;
    const int place = of_c < hidden ? of_c + hidden : of_c - hidden;
    const int aside = apart != nullptr ? of_c + hidden : -1;
    for (long long row = threadIdx.y; row < rows; row += 8) {
      if (of_c >= 0) {
        sum += static_cast<double>(shift[row * 2 * hidden + place]);
        continue;
      }
      const float d = aside >= 0 ? apart[row * hidden + aside] : gates[row * width + gate];
      // In padding there are no normal products.
      if (d != 0.0f) sum += static_cast<double>(d * normal[row * width + gate]);
    }
  }
  sum = column_sum(sum, partial);
  if (threadIdx.y == 0 && column < columns) sums[column] += static_cast<float>(sum);
}
