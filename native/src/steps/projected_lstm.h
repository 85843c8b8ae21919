/// LSTM whose units are projected to h, as a cell of stepped layers: the units of all gates, then
/// the projection. Included inside an instruction set's namespace, after lstm_tile.h.
#ifndef GATEFOLD_PROJECTED_LSTM_H
#define GATEFOLD_PROJECTED_LSTM_H

#include "steps/lstm_tile.h"

/// Gates i, f, g, o; all of them early.
struct ProjectedLstm {
  static constexpr int kGates = 4;
  static constexpr int kEarly = 4;
};

static void lstm_units(const SteppedLayer& f, const StepShare& share, int64_t t) {
  for_valid_rows(f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.panels, [&](const int64_t* rows, int height, int64_t p, int n) {
      LstmTile tile;
      for (int g = 0; g < ProjectedLstm::kGates; g++) {
        add_recurrent_product(f, t, g, f.operand, f.layout->places, rows, height, p, n, tile.at[g]);
      }
      lstm_tile_states(f, t, rows, height, p, n, tile);
      apply_function(f.functions.output, height * n, tile.outputs);
      for (int i = 0; i < height * n; i++) {
        const Simd::F given = Simd::mul(Simd::load(tile.at[3][i]), Simd::load(tile.outputs[i]));
        Simd::store(f.late + rows[i / n] * f.layout->units + (p + i % n) * Simd::kLanes,
                    f.as_operand(given));
      }
    });
  });
}

/// h after step t from what its units gave.
static void project_units(const SteppedLayer& f, const StepShare& share, int64_t t, bool outputs) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const CellNoise& noise = f.functions.noise;
  const float* panels = f.packed + l.packed_wr(f.layer);
  for_valid_rows(f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.places, [&](const int64_t* rows, int height, int64_t p, int n) {
      alignas(64) float sums[kTileRows * kTileVectors * S::kLanes];
      const float* operands[kTileRows];
      for (int r = 0; r < height; r++) {
        operands[r] = f.late + rows[r] * l.units;
      }
      product_tile(operands, height, l.hidden, panels + p * S::kLanes * l.hidden, n, nullptr, sums,
                   n * S::kLanes,
                   next_panels(panels, l.hidden, share.places, p, n, rows - all, height, count));
      for (int r = 0; r < height; r++) {
        for (int64_t v = 0; v < n; v++) {
          const int64_t u = (p + v) * S::kLanes, at = rows[r] * l.places + u;
          S::F h = S::load(sums + (r * n + v) * S::kLanes);
          if (noise.zoneout_h > 0) {
            const int64_t e = (t * l.batch + rows[r]) * l.features + u;
            h = mixed_state(stays_h(noise, e), S::load(f.state + at), h);
          }
          hand_on(f, t, rows[r], p + v, h, outputs);
        }
      }
    });
  });
}

template <>
void forward_step<ProjectedLstm>(const SteppedLayer& f, const StepShare& share, const Team& team,
                                 int64_t t, bool outputs) {
  lstm_units(f, share, t);
  team_barrier(team, share.group, share.members);
  project_units(f, share, t, outputs);
  team_barrier(team, share.group, share.members);
}

/// The gradient of the projection of step t, of which a part stays with h before it.
static void projection_gradients(const SteppedBackward& g, const StepShare& share, int64_t t) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const CellNoise& noise = f.functions.noise;
  for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
    const float* dy =
        g.dy == nullptr ? nullptr : g.dy + (t * l.batch + b) * l.directions * l.features;
    for (int64_t p = share.places.begin; p < share.places.end; p++) {
      const int64_t u = p * S::kLanes;
      S::F total = S::zero();
      if (f.active(t, b)) {
        float* gradient = g.gradient + b * l.places + u;
        const S::F dh = S::add(load_part(dy, u, f.valid_features(p)), S::load(gradient));
        const S::F stay = stays_h(noise, (t * l.batch + b) * l.features + u);
        total = S::mul(S::sub(S::set1(1.0f), stay), dh);
        S::store(gradient, S::mul(stay, dh));
      }
      S::store(g.projected_row(t, b) + u, f.as_operand(total));
    }
  }
}

/// The gradients of gates and c of a tile from those of what its units gave, in `sums`.
static void lstm_tile_gradients(const SteppedBackward& g, int64_t t, const int64_t* rows,
                                int height, int64_t panel, int vectors, const float* sums) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  const float* p = f.packed + l.packed_peepholes(f.layer);
  LstmTile tile;
  auto each = [&](auto body) {
    for (int r = 0; r < height; r++) {
      for (int v = 0; v < vectors; v++) {
        const int64_t u = (panel + v) * S::kLanes, b = rows[r];
        S::F a[ProjectedLstm::kGates];
        load_gates(l, f.gates_row(t, b) + u, ProjectedLstm::kGates, a);
        const S::F before = load_part(f.c_before(t, b), u, f.valid(panel + v));
        const S::F scale = candidate_scale(own.noise, element_of(f, t, b, u));
        const S::F c = new_cell(f, a[0], a[1], S::mul(a[2], scale), before);
        body(r * vectors + v, b, u, a, before, scale, c);
      }
    }
  };
  each([&](int i, int64_t, int64_t, S::F(&)[4], S::F, S::F, S::F c) {
    S::store(tile.outputs[i], c);
  });
  apply_function(own.output, height * vectors, tile.outputs);
  const int64_t depth = g.segment_rows();
  each([&](int i, int64_t b, int64_t u, S::F(&a)[4], S::F before, S::F scale, S::F c) {
    const S::F squashed = S::load(tile.outputs[i]);
    if (g.dwr != nullptr) {
      S::store(g.late_panels + u * depth + g.place_of(t, b) * S::kLanes,
               f.as_operand(S::mul(a[3], squashed)));
    }
    float* carry_at = g.cell_gradient + b * l.units + u;
    S::F carry = S::load(carry_at), unused;
    const NoiseLanes noise{S::zero(), stays_c(own.noise, element_of(f, t, b, u)), scale};
    LstmOptionCell::backward(a, S::zero(), c, squashed, before, S::load(sums + i * S::kLanes),
                             carry, unused, f.cell_clip, noise, own, p + u, l.units);
    S::store(carry_at, carry);
    for (int k = 0; k < ProjectedLstm::kGates; k++) {
      S::store(f.gates_row(t, b) + k * l.units + u, f.as_operand(a[k]));
    }
  });
}

/// Padding of step t gives nothing to any sum.
static void clear_padding(const SteppedBackward& g, const StepShare& share, int64_t t) {
  const SteppedLayout& l = *g.f.layout;
  for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
    for (int64_t p = share.panels.begin; !g.f.active(t, b) && p < share.panels.end; p++) {
      const int64_t u = p * Simd::kLanes;
      for (int k = 0; k < ProjectedLstm::kGates; k++) {
        Simd::store(g.f.gates_row(t, b) + k * l.units + u, Simd::zero());
      }
      if (g.dwr != nullptr) {
        Simd::store(g.late_panels + u * g.segment_rows() + g.place_of(t, b) * Simd::kLanes,
                    Simd::zero());
      }
    }
  }
}

static void lstm_unit_gradients(const SteppedBackward& g, const StepShare& share, int64_t t) {
  const SteppedLayout& l = *g.f.layout;
  const float* panels = g.f.packed + l.packed_unprojected(g.f.layer);
  clear_padding(g, share, t);
  for_valid_rows(g.f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.panels, [&](const int64_t* rows, int height, int64_t p, int n) {
      alignas(64) float sums[kTileRows * kTileVectors * Simd::kLanes];
      const float* operands[kTileRows];
      for (int r = 0; r < height; r++) {
        operands[r] = g.projected_row(t, rows[r]);
      }
      product_tile(operands, height, l.features, panels + p * Simd::kLanes * l.features, n, nullptr,
                   sums, n * Simd::kLanes,
                   next_panels(panels, l.features, share.panels, p, n, rows - all, height, count));
      lstm_tile_gradients(g, t, rows, height, p, n, sums);
    });
  });
}

template <>
void backward_step<ProjectedLstm>(const SteppedBackward& g, const StepShare& share,
                                  const Team& team, int64_t t) {
  const SteppedLayout& l = *g.f.layout;
  projection_gradients(g, share, t);
  team_barrier(team, share.group, share.members);
  lstm_unit_gradients(g, share, t);
  team_barrier(team, share.group, share.members);
  for_gradient_sums(g, share.rows, share.places, t, 0, ProjectedLstm::kGates,
                    g.f.packed + l.packed_early(g.f.layer), [&](int64_t b, int64_t p, Simd::F sum) {
                      float* gradient = g.gradient + b * l.places + p * Simd::kLanes;
                      sum = g.f.masked(sum, b, p * Simd::kLanes);
                      Simd::store(gradient, Simd::add(Simd::load(gradient), sum));
                    });
}

/// Those of Wr and of peepholes.
template <>
void other_gradients<ProjectedLstm>(const SteppedBackward& g, const Team& team) {
  const SteppedLayout& l = *g.f.layout;
  const GateSums of_wr{g.late_panels, l.hidden, g.wr_sums, (l.wr_sums_part() + 15) / 16 * 16,
                       g.dwr,         nullptr};
  const Range tasks =
      part_of((l.features + kSummedColumns - 1) / kSummedColumns, team.rank, team.size);
  for (int64_t task = tasks.begin; task < tasks.end; task++) {
    const int64_t begin = task * kSummedColumns, left = l.features - begin;
    for (int64_t k = 0; k < g.segment_rows();) {
      const RunPart run = run_part(g, k);
      const int64_t row = g.row_at(k);
      add_row_sums(g, of_wr, run, g.projected_row(row / l.batch, row % l.batch) + begin, l.places,
                   begin, left < kSummedColumns ? left : kSummedColumns);
      k = run.end;
    }
  }
  peephole_gradients(g, team);
}

#endif  // GATEFOLD_PROJECTED_LSTM_H
