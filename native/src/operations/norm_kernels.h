/// Normalisation of rows. Included inside an instruction set's namespace by pointwise_level.cpp,
/// after pointwise_kernels.h.
#ifndef GATEFOLD_NORM_KERNELS_H
#define GATEFOLD_NORM_KERNELS_H

#include "simd/pair_sum.h"

/// Rows that one float sums up in the gradient of a factor.
constexpr int64_t kNormRun = 1024;

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

/// normal_sums of kVectors vectors side by side, each of so many lanes.
template <int kVectors>
static GF_INLINE void normal_sums_of(int64_t rows, int64_t width, const float* x,
                                     const NormStatistics* s, const float* dy, int lanes,
                                     float* sums) {
  Simd::F high[kVectors], low[kVectors];
  for (int v = 0; v < kVectors; v++) {
    high[v] = low[v] = Simd::zero();
  }
  for (int64_t first = 0; first < rows; first += kNormRun) {
    const int64_t past = first + kNormRun < rows ? first + kNormRun : rows;
    Simd::F part[kVectors];
    for (int v = 0; v < kVectors; v++) {
      part[v] = Simd::zero();
    }
    for (int64_t n = first; n < past; n++) {
      for (int v = 0; v < kVectors; v++) {
        const int64_t at = n * width + v * Simd::kLanes;
        part[v] = Simd::fma(load_lanes(dy + at, lanes), normal_of(load_lanes(x + at, lanes), s[n]),
                            part[v]);
      }
    }
    for (int v = 0; v < kVectors; v++) {
      add_to_pair(high[v], low[v], part[v]);
    }
  }
  for (int v = 0; v < kVectors; v++) {
    float* to = sums + v * Simd::kLanes;
    const Simd::F old = Simd::load_first(to, lanes);
    Simd::store_first(to, Simd::add(old, pair_total(high[v], low[v])), lanes);
  }
}

static void normal_sums(int64_t rows, int64_t width, int64_t begin, int64_t end, const float* x,
                        const NormStatistics* s, const float* dy, float* sums) {
  constexpr int kSide = 4;
  int64_t c = begin;
  for (; c + kSide * Simd::kLanes <= end; c += kSide * Simd::kLanes) {
    normal_sums_of<kSide>(rows, width, x + c, s, dy + c, Simd::kLanes, sums + c);
  }
  for (; c < end; c += Simd::kLanes) {
    const int lanes = static_cast<int>(end - c < Simd::kLanes ? end - c : Simd::kLanes);
    normal_sums_of<1>(rows, width, x + c, s, dy + c, lanes, sums + c);
  }
}

#endif  // GATEFOLD_NORM_KERNELS_H
