// Dot-product attention. q [T, B, heads*size], k [S, B, heads*size], v and y likewise with
// value_size, weights p [B, heads, T, S]. lengths [B]: valid keys, or null for S everywhere. A
// query attends to the first of them, if causal to no later one.

#include "common/arrays.cuh"
#include "common/grid.cuh"
#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

struct Attention {
  int queries, keys, batch, heads, size, value_size, causal;
  float scale;
};

__device__ __forceinline__ int valid_keys(const Attention& a, IntIn lengths, int row) {
  return lengths == nullptr ? a.keys : lengths[row];
}

// How many keys query i attends to.
__device__ __forceinline__ int attended(const Attention& a, IntIn lengths, int row, int i) {
  const int valid = valid_keys(a, lengths, row);
  return a.causal != 0 && i + 1 < valid ? i + 1 : valid;
}

__device__ __forceinline__ float dot(const float* a, const float* b, int size) {
  float sum = 0.0f;
  for (int d = 0; d < size; ++d) sum += a[d] * b[d];
  return sum;
}

// Where the vector of a step stands, `lane` being row * heads + head.
__device__ __forceinline__ long long vector_at(const Attention& a, long long step, long long lane,
                                               int size) {
  return (step * a.batch * a.heads + lane) * size;
}

// to [T, B, heads*size] = weights [B, heads, T, S] times of [S, B, heads*size], over the keys to
// which a query attends. elements: those of `to`.
__device__ __forceinline__ void sums_of_keys(FloatIn weights, FloatIn of, IntIn lengths,
                                             FloatOut to, const Attention& a, int size,
                                             long long elements) {
  const long long lanes = static_cast<long long>(a.batch) * a.heads;
  for (long long e = first_element(); e < elements; e += grid_size()) {
    const int d = static_cast<int>(e % size);
    const long long lane = e / size % lanes, i = e / size / lanes;
    const int count = attended(a, lengths, static_cast<int>(lane / a.heads), static_cast<int>(i));
    const float* row = weights + (lane * a.queries + i) * a.keys;
    float sum = 0.0f;
    for (int j = 0; j < count; ++j) sum += row[j] * of[vector_at(a, j, lane, size) + d];
    to[e] = sum;
  }
}

}  // namespace gatefold

// p. A block for each query of each lane: gridDim.x = B * heads * T.
extern "C" __global__ void __launch_bounds__(128)
    attention_weights_f32(FloatIn q, FloatIn k, IntIn lengths, FloatOut p, Attention a) {
  __shared__ float most_shared[128];
  __shared__ double sum_shared[128];
  const long long lane = blockIdx.x / a.queries;
  const int i = static_cast<int>(blockIdx.x % a.queries);
  const int count = attended(a, lengths, static_cast<int>(lane / a.heads), i);
  const float* query = q + vector_at(a, i, lane, a.size);
  float* row = p + static_cast<long long>(blockIdx.x) * a.keys;
  float most = -infinity();
  for (int j = threadIdx.x; j < count; j += 128) {
    const float score = a.scale * dot(query, k + vector_at(a, j, lane, a.size), a.size);
    row[j] = score;
    most = fmaxf(most, score);
  }
  most = block_max(most, most_shared);
  double sum = 0.0;
  for (int j = threadIdx.x; j < count; j += 128) {
    const float e = expf(row[j] - most);
    row[j] = e;
    sum += static_cast<double>(e);
  }
  sum = block_sum(sum, sum_shared);
  const float share = static_cast<float>(1.0 / sum);
  for (int j = threadIdx.x; j < a.keys; j += 128) row[j] = j < count ? row[j] * share : 0.0f;
}

// y = p v; elements: those of y.
extern "C" __global__ void __launch_bounds__(256)
    attention_values_f32(FloatIn p, FloatIn v, IntIn lengths, FloatOut y, Attention a,
                         long long elements) {
  sums_of_keys(p, v, lengths, y, a, a.value_size, elements);
}

// ds [B, heads, T, S]: the gradient of q k^T, 0 where a query does not attend. Grid as for p.
extern "C" __global__ void __launch_bounds__(128)
    attention_scores_backward_f32(FloatIn p, FloatIn v, IntIn lengths, FloatIn dy, FloatOut ds,
                                  Attention a) {
  __shared__ double shared[128];
  const long long lane = blockIdx.x / a.queries;
  const int i = static_cast<int>(blockIdx.x % a.queries);
  const int count = attended(a, lengths, static_cast<int>(lane / a.heads), i);
  const float* gradient = dy + vector_at(a, i, lane, a.value_size);
  const long long row = static_cast<long long>(blockIdx.x) * a.keys;
  double inner = 0.0;
  for (int j = threadIdx.x; j < count; j += 128) {
    const float g = dot(gradient, v + vector_at(a, j, lane, a.value_size), a.value_size);
    ds[row + j] = g;
    inner += static_cast<double>(g) * static_cast<double>(p[row + j]);
  }
  const float total = static_cast<float>(block_sum(inner, shared));
  for (int j = threadIdx.x; j < a.keys; j += 128) {
    ds[row + j] = j < count ? p[row + j] * (ds[row + j] - total) * a.scale : 0.0f;
  }
}

// dq = ds k; elements: those of q.
extern "C" __global__ void __launch_bounds__(256)
    attention_queries_backward_f32(FloatIn ds, FloatIn k, IntIn lengths, FloatOut dq, Attention a,
                                   long long elements) {
  sums_of_keys(ds, k, lengths, dq, a, a.size, elements);
}

// to [S, B, heads*size] = the transpose of weights [B, heads, T, S] times from [T, B, heads*size]:
// dk from ds and q, dv from p and dy. 0 behind the lengths. elements: those of `to`.
extern "C" __global__ void __launch_bounds__(256)
    attention_keys_backward_f32(FloatIn weights, FloatIn from, IntIn lengths, FloatOut to,
                                Attention a, int size, long long elements) {
  const long long lanes = static_cast<long long>(a.batch) * a.heads;
  for (long long e = first_element(); e < elements; e += grid_size()) {
    const int d = static_cast<int>(e % size);
    const long long lane = e / size % lanes, j = e / size / lanes;
    float sum = 0.0f;
    if (j < valid_keys(a, lengths, static_cast<int>(lane / a.heads))) {
      for (int i = 0; i < a.queries; ++i) {
        sum += weights[(lane * a.queries + i) * a.keys + j] * from[vector_at(a, i, lane, size) + d];
      }
    }
    to[e] = sum;
  }
}
