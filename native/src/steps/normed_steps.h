/// What the cells of stepped layers have in common that normalise their products (Ba et al. 2016).
/// Both moments of a row need all of it: once its products are there, one thread does the rest of a
/// row. Products are kept as they are, with their moments. Included inside an instruction set's
/// namespace, after stepped_backward.h.
///
/// Such a cell says, beside what others do, kApart: whether its last gate's recurrent part has a
/// gradient of its own, which stands among those beside the gates'.
#ifndef GATEFOLD_NORMED_STEPS_H
#define GATEFOLD_NORMED_STEPS_H

#include "steps/normed_rows.h"
#include "steps/stepped_backward.h"

/// The gates of a part of a row: as many vectors as a tile holds, and where they are.
template <int G>
struct RowTile {
  static constexpr int kMost = kTileRows * kTileVectors;
  float* at[G][kMost];
};

/// Calls body(first panel, vectors) for the panels of a row, as many at a time as a tile holds.
template <class Body>
static GF_INLINE void for_row_parts(const SteppedLayout& l, const Body& body) {
  constexpr int kMost = RowTile<1>::kMost;
  const int64_t panels = l.units / Simd::kLanes;
  for (int64_t p = 0; p < panels; p += kMost) {
    body(p, static_cast<int>(panels - p < kMost ? panels - p : kMost));
  }
}

/// The normal products of a row with x and with h, and their gains.
struct NormalProducts {
  NormalRow x, h;
  const float *bias, *gains_x, *gains_h;

  NormalProducts(const SteppedLayer& f, int64_t t, int64_t b, int64_t product)
      : x(f.product_x_row(t, b), f.moments_of(t, b, 0)),
        h(f.product_h_row(t, b), f.moments_of(t, b, product)),
        bias(f.packed),
        gains_x(f.packed + f.layout->packed_norm(f.layer)),
        gains_h(gains_x + f.layout->width) {}

  /// What of a gate's sum comes of x, with the bias.
  GF_INLINE Simd::F of_x(int64_t at) const {
    return Simd::fma(Simd::load(gains_x + at), x.at(at), Simd::load(bias + at));
  }
  GF_INLINE Simd::F plus_h(Simd::F sum, int64_t at) const {
    return Simd::fma(Simd::load(gains_h + at), h.at(at), sum);
  }
  GF_INLINE Simd::F sum(int64_t at) const { return plus_h(of_x(at), at); }
};

/// Moments of a thread's input products.
template <int G>
static void input_moments(const SteppedLayer& f, const Team& team) {
  const SteppedLayout& l = *f.layout;
  const int64_t begin = f.time_begin * l.batch;
  const Range part = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  for (int64_t row = begin + part.begin; row < begin + part.end; row++) {
    const int64_t t = row / l.batch, b = row % l.batch;
    if (f.active(t, b)) {
      take_moments<G>(l, f.product_x_row(t, b), f.moments_of(t, b, 0));
    }
  }
}

/// Products of gates [first, end) of step t with an operand, whose rows are `distance` apart.
static void normed_products(const SteppedLayer& f, const StepShare& share, int64_t t, int first,
                            int end, const float* operand, int64_t distance) {
  using S = Simd;
  const SteppedLayout& l = *f.layout;
  for_valid_rows(f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.panels, [&](const int64_t* rows, int height, int64_t p, int n) {
      alignas(64) float sums[kTileRows * kTileVectors * S::kLanes];
      const float* operands[kTileRows];
      for (int r = 0; r < height; r++) {
        operands[r] = operand + rows[r] * distance;
      }
      const bool together = rows[height - 1] - rows[0] == height - 1;
      for (int g = first; g < end; g++) {
        const int64_t column = g * l.units + p * S::kLanes;
        const float* panels = f.packed + l.packed_wh(f.layer) + g * l.units * l.features;
        float* to = f.product_h_row(t, rows[0]) + column;
        product_tile(
            operands, height, l.features, panels + p * S::kLanes * l.features, n, nullptr,
            together ? to : sums, together ? l.width : n * S::kLanes,
            next_panels(panels, l.features, share.panels, p, n, rows - all, height, count));
        for (int r = 0; !together && r < height; r++) {
          for (int v = 0; v < n; v++) {
            S::store(f.product_h_row(t, rows[r]) + column + v * S::kLanes,
                     S::load(sums + (r * n + v) * S::kLanes));
          }
        }
      }
    });
  });
}

/// One step where all products of a step are made at once: row(b) does the rest of a row.
template <class Cell, class Row>
static GF_INLINE void normed_step(const SteppedLayer& f, const StepShare& share, const Team& team,
                                  int64_t t, const Row& row) {
  constexpr int G = Cell::kGates;
  const SteppedLayout& l = *f.layout;
  normed_products(f, share, t, 0, G, f.operand, l.places);
  team_barrier(team, share.group, share.members);
  const Range rows = share.whole_rows();
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (f.active(t, b)) {
      take_moments<G>(l, f.product_h_row(t, b), f.moments_of(t, b, 1));
      row(b);
    }
  }
  team_barrier(team, share.group, share.members);
}

/// Of a row, before its step is gone through backwards.
struct NormedBackward {
  float *gates, *side, *to, *dh;
  const float *dy, *h_before;
  NormalRow normal;
  const float* gains;
  int64_t first;  ///< of units [0, H) among the elements of masks

  /// product, gate: whose moments, and the first gate of these.
  NormedBackward(const SteppedBackward& g, int64_t t, int64_t b, int64_t product, int64_t gate)
      : gates(g.f.gates_row(t, b)),
        side(g.side_gradient_row(t, b)),
        to(g.h_gradient_row(t, b) + gate * g.f.layout->units),
        dh(g.gradient + b * g.f.layout->places),
        dy(g.dy == nullptr ? nullptr
                           : g.dy + (t * g.f.layout->batch + b) * g.f.layout->directions *
                                        g.f.layout->features),
        h_before(g.f.h_before(t, b)),
        normal(g.f.product_h_row(t, b) + gate * g.f.layout->units, g.f.moments_of(t, b, product)),
        gains(g.f.packed + g.f.layout->packed_norm(g.f.layer) + g.f.layout->width +
              gate * g.f.layout->units),
        first((t * g.f.layout->batch + b) * g.f.layout->hidden) {}

  /// The gradient of h of some units.
  GF_INLINE Simd::F whole(int64_t u, int lanes) const {
    return Simd::add(load_part(dy, u, lanes), Simd::load(dh + u));
  }
};

/// Gradients of a row's products with h: gradient(block, offset) of their gates.
template <int G, class Gradient>
static GF_INLINE void write_h_gradients(const SteppedLayer& f, const NormedBackward& row,
                                        const MomentGradients<G>& moments,
                                        const Gradient& gradient) {
  for_row<G>(*f.layout, [&](int g, int64_t at, int lanes) {
    const Simd::F d = Simd::mul(gradient(g, at), Simd::load(row.gains + at));
    Simd::store(row.to + at,
                f.as_operand(moments.through(row.normal, d, row.normal.at(at), lanes)));
  });
}

/// Padding gives nothing to any sum.
static void clear_gradients(const SteppedBackward& g, int64_t t, int64_t b) {
  const SteppedLayout& l = *g.f.layout;
  float *gates = g.f.gates_row(t, b), *to = g.h_gradient_row(t, b);
  for (int64_t i = 0; i < l.width; i += Simd::kLanes) {
    Simd::store(gates + i, Simd::zero());
    Simd::store(to + i, Simd::zero());
  }
}

/// Adds the products of early gates' gradients with Wh to the gradients of h.
static void through_early_products(const SteppedBackward& g, const StepShare& share, int64_t t) {
  const SteppedLayout& l = *g.f.layout;
  for_gradient_sums(g, share.rows, share.places, t, 0, l.early_gates,
                    g.f.packed + l.packed_early(g.f.layer), [&](int64_t b, int64_t p, Simd::F sum) {
                      float* gradient = g.gradient + b * l.places + p * Simd::kLanes;
                      sum = g.f.masked(sum, b, p * Simd::kLanes);
                      Simd::store(gradient, Simd::add(Simd::load(gradient), sum));
                    });
}

/// One step backwards where all products of a step are made at once: gradients(b) are those of a
/// row, padding(b) clears what else a row that is none keeps.
template <class Gradients, class Padding>
static GF_INLINE void normed_step_undone(const SteppedBackward& g, const StepShare& share,
                                         const Team& team, int64_t t, const Gradients& gradients,
                                         const Padding& padding) {
  const Range rows = share.whole_rows();
  for (int64_t b = rows.begin; b < rows.end; b++) {
    if (g.f.active(t, b)) {
      gradients(b);
    } else {
      clear_gradients(g, t, b);
      padding(b);
    }
  }
  team_barrier(team, share.group, share.members);
  through_early_products(g, share, t);
  team_barrier(team, share.group, share.members);
}

/// A thread's share of the gradients of gains and shift over a segment.
template <class Cell>
static void norm_gradients(const SteppedBackward& g, const Team& team) {
  using S = Simd;
  constexpr int G = Cell::kGates;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const int64_t of_block = (l.hidden + kSummedColumns - 1) / kSummedColumns;
  const int64_t part = (l.norm_blocks() * l.units + 15) / 16 * 16;
  const Range tasks = part_of(l.norm_blocks() * of_block, team.rank, team.size);
  for (int64_t i = tasks.begin; i < tasks.end; i++) {
    const int64_t block = i / of_block, u = i % of_block * kSummedColumns;
    const int64_t gate = block % G, column = gate * l.units + u;
    const int64_t left = l.hidden - u, columns = left < kSummedColumns ? left : kSummedColumns;
    const int64_t product = block < G ? 0 : gate < Cell::kEarly ? 1 : 2;
    const bool aside = Cell::kApart && block == 2 * G - 1;
    auto add = [&](const RunPart& run, const auto& body) {
      add_run(g, run, g.norm_sums + block * l.units + u, part, g.dnorm + block * l.hidden + u,
              columns, [&](int64_t t, int64_t b, int v) {
                return f.active(t, b) ? body(t, b, v * S::kLanes) : S::zero();
              });
    };
    for (int64_t k = 0; k < g.segment_rows();) {
      const RunPart run = run_part(g, k);
      if (block < 2 * G) {
        add(run, [&](int64_t t, int64_t b, int at) {
          const float* row = product == 0 ? f.product_x_row(t, b) : f.product_h_row(t, b);
          const NormalRow normal(row + column, f.moments_of(t, b, product));
          const float* d = aside ? g.side_gradient_row(t, b) + u : f.gates_row(t, b) + column;
          return S::mul(S::load(d + at), normal.at(at));
        });
      } else {  // those of c's shift stand before those of its gain
        const int64_t first = (block == 2 * G ? l.units : 0) + u;
        add(run, [&](int64_t t, int64_t b, int at) {
          return S::load(g.side_gradient_row(t, b) + first + at);
        });
      }
      k = run.end;
    }
  }
}

/// Gradients of gains; then those of products with x in the place of these products.
template <class Cell>
static void normed_steps_undone(const SteppedBackward& g, const Team& team) {
  using S = Simd;
  constexpr int G = Cell::kGates;
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  team_barrier(team);
  if (g.dnorm != nullptr) {
    norm_gradients<Cell>(g, team);
    team_barrier(team);
  }
  const float* gains = f.packed + l.packed_norm(f.layer);
  const Range part = part_of(g.segment_rows(), team.rank, team.size);
  const int64_t begin = f.time_begin * l.batch;
  for (int64_t row = begin + part.begin; row < begin + part.end; row++) {
    const int64_t t = row / l.batch, b = row % l.batch;
    const float* gates = f.gates_row(t, b);
    float* product = f.product_x_row(t, b);
    if (!f.active(t, b)) {
      for (int64_t i = 0; i < l.width; i += S::kLanes) {
        S::store(product + i, S::zero());
      }
      continue;
    }
    const NormalRow normal(product, f.moments_of(t, b, 0));
    auto gradient = [&](int64_t at) { return S::mul(S::load(gates + at), S::load(gains + at)); };
    MomentGradients<G> moments;
    for_row<G>(
        l, [&](int block, int64_t at, int) { moments.add(block, gradient(at), normal.at(at)); });
    moments.finish(l);
    for_row<G>(l, [&](int, int64_t at, int lanes) {
      S::store(product + at,
               f.as_operand(moments.through(normal, gradient(at), normal.at(at), lanes)));
    });
  }
}

#endif  // GATEFOLD_NORMED_STEPS_H
