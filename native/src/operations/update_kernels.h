/// Updates of parameters by optimisers. Included inside an instruction set's namespace by
/// pointwise_level.cpp, behind pointwise_kernels.h.
#ifndef GATEFOLD_UPDATE_KERNELS_H
#define GATEFOLD_UPDATE_KERNELS_H

#include "gatefold/optimizer.h"

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

#endif  // GATEFOLD_UPDATE_KERNELS_H
