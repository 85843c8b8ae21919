/// Elementwise kernels, row reductions and optimiser updates. Included inside an instruction set's
/// namespace by pointwise_level.cpp.
#ifndef GATEFOLD_POINTWISE_KERNELS_H
#define GATEFOLD_POINTWISE_KERNELS_H

#include "gatefold/elementwise.h"
#include "gatefold/optimizer.h"
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

/// A function of single floats on every lane.
template <class Function>
static GF_INLINE Simd::F each_lane(Simd::F x, Function f) {
  alignas(64) float lanes[Simd::kLanes];
  Simd::store(lanes, x);
  for (float& v : lanes) {
    v = f(v);
  }
  return Simd::load(lanes);
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

static GF_INLINE Simd::F normal_distribution(Simd::F x) {
  return each_lane(x, [](float v) { return 0.5f * ::erfcf(v * -0.70710678f); });
}

/// e^x (e^x + 2), of which tanh(log(1 + e^x)) is n / (n + 2); beyond 20 that is 1.
static GF_INLINE Simd::F mish_ratio(Simd::F e) {
  return Simd::mul(e, Simd::add(e, Simd::set1(2.0f)));
}

static GF_INLINE Simd::F mish_exp(Simd::F x) { return vec_exp(Simd::min(Simd::set1(20.0f), x)); }

static GF_INLINE Simd::F vec_mish(Simd::F x) {
  using S = Simd;
  S::F n = mish_ratio(mish_exp(x));
  return S::mul(x, S::div(n, S::add(n, S::set1(2.0f))));
}

/// t + x (1 - t^2) sigmoid(x) with t = n / (n + 2).
static GF_INLINE Simd::F mish_slope(Simd::F x) {
  using S = Simd;
  const S::F two = S::set1(2.0f);
  S::F e = mish_exp(x);
  S::F n = mish_ratio(e);
  S::F d = S::add(n, two);
  S::F share = S::div(S::mul(e, S::add(e, S::set1(1.0f))), d);  // below 1
  S::F bend = S::div(S::mul(S::mul(two, two), share), d);
  return S::fma(x, bend, S::div(n, d));
}

// GELU by tanh is x sigmoid(2 u) with u = k (x + c x^3); beyond 30 the sigmoid is 0 or 1.
constexpr float kGeluScale = 1.59576912f;  // 2 sqrt(2 / pi)
constexpr float kGeluCube = 0.044715f;

static GF_INLINE Simd::F gelu_share(Simd::F bounded, Simd::F square) {
  using S = Simd;
  S::F inner = S::fma(S::set1(kGeluCube), square, S::set1(1.0f));
  return vec_sigmoid(S::mul(S::mul(S::set1(kGeluScale), bounded), inner));
}

static GF_INLINE Simd::F gelu_bounded(Simd::F x) {
  return vec_within(Simd::set1(-30.0f), Simd::set1(30.0f), x);
}

static GF_INLINE Simd::F vec_gelu_tanh(Simd::F x) {
  Simd::F v = gelu_bounded(x);
  return Simd::mul(x, gelu_share(v, Simd::mul(v, v)));
}

static GF_INLINE Simd::F gelu_tanh_slope(Simd::F x) {
  using S = Simd;
  const S::F one = S::set1(1.0f);
  S::F v = gelu_bounded(x);
  S::F square = S::mul(v, v);
  S::F s = gelu_share(v, square);
  S::F rise = S::mul(S::set1(kGeluScale), S::fma(S::set1(3 * kGeluCube), square, one));
  return S::mul(s, S::fma(S::mul(v, rise), S::sub(one, s), one));
}

static void activation_forward(int32_t kind, float alpha, float beta, int64_t count, const float* x,
                               float* y) {
  using S = Simd;
  const S::F a = S::set1(alpha), b = S::set1(beta);
  switch (kind) {
    case GF_SIGMOID:
      sigmoid_range(count, x, y);
      break;
    case GF_TANH:
      tanh_range(count, x, y);
      break;
    case GF_RELU:
      map(count, x, y, [](S::F v) { return S::max(S::zero(), v); });
      break;
    case GF_LEAKY_RELU:
      map(count, x, y, [a](S::F v) { return vec_leaky_relu(a, v); });
      break;
    case GF_ELU:
      map(count, x, y, [a](S::F v) { return vec_elu(a, v); });
      break;
    case GF_GELU:
      map(count, x, y, [](S::F v) { return S::mul(v, normal_distribution(v)); });
      break;
    case GF_SILU:
      map(count, x, y, [](S::F v) { return S::mul(v, vec_sigmoid(v)); });
      break;
    case GF_EXP:
      map(count, x, y, [](S::F v) { return vec_exp(v); });
      break;
    case GF_HARD_SIGMOID:
      map(count, x, y, [a, b](S::F v) { return vec_hard_sigmoid(a, b, v); });
      break;
    case GF_SOFTSIGN:
      map(count, x, y, [](S::F v) { return vec_softsign(v); });
      break;
    case GF_CLIP:
      map(count, x, y, [a, b](S::F v) { return vec_within(a, b, v); });
      break;
    case GF_SELU:
      map(count, x, y, [a, b](S::F v) { return S::mul(b, vec_elu(a, v)); });
      break;
    case GF_MISH:
      map(count, x, y, [](S::F v) { return vec_mish(v); });
      break;
    case GF_HARD_SWISH:
      map(count, x, y, [](S::F v) {
        return S::mul(v, vec_hard_sigmoid(S::set1(1.0f / 6.0f), S::set1(0.5f), v));
      });
      break;
    case GF_GELU_TANH:
      map(count, x, y, [](S::F v) { return vec_gelu_tanh(v); });
      break;
    case GF_THRESHOLDED_RELU:
      map(count, x, y, [a](S::F v) { return S::select(S::less_equal(v, a), S::zero(), v); });
      break;
    default:  // GF_SOFTPLUS
      map(count, x, y, [](S::F v) { return vec_softplus(v); });
  }
}

/// d where least < v < most, else 0.
static GF_INLINE Simd::F between(Simd::F least, Simd::F most, Simd::F v, Simd::F d) {
  using S = Simd;
  return S::select(S::less(least, v), S::select(S::less(v, most), d, S::zero()), S::zero());
}

static void activation_backward(int32_t kind, float alpha, float beta, int64_t count,
                                const float* x, const float* y, const float* dy, float* dx) {
  using S = Simd;
  const S::F a = S::set1(alpha), b = S::set1(beta);
  const S::F one = S::set1(1.0f);
  switch (kind) {
    case GF_SIGMOID:
      map(count, y, dy, dx, [](S::F v, S::F d) { return S::mul(d, S::fnma(v, v, v)); });
      break;
    case GF_TANH:
      map(count, y, dy, dx, [one](S::F v, S::F d) { return S::mul(d, S::fnma(v, v, one)); });
      break;
    case GF_RELU:
      map(count, x, dy, dx,
          [](S::F v, S::F d) { return S::select(S::less(S::zero(), v), d, S::zero()); });
      break;
    case GF_LEAKY_RELU:
      map(count, x, dy, dx,
          [a](S::F v, S::F d) { return S::select(S::less(S::zero(), v), d, S::mul(a, d)); });
      break;
    case GF_ELU:
      map(count, x, dy, dx, [a](S::F v, S::F d) {
        S::F slope = S::mul(a, vec_exp(S::min(S::zero(), v)));
        return S::select(S::less(S::zero(), v), d, S::mul(d, slope));
      });
      break;
    case GF_GELU:
      map(count, x, dy, dx, [](S::F v, S::F d) {
        S::F density = S::mul(S::set1(0.39894228f), vec_exp(S::mul(S::set1(-0.5f), S::mul(v, v))));
        return S::mul(d, S::fma(v, density, normal_distribution(v)));
      });
      break;
    case GF_SILU:
      map(count, x, dy, dx, [one](S::F v, S::F d) {
        S::F s = vec_sigmoid(v);
        return S::mul(d, S::mul(s, S::fma(v, S::sub(one, s), one)));
      });
      break;
    case GF_EXP:
      map(count, y, dy, dx, [](S::F v, S::F d) { return S::mul(d, v); });
      break;
    case GF_HARD_SIGMOID:
      map(count, y, dy, dx,
          [a, one](S::F v, S::F d) { return between(S::zero(), one, v, S::mul(a, d)); });
      break;
    case GF_SOFTSIGN:
      map(count, x, dy, dx, [one](S::F v, S::F d) {
        S::F s = S::div(one, S::add(one, S::abs(v)));
        return S::mul(d, S::mul(s, s));
      });
      break;
    case GF_CLIP:
      map(count, x, dy, dx, [a, b](S::F v, S::F d) { return between(a, b, v, d); });
      break;
    case GF_SELU:
      map(count, x, dy, dx, [a, b](S::F v, S::F d) {
        S::F slope = S::mul(a, vec_exp(S::min(S::zero(), v)));
        return S::mul(S::mul(b, d), S::select(S::less(S::zero(), v), S::set1(1.0f), slope));
      });
      break;
    case GF_MISH:
      map(count, x, dy, dx, [](S::F v, S::F d) { return S::mul(d, mish_slope(v)); });
      break;
    case GF_HARD_SWISH:
      map(count, x, dy, dx, [](S::F v, S::F d) {
        const S::F three = S::set1(3.0f);
        S::F bent = S::mul(d, S::fma(v, S::set1(1.0f / 3.0f), S::set1(0.5f)));
        S::F upper = S::select(S::less_equal(v, three), bent, d);
        return S::select(S::less_equal(v, S::sub(S::zero(), three)), S::zero(), upper);
      });
      break;
    case GF_GELU_TANH:
      map(count, x, dy, dx, [](S::F v, S::F d) { return S::mul(d, gelu_tanh_slope(v)); });
      break;
    case GF_THRESHOLDED_RELU:
      map(count, x, dy, dx, [a](S::F v, S::F d) { return S::select(S::less(a, v), d, S::zero()); });
      break;
    default:  // GF_SOFTPLUS
      map(count, x, dy, dx, [](S::F v, S::F d) { return S::mul(d, vec_sigmoid(v)); });
  }
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

// ---- optimisers

/// A running mean in memory after one more value: s = decay * s + (1 - decay) * value.
static GF_INLINE Simd::F moved_mean(float* state, int lanes, float decay, Simd::F value) {
  Simd::F moved = Simd::fma(Simd::set1(decay), load_lanes(state, lanes),
                            Simd::mul(Simd::set1(1.0f - decay), value));
  store_lanes(state, moved, lanes);
  return moved;
}

/// The scaled gradient with the penalties that act on it.
static GF_INLINE Simd::F penalised_gradient(const UpdateCall& u, int64_t i, int lanes, Simd::F p) {
  using S = Simd;
  S::F g = S::mul(S::set1(u.gradient_scale), load_lanes(u.gradient + i, lanes));
  if (u.l1 != 0) {
    S::F sign = S::select(S::less(S::zero(), p), S::set1(1.0f),
                          S::select(S::less(p, S::zero()), S::set1(-1.0f), S::zero()));
    g = S::fma(S::set1(u.l1), sign, g);
  }
  return S::fma(S::set1(u.decoupled ? 0.0f : u.l2), p, g);
}

static GF_INLINE Simd::F sgd_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  using S = Simd;
  if (!(u.momentum > 0)) {
    return g;
  }
  S::F v = g;
  if (!u.first) {
    v = S::fma(S::set1(u.momentum), load_lanes(u.state1 + i, lanes),
               S::mul(S::set1(1.0f - u.dampening), g));
  }
  store_lanes(u.state1 + i, v, lanes);
  return u.nesterov ? S::fma(S::set1(u.momentum), v, g) : v;
}

static GF_INLINE Simd::F rmsprop_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  using S = Simd;
  S::F square = moved_mean(u.state1 + i, lanes, u.alpha, S::mul(g, g));
  if (u.centered) {
    S::F mean = moved_mean(u.state2 + i, lanes, u.alpha, g);
    square = S::max(S::zero(), S::fnma(mean, mean, square));
  }
  S::F step = S::div(g, S::add(S::sqrt(square), S::set1(u.epsilon)));
  if (u.momentum > 0) {
    step = S::fma(S::set1(u.momentum), load_lanes(u.state3 + i, lanes), step);
    store_lanes(u.state3 + i, step, lanes);
  }
  return step;
}

/// m / (root of v + epsilon), with bias corrections.
static GF_INLINE Simd::F adam_ratio(const UpdateCall& u, Simd::F m, Simd::F v) {
  using S = Simd;
  S::F root = S::mul(S::sqrt(v), S::set1(u.inverse_root_correction2));
  return S::mul(S::set1(u.inverse_correction1), S::div(m, S::add(root, S::set1(u.epsilon))));
}

static GF_INLINE Simd::F adam_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  Simd::F m = moved_mean(u.state1 + i, lanes, u.beta1, g);
  Simd::F v = moved_mean(u.state2 + i, lanes, u.beta2, Simd::mul(g, g));
  return adam_ratio(u, m, v);
}

static GF_INLINE Simd::F nadam_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  using S = Simd;
  S::F m = moved_mean(u.state1 + i, lanes, u.beta1, g);
  S::F v = moved_mean(u.state2 + i, lanes, u.beta2, S::mul(g, g));
  S::F root = S::mul(S::sqrt(v), S::set1(u.inverse_root_correction2));
  S::F ahead = S::fma(S::set1(u.mean_factor), m, S::mul(S::set1(u.gradient_factor), g));
  return S::div(ahead, S::add(root, S::set1(u.epsilon)));
}

static GF_INLINE Simd::F adamax_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  using S = Simd;
  S::F m = moved_mean(u.state1 + i, lanes, u.beta1, g);
  S::F grown = S::mul(S::set1(u.beta2), load_lanes(u.state2 + i, lanes));
  S::F now = S::add(S::abs(g), S::set1(u.epsilon));
  // Written so that a NaN of the gradient is kept.
  S::F most = S::select(S::less(now, grown), grown, now);
  store_lanes(u.state2 + i, most, lanes);
  return S::mul(S::set1(u.inverse_correction1), S::div(m, most));
}

static GF_INLINE Simd::F adagrad_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  using S = Simd;
  S::F sum = S::fma(g, g, load_lanes(u.state1 + i, lanes));
  store_lanes(u.state1 + i, sum, lanes);
  return S::div(g, S::add(S::sqrt(sum), S::set1(u.epsilon)));
}

static GF_INLINE Simd::F adadelta_step(const UpdateCall& u, int64_t i, int lanes, Simd::F g) {
  using S = Simd;
  const S::F epsilon = S::set1(u.epsilon);
  S::F square = moved_mean(u.state1 + i, lanes, u.alpha, S::mul(g, g));
  S::F before = load_lanes(u.state2 + i, lanes);
  S::F step = S::mul(S::div(S::sqrt(S::add(before, epsilon)), S::sqrt(S::add(square, epsilon))), g);
  moved_mean(u.state2 + i, lanes, u.alpha, S::mul(step, step));
  return step;
}

/// What LAMB scales: Adam's change with the decoupled penalty.
static GF_INLINE Simd::F lamb_change(const UpdateCall& u, Simd::F p, Simd::F m, Simd::F v) {
  return Simd::fma(Simd::set1(u.decoupled ? u.l2 : 0.0f), p, adam_ratio(u, m, v));
}

static double lamb_moments(const UpdateCall& u, int64_t begin, int64_t end) {
  using S = Simd;
  double sums[S::kLanes] = {};  // independent chains, added up in order
  for_vectors(end - begin, [&](int64_t offset, int lanes) {
    int64_t i = begin + offset;
    S::F p = load_lanes(u.parameters + i, lanes);
    S::F g = penalised_gradient(u, i, lanes, p);
    S::F m = moved_mean(u.state1 + i, lanes, u.beta1, g);
    S::F v = moved_mean(u.state2 + i, lanes, u.beta2, S::mul(g, g));
    alignas(64) float change[S::kLanes];
    S::store(change, lamb_change(u, p, m, v));
    for (int lane = 0; lane < lanes; lane++) {
      sums[lane] += static_cast<double>(change[lane]) * change[lane];
    }
  });
  double total = 0;
  for (double sum : sums) {
    total += sum;
  }
  return total;
}

/// step(i, lanes, g) moves the state and gives what is taken from the parameters, over the rate.
template <class Step>
static GF_INLINE void update_by(const UpdateCall& u, int64_t begin, int64_t end, Step step) {
  using S = Simd;
  const S::F rate = S::set1(u.rate);
  const S::F keep = S::set1(u.decoupled ? 1.0f - u.rate * u.l2 : 1.0f);
  for_vectors(end - begin, [&](int64_t offset, int lanes) {
    int64_t i = begin + offset;
    S::F p = load_lanes(u.parameters + i, lanes);
    S::F g = penalised_gradient(u, i, lanes, p);
    if (u.decoupled) {
      p = S::mul(p, keep);
    }
    store_lanes(u.parameters + i, S::fnma(rate, step(i, lanes, g), p), lanes);
  });
}

static void lamb_update(const UpdateCall& u, int64_t begin, int64_t end) {
  using S = Simd;
  for_vectors(end - begin, [&](int64_t offset, int lanes) {
    int64_t i = begin + offset;
    S::F p = load_lanes(u.parameters + i, lanes);
    S::F change =
        lamb_change(u, p, load_lanes(u.state1 + i, lanes), load_lanes(u.state2 + i, lanes));
    store_lanes(u.parameters + i, S::fnma(S::set1(u.rate), change, p), lanes);
  });
}

static void update(const UpdateCall& u, int64_t begin, int64_t end) {
#define GATEFOLD_BY(step) \
  update_by(u, begin, end, [&u](int64_t i, int lanes, Simd::F g) { return step(u, i, lanes, g); })
  switch (u.kind) {
    case GF_SGD:
      return GATEFOLD_BY(sgd_step);
    case GF_RMSPROP:
      return GATEFOLD_BY(rmsprop_step);
    case GF_ADAM:
      return GATEFOLD_BY(adam_step);
    case GF_ADAGRAD:
      return GATEFOLD_BY(adagrad_step);
    case GF_ADADELTA:
      return GATEFOLD_BY(adadelta_step);
    case GF_NADAM:
      return GATEFOLD_BY(nadam_step);
    case GF_ADAMAX:
      return GATEFOLD_BY(adamax_step);
    default:
      return lamb_update(u, begin, end);
  }
#undef GATEFOLD_BY
}

#endif  // GATEFOLD_POINTWISE_KERNELS_H
