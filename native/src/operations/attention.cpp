#include "gatefold/attention.h"

#include <cstring>
#include <memory>
#include <new>

#include "engine/engine.h"
#include "operations/gemm_call.h"

namespace {

using gatefold::GemmCall;

/// One head of one row: its vectors stand `distance` apart, its weights [queries, keys] together.
struct Head {
  int64_t queries, keys, valid;
  int64_t size, value_size;
  int64_t distance, value_distance;
  int64_t at, value_at, weights_at;  ///< first elements
  bool causal;

  /// The first so many keys, to which query i attends.
  int64_t attended(int64_t i) const { return causal && i + 1 < valid ? i + 1 : valid; }
};

bool valid_attention(const gf_engine* engine, const gf_attention* a, const int32_t* lengths) {
  if (engine == nullptr || a == nullptr || a->queries < 1 || a->keys < 1 || a->batch < 1 ||
      a->heads < 1 || a->size < 1 || a->value_size < 1 || !(a->scale > 0)) {
    return false;
  }
  for (int64_t b = 0; lengths != nullptr && b < a->batch; b++) {
    if (lengths[b] < 0 || lengths[b] > a->keys) {
      return false;
    }
  }
  return true;
}

/// Calls body(head) for every head of every row; ends at the first failure.
template <class Body>
int each_head(const gf_attention& a, const int32_t* lengths, const Body& body) {
  for (int64_t b = 0; b < a.batch; b++) {
    for (int64_t h = 0; h < a.heads; h++) {
      Head head{};
      head.queries = a.queries;
      head.keys = a.keys;
      head.valid = lengths == nullptr ? a.keys : lengths[b];
      head.size = a.size;
      head.value_size = a.value_size;
      head.distance = static_cast<int64_t>(a.batch) * a.heads * a.size;
      head.value_distance = static_cast<int64_t>(a.batch) * a.heads * a.value_size;
      head.at = (b * a.heads + h) * a.size;
      head.value_at = (b * a.heads + h) * a.value_size;
      head.weights_at = (b * a.heads + h) * a.queries * a.keys;
      head.causal = a.causal != 0;
      const int status = body(head);
      if (status != GF_OK) {
        return status;
      }
    }
  }
  return GF_OK;
}

/// c [m, n] = a [m, k] * b [k, n], any of a and b being given as its transpose.
int product(gf_engine* engine, int64_t m, int64_t n, int64_t k, const float* a, int64_t a_distance,
            bool a_transposed, const float* b, int64_t b_distance, bool b_transposed, float* c,
            int64_t c_distance) {
  GemmCall call{};
  call.m = m;
  call.n = n;
  call.k = k;
  call.a = a;
  call.a_distance = a_distance;
  call.a_by_columns = a_transposed;
  call.b = b;
  call.b_distance = b_distance;
  call.b_transposed = b_transposed;
  call.c = c;
  call.c_distance = c_distance;
  return gatefold::run_gemm(engine, call);
}

void zero_rows(float* first, int64_t from, int64_t to, int64_t distance, int64_t size) {
  for (int64_t i = from; i < to; i++) {
    std::memset(first + i * distance, 0, static_cast<size_t>(size) * sizeof(float));
  }
}

/// Scores [queries, keys] of which the first `valid` of a row are set, to weights.
void soften(const gf_engine* engine, const Head& h, float scale, float* weights) {
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  for (int64_t i = 0; i < h.queries; i++) {
    float* row = weights + i * h.keys;
    const int64_t count = h.attended(i);
    if (count > 0) {
      k.scale(count, scale, row, row);
      const double sum = k.exp_sum(count, row, k.maximum(count, row), row);
      k.scale(count, static_cast<float>(1.0 / sum), row, row);
    }
    std::memset(row + count, 0, static_cast<size_t>(h.keys - count) * sizeof(float));
  }
}

}  // namespace

extern "C" int gf_attention_forward(gf_engine* engine, const gf_attention* attention,
                                    const float* q, const float* k, const float* v,
                                    const int32_t* lengths, float* p, float* y) {
  if (!valid_attention(engine, attention, lengths) || q == nullptr || k == nullptr ||
      v == nullptr || p == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  return each_head(*attention, lengths, [&](const Head& h) -> int {
    float* weights = p + h.weights_at;
    float* out = y + h.value_at;
    if (h.valid == 0) {
      zero_rows(weights, 0, h.queries, h.keys, h.keys);
      zero_rows(out, 0, h.queries, h.value_distance, h.value_size);
      return GF_OK;
    }
    const int status = product(engine, h.queries, h.valid, h.size, q + h.at, h.distance, false,
                               k + h.at, h.distance, true, weights, h.keys);
    if (status != GF_OK) {
      return status;
    }
    soften(engine, h, attention->scale, weights);
    return product(engine, h.queries, h.value_size, h.valid, weights, h.keys, false, v + h.value_at,
                   h.value_distance, false, out, h.value_distance);
  });
}

extern "C" int gf_attention_backward(gf_engine* engine, const gf_attention* attention,
                                     const float* q, const float* k, const float* v,
                                     const int32_t* lengths, const float* p, const float* dy,
                                     float* dq, float* dk, float* dv) {
  if (!valid_attention(engine, attention, lengths) || q == nullptr || k == nullptr ||
      v == nullptr || p == nullptr || dy == nullptr || dq == nullptr || dk == nullptr ||
      dv == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const int64_t scores = static_cast<int64_t>(attention->queries) * attention->keys;
  std::unique_ptr<float[]> memory(new (std::nothrow) float[static_cast<size_t>(scores)]);
  if (memory == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  float* ds = memory.get();
  return each_head(*attention, lengths, [&](const Head& h) -> int {
    const float* weights = p + h.weights_at;
    const float* gradient = dy + h.value_at;
    zero_rows(dk + h.at, h.valid, h.keys, h.distance, h.size);
    zero_rows(dv + h.value_at, h.valid, h.keys, h.value_distance, h.value_size);
    if (h.valid == 0) {
      zero_rows(dq + h.at, 0, h.queries, h.distance, h.size);
      return GF_OK;
    }
    int status = product(engine, h.valid, h.value_size, h.queries, weights, h.keys, true, gradient,
                         h.value_distance, false, dv + h.value_at, h.value_distance);
    if (status == GF_OK) {
      status = product(engine, h.queries, h.valid, h.value_size, gradient, h.value_distance, false,
                       v + h.value_at, h.value_distance, true, ds, h.keys);
    }
    for (int64_t i = 0; i < h.queries && status == GF_OK; i++) {
      const float* row = weights + i * h.keys;
      float* to = ds + i * h.keys;
      double inner = 0;
      for (int64_t j = 0; j < h.valid; j++) {
        inner += static_cast<double>(row[j]) * static_cast<double>(to[j]);
      }
      for (int64_t j = 0; j < h.valid; j++) {
        to[j] = row[j] * (to[j] - static_cast<float>(inner)) * attention->scale;
      }
    }
    if (status == GF_OK) {
      status = product(engine, h.queries, h.size, h.valid, ds, h.keys, false, k + h.at, h.distance,
                       false, dq + h.at, h.distance);
    }
    if (status == GF_OK) {
      status = product(engine, h.valid, h.size, h.queries, ds, h.keys, true, q + h.at, h.distance,
                       false, dk + h.at, h.distance);
    }
    return status;
  });
}
