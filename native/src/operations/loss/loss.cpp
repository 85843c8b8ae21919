#include "gatefold/loss.h"

#include <cmath>
#include <limits>

#include "engine/engine.h"
#include "operations/row_weights.h"

using gatefold::weight_of;

namespace {

void fill(float* first, int64_t count, float value) {
  for (int64_t i = 0; first != nullptr && i < count; i++) {
    first[i] = value;
  }
}

}  // namespace

extern "C" int gf_cross_entropy(gf_engine* engine, int64_t rows, int64_t columns,
                                const float* logits, const int32_t* labels, int32_t ignore_index,
                                float label_smoothing, const float* class_weights,
                                const float* weights, float* loss, float* dlogits) {
  if (engine == nullptr || rows < 1 || columns < 1 || logits == nullptr || labels == nullptr ||
      !(label_smoothing >= 0 && label_smoothing < 1) || loss == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  const double smoothing = label_smoothing;
  const double spread = smoothing / static_cast<double>(columns);
  auto counted = [=](int64_t r) { return labels[r] != ignore_index && weight_of(weights, r) != 0; };
  auto known = [=](int64_t r) { return labels[r] >= 0 && labels[r] < columns; };
  auto label_weight = [=](int64_t r) {
    return known(r) ? weight_of(class_weights, labels[r]) : 1.0;
  };
  double total = gatefold::parallel_sum(engine, rows, [=](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t r = begin; r < end; r++) {
      sum += counted(r) ? weight_of(weights, r) * label_weight(r) : 0.0;
    }
    return sum;
  });
  double all_classes = 0;
  for (int64_t c = 0; c < columns; c++) {
    all_classes += weight_of(class_weights, c);
  }
  // A part of the rows, in order: returns the sum of its weighted losses.
  auto rows_of = [=, &k](int64_t begin, int64_t end) {
    double part = 0;
    for (int64_t r = begin; r < end; r++) {
      const float* x = logits + r * columns;
      float* dx = dlogits == nullptr ? nullptr : dlogits + r * columns;
      if (!counted(r)) {
        fill(dx, columns, 0.0f);
        continue;
      }
      if (!known(r)) {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        fill(dx, columns, kNan);
        part += kNan;
        continue;
      }
      double w = weight_of(weights, r);
      double label_share = (1 - smoothing) * label_weight(r);
      double shares = label_share + spread * all_classes;
      double label_logit = x[labels[r]];
      double smooth_logits = 0;
      if (smoothing > 0) {
        if (class_weights == nullptr) {
          smooth_logits = k.sum(columns, x);
        } else {
          for (int64_t c = 0; c < columns; c++) {
            smooth_logits += class_weights[c] * static_cast<double>(x[c]);
          }
        }
        smooth_logits *= spread;
      }
      float largest = k.maximum(columns, x);
      double sum = k.exp_sum(columns, x, largest, dx);
      double normaliser = largest + std::log(sum);
      part += w * (shares * normaliser - label_share * label_logit - smooth_logits);
      if (dx != nullptr) {
        double unit = total == 0 ? 0.0 : w / total;
        k.scale(columns, static_cast<float>(unit * shares / sum), dx, dx);
        if (smoothing > 0 && class_weights == nullptr) {
          k.subtract(columns, static_cast<float>(unit * spread), dx, dx);
        } else if (smoothing > 0) {
          for (int64_t c = 0; c < columns; c++) {
            dx[c] -= static_cast<float>(unit * spread * class_weights[c]);
          }
        }
        dx[labels[r]] -= static_cast<float>(unit * label_share);
      }
    }
    return part;
  };
  // Parts hold whole rows and depend on the shape alone.
  double sum = gatefold::parallel_row_sum(engine, rows, columns, rows_of);
  loss[0] = static_cast<float>(total == 0 ? 0.0 : sum / total);
  return GF_OK;
}
