/// Normalisation of rows. Included inside an instruction set's namespace by pointwise_level.cpp,
/// after pointwise_kernels.h.
#ifndef GATEFOLD_NORM_KERNELS_H
#define GATEFOLD_NORM_KERNELS_H

#include "simd/pair_columns.h"

/// The mean of what is left of the numbers after a first mean, which loses digits where they are
/// far from 0, corrects it and the variance.
static NormStatistics row_statistics(int64_t width, const float* x, float epsilon) {
  const double share = 1.0 / static_cast<double>(width);
  const float mean = static_cast<float>(sum(width, x) * share);
  const Simd::F m = Simd::set1(mean);
  double left = 0, squares = 0;
  for (int64_t run = 0; run < width; run += kRun) {
    const int64_t length = width - run < kRun ? width - run : kRun;
    Simd::F part = Simd::zero(), part2 = Simd::zero();
    for_vectors(length, [&](int64_t i, int lanes) {
      Simd::F d = Simd::sub(load_lanes(x + run + i, lanes), m);
      if (lanes < Simd::kLanes) {
        alignas(64) float some[Simd::kLanes] = {};
        Simd::store_first(some, d, lanes);
        d = Simd::load(some);
      }
      part = Simd::add(part, d);
      part2 = Simd::fma(d, d, part2);
    });
    left += lane_sum(part);
    squares += lane_sum(part2);
  }
  const double rest = left * share;
  const double difference = squares * share - rest * rest;
  const double variance = difference < 0 ? 0 : difference;  // NaN stays
  return {mean, static_cast<float>(rest),
          static_cast<float>(1.0 / __builtin_sqrt(variance + static_cast<double>(epsilon)))};
}

static GF_INLINE Simd::F normal_of(Simd::F x, const NormStatistics& s) {
  return Simd::mul(Simd::sub(Simd::sub(x, Simd::set1(s.mean)), Simd::set1(s.rest)),
                   Simd::set1(s.inverse));
}

static void normalize(int64_t width, const float* x, const NormStatistics& s, const float* gamma,
                      const float* beta, float* y) {
  for_vectors(width, [&](int64_t i, int lanes) {
    const Simd::F factor = gamma == nullptr ? Simd::set1(1.0f) : load_lanes(gamma + i, lanes);
    const Simd::F shift = beta == nullptr ? Simd::zero() : load_lanes(beta + i, lanes);
    store_lanes(y + i, Simd::fma(normal_of(load_lanes(x + i, lanes), s), factor, shift), lanes);
  });
}

static void normalize_backward(int64_t width, const float* x, const NormStatistics& s,
                               const float* gamma, const float* dy, float* dx) {
  auto weighted = [&](int64_t i, int lanes) {
    const Simd::F d = load_lanes(dy + i, lanes);
    return gamma == nullptr ? d : Simd::mul(d, load_lanes(gamma + i, lanes));
  };
  double sum = 0, inner = 0;
  for (int64_t run = 0; run < width; run += kRun) {
    const int64_t length = width - run < kRun ? width - run : kRun;
    Simd::F part = Simd::zero(), part_inner = Simd::zero();
    for_vectors(length, [&](int64_t i, int lanes) {
      const Simd::F d = weighted(run + i, lanes);
      part = Simd::add(part, d);
      part_inner =
          Simd::add(part_inner, Simd::mul(d, normal_of(load_lanes(x + run + i, lanes), s)));
    });
    sum += lane_sum(part);
    inner += lane_sum(part_inner);
  }
  const double share = 1.0 / static_cast<double>(width);
  const Simd::F mean = Simd::set1(static_cast<float>(sum * share));
  const Simd::F slope = Simd::set1(static_cast<float>(inner * share));
  for_vectors(width, [&](int64_t i, int lanes) {
    const Simd::F through = Simd::fma(normal_of(load_lanes(x + i, lanes), s), slope, mean);
    store_lanes(dx + i, Simd::mul(Simd::sub(weighted(i, lanes), through), Simd::set1(s.inverse)),
                lanes);
  });
}

static void normal_sums(int64_t rows, int64_t width, int64_t begin, int64_t end, const float* x,
                        const NormStatistics* s, const float* dy, float* sums) {
  add_columns(rows, begin, end, sums, [=](Simd::F part, int64_t row, int64_t column, int lanes) {
    const int64_t at = row * width + column;
    return Simd::fma(load_lanes(dy + at, lanes), normal_of(load_lanes(x + at, lanes), s[row]),
                     part);
  });
}

#endif  // GATEFOLD_NORM_KERNELS_H
