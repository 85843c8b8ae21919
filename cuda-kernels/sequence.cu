// Moves and reduces padded time-major batches [T, B, F]. Grid-stride loops over the output's
// elements; neighbouring threads handle neighbouring features. No shared memory. lengths [B], or
// null for T everywhere.

#include "common/arrays.cuh"
#include "common/grid.cuh"

namespace gatefold {

enum Pooling { kLast, kMean, kMax };

__device__ __forceinline__ int first_maximum(const float* x, long long stride, int length) {
  int best = 0;
  float most = x[0];
  for (int t = 1; t < length; ++t) {
    const float v = x[t * stride];
    if (v > most || (v != v && most == most)) {
      most = v;
      best = t;
    }
  }
  return best;
}

}  // namespace gatefold

using namespace gatefold;

// x [M, N, F] to y [N, M, F].
extern "C" __global__ void __launch_bounds__(256)
    transpose_f32(FloatIn x, FloatOut y, int m, int n, int features) {
  const long long total = static_cast<long long>(m) * n * features;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const int f = static_cast<int>(i % features);
    const long long row = i / features;
    const int inner = static_cast<int>(row % m), outer = static_cast<int>(row / m);
    y[i] = x[(static_cast<long long>(inner) * n + outer) * features + f];
  }
}

// x [T, B, F] to y [B, F]: last valid step, mean or maximum over the valid steps.
extern "C" __global__ void __launch_bounds__(256)
    pool_f32(int pooling, FloatIn x, const int* __restrict__ lengths, FloatOut y, int steps,
             int batch, int features) {
  const long long total = static_cast<long long>(batch) * features;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const int length = lengths == nullptr ? steps : lengths[i / features];
    float value = 0.0f;
    if (length > 0 && pooling == kLast) {
      value = x[(length - 1) * total + i];
    } else if (length > 0 && pooling == kMean) {
      double sum = 0.0;
      for (int t = 0; t < length; ++t) sum += static_cast<double>(x[t * total + i]);
      value = static_cast<float>(sum / length);
    } else if (length > 0) {
      value = x[first_maximum(x + i, total, length) * total + i];
    }
    y[i] = value;
  }
}

// dy [B, F] to dx [T, B, F], written completely. One thread per row and feature writes its column.
extern "C" __global__ void __launch_bounds__(256)
    pool_backward_f32(int pooling, FloatIn x, const int* __restrict__ lengths, FloatIn dy,
                      FloatOut dx, int steps, int batch, int features) {
  const long long total = static_cast<long long>(batch) * features;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const int length = lengths == nullptr ? steps : lengths[i / features];
    int from = 0, to = 0;
    float value = dy[i];
    if (pooling == kMean) {
      to = length;
      value = length > 0 ? value / static_cast<float>(length) : 0.0f;
    } else if (length > 0) {
      from = pooling == kLast ? length - 1 : first_maximum(x + i, total, length);
      to = from + 1;
    }
    for (int t = 0; t < steps; ++t) dx[t * total + i] = t >= from && t < to ? value : 0.0f;
  }
}

// weights [T, B]: 1 for data, 0 for padding.
extern "C" __global__ void __launch_bounds__(256)
    mask_f32(const int* __restrict__ lengths, FloatOut weights, int steps, int batch) {
  const long long total = static_cast<long long>(steps) * batch;
  for (long long i = first_element(); i < total; i += grid_size()) {
    weights[i] = i / batch < lengths[i % batch] ? 1.0f : 0.0f;
  }
}

// y = x where x [T, B, F] is data, 0 in padding, so that nothing which stands there enters a
// product.
extern "C" __global__ void __launch_bounds__(256)
    clear_padding_f32(FloatIn x, const int* __restrict__ lengths, FloatOut y, int steps, int batch,
                      int features) {
  const long long total = static_cast<long long>(steps) * batch * features;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const long long row = i / features;
    y[i] = row / batch < lengths[row % batch] ? x[i] : 0.0f;
  }
}

// Where an element of [N, F+G] stands in [N, F] or [N, G].
struct ColumnPlace {
  bool left;
  long long at;

  __device__ __forceinline__ ColumnPlace(long long element, int lefts, int rights) {
    const long long row = element / (lefts + rights);
    const int column = static_cast<int>(element % (lefts + rights));
    left = column < lefts;
    at = left ? row * lefts + column : row * rights + column - lefts;
  }
};

// a [N, F] and b [N, G] side by side to y [N, F+G].
extern "C" __global__ void __launch_bounds__(256)
    concatenate_f32(FloatIn a, FloatIn b, FloatOut y, int rows, int left, int right) {
  const long long total = static_cast<long long>(rows) * (left + right);
  for (long long i = first_element(); i < total; i += grid_size()) {
    const ColumnPlace place(i, left, right);
    y[i] = place.left ? a[place.at] : b[place.at];
  }
}

// The inverse of concatenate.
extern "C" __global__ void __launch_bounds__(256)
    split_f32(FloatIn y, FloatOut a, FloatOut b, int rows, int left, int right) {
  const long long total = static_cast<long long>(rows) * (left + right);
  for (long long i = first_element(); i < total; i += grid_size()) {
    const ColumnPlace place(i, left, right);
    (place.left ? a : b)[place.at] = y[i];
  }
}
