/// The forward pass of stepped layers: the input products of a segment of steps at once, then its
/// steps. Included inside an instruction set's namespace, after stepped_layer.h and a cell.
#ifndef GATEFOLD_STEPPED_FORWARD_H
#define GATEFOLD_STEPPED_FORWARD_H

#include "steps/stepped_layer.h"

/// The input, which skips the product, and biases of a segment, into its gates; all threads.
static void skipped_inputs(const SteppedLayer& f, const Team& team) {
  const SteppedLayout& l = *f.layout;
  const int64_t begin = f.time_begin * l.batch;
  const Range part = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  for (int64_t row = begin + part.begin; row < begin + part.end; row++) {
    const int64_t t = row / l.batch, b = row % l.batch;
    const float* x = f.active(t, b) ? f.x + row * f.input : nullptr;
    float* gates = f.gates_row(t, b);
    for (int64_t i = 0; i < l.width; i += Simd::kLanes) {
      const int64_t unit = i % l.units;
      Simd::F v = f.as_operand(load_part(x, unit, lanes_at(unit, l.hidden)));
      Simd::store(gates + i, Simd::add(Simd::load(f.packed + i), v));
    }
  }
}

/// Input products of a segment, into its gates with their biases, or where they will be normalised;
/// all threads.
static void input_products(const SteppedLayer& f, const Team& team) {
  const SteppedLayout& l = *f.layout;
  if (l.skips(f.layer)) {
    skipped_inputs(f, team);
    return;
  }
  const int64_t begin = f.time_begin * l.batch;
  const Range part = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  if (l.bf16) {
    round_values((part.end - part.begin) * f.input, f.x + (begin + part.begin) * f.input,
                 f.x_rounded + part.begin * f.input);
  }
  const float* x = l.bf16 ? f.x_rounded : f.x + begin * f.input;
  const float* operands[kTileRows];
  const int64_t panels = l.width / l.lanes;
  TileCut cut(part.end - part.begin);
  for (int64_t p = 0; p < panels; p += kTileVectors) {
    const int vectors = static_cast<int>(panels - p < kTileVectors ? panels - p : kTileVectors);
    for (int64_t i = 0; i < cut.tiles; i++) {
      const int height = cut.height(i);
      const int64_t first = part.begin + cut.begin(i);
      for (int r = 0; r < height; r++) {
        const int64_t row = begin + first + r;
        const bool valid = f.active(row / l.batch, row % l.batch);
        operands[r] = valid ? x + (first + r) * f.input : f.zeros;
      }
      float* to = f.input_row(f.time_begin, 0) + first * l.width + p * l.lanes;
      const float* bias = l.normalises ? nullptr : f.packed + p * l.lanes;
      const float* wx = f.packed + l.packed_wx();
      product_tile(
          operands, height, f.input, wx + p * l.lanes * f.input, vectors, bias, to, l.width,
          next_panels(wx, f.input, {0, panels}, p, vectors, cut.begin(i), height, cut.rows));
    }
  }
}

/// Takes h of a row's panel p after step t.
static GF_INLINE void hand_on(const SteppedLayer& f, int64_t t, int64_t b, int64_t p, Simd::F h,
                              bool outputs) {
  const int64_t u = p * Simd::kLanes, at = b * f.layout->places + u;
  Simd::store(f.state + at, h);
  if (f.operand != f.state) {
    Simd::store(f.operand + at, f.as_operand(f.masked(h, b, u)));
  }
  if (outputs) {
    store_lanes(f.y_row(t, b) + u, h, f.valid_features(p));
  }
}

/// Adds to gate g of some rows and panels its recurrent product, in place; at: where they are.
static void add_recurrent_product(const SteppedLayer& f, int64_t t, int g, const float* from,
                                  int64_t from_distance, const int64_t* rows, int height,
                                  int64_t panel, int vectors, float** at) {
  const SteppedLayout& l = *f.layout;
  constexpr int kLanes = Simd::kLanes;
  alignas(64) float sums[kTileRows * kTileVectors * kLanes];
  const float* operands[kTileRows];
  for (int r = 0; r < height; r++) {
    operands[r] = from + rows[r] * from_distance;
  }
  const int64_t column = g * l.units + panel * kLanes;
  const float* panels = f.packed + l.packed_wh(f.layer) + column * l.features;
  product_tile(operands, height, l.features, panels, vectors, nullptr, sums, vectors * kLanes,
               Upcoming::none(panels));
  for (int r = 0; r < height; r++) {
    float* gates = f.gates_row(t, rows[r]) + column;
    for (int v = 0; v < vectors; v++) {
      const int i = r * vectors + v;
      at[i] = gates + v * kLanes;
      Simd::store(at[i], Simd::add(Simd::load(at[i]), Simd::load(sums + i * kLanes)));
    }
  }
}

/// Completes gate g of some rows and panels by its recurrent product, in place.
template <class Cell>
static void complete_gate(const SteppedLayer& f, int64_t t, int g, const float* from,
                          const int64_t* rows, int height, int64_t panel, int vectors) {
  float* at[kTileRows * kTileVectors];
  add_recurrent_product(f, t, g, from, f.layout->units, rows, height, panel, vectors, at);
  apply_function(Cell::function(f.functions, g), height * vectors, at);
}

/// Values of gates [0, count) of one vector of units.
template <int N>
static GF_INLINE void load_gates(const SteppedLayout& l, const float* at, int count,
                                 Simd::F (&a)[N]) {
#pragma GCC unroll 8
  for (int g = 0; g < N; g++) {
    a[g] = g < count ? Simd::load(at + g * l.units) : Simd::zero();
  }
}

template <class Cell>
static void early_gates(const SteppedLayer& f, const StepShare& share, int64_t t) {
  const SteppedLayout& l = *f.layout;
  for_valid_rows(f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.panels, [&](const int64_t* rows, int height, int64_t p, int n) {
      for (int g = 0; g < Cell::kEarly; g++) {
        complete_gate<Cell>(f, t, g, f.operand, rows, height, p, n);
      }
      for (int r = 0; r < height; r++) {
        const int64_t unit = p * Simd::kLanes, row = rows[r] * l.units;
        for (int64_t u = unit; u < unit + n * Simd::kLanes; u += Simd::kLanes) {
          Simd::F a[Cell::kGates];
          load_gates(l, f.gates_row(t, rows[r]) + u, Cell::kEarly, a);
          Simd::F h = f.masked(Simd::load(f.state + row + u), rows[r], u);
          Simd::F late = Cell::late_operand(a, h);
          Simd::store(f.late + row + u, f.as_operand(late));
        }
      }
    });
  });
}

/// Late gates and the states after step t; outputs: writes y.
template <class Cell>
static void late_gates(const SteppedLayer& f, const StepShare& share, int64_t t, bool outputs) {
  const SteppedLayout& l = *f.layout;
  for_valid_rows(f, share.rows, t, [&](const int64_t* all, int count) {
    for_tiles(all, count, share.panels, [&](const int64_t* rows, int height, int64_t p, int n) {
      for (int g = Cell::kEarly; g < Cell::kGates; g++) {
        complete_gate<Cell>(f, t, g, f.late, rows, height, p, n);
      }
      for (int r = 0; r < height; r++) {
        for (int64_t v = p; v < p + n; v++) {
          const int64_t u = v * Simd::kLanes, at = rows[r] * l.units + u;
          Simd::F a[Cell::kGates];
          load_gates(l, f.gates_row(t, rows[r]) + u, Cell::kGates, a);
          Simd::F h = Cell::output(a, Simd::load(f.state + at), f.noise(t, rows[r], v));
          hand_on(f, t, rows[r], v, h, outputs);
        }
      }
    });
  });
}

/// h and, where there are cells, c of a row (null = zeros) as its state, for a share's features and
/// units.
static void enter_state(const SteppedLayer& f, const StepShare& share, int64_t b, const float* h,
                        const float* c) {
  for (int64_t p = share.places.begin; p < share.places.end; p++) {
    const int64_t at = b * f.layout->places + p * Simd::kLanes;
    Simd::F v = load_part(h, p * Simd::kLanes, f.valid_features(p));
    Simd::store(f.state + at, v);
    Simd::store(f.operand + at, f.as_operand(f.masked(v, b, p * Simd::kLanes)));
  }
  for (int64_t p = share.panels.begin; f.layout->cells && p < share.panels.end; p++) {
    Simd::store(f.cell_state + b * f.layout->units + p * Simd::kLanes,
                load_part(c, p * Simd::kLanes, f.valid(p)));
  }
}

/// Step t of a share's rows; outputs: writes y.
template <class Cell>
static void forward_step(const SteppedLayer& f, const StepShare& share, const Team& team, int64_t t,
                         bool outputs) {
  early_gates<Cell>(f, share, t);
  team_barrier(team, share.group, share.members);
  late_gates<Cell>(f, share, t, outputs);
  team_barrier(team, share.group, share.members);
}

/// What a cell does to the input products of a thread, those of its part of the rows.
template <class Cell>
static void inputs_made(const SteppedLayer&, const Team&) {}

/// A segment's steps, from the states at hand; all threads.
template <class Cell>
static void forward_segment(const SteppedLayer& f, const StepShare& share, const Team& team,
                            bool outputs) {
  team_barrier(team);  // states, and what the products below write over
  input_products(f, team);
  inputs_made<Cell>(f, team);
  team_barrier(team);
  for (int64_t i = 0; share.works && i < f.time_end - f.time_begin; i++) {
    forward_step<Cell>(f, share, team, f.time_of(i), outputs);
  }
}

/// Makes the segment with index n, in the order of the direction, the one at hand.
static void enter_segment(SteppedLayer& f, int64_t n) {
  const SteppedLayout& l = *f.layout;
  const int64_t segments = (l.steps + l.segment - 1) / l.segment;
  f.time_begin = (f.reverse ? segments - 1 - n : n) * l.segment;
  f.time_end = f.time_begin + l.segment < l.steps ? f.time_begin + l.segment : l.steps;
}

/// Keeps c before the segment at hand, where borders are kept.
static void keep_border(const SteppedLayer& f, const StepShare& share) {
  const SteppedLayout& l = *f.layout;
  if (f.borders == nullptr) {
    return;
  }
  float* border = f.borders + f.time_begin / l.segment * l.batch * l.units;
  for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
    for (int64_t p = share.panels.begin; p < share.panels.end; p++) {
      const int64_t at = b * l.units + p * Simd::kLanes;
      Simd::store(border + at, Simd::load(f.cell_state + at));
    }
  }
}

template <class Cell>
static void forward_stepped(const RecurrentCall& call, const Team& team, int64_t layer,
                            int64_t direction, const float* x, float* y) {
  const SteppedLayout& l = *call.steps;
  const StepShare share(l, team);
  SteppedLayer f;
  describe_stepped(call, layer, direction, x, y, f);
  draw_h_mask(call, team, f);
  const bool kept = call.reserve != nullptr && !l.recompute;
  if (kept) {
    keep_gates(call, layer, direction, f);
  }
  if (l.cells && call.reserve != nullptr) {
    (kept ? f.cells : f.borders) = call.reserve + l.reserve_cells(layer, direction);
  }
  for (int64_t b = share.rows.begin; b < share.rows.end; b++) {
    enter_state(f, share, b, f.h0 == nullptr ? nullptr : f.h0 + b * l.features,
                f.c0 == nullptr ? nullptr : f.c0 + b * l.hidden);
    for (int64_t t = f.length(b); t < l.steps; t++) {
      for (int64_t p = share.places.begin; p < share.places.end; p++) {
        store_lanes(f.y_row(t, b) + p * Simd::kLanes, Simd::zero(), f.valid_features(p));
      }
    }
  }
  for (int64_t n = 0; n * l.segment < l.steps; n++) {
    enter_segment(f, n);
    f.time_origin = kept ? 0 : f.time_begin;
    keep_border(f, share);
    forward_segment<Cell>(f, share, team, true);
  }
  const int64_t first_row = (layer * l.directions + direction) * l.batch;
  for (int64_t b = share.rows.begin; call.hn != nullptr && b < share.rows.end; b++) {
    for (int64_t p = share.places.begin; p < share.places.end; p++) {
      store_lanes(call.hn + (first_row + b) * l.features + p * Simd::kLanes,
                  Simd::load(f.state + b * l.places + p * Simd::kLanes), f.valid_features(p));
    }
  }
  for (int64_t b = share.rows.begin; l.cells && call.cn != nullptr && b < share.rows.end; b++) {
    for (int64_t p = share.panels.begin; p < share.panels.end; p++) {
      store_lanes(call.cn + (first_row + b) * l.hidden + p * Simd::kLanes,
                  Simd::load(f.cell_state + b * l.units + p * Simd::kLanes), f.valid(p));
    }
  }
  team_barrier(team);
}

/// The whole stack; run by every thread of a region.
template <class Cell>
static void forward_stepped_stack(const RecurrentCall& call, const Team& team) {
  const SteppedLayout& l = *call.steps;
  clear_zero_row(call, team);
  const float* x = call.x;
  for (int64_t layer = 0; layer < l.layers; layer++) {
    const bool top = layer + 1 == l.layers;
    float* y = top                       ? call.y
               : call.reserve == nullptr ? call.workspace + l.output(layer & 1)
                                         : call.reserve + l.reserve_output(layer);
    for (int64_t d = 0; d < l.directions; d++) {
      forward_stepped<Cell>(call, team, layer, d, x, y);
    }
    x = y;
    if (!top && call.reserve != nullptr && l.dropout) {
      float* dropped = call.reserve + l.reserve_dropped(layer);
      Range part = part_of(l.output_size(), team.rank, team.size);
      dropout_range(part.begin, part.end, call.spec->dropout, call.seed,
                    static_cast<uint32_t>(layer), y, dropped);
      team_barrier(team);
      x = dropped;
    }
  }
}

#endif  // GATEFOLD_STEPPED_FORWARD_H
