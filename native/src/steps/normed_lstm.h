/// LSTM with layer normalisation of its products and of its cell state (Ba et al. 2016), as a cell
/// of stepped layers. Included inside an instruction set's namespace, after lstm_tile.h and
/// normed_steps.h.
#ifndef GATEFOLD_NORMED_LSTM_H
#define GATEFOLD_NORMED_LSTM_H

#include "steps/lstm_tile.h"
#include "steps/normed_steps.h"

/// Gates i, f, g, o; all of them early.
struct NormedLstm {
  static constexpr int kGates = 4;
  static constexpr int kEarly = 4;
  static constexpr bool kApart = false;
};

template <>
void inputs_made<NormedLstm>(const SteppedLayer& f, const Team& team) {
  input_moments<NormedLstm::kGates>(f, team);
}

/// Sums, gates and c of a row after step t; what is normalised of c goes to `late`.
static void normed_states(const SteppedLayer& f, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const NormalProducts products(f, t, b, 1);
  float* gates = f.gates_row(t, b);
  for_row_parts(l, [&](int64_t p, int n) {
    LstmTile tile;
    for (int g = 0; g < kLstmGates; g++) {
      for (int v = 0; v < n; v++) {
        const int64_t at = g * l.units + (p + v) * S::kLanes;
        S::store(gates + at, products.sum(at));
        tile.at[g][v] = gates + at;
      }
    }
    lstm_tile_states(f, t, &b, 1, p, n, tile);
    for (int v = 0; v < n; v++) {
      S::store(f.late + b * l.units + (p + v) * S::kLanes, S::load(tile.outputs[v]));
    }
  });
}

/// What the output's function is taken of, from c of a row, in a tile.
static GF_INLINE void shown_cells(const SteppedLayer& f, const NormalRow& c, int64_t p, int n,
                                  LstmTile& tile) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const float* gains = f.packed + l.packed_norm(f.layer) + 2 * l.width;
  for (int v = 0; v < n; v++) {
    const int64_t u = (p + v) * S::kLanes;
    S::store(tile.outputs[v], S::fma(S::load(gains + u), c.at(u), S::load(gains + l.units + u)));
  }
  apply_function(f.functions.output, n, tile.outputs);
}

template <>
void forward_step<NormedLstm>(const SteppedLayer& f, const StepShare& share, const Team& team,
                              int64_t t, bool outputs) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const CellNoise& noise = f.functions.noise;
  normed_step<NormedLstm>(f, share, team, t, [&](int64_t b) {
    normed_states(f, t, b);
    float moments[2];
    take_moments<1>(l, f.late + b * l.units, moments);
    const NormalRow c(f.late + b * l.units, moments);
    for_row_parts(l, [&](int64_t p, int n) {
      LstmTile tile;
      shown_cells(f, c, p, n, tile);
      for (int v = 0; v < n; v++) {
        const int64_t u = (p + v) * S::kLanes;
        const S::F o = S::load(f.gates_row(t, b) + 3 * l.units + u);
        S::F h = S::mul(o, S::load(tile.outputs[v]));
        if (noise.zoneout_h > 0) {
          h = mixed_state(stays_h(noise, element_of(f, t, b, u)),
                          S::load(f.state + b * l.places + u), h);
        }
        hand_on(f, t, b, p + v, h, outputs);
      }
    });
  });
}

/// The gradients of the sums of a row's gates and of its c, in place; of h, what passes the
/// products; of the products with h.
static void normed_gate_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  const NormedBackward row(g, t, b, 1, 0);
  const float* c_before = f.c_before(t, b);
  float *gates = row.gates, *made_cells = f.late + b * l.units;
  float *d_shift = row.side, *d_gain = d_shift + l.units;
  auto made = [&](int64_t u, S::F(&a)[4], S::F& before, NoiseLanes& noise) {
    load_gates(l, gates + u, kLstmGates, a);
    before = load_part(c_before, u, lanes_at(u, l.hidden));
    noise = {S::zero(), stays_c(own.noise, row.first + u),
             candidate_scale(own.noise, row.first + u)};
    return new_cell(f, a[0], a[1], S::mul(a[2], noise.candidate), before);
  };
  for (int64_t u = 0; u < l.units; u += S::kLanes) {
    S::F a[4], before;
    NoiseLanes noise;
    S::store(made_cells + u, made(u, a, before, noise));
  }
  float moments[2];
  take_moments<1>(l, made_cells, moments);
  const NormalRow c(made_cells, moments);
  const float* gain = f.packed + l.packed_norm(f.layer) + 2 * l.width;
  MomentGradients<1> of_c;
  // The gradient of o's sum takes o's place at once.
  for_row_parts(l, [&](int64_t p, int n) {
    LstmTile tile;
    shown_cells(f, c, p, n, tile);
    for (int v = 0; v < n; v++) {
      const int64_t u = (p + v) * S::kLanes;
      const S::F shown = S::load(tile.outputs[v]), o = S::load(gates + 3 * l.units + u);
      const S::F total = row.whole(u, f.valid(p + v));
      const S::F stay = stays_h(own.noise, row.first + u);
      S::store(row.dh + u, S::mul(stay, total));
      const S::F fresh = S::mul(S::sub(S::set1(1.0f), stay), total);
      const S::F d = S::mul(S::mul(fresh, o), function_slope(own.output, shown));
      const S::F normal = c.at(u);
      S::store(d_shift + u, d);
      S::store(d_gain + u, S::mul(d, normal));
      S::store(gates + 3 * l.units + u, S::mul(S::mul(fresh, shown), function_slope(own.gate, o)));
      of_c.add(0, S::mul(d, S::load(gain + u)), normal);
    }
  });
  of_c.finish(l);
  const float* p = f.packed + l.packed_peepholes(f.layer);
  MomentGradients<kLstmGates> of_h;
  for (int64_t u = 0; u < l.hidden; u += S::kLanes) {
    S::F a[4], before;
    NoiseLanes noise;
    const S::F cell = made(u, a, before, noise);
    const S::F through = of_c.through(c, S::mul(S::load(d_shift + u), S::load(gain + u)), c.at(u),
                                      lanes_at(u, l.hidden));
    float* carry_at = g.cell_gradient + b * l.units + u;
    S::F carry = S::load(carry_at);
    LstmOptionCell::cell_backward(a, a[3], through, cell, before, carry, f.cell_clip, noise, own,
                                  p + u, l.units);
    S::store(carry_at, carry);
#pragma GCC unroll 8
    for (int k = 0; k < kLstmGates; k++) {
      const int64_t at = k * l.units + u;
      S::store(gates + at, a[k]);
      of_h.add(k, S::mul(a[k], S::load(row.gains + at)), row.normal.at(at));
    }
  }
  of_h.finish(l);
  write_h_gradients(f, row, of_h, [&](int, int64_t at) { return S::load(gates + at); });
}

template <>
void backward_step<NormedLstm>(const SteppedBackward& g, const StepShare& share, const Team& team,
                               int64_t t) {
  normed_step_undone(
      g, share, team, t, [&](int64_t b) { normed_gate_gradients(g, t, b); }, [](int64_t) {});
}

template <>
void steps_undone<NormedLstm>(const SteppedBackward& g, const Team& team) {
  normed_steps_undone<NormedLstm>(g, team);
}

/// Those of peepholes.
template <>
void other_gradients<NormedLstm>(const SteppedBackward& g, const Team& team) {
  peephole_gradients(g, team);
}

#endif  // GATEFOLD_NORMED_LSTM_H
