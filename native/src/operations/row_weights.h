/// Weights by which rows count in a loss.
#ifndef GATEFOLD_ROW_WEIGHTS_H
#define GATEFOLD_ROW_WEIGHTS_H

#include "engine/engine.h"

namespace gatefold {

inline double weight_of(const float* weights, int64_t row) {
  return weights == nullptr ? 1.0 : weights[row];
}

inline double total_weight(gf_engine* engine, const float* weights, int64_t rows) {
  return parallel_sum(engine, rows, [=](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t r = begin; r < end; r++) {
      sum += weight_of(weights, r);
    }
    return sum;
  });
}

}  // namespace gatefold

#endif  // GATEFOLD_ROW_WEIGHTS_H
