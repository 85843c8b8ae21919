// Maxima and means of windows. Steps are [T, N, C], images [N, C, H, W].

#include "common/arrays.cuh"
#include "common/grid.cuh"

using namespace gatefold;

namespace gatefold {

// The words of org.gatefold.op.pooling.PoolingShape.
struct Pooling {
  int average, images, count, channels, height, width, out_height, out_width;
  int kernel_height, kernel_width, stride_height, stride_width, padding_top, padding_left;
  int count_padding;
};

// Where the numbers of one row and channel stand.
struct PoolingPlane {
  long long first;
  long long row_stride, column_stride;

  __device__ __forceinline__ long long at(int row, int column) const {
    return first + row * row_stride + column * column_stride;
  }
};

__device__ __forceinline__ PoolingPlane plane_of(const Pooling& p, int n, int c, int height,
                                                 int width) {
  if (p.images) {
    return {(static_cast<long long>(n) * p.channels + c) * height * width, width, 1};
  }
  return {static_cast<long long>(n) * p.channels + c, static_cast<long long>(p.count) * p.channels,
          0};
}

// A number's row, channel and place within its plane.
struct PoolingPlace {
  int n, c, row, column;
};

__device__ __forceinline__ PoolingPlace place_of(const Pooling& p, long long e, int height,
                                                 int width) {
  if (p.images) {
    const long long plane = e / (static_cast<long long>(height) * width);
    return {static_cast<int>(plane / p.channels), static_cast<int>(plane % p.channels),
            static_cast<int>(e / width % height), static_cast<int>(e % width)};
  }
  return {static_cast<int>(e / p.channels % p.count), static_cast<int>(e % p.channels),
          static_cast<int>(e / p.channels / p.count), 0};
}

// What a window has of x: rows [top, bottom), columns [left, right).
struct PoolingWindow {
  int top, bottom, left, right;

  __device__ __forceinline__ int count() const {
    return bottom > top && right > left ? (bottom - top) * (right - left) : 0;
  }
};

__device__ __forceinline__ PoolingWindow window_of(const Pooling& p, int row, int column,
                                                   int valid) {
  const int top = row * p.stride_height - p.padding_top;
  const int left = column * p.stride_width - p.padding_left;
  return {max(0, top), min(valid, top + p.kernel_height), max(0, left),
          min(p.width, left + p.kernel_width)};
}

__device__ __forceinline__ int valid_rows(const Pooling& p, IntIn lengths, int n) {
  return lengths == nullptr ? p.height : lengths[n];
}

__device__ __forceinline__ bool is_nan(float x) { return x != x; }

// Whether x is the maximum that was found, also if that is NaN.
__device__ __forceinline__ bool is_found(float x, float found) {
  return x == found || (is_nan(x) && is_nan(found));
}

__device__ __forceinline__ double divisor(const Pooling& p, const PoolingWindow& w) {
  return static_cast<double>(p.count_padding ? p.kernel_height * p.kernel_width : w.count());
}

// Whether no number of the window before (row, column) is as large.
__device__ __forceinline__ bool is_first(const PoolingPlane& plane, FloatIn x,
                                         const PoolingWindow& w, int row, int column, float found) {
  for (int i = w.top; i <= row; ++i) {
    for (int j = w.left; j < w.right; ++j) {
      if (i == row && j == column) return true;
      if (is_found(x[plane.at(i, j)], found)) return false;
    }
  }
  return true;
}

}  // namespace gatefold

// elements: those of y.
extern "C" __global__ void __launch_bounds__(256)
    pooling_f32(FloatIn x, IntIn lengths, FloatOut y, Pooling p, long long elements) {
  for (long long e = first_element(); e < elements; e += grid_size()) {
    const PoolingPlace to = place_of(p, e, p.out_height, p.out_width);
    const PoolingWindow w = window_of(p, to.row, to.column, valid_rows(p, lengths, to.n));
    const PoolingPlane plane = plane_of(p, to.n, to.c, p.height, p.width);
    float result = 0.0f;
    if (w.count() > 0 && p.average) {
      double sum = 0.0;
      for (int i = w.top; i < w.bottom; ++i) {
        for (int j = w.left; j < w.right; ++j) sum += static_cast<double>(x[plane.at(i, j)]);
      }
      result = static_cast<float>(sum / divisor(p, w));
    } else if (w.count() > 0) {
      result = x[plane.at(w.top, w.left)];
      for (int i = w.top; i < w.bottom; ++i) {
        for (int j = w.left; j < w.right; ++j) {
          const float value = x[plane.at(i, j)];
          if (value > result || is_nan(value)) result = value;
        }
      }
    }
    y[e] = result;
  }
}

// A thread for each number of x gathers from the windows that have it. elements: those of x.
extern "C" __global__ void __launch_bounds__(256)
    pooling_backward_f32(FloatIn x, IntIn lengths, FloatIn y, FloatIn dy, FloatOut dx, Pooling p,
                         long long elements) {
  for (long long e = first_element(); e < elements; e += grid_size()) {
    const PoolingPlace from = place_of(p, e, p.height, p.width);
    const int valid = valid_rows(p, lengths, from.n);
    double sum = 0.0;
    if (from.row < valid) {
      const PoolingPlane in = plane_of(p, from.n, from.c, p.height, p.width);
      const PoolingPlane out = plane_of(p, from.n, from.c, p.out_height, p.out_width);
      // Of the windows that reach here the last begins here at the latest, and the first ends here.
      const int row = from.row + p.padding_top, column = from.column + p.padding_left;
      const int first_row =
          row < p.kernel_height ? 0 : (row - p.kernel_height) / p.stride_height + 1;
      const int first_column =
          column < p.kernel_width ? 0 : (column - p.kernel_width) / p.stride_width + 1;
      const int last_row = min(row / p.stride_height, p.out_height - 1);
      const int last_column = min(column / p.stride_width, p.out_width - 1);
      for (int i = first_row; i <= last_row; ++i) {
        for (int j = first_column; j <= last_column; ++j) {
          const long long at = out.at(i, j);
          const PoolingWindow w = window_of(p, i, j, valid);
          if (p.average) {
            sum += static_cast<double>(dy[at]) / divisor(p, w);
          } else if (is_found(x[e], y[at]) && is_first(in, x, w, from.row, from.column, y[at])) {
            sum += static_cast<double>(dy[at]);
          }
        }
      }
    }
    dx[e] = static_cast<float>(sum);
  }
}
