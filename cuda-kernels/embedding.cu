// Rows of a table by id. ids [T, B], lengths [B] or null for T everywhere, w [V, D]. For what goes
// back to the table, ids are sorted: `sorted` [N] ascending, V for those that nothing goes back to,
// and `positions` [N], ascending among equals. The thread or block of the first of equal ids works
// on the row, in the order of the positions: no atomics, the same bits in every run.

#include "common/arrays.cuh"
#include "common/grid.cuh"
#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

constexpr int kTile = 256;
constexpr int kDigits = 16;

__device__ __forceinline__ bool is_padding(IntIn lengths, long long n, int batch) {
  return lengths != nullptr && n / batch >= lengths[n % batch];
}

// True if sorted[i] names a row, and none before it the same.
__device__ __forceinline__ bool is_first(IntIn sorted, long long i, int vocabulary) {
  const int id = sorted[i];
  return id >= 0 && id < vocabulary && (i == 0 || sorted[i - 1] != id);
}

// What a row is multiplied by so that it is not longer than max_norm; called by a whole block.
__device__ __forceinline__ double row_scale(const float* row, int width, float max_norm,
                                            double* shared) {
  double squares = 0.0;
  for (int d = threadIdx.x; d < width; d += blockDim.x) {
    const double value = static_cast<double>(row[d]);
    squares += value * value;
  }
  const double norm = sqrt(block_sum(squares, shared));
  const double limit = static_cast<double>(max_norm);
  return norm > limit ? limit / (norm + 1e-7) : 1.0;
}

__device__ __forceinline__ int digit_of(int key, int shift) { return (key >> shift) % kDigits; }

}  // namespace gatefold

// y [T, B, D]; count = T * B.
extern "C" __global__ void __launch_bounds__(256)
    embedding_forward_f32(IntIn ids, IntIn lengths, FloatIn w, FloatOut y, int batch,
                          int vocabulary, int width, long long count) {
  for (long long i = first_element(); i < count * width; i += grid_size()) {
    const long long n = i / width;
    const int id = ids[n];
    float value = not_a_number();
    if (is_padding(lengths, n, batch)) {
      value = 0.0f;
    } else if (id >= 0 && id < vocabulary) {
      value = w[static_cast<long long>(id) * width + i % width];
    }
    y[i] = value;
  }
}

// The same with rows shortened to max_norm on their way. A block for each position, and on.
extern "C" __global__ void __launch_bounds__(128)
    embedding_forward_limited_f32(IntIn ids, IntIn lengths, FloatIn w, FloatOut y, int batch,
                                  int vocabulary, int width, long long count, float max_norm) {
  __shared__ double shared[128];
  for (long long n = blockIdx.x; n < count; n += gridDim.x) {
    const int id = ids[n];
    float* to = y + n * width;
    if (is_padding(lengths, n, batch) || id < 0 || id >= vocabulary) {
      const float value = is_padding(lengths, n, batch) ? 0.0f : not_a_number();
      for (int d = threadIdx.x; d < width; d += blockDim.x) to[d] = value;
    } else {
      const float* row = w + static_cast<long long>(id) * width;
      const double scale = row_scale(row, width, max_norm, shared);
      for (int d = threadIdx.x; d < width; d += blockDim.x) {
        to[d] = static_cast<float>(static_cast<double>(row[d]) * scale);
      }
    }
  }
}

// keys [N]: the ids, V for those that nothing goes back to; order [N]: 0, 1, ...
extern "C" __global__ void __launch_bounds__(256)
    embedding_keys(IntIn ids, IntIn lengths, IntOut keys, IntOut order, int batch, int vocabulary,
                   int padding_id, int count) {
  for (long long n = first_element(); n < count; n += grid_size()) {
    const int id = ids[n];
    const bool nowhere =
        id < 0 || id >= vocabulary || id == padding_id || is_padding(lengths, n, batch);
    keys[n] = nowhere ? vocabulary : id;
    order[n] = static_cast<int>(n);
  }
}

// counts [16, tiles]: how often each digit occurs in each tile of 256 keys. A block for each tile.
extern "C" __global__ void __launch_bounds__(256)
    embedding_count_digits(IntIn keys, IntOut counts, int count, int shift) {
  __shared__ int digits[kTile];
  const int i = blockIdx.x * kTile + threadIdx.x;
  digits[threadIdx.x] = i < count ? digit_of(keys[i], shift) : -1;
  __syncthreads();
  if (threadIdx.x < kDigits) {
    int sum = 0;
    for (int k = 0; k < kTile; ++k) sum += digits[k] == static_cast<int>(threadIdx.x) ? 1 : 0;
    counts[threadIdx.x * gridDim.x + blockIdx.x] = sum;
  }
}

// counts [size] become the sums of all before them. One block.
extern "C" __global__ void __launch_bounds__(256) embedding_scan_counts(IntOut counts, int size) {
  __shared__ int sums[kTile];
  const int each = (size + kTile - 1) / kTile;
  const int from = static_cast<int>(threadIdx.x) * each;
  const int to = from + each < size ? from + each : size;
  int sum = 0;
  for (int i = from; i < to; ++i) sum += counts[i];
  sums[threadIdx.x] = sum;
  __syncthreads();
  int before = 0;
  for (int k = 0; k < static_cast<int>(threadIdx.x); ++k) before += sums[k];
  for (int i = from; i < to; ++i) {
    const int here = counts[i];
    counts[i] = before;
    before += here;
  }
}

// Moves keys and order to where their digit puts them, equal digits in the order they stand in.
// `before` [16, tiles]: the first place of each digit of each tile. A block for each tile.
extern "C" __global__ void __launch_bounds__(256)
    embedding_scatter_digits(IntIn keys, IntIn order, IntIn before, IntOut keys_to, IntOut order_to,
                             int count, int shift) {
  __shared__ int digits[kTile];
  const int i = blockIdx.x * kTile + threadIdx.x;
  const int digit = i < count ? digit_of(keys[i], shift) : -1;
  digits[threadIdx.x] = digit;
  __syncthreads();
  if (i < count) {
    int to = before[digit * gridDim.x + blockIdx.x];
    for (int k = 0; k < static_cast<int>(threadIdx.x); ++k) to += digits[k] == digit ? 1 : 0;
    keys_to[to] = keys[i];
    order_to[to] = order[i];
  }
}

// dw [V, D] accumulated from dy [N, D]. A thread for each feature of each first of equal ids.
extern "C" __global__ void __launch_bounds__(256)
    embedding_backward_f32(IntIn sorted, IntIn positions, FloatIn dy, FloatOut dw, int vocabulary,
                           int width, long long count) {
  for (long long i = first_element(); i < count * width; i += grid_size()) {
    const long long first = i / width;
    if (!is_first(sorted, first, vocabulary)) continue;
    const int id = sorted[first];
    const long long d = i % width;
    // In double precision: a frequent word has thousands of positions.
    double sum = 0.0;
    for (long long k = first; k < count && sorted[k] == id; ++k) {
      sum += static_cast<double>(dy[static_cast<long long>(positions[k]) * width + d]);
    }
    dw[static_cast<long long>(id) * width + d] += static_cast<float>(sum);
  }
}

// Shortens the rows of w [V, D] that ids name to max_norm. A block for each of the ids, and on.
extern "C" __global__ void __launch_bounds__(128)
    embedding_renormalize_f32(IntIn sorted, FloatOut w, int vocabulary, int width, long long count,
                              float max_norm) {
  __shared__ double shared[128];
  for (long long i = blockIdx.x; i < count; i += gridDim.x) {
    if (!is_first(sorted, i, vocabulary)) continue;
    float* row = w + static_cast<long long>(sorted[i]) * width;
    const double scale = row_scale(row, width, max_norm, shared);
    for (int d = threadIdx.x; d < width && scale != 1.0; d += blockDim.x) {
      row[d] = static_cast<float>(static_cast<double>(row[d]) * scale);
    }
  }
}

// Sets the rows of dw [V, D] that ids name to 0.
extern "C" __global__ void __launch_bounds__(256)
    embedding_clear_f32(IntIn sorted, FloatOut dw, int vocabulary, int width, long long count) {
  for (long long i = first_element(); i < count * width; i += grid_size()) {
    const long long first = i / width;
    if (is_first(sorted, first, vocabulary)) {
      dw[static_cast<long long>(sorted[first]) * width + i % width] = 0.0f;
    }
  }
}
