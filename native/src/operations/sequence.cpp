#include "gatefold/sequence.h"

#include <cstring>

#include "engine/engine.h"

namespace {

constexpr int64_t kElementsPerThread = 16384;

int64_t rows_per_thread(int64_t columns) { return kElementsPerThread / columns + 1; }

void copy_row(float* to, const float* from, int64_t count) {
  std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
}

bool valid(const gf_engine* engine, int64_t steps, int64_t batch, int64_t features) {
  return engine != nullptr && steps >= 1 && batch >= 1 && features >= 1;
}

bool valid_lengths(int64_t steps, int64_t batch, const int32_t* lengths) {
  for (int64_t b = 0; lengths != nullptr && b < batch; b++) {
    if (lengths[b] < 0 || lengths[b] > steps) {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int gf_swap_axes(gf_engine* engine, int64_t a, int64_t b, int64_t features,
                            const float* x, float* y) {
  if (!valid(engine, a, b, features) || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(
      engine, b, rows_per_thread(a * features), 1, [=](int64_t begin, int64_t end) {
        for (int64_t j = begin; j < end; j++) {
          for (int64_t i = 0; i < a; i++) {
            copy_row(y + (j * a + i) * features, x + (i * b + j) * features, features);
          }
        }
      });
  return GF_OK;
}

extern "C" int gf_length_mask(gf_engine* engine, int64_t steps, int64_t batch,
                              const int32_t* lengths, float* weights) {
  if (!valid(engine, steps, batch, 1) || lengths == nullptr || weights == nullptr ||
      !valid_lengths(steps, batch, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  for (int64_t t = 0; t < steps; t++) {
    for (int64_t b = 0; b < batch; b++) {
      weights[t * batch + b] = t < lengths[b] ? 1.0f : 0.0f;
    }
  }
  return GF_OK;
}

extern "C" int gf_concat_columns(gf_engine* engine, int64_t rows, int64_t p, int64_t q,
                                 const float* a, const float* b, float* y) {
  if (!valid(engine, rows, p, q) || a == nullptr || b == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(engine, rows, rows_per_thread(p + q), 1, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      copy_row(y + r * (p + q), a + r * p, p);
      copy_row(y + r * (p + q) + p, b + r * q, q);
    }
  });
  return GF_OK;
}

extern "C" int gf_split_columns(gf_engine* engine, int64_t rows, int64_t p, int64_t q,
                                const float* y, float* a, float* b) {
  if (!valid(engine, rows, p, q) || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(engine, rows, rows_per_thread(p + q), 1, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      if (a != nullptr) {
        copy_row(a + r * p, y + r * (p + q), p);
      }
      if (b != nullptr) {
        copy_row(b + r * q, y + r * (p + q) + p, q);
      }
    }
  });
  return GF_OK;
}
