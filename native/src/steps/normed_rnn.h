/// Plain cell with layer normalisation of both products (Ba et al. 2016), as a cell of stepped
/// layers. Included inside an instruction set's namespace, after normed_steps.h.
#ifndef GATEFOLD_NORMED_RNN_H
#define GATEFOLD_NORMED_RNN_H

#include "recurrent/recurrent_option_cells.h"
#include "steps/normed_steps.h"

struct NormedRnn {
  static constexpr int kGates = 1;
  static constexpr int kEarly = 1;
  static constexpr bool kApart = false;
};

template <>
void inputs_made<NormedRnn>(const SteppedLayer& f, const Team& team) {
  input_moments<1>(f, team);
}

/// The function's values, and h of a row after step t.
static void normed_rnn_row(const SteppedLayer& f, int64_t t, int64_t b, bool outputs) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const NormalProducts products(f, t, b, 1);
  float* values = f.gates_row(t, b);
  for_row_parts(l, [&](int64_t p, int n) {
    RowTile<1> tile;
    for (int v = 0; v < n; v++) {
      const int64_t u = (p + v) * S::kLanes;
      tile.at[0][v] = values + u;
      S::store(values + u, products.sum(u));
    }
    apply_function(f.functions.candidate, n, tile.at[0]);
    for (int64_t v = p; v < p + n; v++) {
      const int64_t u = v * S::kLanes;
      const NoiseLanes noise = f.noise(t, b, v);
      const S::F made = S::mul(S::load(values + u), noise.candidate);
      const S::F before = S::load(f.state + b * l.places + u);
      hand_on(f, t, b, v, mixed_state(noise.stays_h, before, made), outputs);
    }
  });
}

template <>
void forward_step<NormedRnn>(const SteppedLayer& f, const StepShare& share, const Team& team,
                             int64_t t, bool outputs) {
  normed_step<NormedRnn>(f, share, team, t, [&](int64_t b) { normed_rnn_row(f, t, b, outputs); });
}

/// The gradients of a row's sums, in place; of h, what passes the products; of the products with h.
static void normed_rnn_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  const NormedBackward row(g, t, b, 1, 0);
  MomentGradients<1> of_h;
  for (int64_t u = 0; u < l.hidden; u += S::kLanes) {
    S::F a[1] = {S::load(row.gates + u)}, none = S::zero(), carry;
    PlainOptionCell::backward(a, none, none, none, none, row.whole(u, lanes_at(u, l.hidden)), none,
                              carry, 0, noise_lanes(own.noise, row.first + u), own, nullptr, 0);
    S::store(row.dh + u, carry);
    S::store(row.gates + u, a[0]);
    of_h.add(0, S::mul(a[0], S::load(row.gains + u)), row.normal.at(u));
  }
  of_h.finish(l);
  write_h_gradients(f, row, of_h, [&](int, int64_t at) { return S::load(row.gates + at); });
}

template <>
void backward_step<NormedRnn>(const SteppedBackward& g, const StepShare& share, const Team& team,
                              int64_t t) {
  normed_step_undone(
      g, share, team, t, [&](int64_t b) { normed_rnn_gradients(g, t, b); }, [](int64_t) {});
}

template <>
void steps_undone<NormedRnn>(const SteppedBackward& g, const Team& team) {
  normed_steps_undone<NormedRnn>(g, team);
}

#endif  // GATEFOLD_NORMED_RNN_H
