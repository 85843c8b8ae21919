/// GRUs with layer normalisation of their products (Ba et al. 2016), as cells of stepped layers:
/// with the reset gate after the candidate's recurrent product, and before it. Included inside an
/// instruction set's namespace, after normed_steps.h.
#ifndef GATEFOLD_NORMED_GRU_H
#define GATEFOLD_NORMED_GRU_H

#include "recurrent/recurrent_option_cells.h"
#include "steps/normed_steps.h"
#include "steps/reset_before_gru.h"

/// Gates r, z, n; all of them early.
struct NormedGru {
  static constexpr int kGates = 3;
  static constexpr int kEarly = 3;
  static constexpr bool kApart = true;
};

/// The same with two products in a step: that of r and z, and that of n.
struct NormedResetBeforeGru {
  static constexpr int kGates = 3;
  static constexpr int kEarly = 2;
  static constexpr bool kApart = false;
};

template <>
void inputs_made<NormedGru>(const SteppedLayer& f, const Team& team) {
  input_moments<3>(f, team);
}

template <>
void inputs_made<NormedResetBeforeGru>(const SteppedLayer& f, const Team& team) {
  input_moments<3>(f, team);
}

/// Hands on h of some panels of a row after step t, whose gates are there.
static GF_INLINE void hand_on_gru(const SteppedLayer& f, int64_t t, int64_t b, int64_t p, int n,
                                  bool outputs) {
  const SteppedLayout& l = *f.layout;
  for (int64_t v = p; v < p + n; v++) {
    const int64_t u = v * Simd::kLanes;
    Simd::F a[3];
    load_gates(l, f.gates_row(t, b) + u, 3, a);
    const Simd::F before = Simd::load(f.state + b * l.places + u);
    hand_on(f, t, b, v, ResetBeforeGru::output(a, before, f.noise(t, b, v)), outputs);
  }
}

/// Gates and h of a row after step t.
static void normed_gru_row(const SteppedLayer& f, int64_t t, int64_t b, bool outputs) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const NormalProducts products(f, t, b, 1);
  const float* recurrent_bias = f.packed + l.width;
  float* gates = f.gates_row(t, b);
  for_row_parts(l, [&](int64_t p, int n) {
    RowTile<3> tile;
    for (int v = 0; v < n; v++) {
      const int64_t u = (p + v) * S::kLanes;
      for (int g = 0; g < 3; g++) {
        tile.at[g][v] = gates + g * l.units + u;
      }
      S::store(tile.at[0][v], products.sum(u));
      S::store(tile.at[1][v], products.sum(l.units + u));
    }
    apply_function(f.functions.gate, n, tile.at[0]);
    apply_function(f.functions.gate, n, tile.at[1]);
    for (int v = 0; v < n; v++) {
      const int64_t u = (p + v) * S::kLanes, at = 2 * l.units + u;
      const S::F recurrent = products.plus_h(S::load(recurrent_bias + u), at);
      S::store(tile.at[2][v], S::fma(S::load(tile.at[0][v]), recurrent, products.of_x(at)));
    }
    apply_function(f.functions.candidate, n, tile.at[2]);
    hand_on_gru(f, t, b, p, n, outputs);
  });
}

template <>
void forward_step<NormedGru>(const SteppedLayer& f, const StepShare& share, const Team& team,
                             int64_t t, bool outputs) {
  normed_step<NormedGru>(f, share, team, t, [&](int64_t b) { normed_gru_row(f, t, b, outputs); });
}

/// r and z of a row, and what the product of n is of.
static void normed_reset_row(const SteppedLayer& f, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const NormalProducts products(f, t, b, 1);
  float* gates = f.gates_row(t, b);
  for_row_parts(l, [&](int64_t p, int n) {
    RowTile<2> tile;
    for (int g = 0; g < 2; g++) {
      for (int v = 0; v < n; v++) {
        const int64_t at = g * l.units + (p + v) * S::kLanes;
        tile.at[g][v] = gates + at;
        S::store(gates + at, products.sum(at));
      }
      apply_function(f.functions.gate, n, tile.at[g]);
    }
    for (int v = 0; v < n; v++) {
      const int64_t u = (p + v) * S::kLanes, at = b * l.units + u;
      const S::F h = f.masked(S::load(f.state + at), b, u);
      S::store(f.late + at, f.as_operand(S::mul(S::load(tile.at[0][v]), h)));
    }
  });
}

/// n and h of a row after step t.
static void normed_candidate_row(const SteppedLayer& f, int64_t t, int64_t b, bool outputs) {
  const SteppedLayout& l = *f.layout;
  const NormalProducts products(f, t, b, 2);
  float* gates = f.gates_row(t, b);
  for_row_parts(l, [&](int64_t p, int n) {
    RowTile<1> tile;
    for (int v = 0; v < n; v++) {
      const int64_t at = 2 * l.units + (p + v) * Simd::kLanes;
      tile.at[0][v] = gates + at;
      Simd::store(gates + at, products.sum(at));
    }
    apply_function(f.functions.candidate, n, tile.at[0]);
    hand_on_gru(f, t, b, p, n, outputs);
  });
}

template <>
void forward_step<NormedResetBeforeGru>(const SteppedLayer& f, const StepShare& share,
                                        const Team& team, int64_t t, bool outputs) {
  const SteppedLayout& l = *f.layout;
  const Range rows = share.whole_rows();
  normed_products(f, share, t, 0, 2, f.operand, l.places);
  team_barrier(team, share.group, share.members);
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (f.active(t, b)) {
      take_moments<2>(l, f.product_h_row(t, b), f.moments_of(t, b, 1));
      normed_reset_row(f, t, b);
    }
  }
  team_barrier(team, share.group, share.members);
  normed_products(f, share, t, 2, 3, f.late, l.units);
  team_barrier(team, share.group, share.members);
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (f.active(t, b)) {
      take_moments<1>(l, f.product_h_row(t, b) + 2 * l.units, f.moments_of(t, b, 2));
      normed_candidate_row(f, t, b, outputs);
    }
  }
  team_barrier(team, share.group, share.members);
}

/// The gradients of the sums of a row's gates, in place; of h, what passes the products; of the
/// products with h.
static void normed_gru_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  const NormedBackward row(g, t, b, 1, 0);
  const float* recurrent_bias = f.packed + l.width;
  float* gates = row.gates;
  MomentGradients<3> of_h;
  for (int64_t u = 0; u < l.hidden; u += S::kLanes) {
    const int lanes = lanes_at(u, l.hidden);
    const S::F normal[3] = {row.normal.at(u), row.normal.at(l.units + u),
                            row.normal.at(2 * l.units + u)};
    const S::F gain[3] = {S::load(row.gains + u), S::load(row.gains + l.units + u),
                          S::load(row.gains + 2 * l.units + u)};
    const S::F recurrent = S::fma(gain[2], normal[2], S::load(recurrent_bias + u));
    // In the order of that cell: n, r, z, and the recurrent part of n.
    S::F a[4] = {S::load(gates + 2 * l.units + u), S::load(gates + u), S::load(gates + l.units + u),
                 recurrent};
    S::F dh = row.whole(u, lanes), none = S::zero(), carry;
    GruOptionCell::backward(a, load_part(row.h_before, u, lanes), none, none, none, dh, none, carry,
                            0, noise_lanes(own.noise, row.first + u), own, nullptr, 0);
    S::store(row.dh + u, carry);
    S::store(gates + u, a[1]);
    S::store(gates + l.units + u, a[2]);
    S::store(gates + 2 * l.units + u, a[0]);
    S::store(row.side + u, a[3]);
    of_h.add(0, S::mul(a[1], gain[0]), normal[0]);
    of_h.add(1, S::mul(a[2], gain[1]), normal[1]);
    of_h.add(2, S::mul(a[3], gain[2]), normal[2]);
  }
  of_h.finish(l);
  write_h_gradients(f, row, of_h, [&](int block, int64_t at) {
    return S::load(block < 2 ? gates + at : row.side + at - 2 * l.units);
  });
}

template <>
void backward_step<NormedGru>(const SteppedBackward& g, const StepShare& share, const Team& team,
                              int64_t t) {
  normed_step_undone(
      g, share, team, t, [&](int64_t b) { normed_gru_gradients(g, t, b); },
      [&](int64_t b) {
        for (int64_t u = 0; u < g.f.layout->units; u += Simd::kLanes) {
          Simd::store(g.side_gradient_row(t, b) + u, Simd::zero());
        }
      });
}

/// The gradients of a row's z and n, and of the product of n; r stays.
static void normed_late_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const NormedBackward row(g, t, b, 2, 2);
  const int64_t place = g.place_of(t, b), depth = g.segment_rows();
  float* gates = row.gates;
  MomentGradients<1> of_n;
  for (int64_t u = 0; u < l.hidden; u += S::kLanes) {
    const int lanes = lanes_at(u, l.hidden);
    const S::F h = load_part(row.h_before, u, lanes);
    S::F a[3], dh = row.whole(u, lanes);
    load_gates(l, gates + u, 3, a);
    if (g.dwh != nullptr) {
      const S::F late = f.as_operand(ResetBeforeGru::late_operand(a, f.masked(h, b, u)));
      S::store(g.late_panels + u * depth + place * S::kLanes, late);
    }
    ResetBeforeGru::backward(f.functions, a, h, noise_lanes(f.functions.noise, row.first + u), dh);
    S::store(row.dh + u, dh);
    S::store(gates + l.units + u, a[1]);
    S::store(gates + 2 * l.units + u, a[2]);
    of_n.add(0, S::mul(a[2], S::load(row.gains + u)), row.normal.at(u));
  }
  of_n.finish(l);
  write_h_gradients(f, row, of_n,
                    [&](int, int64_t at) { return S::load(gates + 2 * l.units + at); });
}

/// Those of the products of r and z, whose gradients are there.
static void normed_early_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  using S = Simd;
  const NormedBackward row(g, t, b, 1, 0);
  MomentGradients<2> of_h;
  for_row<2>(*g.f.layout, [&](int block, int64_t at, int) {
    of_h.add(block, S::mul(S::load(row.gates + at), S::load(row.gains + at)), row.normal.at(at));
  });
  of_h.finish(*g.f.layout);
  write_h_gradients(g.f, row, of_h, [&](int, int64_t at) { return S::load(row.gates + at); });
}

template <>
void backward_step<NormedResetBeforeGru>(const SteppedBackward& g, const StepShare& share,
                                         const Team& team, int64_t t) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const Range rows = share.whole_rows();
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (f.active(t, b)) {
      normed_late_gradients(g, t, b);
      continue;
    }
    clear_gradients(g, t, b);
    for (int64_t u = 0; g.dwh != nullptr && u < l.units; u += Simd::kLanes) {
      Simd::store(g.late_panels + u * g.segment_rows() + g.place_of(t, b) * Simd::kLanes,
                  Simd::zero());
    }
  }
  team_barrier(team, share.group, share.members);
  for_gradient_sums(g, share.rows, share.panels, t, 2, 1, f.packed + l.packed_late(f.layer),
                    [&](int64_t b, int64_t p, Simd::F late) {
                      const int64_t u = p * Simd::kLanes;
                      float *r_at = f.gates_row(t, b) + u, *gradient = g.gradient + b * l.units + u;
                      Simd::F a[3] = {Simd::load(r_at), Simd::zero(), Simd::zero()};
                      Simd::F dh = Simd::load(gradient);
                      ResetBeforeGru::late_backward(f.functions, a,
                                                    load_part(f.h_before(t, b), u, f.valid(p)),
                                                    f.masked(late, b, u), dh);
                      Simd::store(gradient, dh);
                      Simd::store(r_at, a[0]);
                    });
  team_barrier(team, share.group, share.members);
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (f.active(t, b)) {
      normed_early_gradients(g, t, b);
    }
  }
  team_barrier(team, share.group, share.members);
  through_early_products(g, share, t);
  team_barrier(team, share.group, share.members);
}

template <>
void steps_undone<NormedGru>(const SteppedBackward& g, const Team& team) {
  normed_steps_undone<NormedGru>(g, team);
}

template <>
void steps_undone<NormedResetBeforeGru>(const SteppedBackward& g, const Team& team) {
  normed_steps_undone<NormedResetBeforeGru>(g, team);
}

/// That of the bias of the candidate's recurrent part.
template <>
void other_gradients<NormedGru>(const SteppedBackward& g, const Team& team) {
  const SteppedLayout& l = *g.f.layout;
  const int64_t of_block = (l.hidden + kSummedColumns - 1) / kSummedColumns;
  const int64_t part = (l.bias_width() + 15) / 16 * 16;
  const Range tasks = part_of(of_block, team.rank, team.size);
  for (int64_t i = tasks.begin; i < tasks.end; i++) {
    const int64_t u = i * kSummedColumns, left = l.hidden - u;
    for (int64_t k = 0; k < g.segment_rows();) {
      const RunPart run = run_part(g, k);
      add_run(g, run, g.bias_sums + l.width + u, part, g.db + 3 * l.hidden + u,
              left < kSummedColumns ? left : kSummedColumns, [&](int64_t t, int64_t b, int v) {
                return Simd::load(g.side_gradient_row(t, b) + u + v * Simd::kLanes);
              });
      k = run.end;
    }
  }
}

#endif  // GATEFOLD_NORMED_GRU_H
