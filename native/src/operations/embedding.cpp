#include "gatefold/embedding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/engine.h"
#include "engine/scratch.h"

namespace {

constexpr int64_t kElementsPerThread = 16384;
/// Rows of a table for each id, from which on it pays to compare ids with each other.
constexpr int64_t kRowsPerId = 16;

constexpr double kNormEpsilon = 1e-7;

/// What a row is multiplied by so that it is not longer than max_norm.
double row_scale(const gf_engine* engine, const float* row, int64_t width, float max_norm) {
  double norm = std::sqrt(engine->kernels->pointwise->square_sum(width, row));
  double limit = static_cast<double>(max_norm);
  return norm > limit ? limit / (norm + kNormEpsilon) : 1.0;
}

void scale_row(const float* from, int64_t width, double scale, float* to) {
  for (int64_t d = 0; d < width; d++) {
    to[d] = static_cast<float>(static_cast<double>(from[d]) * scale);
  }
}

/// Calls body(row, first, end) for every id that is a row, `first` to `end` being where it stands.
template <class Body>
void each_row(gf_engine* engine, int64_t count, int64_t vocabulary, int64_t width,
              const int32_t* sorted, const Body& body) {
  gatefold::parallel_for(engine, count, kElementsPerThread / width + 1, 1,
                         [=, &body](int64_t begin, int64_t stop) {
                           for (int64_t i = begin; i < stop; i++) {
                             const int32_t id = sorted[i];
                             if (id < 0 || id >= vocabulary || (i > 0 && sorted[i - 1] == id)) {
                               continue;
                             }
                             int64_t end = i + 1;
                             while (end < count && sorted[end] == id) {
                               end++;
                             }
                             body(id, i, end);
                           }
                         });
}

bool valid(const gf_engine* engine, int64_t count, int64_t vocabulary, int64_t width,
           const int32_t* sorted) {
  return engine != nullptr && count >= 1 && vocabulary >= 1 && width >= 1 && sorted != nullptr;
}

}  // namespace

extern "C" int gf_embedding_forward(gf_engine* engine, int64_t steps, int64_t batch,
                                    int64_t vocabulary, int64_t width, const int32_t* ids,
                                    const int32_t* lengths, const float* w, float max_norm,
                                    float* y) {
  if (!valid(engine, steps, vocabulary, width, ids) || batch < 1 || w == nullptr || y == nullptr ||
      !(max_norm >= 0)) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(
      engine, steps * batch, kElementsPerThread / width + 1, 1, [=](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; n++) {
          const int32_t id = ids[n];
          float* to = y + n * width;
          if (lengths != nullptr && n / batch >= lengths[n % batch]) {
            std::memset(to, 0, static_cast<size_t>(width) * sizeof(float));
          } else if (id < 0 || id >= vocabulary) {
            std::fill(to, to + width, std::numeric_limits<float>::quiet_NaN());
          } else {
            const float* from = w + id * width;
            double scale = max_norm > 0 ? row_scale(engine, from, width, max_norm) : 1.0;
            if (scale == 1.0) {
              std::memcpy(to, from, static_cast<size_t>(width) * sizeof(float));
            } else {
              scale_row(from, width, scale, to);
            }
          }
        }
      });
  return GF_OK;
}

extern "C" int gf_embedding_sort(gf_engine* engine, int64_t steps, int64_t batch,
                                 int64_t vocabulary, int64_t padding_id, const int32_t* ids,
                                 const int32_t* lengths, int32_t* sorted, int32_t* positions) {
  if (!valid(engine, steps, vocabulary, batch, ids) || sorted == nullptr || positions == nullptr ||
      steps * batch > std::numeric_limits<int32_t>::max() ||
      vocabulary > std::numeric_limits<int32_t>::max()) {
    return GF_INVALID_ARGUMENT;
  }
  const int32_t nowhere = static_cast<int32_t>(vocabulary);
  auto key = [=](int32_t n) {
    const int32_t id = ids[n];
    const bool padding = lengths != nullptr && n / batch >= lengths[n % batch];
    return id < 0 || id >= vocabulary || id == padding_id || padding ? nowhere : id;
  };
  const int32_t count = static_cast<int32_t>(steps * batch);
  // Of a table that is not far larger, ids are counted: where each begins follows.
  if (vocabulary / kRowsPerId < count) {
    int32_t* ends =
        reinterpret_cast<int32_t*>(gatefold::scratch(gatefold::ScratchUse::kCall, vocabulary + 1));
    if (ends == nullptr) {
      return GF_OUT_OF_MEMORY;
    }
    std::fill(ends, ends + vocabulary + 1, 0);
    for (int32_t n = 0; n < count; n++) {
      ends[key(n)]++;
    }
    for (int64_t id = 1; id <= vocabulary; id++) {
      ends[id] += ends[id - 1];
    }
    for (int32_t n = count - 1; n >= 0; n--) {
      positions[--ends[key(n)]] = n;
    }
  } else {
    for (int32_t n = 0; n < count; n++) {
      positions[n] = n;
    }
    // In place; no two elements are equal, so that the result is that of a stable sort.
    std::sort(positions, positions + count, [&](int32_t a, int32_t b) {
      const int32_t key_a = key(a), key_b = key(b);
      return key_a != key_b ? key_a < key_b : a < b;
    });
  }
  for (int32_t i = 0; i < count; i++) {
    sorted[i] = key(positions[i]);
  }
  return GF_OK;
}

extern "C" int gf_embedding_backward(gf_engine* engine, int64_t count, int64_t vocabulary,
                                     int64_t width, const int32_t* sorted, const int32_t* positions,
                                     const float* dy, float* dw) {
  if (!valid(engine, count, vocabulary, width, sorted) || positions == nullptr || dy == nullptr ||
      dw == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  each_row(engine, count, vocabulary, width, sorted, [&](int64_t row, int64_t first, int64_t end) {
    // In double precision: a frequent word has thousands of positions.
    k.add_rows(end - first, positions + first, width, dy, dw + row * width);
  });
  return GF_OK;
}

extern "C" int gf_embedding_renormalize(gf_engine* engine, int64_t count, int64_t vocabulary,
                                        int64_t width, const int32_t* sorted, float max_norm,
                                        float* w) {
  if (!valid(engine, count, vocabulary, width, sorted) || !(max_norm > 0) || w == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  each_row(engine, count, vocabulary, width, sorted, [=](int64_t row, int64_t, int64_t) {
    float* at = w + row * width;
    double scale = row_scale(engine, at, width, max_norm);
    if (scale != 1.0) {
      scale_row(at, width, scale, at);
    }
  });
  return GF_OK;
}

extern "C" int gf_embedding_clear(gf_engine* engine, int64_t count, int64_t vocabulary,
                                  int64_t width, const int32_t* sorted, float* dw) {
  if (!valid(engine, count, vocabulary, width, sorted) || dw == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  each_row(engine, count, vocabulary, width, sorted, [=](int64_t row, int64_t, int64_t) {
    std::memset(dw + row * width, 0, static_cast<size_t>(width) * sizeof(float));
  });
  return GF_OK;
}
