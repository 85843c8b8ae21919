#include <cmath>

#include "engine/engine.h"
#include "gatefold/loss.h"
#include "operations/row_weights.h"

namespace {

/// PyTorch's, added to squared lengths.
constexpr double kEpsilon = 1e-12;

void zero(float* first, int64_t count) {
  for (int64_t i = 0; first != nullptr && i < count; i++) {
    first[i] = 0.0f;
  }
}

/// Sets d, unless null, to factor times the slope of cos(a, b) in a.
void set_slope(int64_t columns, const float* a, const float* b, double factor, double size,
               double cosine, double aa, float* d) {
  for (int64_t c = 0; d != nullptr && c < columns; c++) {
    const double slope = static_cast<double>(b[c]) / size - cosine * static_cast<double>(a[c]) / aa;
    d[c] = static_cast<float>(factor * slope);
  }
}

}  // namespace

extern "C" int gf_cosine_embedding_loss(gf_engine* engine, int64_t rows, int64_t columns,
                                        const float* a, const float* b, const float* together,
                                        float margin, const float* weights, float* loss, float* da,
                                        float* db) {
  if (engine == nullptr || rows < 1 || columns < 1 || a == nullptr || b == nullptr ||
      loss == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const double total = gatefold::total_weight(engine, weights, rows);
  const double least = margin;
  auto rows_of = [=](int64_t begin, int64_t end) {
    double part = 0;
    for (int64_t r = begin; r < end; r++) {
      const double w = gatefold::weight_of(weights, r);
      const float* x = a + r * columns;
      const float* y = b + r * columns;
      float* dx = da == nullptr ? nullptr : da + r * columns;
      float* dy = db == nullptr ? nullptr : db + r * columns;
      if (w == 0) {
        zero(dx, columns);
        zero(dy, columns);
        continue;
      }
      double xy = 0, xx = kEpsilon, yy = kEpsilon;
      for (int64_t c = 0; c < columns; c++) {
        const double u = x[c], v = y[c];
        xy += u * v;
        xx += u * u;
        yy += v * v;
      }
      const double size = std::sqrt(xx * yy), cosine = xy / size;
      const bool pair = together == nullptr || together[r] > 0;
      const bool near = !(cosine <= least);  // NaN is
      part += w * (pair ? 1 - cosine : near ? cosine - least : 0.0);
      const double factor = pair ? -w / total : near ? w / total : 0.0;
      set_slope(columns, x, y, factor, size, cosine, xx, dx);
      set_slope(columns, y, x, factor, size, cosine, yy, dy);
    }
    return part;
  };
  const double sum = gatefold::parallel_row_sum(engine, rows, columns, rows_of);
  loss[0] = static_cast<float>(total == 0 ? 0.0 : sum / total);
  return GF_OK;
}
