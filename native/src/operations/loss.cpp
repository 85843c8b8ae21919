#include "gatefold/loss.h"

#include <cmath>
#include <limits>

#include "engine/engine.h"

namespace gatefold {
namespace {

constexpr int64_t kElementsPerThread = 8192;

/// A loss of a difference, and its derivative.
struct Difference {
  int32_t kind;
  float delta;

  double value(double d) const {
    double size = std::fabs(d);
    switch (kind) {
      case GF_MSE:
        return d * d;
      case GF_MAE:
        return size;
      default:
        return size <= delta ? 0.5 * d * d : delta * (size - 0.5 * delta);
    }
  }

  double slope(double d) const {
    switch (kind) {
      case GF_MSE:
        return 2 * d;
      case GF_MAE:
        return d > 0 ? 1.0 : d < 0 ? -1.0 : d;
      default:
        return d > delta ? delta : d < -delta ? -delta : d;
    }
  }
};

double weight_of(const float* weights, int64_t row) {
  return weights == nullptr ? 1.0 : weights[row];
}

}  // namespace
}  // namespace gatefold

using gatefold::weight_of;

extern "C" int gf_regression_loss(gf_engine* engine, int32_t kind, float delta, int64_t rows,
                                  int64_t columns, const float* x, const float* target,
                                  const float* weights, float* loss, float* dx) {
  if (engine == nullptr || kind < GF_MSE || kind > GF_HUBER || (kind == GF_HUBER && !(delta > 0)) ||
      rows < 1 || columns < 1 || x == nullptr || target == nullptr || loss == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::Difference difference{kind, delta};
  double total = gatefold::parallel_sum(engine, rows, [=](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t r = begin; r < end; r++) {
      sum += weight_of(weights, r);
    }
    return sum;
  });
  double count = total * static_cast<double>(columns);
  double unit = total == 0 ? 0.0 : 1.0 / count;
  double sum = gatefold::parallel_sum(engine, rows * columns, [=](int64_t begin, int64_t end) {
    double part = 0;
    for (int64_t i = begin; i < end; i++) {
      double w = weight_of(weights, i / columns);
      if (w != 0) {
        part += w * difference.value(static_cast<double>(x[i]) - target[i]);
      }
    }
    return part;
  });
  if (dx != nullptr) {
    gatefold::parallel_for(
        engine, rows * columns, gatefold::kElementsPerThread, 16, [=](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; i++) {
            double w = weight_of(weights, i / columns);
            double d = w == 0 ? 0.0 : difference.slope(static_cast<double>(x[i]) - target[i]);
            dx[i] = static_cast<float>(w * unit * d);
          }
        });
  }
  loss[0] = static_cast<float>(total == 0 ? 0.0 : sum / count);
  return GF_OK;
}

extern "C" int gf_cross_entropy(gf_engine* engine, int64_t rows, int64_t columns,
                                const float* logits, const int32_t* labels, int32_t ignore_index,
                                float label_smoothing, const float* weights, float* loss,
                                float* dlogits) {
  if (engine == nullptr || rows < 1 || columns < 1 || logits == nullptr || labels == nullptr ||
      !(label_smoothing >= 0 && label_smoothing < 1) || loss == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  const double smoothing = label_smoothing;
  auto counted = [=](int64_t r) { return labels[r] != ignore_index && weight_of(weights, r) != 0; };
  double total = gatefold::parallel_sum(engine, rows, [=](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t r = begin; r < end; r++) {
      sum += counted(r) ? weight_of(weights, r) : 0.0;
    }
    return sum;
  });
  // A part of the rows, in order: returns the sum of its weighted losses.
  auto rows_of = [=, &k](int64_t begin, int64_t end) {
    double part = 0;
    for (int64_t r = begin; r < end; r++) {
      const float* x = logits + r * columns;
      float* dx = dlogits == nullptr ? nullptr : dlogits + r * columns;
      if (!counted(r)) {
        for (int64_t c = 0; dx != nullptr && c < columns; c++) {
          dx[c] = 0.0f;
        }
        continue;
      }
      double w = weight_of(weights, r);
      bool known = labels[r] >= 0 && labels[r] < columns;
      if (!known) {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        for (int64_t c = 0; dx != nullptr && c < columns; c++) {
          dx[c] = kNan;
        }
        part += kNan;
        continue;
      }
      double label_logit = x[labels[r]];
      double mean_logit = 0;
      if (smoothing > 0) {
        for (int64_t c = 0; c < columns; c++) {
          mean_logit += x[c];
        }
        mean_logit /= static_cast<double>(columns);
      }
      float largest = k.maximum(columns, x);
      double sum = k.exp_sum(columns, x, largest, dx);
      double normaliser = largest + std::log(sum);
      part += w * (normaliser - (1 - smoothing) * label_logit - smoothing * mean_logit);
      if (dx != nullptr) {
        double unit = w / total;
        k.scale(columns, static_cast<float>(unit / sum), dx, dx);
        k.subtract(columns, static_cast<float>(unit * smoothing / static_cast<double>(columns)), dx,
                   dx);
        dx[labels[r]] -= static_cast<float>(unit * (1 - smoothing));
      }
    }
    return part;
  };
  // Parts hold whole rows and depend on the shape alone.
  double sum = gatefold::parallel_row_sum(engine, rows, columns, rows_of);
  loss[0] = static_cast<float>(total == 0 ? 0.0 : sum / total);
  return GF_OK;
}
