#include "gatefold/sequence.h"

#include <cstring>

#include "engine/engine.h"

namespace {

constexpr int64_t kElementsPerThread = 16384;

int64_t rows_per_thread(int64_t columns) { return kElementsPerThread / columns + 1; }

void copy_row(float* to, const float* from, int64_t count) {
  std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
}

void zero_row(float* to, int64_t count) {
  std::memset(to, 0, static_cast<size_t>(count) * sizeof(float));
}

/// The mean of `count` rows, `distance` apart, in double precision: rows may be many.
void mean_rows(const float* from, int64_t distance, int64_t count, int64_t features, float* to) {
  constexpr int64_t kSome = 32;
  for (int64_t first = 0; first < features; first += kSome) {
    const int64_t some = features - first < kSome ? features - first : kSome;
    double sums[kSome] = {};
    for (int64_t t = 0; t < count; t++) {
      const float* row = from + t * distance + first;
      for (int64_t f = 0; f < some; f++) {
        sums[f] += row[f];
      }
    }
    for (int64_t f = 0; f < some; f++) {
      to[first + f] = static_cast<float>(sums[f] / static_cast<double>(count));
    }
  }
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

extern "C" int gf_pool_forward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                               int64_t features, const float* x, const int32_t* lengths, float* y) {
  if (!valid(engine, steps, batch, features) || pooling < GF_POOL_LAST || pooling > GF_POOL_MAX ||
      x == nullptr || y == nullptr || !valid_lengths(steps, batch, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(engine, batch, rows_per_thread(steps * features), 1,
                         [=](int64_t begin, int64_t end) {
                           for (int64_t b = begin; b < end; b++) {
                             int64_t length = lengths == nullptr ? steps : lengths[b];
                             float* to = y + b * features;
                             auto row = [=](int64_t t) { return x + (t * batch + b) * features; };
                             if (length == 0) {
                               zero_row(to, features);
                               continue;
                             }
                             if (pooling == GF_POOL_MEAN) {
                               mean_rows(row(0), batch * features, length, features, to);
                               continue;
                             }
                             copy_row(to, row(pooling == GF_POOL_LAST ? length - 1 : 0), features);
                             for (int64_t t = 1; t < length && pooling == GF_POOL_MAX; t++) {
                               const float* from = row(t);
                               for (int64_t f = 0; f < features; f++) {
                                 to[f] = to[f] >= from[f] || to[f] != to[f] ? to[f] : from[f];
                               }
                             }
                           }
                         });
  return GF_OK;
}

extern "C" int gf_pool_backward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                                int64_t features, const float* x, const int32_t* lengths,
                                const float* dy, float* dx) {
  if (!valid(engine, steps, batch, features) || pooling < GF_POOL_LAST || pooling > GF_POOL_MAX ||
      (pooling == GF_POOL_MAX && x == nullptr) || dy == nullptr || dx == nullptr ||
      !valid_lengths(steps, batch, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(
      engine, batch, rows_per_thread(steps * features), 1, [=](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; b++) {
          int64_t length = lengths == nullptr ? steps : lengths[b];
          const float* from = dy + b * features;
          auto at = [=](int64_t t) { return (t * batch + b) * features; };
          for (int64_t t = 0; t < steps; t++) {
            float* to = dx + at(t);
            if (pooling == GF_POOL_MEAN && t < length) {
              float count = static_cast<float>(length);
              for (int64_t f = 0; f < features; f++) {
                to[f] = from[f] / count;
              }
            } else if (pooling == GF_POOL_LAST && t == length - 1) {
              copy_row(to, from, features);
            } else {
              zero_row(to, features);
            }
          }
          for (int64_t f = 0; f < features && pooling == GF_POOL_MAX && length > 0; f++) {
            int64_t best = 0;
            for (int64_t t = 1; t < length; t++) {
              float largest = x[at(best) + f];
              float v = x[at(t) + f];
              best = largest >= v || largest != largest ? best : t;
            }
            dx[at(best) + f] = from[f];
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
