/// The backward time loop of one layer. Included inside an instruction set's namespace, after
/// recurrent_forward.h.
///
/// Segments of time are taken from the last to the first (in each direction's own order). In each:
/// the steps, which turn the kept gates into gradients of the gates' sums, in place; then products
/// of these gradients with x, h and Wx, for dWx, dWh and dx, while they are still in cache.
#ifndef GATEFOLD_RECURRENT_BACKWARD_H
#define GATEFOLD_RECURRENT_BACKWARD_H

#include "recurrent/recurrent_backward_rows.h"
#include "recurrent/recurrent_forward.h"
#include "recurrent/recurrent_gradients.h"

/// Gradient of h before some steps, dG * Wh, for `height` rows of dG, whose blocks are `distance`
/// apart, and a few panels of units.
template <class Cell>
static GF_INLINE void recurrent_gradient(const BackwardLayer& g, const float* const* rows,
                                         int64_t distance, int height, int64_t panel, int vectors,
                                         float* to, Upcoming& next) {
  const RecurrentLayout& l = *g.f.layout;
  RowsTile tile;
  tile.rows = rows;
  tile.segments = l.blocks;
  tile.run = l.h_width / Product::kPerWord;
  tile.last_run = l.h_width_of(l.blocks - 1) / Product::kPerWord;
  tile.segment_distance = distance;
  tile.w = g.dh_panels + panel * l.dh_panel_size();
  tile.panel = l.dh_panel_size();
  tile.from = nullptr;
  tile.from_distance = 0;
  tile.plus = nullptr;
  tile.to = to;
  tile.to_distance = vectors * Simd::kLanes;
  tile.next = &next;
  run_tile(height, vectors, tile);
}

/// Zeros for the gradients of the rows of a part that are not valid at step t.
static void clear_gradients(const ForwardLayer& f, const Part& part, int64_t t) {
  const RecurrentLayout& l = *f.layout;
  for (int64_t b = part.row_begin; b < part.row_end; b++) {
    if (f.active(t, b)) {
      continue;
    }
    for (int64_t j = part.block_begin; j < part.block_end; j++) {
      float* row = f.gates_row(j, t, b);
      for (int64_t i = 0; i < l.width; i += Simd::kLanes) {
        Simd::store(row + i, Simd::zero());
      }
    }
  }
}

/// The same where they stand row by row.
static void clear_copied_gradients(const BackwardLayer& g, const Part& part, int64_t t) {
  const RecurrentLayout& l = *g.f.layout;
  for (int64_t b = part.row_begin; b < part.row_end; b++) {
    if (g.f.active(t, b)) {
      continue;
    }
    float* row = g.copied_row(t, b);
    for (int64_t i = part.block_begin * l.width; i < part.block_end * l.width; i += Simd::kLanes) {
      Simd::store(row + i, Simd::zero());
    }
  }
}

/// One step of some valid rows, which are all at their last steps, or all are not.
template <class Cell>
static void backward_rows(const BackwardLayer& g, const Part& part, int64_t t,
                          const BackwardRow* rows, int count, bool last) {
  constexpr int kUV = Cell::kUnitVectors;
  const RecurrentLayout& l = *g.f.layout;
  alignas(64) float dh[kTileRows * kTileVectors * Simd::kLanes];
  const float* gradients[kTileRows];
  const int64_t panel_end = part.block_end * kUV;
  TileCut cut(count);
  for (int64_t p = part.block_begin * kUV; p < panel_end; p += kTileVectors) {
    int vectors = static_cast<int>(panel_end - p < kTileVectors ? panel_end - p : kTileVectors);
    int64_t after = p + kTileVectors < panel_end ? p + kTileVectors : part.block_begin * kUV;
    Upcoming next =
        Upcoming::spread(g.dh_panels + after * l.dh_panel_size(), kTileVectors * l.dh_panel_size(),
                         l.words(l.h_depth()) * cut.tiles * kTallPasses);
    for (int64_t i = 0; i < cut.tiles; i++) {
      const BackwardRow* some = rows + cut.begin(i);
      const int height = cut.height(i);
      if (last) {
        for (int k = 0; k < height * vectors; k++) {
          Simd::store(dh + k * Simd::kLanes, Simd::zero());
        }
      } else {
        for (int r = 0; r < height; r++) {
          gradients[r] = some[r].after + Cell::kHBegin * l.block_units / Product::kPerWord;
        }
        recurrent_gradient<Cell>(g, gradients, g.after_distance(t), height, p, vectors, dh, next);
      }
      finish_backward<Cell>(g, some, height, p, vectors, dh);
    }
  }
}

template <class Cell>
static void backward_step(const BackwardLayer& g, const Part& part, int64_t t) {
  const ForwardLayer& f = g.f;
  BackwardRow rows[kStepRows];
  for (int pass = 0; pass < 2; pass++) {
    const bool last = pass == 1;
    for (int64_t b = part.row_begin; b < part.row_end;) {
      int count = 0;
      for (; b < part.row_end && count < kStepRows; b++) {
        if (f.active(t, b) && f.last(t, b) == last) {
          describe_backward_row(g, t, b, last, rows[count++]);
        }
      }
      if (count == 0) {
        continue;
      }
      if constexpr (Product::kTiles) {
        TileSteps<Cell>::backward_rows(g, part, t, rows, count, last);
      } else {
        backward_rows<Cell>(g, part, t, rows, count, last);
      }
    }
  }
  clear_gradients(f, part, t);
  if (f.layout->by_rows) {
    clear_copied_gradients(g, part, t);
  }
}

/// dh0 of one row for some panels of units, from what the product gave; with what flows past it.
template <class Cell>
static GF_INLINE void store_initial_gradient(const BackwardLayer& g, int64_t b, int64_t panel,
                                             int vectors, const float* dh) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  const RecurrentLayout& l = *g.f.layout;
  for (int n = 0; n < vectors; n++) {
    int64_t unit = (panel + n) * kLanes;
    int64_t left = l.hidden - unit;
    if (left <= 0) {
      continue;
    }
    Simd::F d = Simd::load(dh + n * kLanes);
    if constexpr (Cell::kOptions) {
      const float* mask = g.f.mask_row(b);
      d = masked_lanes(d, mask == nullptr ? nullptr : mask + unit);
    }
    if (g.h_carry != nullptr) {
      int64_t j = (panel + n) / kUV;
      int64_t uv = (panel + n) % kUV;
      d = Simd::add(d, Simd::load(g.h_carry + (j * l.batch + b) * l.block_units + uv * kLanes));
    }
    Simd::store_first(g.dh0 + b * l.hidden + unit, d,
                      static_cast<int>(left < kLanes ? left : kLanes));
  }
}

/// dh0 of the rows whose first step lies in the segment; all their gradients must be there.
template <class Cell>
static void initial_gradient(const BackwardLayer& g, const Part& part) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  if (g.dh0 == nullptr) {
    return;
  }
  alignas(64) float dh[kTileVectors * kLanes];
  int64_t panel_end = part.block_end * kUV;
  for (int64_t b = part.row_begin; b < part.row_end; b++) {
    int64_t t = f.reverse ? f.length(b) - 1 : 0;
    if (f.length(b) == 0 || t < f.time_begin || t >= f.time_end) {
      continue;
    }
    const float* row = g.gradient_row(t, b) + Cell::kHBegin * l.block_units / Product::kPerWord;
    for (int64_t p = part.block_begin * kUV; p < panel_end; p += kTileVectors) {
      int vectors = static_cast<int>(panel_end - p < kTileVectors ? panel_end - p : kTileVectors);
      Upcoming next = Upcoming::none(g.dh_panels);
      recurrent_gradient<Cell>(g, &row, g.gradient_distance(), 1, p, vectors, dh, next);
      store_initial_gradient<Cell>(g, b, p, vectors, dh);
    }
  }
}

static void describe_backward(const RecurrentCall& call, int64_t layer, int64_t direction,
                              const float* x, float* y, const float* dy, BackwardLayer& g) {
  const RecurrentLayout& l = *call.layout;
  describe_layer(call, layer, direction, x, y, g.f);
  int64_t index = layer * l.directions + direction;
  int64_t state = index * l.batch * l.hidden;
  const float* packed = call.packed + l.packed_offset(layer, direction);
  auto at = [state](auto* p) { return p == nullptr ? nullptr : p + state; };
  g.dh_panels = packed + l.dh_panels(layer);
  g.dx_panels = packed + l.dx_panels(layer);
  g.dy = dy == nullptr ? nullptr : dy + direction * l.hidden;
  g.dhn = at(call.dhn);
  g.dcn = at(call.dcn);
  g.dh0 = at(call.dh0);
  g.dc0 = at(call.dc0);
  g.carry = call.workspace + l.backward_carry(direction);
  g.dwx_sums = call.workspace + l.backward_dwx(direction);
  g.dwh_sums = call.workspace + l.backward_dwh(direction);
  g.db_sums = call.workspace + l.backward_db(direction);
  g.dp_sums = call.workspace + l.backward_dp(direction);
  g.x_panels = call.workspace + l.backward_x_panels(direction);
  g.h_panels = call.workspace + l.backward_h_panels(direction);
  g.pairs = call.workspace + l.backward_pairs(direction);
  g.gradient_rows = l.by_rows ? call.workspace + l.backward_gradient_rows(direction) : nullptr;
  g.dwx = call.dwx == nullptr ? nullptr : call.dwx[index];
  g.dwh = call.dwh == nullptr ? nullptr : call.dwh[index];
  g.db = call.db == nullptr ? nullptr : call.db[index];
  g.dp = call.dp == nullptr ? nullptr : call.dp[index];
  g.later_gates = g.f.gates;
  g.later_origin = 0;
  g.f.recompute = true;
  if (l.recompute) {
    g.f.gates_block = l.gates_block(l.segment);
    g.f.cells_block = l.cells_block(l.segment);
    if (l.ahead > 1 || g.f.skips) {
      g.f.ahead = call.workspace + l.backward_ahead(direction);
    }
    if (l.bf16) {
      g.f.x_rows = call.workspace + l.backward_x_words(direction);
    }
    if (l.copied_h()) {
      g.f.h_rows = call.workspace + l.backward_h_words(direction);
    }
  }
}

/// Makes segment `s` the one at hand; parity: which of the two buffers of recomputed gates.
static void enter_segment(const RecurrentCall& call, int64_t layer, int64_t direction, int64_t s,
                          int64_t parity, BackwardLayer& g) {
  const RecurrentLayout& l = *call.layout;
  ForwardLayer& f = g.f;
  f.time_begin = s * l.segment;
  f.time_end = f.time_begin + l.segment < l.steps ? f.time_begin + l.segment : l.steps;
  if (l.recompute) {
    g.later_gates = f.gates;
    g.later_origin = f.time_origin;
    f.gates = call.workspace + l.backward_gates(direction, parity);
    f.cells = l.order.cell_state ? call.workspace + l.backward_cells(direction, parity) : nullptr;
    f.time_origin = f.time_begin;
    f.words_origin = l.bf16 ? f.time_begin : 0;
    f.kept_begin = f.time_begin;
    f.kept_end = f.time_end;
    f.entry = call.reserve + l.reserve_borders(layer, direction) + s * l.state_size();
  }
}

template <class Cell>
static void backward_layer(const RecurrentCall& call, const Team& team, int64_t layer,
                           const float* x, float* y, const float* dy, float* dx) {
  const RecurrentLayout& l = *call.layout;
  Grid grid = plan_grid(l, layer, team.size, kTileRows);
  bool steps_here = team.rank < grid.threads();
  Part part = part_of_grid(l, grid, steps_here ? team.rank : 0);
  Range own = directions_of_grid(l, grid, steps_here ? team.rank : 0);
  BackwardLayer g[2];
  for (int64_t d = 0; d < l.directions; d++) {
    describe_backward(call, layer, d, x, y, dy, g[d]);
    if constexpr (Cell::kCarriesH) {
      g[d].h_carry = g[d].carry;
    } else {
      g[d].h_carry = l.h_carry ? call.workspace + l.backward_h_carry(d) : nullptr;
    }
  }
  for (int64_t d = own.begin; d < own.end && steps_here; d++) {
    load_state(l, part, Cell::kCellState ? g[d].dcn : nullptr, g[d].carry);
    if constexpr (Cell::kCellState) {
      if (g[d].h_carry != nullptr) {
        load_state(l, part, nullptr, g[d].h_carry);
      }
    }
    pass_states(g[d].f, part, g[d].dhn, g[d].dh0);
    pass_states(g[d].f, part, g[d].dcn, g[d].dc0);
  }
  for (int64_t n = 0; n < l.segments; n++) {
    for (int64_t d = 0; d < l.directions; d++) {
      int64_t s = g[d].f.reverse ? n : l.segments - 1 - n;
      enter_segment(call, layer, d, s, n & 1, g[d]);
    }
    if (l.recompute && l.copied_h()) {
      for (int64_t d = 0; d < l.directions; d++) {
        copy_operands(g[d], team);
      }
      team_barrier(team);
    }
    if (steps_here) {
      if (l.recompute) {
        for (int64_t d = own.begin; d < own.end; d++) {
          ForwardLayer& f = g[d].f;
          for (int64_t i = 0; i < f.time_end - f.time_begin; i++) {
            forward_step<Cell>(f, part, i);
          }
        }
      }
      for (int64_t i = 0; i < l.segment; i++) {
        for (int64_t d = own.begin; d < own.end; d++) {
          int64_t steps = g[d].f.time_end - g[d].f.time_begin;
          if (i < steps) {
            int64_t t = g[d].f.time_of(steps - 1 - i);
            backward_step<Cell>(g[d], part, t);
          }
        }
        team_barrier(team, 1 + team.rank / grid.blocks, grid.blocks);
      }
      for (int64_t d = own.begin; d < own.end; d++) {
        if constexpr (Product::kTiles) {
          TileSteps<Cell>::initial_gradient(g[d], part);
        } else {
          initial_gradient<Cell>(g[d], part);
        }
      }
    }
    if (call.dwx != nullptr) {
      for (int64_t d = 0; d < l.directions; d++) {
        pack_segment(g[d], team);
      }
    }
    team_barrier(team);
    if (call.dwx != nullptr) {
      Range blocks = part_of(l.directions * l.blocks, team.rank, team.size);
      for (int64_t i = blocks.begin; i < blocks.end; i++) {
        const BackwardLayer& one = g[i / l.blocks];
        if constexpr (Product::kTiles) {
          TileSteps<Cell>::weight_gradients(one, i % l.blocks);
        } else {
          segment_weight_gradients(one, i % l.blocks);
        }
      }
    }
    if (dx != nullptr) {
      for (int64_t d = 0; d < l.directions; d++) {
        int64_t others = l.segments - 1 - n;  // where the other direction is
        bool add = d == 0 ? l.directions == 2 && others < n : n >= others;
        if (g[d].f.skips) {
          skipped_input_gradient(g[d].f, team, dx, add);
        } else if constexpr (Product::kTiles) {
          TileSteps<Cell>::input_gradient(g[d], team, dx, add);
        } else {
          input_gradient(g[d], team, dx, add);
        }
      }
    }
    team_barrier(team);
  }
}

/// The whole stack, from the last layer to the first; run by every thread of a region.
template <class Cell>
static void backward_stack(const RecurrentCall& call, const Team& team) {
  const RecurrentLayout& l = *call.layout;
  if (team.rank == 0) {
    for (int64_t i = 0; i < l.hidden; i++) {
      call.workspace[l.zero_row() + i] = 0.0f;
    }
  }
  team_barrier(team);
  const float* dy = call.dy;
  for (int64_t layer = l.layers - 1; layer >= 0; layer--) {
    const float* x = layer == 0 ? call.x : call.reserve + l.reserve_dropped(layer - 1);
    float* y = layer + 1 == l.layers ? call.y : call.reserve + l.reserve_output(layer);
    float* dx = layer == 0 ? call.dx : call.workspace + l.backward_dy(layer & 1);
    draw_h_masks(call, team, layer);
    backward_layer<Cell>(call, team, layer, x, y, dy, dx);
    if (layer > 0 && l.dropout) {
      Range part = part_of(l.rows() * l.directions * l.hidden, team.rank, team.size);
      dropout_range(part.begin, part.end, call.spec->dropout, call.seed,
                    static_cast<uint32_t>(layer - 1), dx, dx);
      team_barrier(team);
    }
    dy = dx;
  }
}

#endif  // GATEFOLD_RECURRENT_BACKWARD_H
