/// What the cells of stepped layers that are LSTMs have in common. Included inside an instruction
/// set's namespace, after stepped_backward.h.
#ifndef GATEFOLD_LSTM_TILE_H
#define GATEFOLD_LSTM_TILE_H

#include "recurrent/recurrent_option_cells.h"
#include "steps/stepped_backward.h"

/// Gates i, f, g, o.
constexpr int kLstmGates = 4;

/// Vectors of a tile, and where its gates are.
struct LstmTile {
  static constexpr int kMost = kTileRows * kTileVectors;
  float* at[kLstmGates][kMost];
  alignas(64) float squashed[kMost * Simd::kLanes];
  float* outputs[kMost];

  LstmTile() {
    for (int i = 0; i < kMost; i++) {
      outputs[i] = squashed + i * Simd::kLanes;
    }
  }
};

static GF_INLINE int64_t element_of(const SteppedLayer& f, int64_t t, int64_t b, int64_t u) {
  return (t * f.layout->batch + b) * f.layout->hidden + u;
}

/// The cell state that h is made of.
static GF_INLINE Simd::F new_cell(const SteppedLayer& f, Simd::F i, Simd::F forget, Simd::F g,
                                  Simd::F c_before) {
  using S = Simd;
  S::F c = S::fma(forget, c_before, S::mul(i, g));
  if (f.cell_clip > 0) {
    c = S::min(S::set1(f.cell_clip), S::max(S::set1(-f.cell_clip), c));
  }
  return c;
}

/// Gates and c after step t of a tile, whose sums are there but for peepholes; what h is made of of
/// c goes to `outputs`.
static void lstm_tile_states(const SteppedLayer& f, int64_t t, const int64_t* rows, int height,
                             int64_t panel, int vectors, LstmTile& tile) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  const float* p = f.packed + l.packed_peepholes(f.layer);
  const int count = height * vectors;
  auto each = [&](auto body) {
    for (int r = 0; r < height; r++) {
      for (int v = 0; v < vectors; v++) {
        body(r * vectors + v, rows[r], panel + v, (panel + v) * S::kLanes);
      }
    }
  };
  auto add_peephole = [&](int gate, int i, const float* of_gate, S::F c) {
    S::store(tile.at[gate][i], S::fma(S::load(of_gate), c, S::load(tile.at[gate][i])));
  };
  if (own.peepholes) {
    each([&](int i, int64_t b, int64_t, int64_t u) {
      const S::F c = S::load(f.cell_state + b * l.units + u);
      add_peephole(0, i, p + u, c);
      add_peephole(1, i, p + l.units + u, c);
    });
  }
  apply_function(own.gate, count, tile.at[0]);
  if (!own.coupled) {
    apply_function(own.gate, count, tile.at[1]);
  }
  apply_function(own.candidate, count, tile.at[2]);
  each([&](int i, int64_t b, int64_t panel_at, int64_t u) {
    float* state = f.cell_state + b * l.units + u;
    const int64_t e = element_of(f, t, b, u);
    const S::F in = S::load(tile.at[0][i]), before = S::load(state);
    if (own.coupled) {
      S::store(tile.at[1][i], S::sub(S::set1(1.0f), in));
    }
    // Where there are no units c stays 0, whatever a candidate is of nothing.
    const S::F g = load_lanes(tile.at[2][i], f.valid(panel_at));
    S::store(tile.at[2][i], g);
    const S::F made =
        new_cell(f, in, S::load(tile.at[1][i]), S::mul(g, candidate_scale(own.noise, e)), before);
    S::F c = made;
    if (own.noise.zoneout_c > 0) {
      c = mixed_state(stays_c(own.noise, e), before, made);
    }
    S::store(tile.outputs[i], made);
    S::store(state, c);
    if (f.cells != nullptr) {
      S::store(f.cells_row(t, b) + u, c);
    }
    if (own.peepholes) {
      add_peephole(3, i, p + 2 * l.units + u, c);
    }
  });
  apply_function(own.gate, count, tile.at[3]);
}

/// Those of peepholes over a segment, a thread's share: those of i and f saw c before the step,
/// that of o saw c after it.
static void peephole_gradients(const SteppedBackward& g, const Team& team) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const int64_t of_gate = (l.hidden + kSummedColumns - 1) / kSummedColumns;
  const int64_t part = (3 * l.units + 15) / 16 * 16;
  const Range tasks = part_of(g.dp == nullptr ? 0 : 3 * of_gate, team.rank, team.size);
  for (int64_t i = tasks.begin; i < tasks.end; i++) {
    const int64_t number = i / of_gate, unit = i % of_gate * kSummedColumns;
    const int64_t gate = number < 2 ? number : 3, left = l.hidden - unit;
    for (int64_t k = 0; k < g.segment_rows();) {
      const RunPart run = run_part(g, k);
      add_run(g, run, g.peephole_sums + number * l.units + unit, part,
              g.dp + number * l.hidden + unit, left < kSummedColumns ? left : kSummedColumns,
              [&](int64_t t, int64_t b, int v) {
                if (!f.active(t, b)) {
                  return Simd::zero();
                }
                const int64_t u = unit + v * Simd::kLanes;
                const float* c = number < 2 ? f.c_before(t, b) : f.cells_row(t, b);
                return Simd::mul(load_part(c, u, lanes_at(u, l.hidden)),
                                 Simd::load(f.gates_row(t, b) + gate * l.units + u));
              });
      k = run.end;
    }
  }
}

#endif  // GATEFOLD_LSTM_TILE_H
