/// The backward pass of stepped layers: segment by segment from the last, the steps, which turn the
/// kept gates into gradients of their sums, in place, then the products over all rows. Included
/// inside an instruction set's namespace, after stepped_forward.h.
#ifndef GATEFOLD_STEPPED_BACKWARD_H
#define GATEFOLD_STEPPED_BACKWARD_H

#include "steps/stepped_forward.h"
#include "steps/stepped_gradients.h"

/// Everything of a step before the gradient of the late operand is known.
template <class Cell>
static void late_gate_gradients(const SteppedBackward& g, const StepShare& share, int64_t t) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const int64_t depth = g.segment_rows();
  for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
    const bool valid = f.active(t, b);
    const float* h_row = valid ? f.h_before(t, b) : nullptr;
    const float* dy =
        g.dy == nullptr ? nullptr : g.dy + (t * l.batch + b) * l.directions * l.features;
    const int64_t place = g.place_of(t, b);
    for (int64_t p = share.panels.begin; p < share.panels.end; p++) {
      const int64_t u = p * Simd::kLanes;
      float* gates = f.gates_row(t, b) + u;
      Simd::F a[Cell::kGates];
      Simd::F late = Simd::zero();
      if (valid) {
        float* gradient = g.gradient + b * l.units + u;
        const Simd::F h = load_part(h_row, u, f.valid(p));
        Simd::F dh = Simd::add(load_part(dy, u, f.valid(p)), Simd::load(gradient));
        load_gates(l, gates, Cell::kGates, a);
        late = f.as_operand(Cell::late_operand(a, f.masked(h, b, u)));
        Cell::backward(f.functions, a, h, f.noise(t, b, p), dh);
        Simd::store(gradient, dh);
      } else {
        load_gates(l, gates, 0, a);
      }
      if (g.dwh != nullptr) {
        Simd::store(g.late_panels + (p * depth + place) * Simd::kLanes, late);
      }
#pragma GCC unroll 8
      for (int i = 0; i < Cell::kGates; i++) {
        Simd::store(gates + i * l.units, i < Cell::kEarly ? a[i] : f.as_operand(a[i]));
      }
    }
  }
}

/// Calls body(row, panel, sum) for some rows and panels of columns with vectors of `count` gates'
/// gradients, from gate `first` on, times Wh transposed.
template <class Body>
static GF_INLINE void for_gradient_sums(const SteppedBackward& g, Range rows_of, Range columns,
                                        int64_t t, int64_t first, int64_t count,
                                        const float* panels, const Body& body) {
  const SteppedLayout& l = *g.f.layout;
  constexpr int kLanes = Simd::kLanes;
  for_valid_rows(g.f, rows_of, t, [&](const int64_t* all, int valid) {
    for_tiles(all, valid, columns, [&](const int64_t* rows, int height, int64_t p, int n) {
      alignas(64) float sums[kTileRows * kTileVectors * kLanes];
      const float* operands[kTileRows];
      for (int r = 0; r < height; r++) {
        operands[r] = g.h_gradient_row(t, rows[r]) + first * l.units;
      }
      const int64_t depth = count * l.units;
      product_tile(operands, height, depth, panels + p * kLanes * depth, n, nullptr, sums,
                   n * kLanes,
                   next_panels(panels, depth, columns, p, n, rows - all, height, valid));
      for (int r = 0; r < height; r++) {
        for (int v = 0; v < n; v++) {
          body(rows[r], p + v, Simd::load(sums + (r * n + v) * kLanes));
        }
      }
    });
  });
}

template <class Cell>
static void backward_step(const SteppedBackward& g, const StepShare& share, const Team& team,
                          int64_t t) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  late_gate_gradients<Cell>(g, share, t);
  team_barrier(team, share.group, share.members);
  for_gradient_sums(g, share.rows, share.panels, t, Cell::kEarly, Cell::kGates - Cell::kEarly,
                    f.packed + l.packed_late(f.layer), [&](int64_t b, int64_t p, Simd::F late) {
                      const int64_t u = p * Simd::kLanes;
                      float* gates = f.gates_row(t, b) + u;
                      float* gradient = g.gradient + b * l.units + u;
                      Simd::F a[Cell::kGates];
                      load_gates(l, gates, Cell::kEarly, a);
                      Simd::F dh = Simd::load(gradient);
                      Cell::late_backward(f.functions, a,
                                          load_part(f.h_before(t, b), u, f.valid(p)),
                                          f.masked(late, b, u), dh);
                      Simd::store(gradient, dh);
#pragma GCC unroll 8
                      for (int i = 0; i < Cell::kEarly; i++) {
                        Simd::store(gates + i * l.units, f.as_operand(a[i]));
                      }
                    });
  team_barrier(team, share.group, share.members);
  for_gradient_sums(g, share.rows, share.panels, t, 0, Cell::kEarly,
                    f.packed + l.packed_early(f.layer), [&](int64_t b, int64_t p, Simd::F sum) {
                      float* gradient = g.gradient + b * l.units + p * Simd::kLanes;
                      sum = g.f.masked(sum, b, p * Simd::kLanes);
                      Simd::store(gradient, Simd::add(Simd::load(gradient), sum));
                    });
}

/// Turns what the steps of a segment left into the gradients that products over it take; all
/// threads.
template <class Cell>
static void steps_undone(const SteppedBackward&, const Team&) {}

/// Computes a segment's gates again.
template <class Cell>
static void recompute_segment(const SteppedLayer& f, const StepShare& share, const Team& team) {
  for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
    const int64_t end = f.length(b) < f.time_end ? f.length(b) : f.time_end;
    if (end > f.time_begin) {
      const int64_t first = f.reverse ? end - 1 : f.time_begin;
      enter_state(f, share, b, f.h_before(first, b),
                  f.layout->cells ? f.c_before(first, b) : nullptr);
    }
  }
  forward_segment<Cell>(f, share, team, false);
}

template <class Cell>
static void backward_stepped(const RecurrentCall& call, const Team& team, int64_t layer,
                             int64_t direction, const float* x, float* y, const float* dy,
                             float* dx) {
  const SteppedLayout& l = *call.steps;
  const StepShare share(l, team);
  const int64_t index = layer * l.directions + direction;
  SteppedBackward g;
  describe_stepped(call, layer, direction, x, y, g.f);
  draw_h_mask(call, team, g.f);
  if (!l.recompute) {
    keep_gates(call, layer, direction, g.f);
  }
  if (l.cells) {
    float* kept = call.reserve + l.reserve_cells(layer, direction);
    g.f.cells = l.recompute ? call.workspace + l.segment_cells() : kept;
    g.f.borders = l.recompute ? kept : nullptr;
  }
  g.dy = dy == nullptr ? nullptr : dy + direction * l.features;
  g.gradient = call.workspace + l.gradient();
  g.cell_gradient = call.workspace + l.cell_gradient();
  g.projected = call.workspace + l.projected();
  g.x_panels = call.workspace + l.x_panels();
  g.h_panels = call.workspace + l.h_panels();
  g.late_panels = call.workspace + l.late_panels();
  g.x_sums = call.workspace + l.x_sums();
  g.h_sums = call.workspace + l.h_sums();
  g.bias_sums = call.workspace + l.bias_sums();
  g.peephole_sums = call.workspace + l.peephole_sums();
  g.wr_sums = call.workspace + l.wr_sums();
  g.norm_sums = call.workspace + l.norm_sums();
  g.h_gradients = call.workspace + l.h_gradients();
  g.side_gradients = call.workspace + l.side_gradients();
  g.dwx = call.dwx == nullptr ? nullptr : call.dwx[index];
  g.dwh = call.dwh == nullptr ? nullptr : call.dwh[index];
  g.db = call.db == nullptr ? nullptr : call.db[index];
  g.dp = call.dp == nullptr ? nullptr : call.dp[index];
  g.dwr = call.dwr == nullptr ? nullptr : call.dwr[index];
  g.dnorm = call.dnorm == nullptr ? nullptr : call.dnorm[index];
  auto each_state = [&](auto body) {
    for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
      for (int64_t p = share.places.begin; p < share.places.end; p++) {
        body((index * l.batch + b) * l.features + p * Simd::kLanes,
             g.gradient + b * l.places + p * Simd::kLanes, g.f.valid_features(p));
      }
    }
  };
  auto each_cell = [&](auto body) {
    for (int64_t b = share.rows.begin; l.cells && b < share.rows.end; b++) {
      for (int64_t p = share.panels.begin; p < share.panels.end; p++) {
        body((index * l.batch + b) * l.hidden + p * Simd::kLanes,
             g.cell_gradient + b * l.units + p * Simd::kLanes, g.f.valid(p));
      }
    }
  };
  each_state([&](int64_t at, float* gradient, int lanes) {
    Simd::store(gradient, load_part(call.dhn, at, lanes));
  });
  each_cell([&](int64_t at, float* gradient, int lanes) {
    Simd::store(gradient, load_part(call.dcn, at, lanes));
  });
  team_barrier(team);  // a step may read whole rows
  for (int64_t n = (l.steps + l.segment - 1) / l.segment - 1; n >= 0; n--) {
    enter_segment(g.f, n);
    if (l.recompute) {
      g.f.time_origin = g.f.time_begin;
      recompute_segment<Cell>(g.f, share, team);
    }
    for (int64_t i = g.f.time_end - g.f.time_begin - 1; share.works && i >= 0; i--) {
      backward_step<Cell>(g, share, team, g.f.time_of(i));
    }
    steps_undone<Cell>(g, team);
    if (g.dwh != nullptr) {
      operands_to_panels(g, team);
    }
    team_barrier(team);
    if (g.dwh != nullptr) {
      weight_gradients<Cell>(g, team);
      other_gradients<Cell>(g, team);
    }
    if (dx != nullptr) {
      input_gradients(g, team, dx, direction > 0);
    }
    team_barrier(team);
  }
  if (call.dh0 != nullptr) {
    each_state([&](int64_t at, float* gradient, int lanes) {
      store_lanes(call.dh0 + at, Simd::load(gradient), lanes);
    });
  }
  if (call.dc0 != nullptr) {
    each_cell([&](int64_t at, float* gradient, int lanes) {
      store_lanes(call.dc0 + at, Simd::load(gradient), lanes);
    });
  }
  team_barrier(team);
}

/// The whole stack, from the last layer to the first; run by every thread of a region.
template <class Cell>
static void backward_stepped_stack(const RecurrentCall& call, const Team& team) {
  const SteppedLayout& l = *call.steps;
  clear_zero_row(call, team);
  const float* dy = call.dy;
  for (int64_t layer = l.layers - 1; layer >= 0; layer--) {
    const float* x = layer == 0 ? call.x : call.reserve + l.reserve_dropped(layer - 1);
    float* y = layer + 1 == l.layers ? call.y : call.reserve + l.reserve_output(layer);
    float* dx = layer == 0 ? call.dx : call.workspace + l.output(layer & 1);
    for (int64_t d = 0; d < l.directions; d++) {
      backward_stepped<Cell>(call, team, layer, d, x, y, dy, dx);
    }
    if (layer > 0 && l.dropout) {
      Range part = part_of(l.output_size(), team.rank, team.size);
      dropout_range(part.begin, part.end, call.spec->dropout, call.seed,
                    static_cast<uint32_t>(layer - 1), dx, dx);
      team_barrier(team);
    }
    dy = dx;
  }
}

#endif  // GATEFOLD_STEPPED_BACKWARD_H
