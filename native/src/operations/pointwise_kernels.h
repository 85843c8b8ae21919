/// Elementwise kernels and row reductions. Included inside an instruction set's namespace by
/// pointwise_level.cpp.
#ifndef GATEFOLD_POINTWISE_KERNELS_H
#define GATEFOLD_POINTWISE_KERNELS_H

#include "gatefold/elementwise.h"
#include "simd/pair_sum.h"
#include "simd/simd_lanes.h"
#include "simd/vec_activations.h"
#include "simd/vec_philox.h"

template <class Function>
static GF_INLINE void map(int64_t count, const float* x, float* y, Function f) {
  for_vectors(
      count, [&](int64_t i, int lanes) { store_lanes(y + i, f(load_lanes(x + i, lanes)), lanes); });
}

template <class Function>
static GF_INLINE void map(int64_t count, const float* a, const float* b, float* y, Function f) {
  for_vectors(count, [&](int64_t i, int lanes) {
    store_lanes(y + i, f(load_lanes(a + i, lanes), load_lanes(b + i, lanes)), lanes);
  });
}

static void exp_range(int64_t count, const float* x, float* y) {
  map(count, x, y, [](Simd::F v) { return vec_exp(v); });
}

static void sigmoid_range(int64_t count, const float* x, float* y) {
  map(count, x, y, [](Simd::F v) { return vec_sigmoid(v); });
}

static void tanh_range(int64_t count, const float* x, float* y) {
  map(count, x, y, [](Simd::F v) { return vec_tanh(v); });
}

static void binary(int32_t kind, int64_t count, const float* a, const float* b, float* y) {
  using S = Simd;
  switch (kind) {
    case GF_ADD:
      map(count, a, b, y, [](S::F u, S::F v) { return S::add(u, v); });
      break;
    case GF_SUBTRACT:
      map(count, a, b, y, [](S::F u, S::F v) { return S::sub(u, v); });
      break;
    case GF_MULTIPLY:
      map(count, a, b, y, [](S::F u, S::F v) { return S::mul(u, v); });
      break;
    case GF_DIVIDE:
      map(count, a, b, y, [](S::F u, S::F v) { return S::div(u, v); });
      break;
    case GF_MAXIMUM:  // S::max gives v where either is NaN
      map(count, a, b, y,
          [](S::F u, S::F v) { return S::select(S::less_equal(u, u), S::max(u, v), u); });
      break;
    case GF_MINIMUM:
      map(count, a, b, y,
          [](S::F u, S::F v) { return S::select(S::less_equal(u, u), S::min(u, v), u); });
      break;
    default:  // GF_AVERAGE
      map(count, a, b, y, [](S::F u, S::F v) { return S::mul(S::set1(0.5f), S::add(u, v)); });
  }
}

static void scale(int64_t count, float alpha, const float* x, float* y) {
  Simd::F a = Simd::set1(alpha);
  map(count, x, y, [a](Simd::F v) { return Simd::mul(a, v); });
}

static void scaled_add(int64_t count, float alpha, const float* x, float* y) {
  Simd::F a = Simd::set1(alpha);
  map(count, x, y, y, [a](Simd::F u, Simd::F v) { return Simd::fma(a, u, v); });
}

static void subtract(int64_t count, float shift, const float* x, float* y) {
  Simd::F s = Simd::set1(shift);
  map(count, x, y, [s](Simd::F v) { return Simd::sub(v, s); });
}

static void clip(int64_t count, float limit, float* x) {
  Simd::F high = Simd::set1(limit);
  Simd::F low = Simd::set1(-limit);
  map(count, x, x, [=](Simd::F v) { return vec_within(low, high, v); });
}

static void dropout(int64_t begin, int64_t end, float p, uint64_t seed, uint32_t stream,
                    const float* x, float* y) {
  using S = Simd;
  const S::F least = S::set1(p);
  const S::F factor = S::set1(1.0f / (1.0f - p));
  for_vectors(end - begin, [&](int64_t offset, int lanes) {
    const int64_t e = begin + offset;
    const S::F u = fractions_of(philox_words(seed, stream, static_cast<uint64_t>(e)));
    const S::F kept = S::mul(load_lanes(x + e, lanes), factor);
    store_lanes(y + e, S::select(S::less(u, least), S::zero(), kept), lanes);
  });
}

// ---- reductions: lanes are summed in vectors over short runs, runs in double precision

constexpr int64_t kRun = 16 * Simd::kLanes;

static GF_INLINE double lane_sum(Simd::F v) {
  alignas(64) float lanes[Simd::kLanes];
  Simd::store(lanes, v);
  constexpr int kParts = 4;  // independent chains, added up in order
  double sums[kParts] = {};
  for (int lane = 0; lane < Simd::kLanes; lane++) {
    sums[lane % kParts] += lanes[lane];
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Sum of f(offset, lanes), which must give 0 in lanes beyond `lanes`.
template <class Function>
static GF_INLINE double sum_of(int64_t count, Function f) {
  double sum = 0;
  for (int64_t run = 0; run < count; run += kRun) {
    int64_t length = count - run < kRun ? count - run : kRun;
    Simd::F part = Simd::zero();
    for_vectors(length, [&](int64_t i, int lanes) { part = Simd::add(part, f(run + i, lanes)); });
    sum += lane_sum(part);
  }
  return sum;
}

static double sum(int64_t count, const float* x) {
  return sum_of(count, [x](int64_t i, int lanes) { return load_lanes(x + i, lanes); });
}

static float maximum(int64_t count, const float* x) {
  constexpr int kParts = 4;
  Simd::F parts[kParts];
  for (Simd::F& part : parts) {
    part = Simd::set1(x[0]);
  }
  int64_t i = 0;
  for (; i + kParts * Simd::kLanes <= count; i += kParts * Simd::kLanes) {
    for (int k = 0; k < kParts; k++) {
      parts[k] = Simd::max(Simd::load(x + i + k * Simd::kLanes), parts[k]);
    }
  }
  for (; i + Simd::kLanes <= count; i += Simd::kLanes) {
    parts[0] = Simd::max(Simd::load(x + i), parts[0]);
  }
  alignas(64) float lanes[Simd::kLanes];
  Simd::store(lanes, Simd::max(Simd::max(parts[0], parts[1]), Simd::max(parts[2], parts[3])));
  float result = lanes[0];
  for (float lane : lanes) {
    result = lane > result ? lane : result;
  }
  for (; i < count; i++) {
    result = x[i] > result ? x[i] : result;
  }
  return result;
}

/// exp_sum; calls meanwhile(offset) for every vector. Lanes are summed up as pairs of floats.
template <class Meanwhile>
static GF_INLINE double exp_sum_of(int64_t count, const float* x, float shift, float* y,
                                   Meanwhile meanwhile) {
  const Simd::F s = Simd::set1(shift);
  Simd::F high = Simd::zero(), low = Simd::zero();
  for (int64_t run = 0; run < count; run += kRun) {
    const int64_t length = count - run < kRun ? count - run : kRun;
    Simd::F part = Simd::zero();
    for_vectors(length, [&](int64_t offset, int lanes) {
      const int64_t i = run + offset;
      meanwhile(i);
      Simd::F e = vec_exp_negative(Simd::sub(load_lanes(x + i, lanes), s));
      if (y != nullptr) {
        store_lanes(y + i, e, lanes);
      }
      if (lanes < Simd::kLanes) {
        alignas(64) float some[Simd::kLanes] = {};
        Simd::store_first(some, e, lanes);
        e = Simd::load(some);
      }
      part = Simd::add(part, e);
    });
    if (count <= kRun) {
      return lane_sum(part);
    }
    add_to_pair(high, low, part);
  }
  return lane_sum(high) + lane_sum(low);
}

static double exp_sum(int64_t count, const float* x, float shift, float* y) {
  return exp_sum_of(count, x, shift, y, [](int64_t) {});
}

/// Sum of squares; in double from the start, so that no square overflows.
static double square_sum(int64_t count, const float* x) {
  constexpr int kParts = 16;  // independent chains, added up in order
  double sums[kParts] = {};
  int64_t i = 0;
  for (; i + kParts <= count; i += kParts) {
    for (int k = 0; k < kParts; k++) {
      double v = x[i + k];
      sums[k] += v * v;
    }
  }
  for (int k = 0; i < count; i++, k++) {
    double v = x[i];
    sums[k] += v * v;
  }
  double total = 0;
  for (double sum : sums) {
    total += sum;
  }
  return total;
}

/// While exponentials keep the processor busy, the numbers are fetched that are needed next.
static void softmax_forward(int64_t rows, int64_t columns, bool log_form, const float* x,
                            float* y) {
  using S = Simd;
  for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
    const float* next = r + 1 < rows ? x + columns : x;
    const float largest = maximum(columns, x);
    if (log_form) {
      const double sum = exp_sum_of(columns, x, largest, nullptr, [=](int64_t i) {
        S::prefetch(next + i);
        S::prefetch(y + i);
      });
      const S::F most = S::set1(largest);
      const S::F rest = S::set1(static_cast<float>(::log(sum)));
      map(columns, x, y, [=](S::F v) { return S::sub(S::sub(v, most), rest); });
    } else {
      const double sum =
          exp_sum_of(columns, x, largest, y, [=](int64_t i) { S::prefetch(next + i); });
      scale(columns, static_cast<float>(1.0 / sum), y, y);
    }
  }
}

static void softmax_backward(int64_t rows, int64_t columns, bool log_form, const float* y,
                             const float* dy, float* dx) {
  using S = Simd;
  for (int64_t r = 0; r < rows; r++, y += columns, dy += columns, dx += columns) {
    const double sum = sum_of(columns, [&](int64_t i, int lanes) {
      S::F d = load_lanes(dy + i, lanes);
      return log_form ? d : S::mul(load_lanes(y + i, lanes), d);
    });
    const S::F total = S::set1(static_cast<float>(sum));
    const int64_t next = r + 1 < rows ? columns : 0;
    for_vectors(columns, [=](int64_t i, int lanes) {
      S::prefetch(dy + i + next);
      const S::F v = load_lanes(y + i, lanes);
      const S::F d = load_lanes(dy + i, lanes);
      store_lanes(dx + i,
                  log_form ? S::fnma(vec_exp_negative(v), total, d) : S::mul(v, S::sub(d, total)),
                  lanes);
    });
  }
}

#endif  // GATEFOLD_POINTWISE_KERNELS_H
