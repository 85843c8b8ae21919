/// LSTM with layer normalisation of its products and of its cell state (Ba et al. 2016), as a cell
/// of stepped layers. Both moments of a row need all of it: once its products are there, one thread
/// does the rest of a row. Included inside an instruction set's namespace, after lstm_tile.h.
#ifndef GATEFOLD_NORMED_LSTM_H
#define GATEFOLD_NORMED_LSTM_H

#include "steps/lstm_tile.h"

/// Gates i, f, g, o; all of them early.
struct NormedLstm {
  static constexpr int kGates = 4;
  static constexpr int kEarly = 4;
};

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

/// Sums of N numbers of every element of a row of G blocks: body(offset, lanes, sums).
template <int G, int N, class Body>
static GF_INLINE void row_sums(const SteppedLayout& l, float (&totals)[N], const Body& body) {
  Simd::F sums[G][N];
  for (int g = 0; g < G; g++) {
    for (int i = 0; i < N; i++) {
      sums[g][i] = Simd::zero();
    }
  }
  for (int64_t u = 0; u < l.hidden; u += Simd::kLanes) {
    const int lanes = lanes_at(u, l.hidden);
#pragma GCC unroll 8
    for (int g = 0; g < G; g++) {
      body(g * l.units + u, lanes, sums[g]);
    }
  }
  for (int i = 0; i < N; i++) {
    Simd::F sum = sums[0][i];
    for (int g = 1; g < G; g++) {
      sum = Simd::add(sum, sums[g][i]);
    }
    totals[i] = sum_of_lanes(sum);
  }
}

/// Normalises a row of G blocks of units, in place; the result is the inverse of its deviation.
template <int G>
static float normalise_row(const SteppedLayout& l, float* row) {
  using S = Simd;
  const float count = static_cast<float>(G * l.hidden);
  float sum[1], squares[1];
  row_sums<G>(l, sum, [&](int64_t at, int, S::F(&sums)[1]) {  // zeros where there are no units
    sums[0] = S::add(sums[0], S::load(row + at));
  });
  const S::F mean = S::set1(sum[0] / count);
  row_sums<G>(l, squares, [&](int64_t at, int lanes, S::F(&sums)[1]) {
    const S::F centred = first_lanes(S::sub(S::load(row + at), mean), lanes);
    S::store(row + at, centred);
    sums[0] = S::fma(centred, centred, sums[0]);
  });
  const float inverse = 1.0f / __builtin_sqrtf(squares[0] / count + kNormEpsilon);
  const S::F scale = S::set1(inverse);
  for (int64_t at = 0; at < G * l.units; at += S::kLanes) {
    S::store(row + at, S::mul(S::load(row + at), scale));
  }
  return inverse;
}

/// From gradients of the scaled normal row to those of what it was made of: u = gradient(at) *
/// gain(at); to(at, inverse * (u - mean of u - normal * mean of u * normal)).
template <int G, class Gradient, class To>
static GF_INLINE void through_moments(const SteppedLayout& l, const float* normal, float inverse,
                                      const Gradient& gradient, const To& to) {
  using S = Simd;
  float totals[2];
  row_sums<G>(l, totals, [&](int64_t at, int, S::F(&sums)[2]) {
    const S::F u = gradient(at);
    sums[0] = S::add(sums[0], u);
    sums[1] = S::fma(u, S::load(normal + at), sums[1]);
  });
  const float count = static_cast<float>(G * l.hidden);
  const S::F mean = S::set1(totals[0] / count), inner = S::set1(totals[1] / count);
  const S::F scale = S::set1(inverse);
  for (int64_t u = 0; u < l.hidden; u += S::kLanes) {
    const int lanes = lanes_at(u, l.hidden);
#pragma GCC unroll 8
    for (int g = 0; g < G; g++) {
      const int64_t at = g * l.units + u;
      const S::F rest = S::fnma(S::load(normal + at), inner, S::sub(gradient(at), mean));
      to(at, first_lanes(S::mul(scale, rest), lanes));
    }
  }
}

/// Calls body(first panel, vectors) for the panels of a row, as many at a time as a tile holds.
template <class Body>
static GF_INLINE void for_row_parts(const SteppedLayout& l, const Body& body) {
  const int64_t panels = l.units / Simd::kLanes;
  for (int64_t p = 0; p < panels; p += LstmTile::kMost) {
    body(p, static_cast<int>(panels - p < LstmTile::kMost ? panels - p : LstmTile::kMost));
  }
}

template <>
void inputs_made<NormedLstm>(const SteppedLayer& f, const Team& team) {
  const SteppedLayout& l = *f.layout;
  const int64_t begin = f.time_begin * l.batch;
  const Range part = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  for (int64_t row = begin + part.begin; row < begin + part.end; row++) {
    const int64_t t = row / l.batch, b = row % l.batch;
    if (f.active(t, b)) {
      f.inverses_of(t, b)[0] = normalise_row<4>(l, f.normal_x_row(t, b));
    }
  }
}

/// Products with h of step t, where they will be normalised.
static void normed_products(const SteppedLayer& f, const StepShare& share, int64_t t) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  for_valid_rows(f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.panels, [&](const int64_t* rows, int height, int64_t p, int n) {
      alignas(64) float sums[kTileRows * kTileVectors * S::kLanes];
      const float* operands[kTileRows];
      for (int r = 0; r < height; r++) {
        operands[r] = f.operand + rows[r] * l.places;
      }
      const bool together = rows[height - 1] - rows[0] == height - 1;
      for (int g = 0; g < NormedLstm::kGates; g++) {
        const int64_t column = g * l.units + p * S::kLanes;
        const float* panels = f.packed + l.packed_wh(f.layer) + g * l.units * l.features;
        float* to = f.normal_h_row(t, rows[0]) + column;
        product_tile(
            operands, height, l.features, panels + p * S::kLanes * l.features, n, nullptr,
            together ? to : sums, together ? l.width : n * S::kLanes,
            next_panels(panels, l.features, share.panels, p, n, rows - all, height, count));
        for (int r = 0; !together && r < height; r++) {
          for (int v = 0; v < n; v++) {
            S::store(f.normal_h_row(t, rows[r]) + column + v * S::kLanes,
                     S::load(sums + (r * n + v) * S::kLanes));
          }
        }
      }
    });
  });
}

/// Sums, gates and c of a row after step t; what is normalised of c goes to `late`.
static void normed_states(const SteppedLayer& f, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const float *x = f.normal_x_row(t, b), *h = f.normal_h_row(t, b);
  const float* gains = f.packed + l.packed_norm(f.layer);
  float* gates = f.gates_row(t, b);
  for_row_parts(l, [&](int64_t p, int n) {
    LstmTile tile;
    for (int g = 0; g < kLstmGates; g++) {
      for (int v = 0; v < n; v++) {
        const int64_t at = g * l.units + (p + v) * S::kLanes;
        S::F sum = S::fma(S::load(gains + at), S::load(x + at), S::load(f.packed + at));
        sum = S::fma(S::load(gains + l.width + at), S::load(h + at), sum);
        S::store(gates + at, sum);
        tile.at[g][v] = gates + at;
      }
    }
    lstm_tile_states(f, t, &b, 1, p, n, tile);
    for (int v = 0; v < n; v++) {
      S::store(f.late + b * l.units + (p + v) * S::kLanes, S::load(tile.outputs[v]));
    }
  });
}

/// What the output's function is taken of, from the normal c of a row, in a tile.
static GF_INLINE void shown_cells(const SteppedLayer& f, int64_t b, int64_t p, int n,
                                  LstmTile& tile) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const float* gains = f.packed + l.packed_norm(f.layer) + 2 * l.width;
  for (int v = 0; v < n; v++) {
    const int64_t u = (p + v) * S::kLanes;
    S::store(tile.outputs[v], S::fma(S::load(gains + u), S::load(f.late + b * l.units + u),
                                     S::load(gains + l.units + u)));
  }
  apply_function(f.functions.output, n, tile.outputs);
}

template <>
void forward_step<NormedLstm>(const SteppedLayer& f, const StepShare& share, const Team& team,
                              int64_t t, bool outputs) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  const CellNoise& noise = f.functions.noise;
  normed_products(f, share, t);
  team_barrier(team, share.group, share.members);
  const Range rows = share.whole_rows();
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (!f.active(t, b)) {
      continue;
    }
    f.inverses_of(t, b)[1] = normalise_row<4>(l, f.normal_h_row(t, b));
    normed_states(f, t, b);
    normalise_row<1>(l, f.late + b * l.units);
    for_row_parts(l, [&](int64_t p, int n) {
      LstmTile tile;
      shown_cells(f, b, p, n, tile);
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
  }
  team_barrier(team, share.group, share.members);
}

/// The gradients of the sums of a row's gates and of its c, in place; of h, what passes the
/// products.
static void normed_gate_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  const float* dy =
      g.dy == nullptr ? nullptr : g.dy + (t * l.batch + b) * l.directions * l.features;
  float *gates = f.gates_row(t, b), *c = f.late + b * l.units, *dh = g.gradient + b * l.places;
  float *d_shift = g.shift_gradient_row(t, b), *d_gain = d_shift + l.units;
  auto made = [&](int64_t u, S::F(&a)[4], S::F& before, NoiseLanes& noise) {
    load_gates(l, gates + u, kLstmGates, a);
    before = load_part(f.c_before(t, b), u, lanes_at(u, l.hidden));
    const int64_t e = element_of(f, t, b, u);
    noise = {S::zero(), stays_c(own.noise, e), candidate_scale(own.noise, e)};
    return new_cell(f, a[0], a[1], S::mul(a[2], noise.candidate), before);
  };
  for (int64_t u = 0; u < l.units; u += S::kLanes) {
    S::F a[4], before;
    NoiseLanes noise;
    S::store(c + u, made(u, a, before, noise));
  }
  const float inverse = normalise_row<1>(l, c);
  // The gradient of o's sum takes o's place at once.
  for_row_parts(l, [&](int64_t p, int n) {
    LstmTile tile;
    shown_cells(f, b, p, n, tile);
    for (int v = 0; v < n; v++) {
      const int64_t u = (p + v) * S::kLanes;
      const S::F shown = S::load(tile.outputs[v]), o = S::load(gates + 3 * l.units + u);
      const S::F total = S::add(load_part(dy, u, f.valid(p + v)), S::load(dh + u));
      const S::F stay = stays_h(own.noise, element_of(f, t, b, u));
      S::store(dh + u, S::mul(stay, total));
      const S::F fresh = S::mul(S::sub(S::set1(1.0f), stay), total);
      const S::F d = S::mul(S::mul(fresh, o), function_slope(own.output, shown));
      S::store(d_shift + u, d);
      S::store(d_gain + u, S::mul(d, S::load(c + u)));
      S::store(gates + 3 * l.units + u, S::mul(S::mul(fresh, shown), function_slope(own.gate, o)));
    }
  });
  const float* gain = f.packed + l.packed_norm(f.layer) + 2 * l.width;
  const float* p = f.packed + l.packed_peepholes(f.layer);
  through_moments<1>(
      l, c, inverse, [&](int64_t u) { return S::mul(S::load(d_shift + u), S::load(gain + u)); },
      [&](int64_t u, S::F through) {
        S::F a[4], before;
        NoiseLanes noise;
        const S::F cell = made(u, a, before, noise);
        float* carry_at = g.cell_gradient + b * l.units + u;
        S::F carry = S::load(carry_at);
        LstmOptionCell::cell_backward(a, a[3], through, cell, before, carry, f.cell_clip, noise,
                                      own, p + u, l.units);
        S::store(carry_at, carry);
        for (int k = 0; k < kLstmGates; k++) {
          S::store(gates + k * l.units + u, a[k]);
        }
      });
}

template <>
void backward_step<NormedLstm>(const SteppedBackward& g, const StepShare& share, const Team& team,
                               int64_t t) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const float* gain = f.packed + l.packed_norm(f.layer) + l.width;
  const Range rows = share.whole_rows();
  for (int64_t b = rows.begin; b < rows.end; b++) {
    float *gates = f.gates_row(t, b), *to = g.h_gradient_row(t, b);
    if (!f.active(t, b)) {  // padding gives nothing to any sum
      for (int64_t i = 0; i < l.width; i += S::kLanes) {
        S::store(gates + i, S::zero());
        S::store(to + i, S::zero());
      }
      continue;
    }
    normed_gate_gradients(g, t, b);
    through_moments<4>(
        l, f.normal_h_row(t, b), f.inverses_of(t, b)[1],
        [&](int64_t at) { return S::mul(S::load(gates + at), S::load(gain + at)); },
        [&](int64_t at, S::F d) { S::store(to + at, f.as_operand(d)); });
  }
  team_barrier(team, share.group, share.members);
  for_gradient_sums(g, share.rows, share.places, t, 0, NormedLstm::kGates,
                    f.packed + l.packed_early(f.layer), [&](int64_t b, int64_t p, S::F sum) {
                      float* gradient = g.gradient + b * l.places + p * S::kLanes;
                      sum = f.masked(sum, b, p * S::kLanes);
                      S::store(gradient, S::add(S::load(gradient), sum));
                    });
  team_barrier(team, share.group, share.members);
}

/// A thread's share of the gradients of gains and shift over a segment.
static void norm_gradients(const SteppedBackward& g, const Team& team) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const int64_t of_block = (l.hidden + kSummedColumns - 1) / kSummedColumns;
  const int64_t part = (10 * l.units + 15) / 16 * 16;
  const Range tasks = part_of(10 * of_block, team.rank, team.size);
  for (int64_t i = tasks.begin; i < tasks.end; i++) {
    const int64_t block = i / of_block, u = i % of_block * kSummedColumns,
                  gate = block % 4 * l.units + u;
    const int64_t left = l.hidden - u, columns = left < kSummedColumns ? left : kSummedColumns;
    auto add = [&](const RunPart& run, const auto& body) {
      add_run(g, run, g.norm_sums + block * l.units + u, part, g.dnorm + block * l.hidden + u,
              columns, [&](int64_t t, int64_t b, int v) {
                return f.active(t, b) ? body(t, b, v * S::kLanes) : S::zero();
              });
    };
    auto gain = [&](const RunPart& run, const float* normal) {
      add(run, [&](int64_t t, int64_t b, int at) {
        const int64_t row = ((t - f.time_origin) * l.batch + b) * l.width + gate + at;
        return S::mul(S::load(f.gates + row), S::load(normal + row));
      });
    };
    for (int64_t k = 0; k < g.segment_rows();) {
      const RunPart run = run_part(g, k);
      if (block < 4) {
        gain(run, f.normal_x);
      } else if (block < 8) {
        gain(run, f.normal_h);
      } else {
        const int64_t first = (block == 8 ? l.units : 0) + u;
        add(run, [&](int64_t t, int64_t b, int at) {
          return S::load(g.shift_gradient_row(t, b) + first + at);
        });
      }
      k = run.end;
    }
  }
}

/// Gradients of gains; then those of products with x in the place of the normal products.
template <>
void steps_undone<NormedLstm>(const SteppedBackward& g, const Team& team) {
  using S = Simd;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  team_barrier(team);
  if (g.dnorm != nullptr) {
    norm_gradients(g, team);
    team_barrier(team);
  }
  const float* gain = f.packed + l.packed_norm(f.layer);
  const Range part = part_of(g.segment_rows(), team.rank, team.size);
  const int64_t begin = f.time_begin * l.batch;
  for (int64_t row = begin + part.begin; row < begin + part.end; row++) {
    const int64_t t = row / l.batch, b = row % l.batch;
    const float* gates = f.gates_row(t, b);
    float* normal = f.normal_x_row(t, b);
    if (!f.active(t, b)) {
      for (int64_t i = 0; i < l.width; i += S::kLanes) {
        S::store(normal + i, S::zero());
      }
      continue;
    }
    through_moments<4>(
        l, normal, f.inverses_of(t, b)[0],
        [&](int64_t at) { return S::mul(S::load(gates + at), S::load(gain + at)); },
        [&](int64_t at, S::F d) { S::store(normal + at, f.as_operand(d)); });
  }
}

/// Those of peepholes.
template <>
void other_gradients<NormedLstm>(const SteppedBackward& g, const Team& team) {
  peephole_gradients(g, team);
}

#endif  // GATEFOLD_NORMED_LSTM_H
