/// Mean and deviation of rows of numbers, and the gradient through them. Included inside an
/// instruction set's namespace, after stepped_layer.h.
///
/// A row is G blocks of units, one after the other.
#ifndef GATEFOLD_NORMED_ROWS_H
#define GATEFOLD_NORMED_ROWS_H

#include "steps/stepped_layer.h"

/// Added to variances.
constexpr float kNormEpsilon = 1e-5f;

static GF_INLINE float sum_of_lanes(Simd::F v) {
  alignas(64) float lanes[Simd::kLanes];
  Simd::store(lanes, v);
  for (int half = Simd::kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) {
      lanes[i] += lanes[i + half];
    }
  }
  return lanes[0];
}

/// The first lanes; the others become 0.
static GF_INLINE Simd::F first_lanes(Simd::F v, int lanes) {
  if (lanes == Simd::kLanes) {
    return v;
  }
  alignas(64) float all[Simd::kLanes];
  Simd::store(all, v);
  return Simd::load_first(all, lanes);
}

/// Calls body(block, offset, lanes) for the vectors of a row.
template <int G, class Body>
static GF_INLINE void for_row(const SteppedLayout& l, const Body& body) {
  for (int64_t u = 0; u < l.hidden; u += Simd::kLanes) {
    const int lanes = lanes_at(u, l.hidden);
#pragma GCC unroll 8
    for (int g = 0; g < G; g++) {
      body(g, g * l.units + u, lanes);
    }
  }
}

template <int G>
static GF_INLINE float total_of(const Simd::F (&sums)[G]) {
  Simd::F sum = sums[0];
#pragma GCC unroll 8
  for (int g = 1; g < G; g++) {
    sum = Simd::add(sum, sums[g]);
  }
  return sum_of_lanes(sum);
}

/// Mean and 1 / deviation of a row, with zeros where there are no units.
template <int G>
static GF_INLINE void take_moments(const SteppedLayout& l, const float* row, float* moments) {
  using S = Simd;
  const float count = static_cast<float>(G * l.hidden);
  S::F sums[G], squares[G];
#pragma GCC unroll 8
  for (int g = 0; g < G; g++) {
    sums[g] = squares[g] = S::zero();
  }
  for_row<G>(l, [&](int g, int64_t at, int) { sums[g] = S::add(sums[g], S::load(row + at)); });
  moments[0] = total_of(sums) / count;
  const S::F mean = S::set1(moments[0]);
  for_row<G>(l, [&](int g, int64_t at, int lanes) {
    const S::F centred = first_lanes(S::sub(S::load(row + at), mean), lanes);
    squares[g] = S::fma(centred, centred, squares[g]);
  });
  moments[1] = 1.0f / __builtin_sqrtf(total_of(squares) / count + kNormEpsilon);
}

/// A row as its moments make it normal.
struct NormalRow {
  const float* row;
  Simd::F mean, inverse;

  GF_INLINE NormalRow(const float* of, const float* moments)
      : row(of), mean(Simd::set1(moments[0])), inverse(Simd::set1(moments[1])) {}

  GF_INLINE Simd::F at(int64_t i) const {
    return Simd::mul(Simd::sub(Simd::load(row + i), mean), inverse);
  }
};

/// What of the gradients of a normal row goes through its moments.
template <int G>
struct MomentGradients {
  Simd::F sums[G], products[G];
  Simd::F mean, along;  ///< once all are added: means of gradients, and times the normal row

  GF_INLINE MomentGradients() : mean(Simd::zero()), along(Simd::zero()) {
#pragma GCC unroll 8
    for (int g = 0; g < G; g++) {
      sums[g] = products[g] = Simd::zero();
    }
  }

  /// Adds a vector of block g, which is 0 where there are no units.
  GF_INLINE void add(int g, Simd::F gradient, Simd::F normal) {
    sums[g] = Simd::add(sums[g], gradient);
    products[g] = Simd::fma(gradient, normal, products[g]);
  }

  GF_INLINE void finish(const SteppedLayout& l) {
    const float count = static_cast<float>(G * l.hidden);
    mean = Simd::set1(total_of(sums) / count);
    along = Simd::set1(total_of(products) / count);
  }

  /// The gradient of what the normal row was made of.
  GF_INLINE Simd::F through(const NormalRow& row, Simd::F gradient, Simd::F normal,
                            int lanes) const {
    const Simd::F rest = Simd::fnma(normal, along, Simd::sub(gradient, mean));
    return first_lanes(Simd::mul(row.inverse, rest), lanes);
  }
};

#endif  // GATEFOLD_NORMED_ROWS_H
