/// The forward time loop of one layer. Included inside an instruction set's namespace, after its
/// Product is named.
#ifndef GATEFOLD_RECURRENT_FORWARD_H
#define GATEFOLD_RECURRENT_FORWARD_H

#include "product/tile_product.h"
#include "recurrent/recurrent_layer.h"
#include "recurrent/recurrent_option_rows.h"
#include "recurrent/skipped_input.h"

/// Vectors of sums per row, and those of them that x and h feed. Products know no more of a cell,
/// so that cells share them.
template <int V, int XBegin, int XEnd, int HBegin, int HEnd>
struct FedVectors {
  static constexpr int kAll = V;
  static constexpr int kXBegin = XBegin, kXEnd = XEnd;
  static constexpr int kHBegin = HBegin, kHEnd = HEnd;
};

/// A full block has all gates' vectors; the tail block of a cell whose gates all take both products
/// has fewer.
template <class Cell, int V = Cell::kGates* Cell::kUnitVectors, int N = Cell::kUnitVectors,
          bool Full = V == Cell::kGates* N>
using Vectors = FedVectors<V, Full ? Cell::kXBegin * N : 0, Full ? Cell::kXEnd * N : V,
                           Full ? Cell::kHBegin * N : 0, Full ? Cell::kHEnd * N : V>;

/// A block's weights for an operand that feeds vectors [begin, end) are panels [k][P vectors].
constexpr int panel_vectors(int begin, int end) {
  return !Simd::kPairPanels ? end - begin : begin % 2 == 0 && end % 2 == 0 ? 2 : 1;
}

/// Adds the product of R rows with vectors [First, First + N) of a block to their sums, as far as
/// the operand feeds them: it feeds vectors [Begin, End).
template <int Begin, int End, int First, int R, int N>
static GF_INLINE void add_product(Simd::F (&acc)[R][N], const RowsOperand<R>& a, const float* w,
                                  int64_t count, Upcoming& next) {
  constexpr int kFrom = larger(Begin, First);
  constexpr int kTo = smaller(End, First + N);
  constexpr int kPanel = panel_vectors(Begin, End);
  if constexpr (kFrom < kTo) {
    static_assert((kFrom - Begin) % kPanel == 0, "begins with a panel");
    accumulate<R, kTo - kFrom, kFrom - First, N, kPanel>(
        acc, a, w + (kFrom - Begin) * count * Simd::kLanes, count * kPanel * Simd::kLanes, count,
        next);
  }
}

/// Bias and input product of R rows, ahead of their steps; vectors [First, V) of the block.
template <class Fed, int R, int First = 0>
static GF_SHARED void ahead_tile(const ForwardLayer& f, int64_t j, const int64_t* indices,
                                 const int64_t* rows, int64_t first_index, Upcoming& next) {
  constexpr int V = Fed::kAll;
  constexpr int kPass = smaller(V - First, kPassVectors<R>);
  const float* block = f.blocks + j * f.block_size;
  Simd::F acc[R][kPass];
  RowsOperand<R> x;
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    x.row[r] = f.x_row(f.time_of(indices[r]), rows[r]);
  }
  load_tile(acc, block + First * Simd::kLanes, 0);
  add_product<Fed::kXBegin, Fed::kXEnd, First>(acc, x, block + f.layout->block_x(), f.x_words,
                                               next);
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    float* to = f.ahead_row(j, indices[r] - first_index, rows[r]) + First * Simd::kLanes;
#pragma GCC unroll 8
    for (int n = 0; n < kPass; n++) {
      Simd::store(to + n * Simd::kLanes, acc[r][n]);
    }
  }
  if constexpr (First + kPass < V) {
    ahead_tile<Fed, R, First + kPass>(f, j, indices, rows, first_index, next);
  }
}

/// Sums of R rows at one step, for vectors [First, V) of a block; slot: where in `ahead` the input
/// product stands; with_h: false if h is zero for all rows. sums: [R][V vectors], written.
template <class Fed, int R, int First = 0>
static GF_SHARED void step_sums(const ForwardLayer& f, int64_t j, const StepRow* rows, int64_t slot,
                                bool with_h, float* sums, Upcoming& next) {
  constexpr int V = Fed::kAll;
  constexpr int kPass = smaller(V - First, kPassVectors<R>);
  const RecurrentLayout& l = *f.layout;
  const float* block = f.blocks + j * f.block_size;
  Simd::F acc[R][kPass];
  if (f.ahead != nullptr) {
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      load_vectors(acc[r], f.ahead_row(j, slot, rows[r].row) + First * Simd::kLanes);
    }
  } else {
    RowsOperand<R> x;
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      x.row[r] = rows[r].x;
    }
    load_tile(acc, block + First * Simd::kLanes, 0);
    add_product<Fed::kXBegin, Fed::kXEnd, First>(acc, x, block + l.block_x(), f.x_words, next);
  }
  if (with_h) {
    RowsOperand<R> h;
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      h.row[r] = rows[r].h;
    }
    add_product<Fed::kHBegin, Fed::kHEnd, First>(acc, h, block + f.block_h(j), f.h_words, next);
  }
  store_tile(acc, sums + First * Simd::kLanes, V * Simd::kLanes);
  if constexpr (First + kPass < V) {
    step_sums<Fed, R, First + kPass>(f, j, rows, slot, with_h, sums, next);
  }
}

/// One step of R rows and one block of units; slot: where in `ahead` the input product stands.
template <class Cell, int R, int V>
static GF_INLINE void forward_tile(const ForwardLayer& f, int64_t j, const StepRow* rows,
                                   int64_t slot, bool with_h, Upcoming& next) {
  alignas(64) float sums[R * V * Simd::kLanes];
  step_sums<Vectors<Cell, V>, R>(f, j, rows, slot, with_h, sums, next);
  RowSums at[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    at[r] = {j, rows + r, sums + r * V * Simd::kLanes};
  }
  finish_rows<Cell>(f, R, at);
}

/// Adds the product of one row with two blocks, `distance` apart.
template <int Begin, int End, int N>
static GF_INLINE void add_to_pair(Simd::F (&acc)[2][N], const float* a, const float* w,
                                  int64_t distance, int64_t count) {
  constexpr int kPanel = panel_vectors(Begin, End);
  accumulate_pair<End - Begin, Begin, kPanel>(acc, a, w, distance, count * kPanel * Simd::kLanes,
                                              count);
}

/// Sums of one row and two full blocks at once: a single row alone has too few independent sums,
/// and too few weights on their way from the cache, to keep the processor busy.
template <class Fed>
static void pair_sums(const ForwardLayer& f, int64_t j, const StepRow& row, int64_t slot,
                      bool with_h, float* sums) {
  constexpr int kAll = Fed::kAll;
  const float* block = f.blocks + j * f.block_size;
  Simd::F acc[2][kAll];
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    load_vectors(acc[i],
                 f.ahead != nullptr ? f.ahead_row(j + i, slot, row.row) : block + i * f.block_size);
  }
  if (f.ahead == nullptr) {
    add_to_pair<Fed::kXBegin, Fed::kXEnd>(acc, row.x, block + f.layout->block_x(), f.block_size,
                                          f.x_words);
  }
  if (with_h) {
    add_to_pair<Fed::kHBegin, Fed::kHEnd>(acc, row.h, block + f.block_h(j), f.block_size,
                                          f.h_words);
  }
  store_tile(acc, sums, kAll * Simd::kLanes);
}

template <int N>
struct Constant {
  static constexpr int value = N;
};

/// Calls body(Constant<V>()) for the vectors per row of a block.
template <class Cell, int V = Cell::kGates* Cell::kUnitVectors, class Body>
static GF_INLINE void for_width(const RecurrentLayout& l, int64_t j, const Body& body) {
  if constexpr (Cell::kPackedTail && V > 1) {
    if (l.gate_stride(j) * Cell::kGates < V * Simd::kLanes) {
      for_width<Cell, V - 1>(l, j, body);
      return;
    }
  }
  body(Constant<V>());
}

/// Calls body(Constant<R>()) for R = height, at most kTileRows.
template <int R = kTileRows, class Body>
static GF_INLINE void for_height(int height, const Body& body) {
  if constexpr (R > 1) {
    if (height < R) {
      for_height<R - 1>(height, body);
      return;
    }
  }
  body(Constant<R>());
}

/// y = 0 for the rows of a part that are not valid at step t.
static void clear_outputs(const ForwardLayer& f, const Part& part, int64_t t) {
  const RecurrentLayout& l = *f.layout;
  int64_t unit_begin = part.block_begin * l.block_units;
  int64_t unit_end = part.block_end * l.block_units;
  unit_end = unit_end < l.hidden ? unit_end : l.hidden;
  for (int64_t b = part.row_begin; b < part.row_end && !f.recompute; b++) {
    float* y = f.y + (t * l.batch + b) * f.y_distance;
    for (int64_t u = unit_begin; u < unit_end && !f.active(t, b); u++) {
      y[u] = 0.0f;
    }
  }
}

/// Bias and input product of the steps [index, index + layout.ahead).
template <class Cell>
static void input_ahead(const ForwardLayer& f, const Part& part, int64_t index) {
  const RecurrentLayout& l = *f.layout;
  int64_t indices[kTileRows];
  int64_t rows[kTileRows];
  int64_t steps = f.time_end - f.time_begin;
  int64_t end = index + l.ahead < steps ? index + l.ahead : steps;
  TileCut cut(ValidRows(f, part, index, end).count());
  for (int64_t j = part.block_begin; j < part.block_end; j++) {
    ValidRows valid(f, part, index, end);
    Upcoming next = Upcoming::spread(f.blocks + f.block_after(part, j) * f.block_size,
                                     f.x_words * l.x_width, f.x_words * cut.tiles * kTallPasses);
    for (int64_t tile = 0; tile < cut.tiles; tile++) {
      int height = cut.height(tile);
      valid.take(height, indices, rows);
      for_width<Cell>(l, j, [&](auto v) {
        for_height(height, [&](auto r) {
          ahead_tile<Vectors<Cell, v.value>, r.value>(f, j, indices, rows, index, next);
        });
      });
    }
  }
}

/// The blocks of a part in the order in which a step takes them: from first to last and back, in
/// turns, so that a step begins with the weights that the one before left in the cache.
struct BlockOrder {
  int64_t begin, end;
  bool back;

  BlockOrder(const Part& part, int64_t index)
      : begin(part.block_begin), end(part.block_end), back(index % 2 != 0) {}
  int64_t count() const { return end - begin; }
  int64_t at(int64_t i) const { return back ? end - 1 - i : begin + i; }
  /// The one whose weights are read after those of at(i); the next step begins with the last.
  int64_t after(int64_t i) const { return at(i + 1 < count() ? i + 1 : i); }
};

/// One step of a single row; the cell is computed for several blocks at once.
template <class Cell>
static void step_row(const ForwardLayer& f, const BlockOrder& order, const StepRow& row,
                     int64_t slot, bool with_h) {
  constexpr int kSums = Cell::kGates * Cell::kUnitVectors * Simd::kLanes;
  const RecurrentLayout& l = *f.layout;
  const int64_t full = l.blocks - 1;  // the last block may be narrower
  alignas(64) float sums[kTileRows * kSums];
  RowSums at[kTileRows];
  for (int64_t i = 0; i < order.count();) {
    int some = 0;
    while (some < kTileRows && i < order.count()) {
      const int64_t j = order.at(i);
      const int64_t next = order.after(i);
      float* to = sums + some * kSums;
      if (some + 2 <= kTileRows && next != j && j < full && next < full) {
        const int64_t first = j < next ? j : next;
        pair_sums<Vectors<Cell>>(f, first, row, slot, with_h, to);
        at[some++] = {first, &row, to};
        at[some++] = {first + 1, &row, to + kSums};
        i += 2;
      } else {
        for_width<Cell>(l, j, [&](auto v) {
          Upcoming none = Upcoming::none(f.blocks);
          step_sums<Vectors<Cell, v.value>, 1>(f, j, &row, slot, with_h, to, none);
        });
        at[some++] = {j, &row, to};
        i++;
      }
    }
    finish_rows<Cell>(f, some, at);
  }
}

/// One step of some valid rows; with_h: false if h is zero for all of them.
template <class Cell>
static void step_rows(const ForwardLayer& f, const Part& part, int64_t index, const StepRow* rows,
                      int count, bool with_h) {
  const RecurrentLayout& l = *f.layout;
  const BlockOrder order(part, index);
  const int64_t slot = f.ahead == nullptr ? 0 : index % l.ahead;
  if (count == 1) {
    step_row<Cell>(f, order, rows[0], slot, with_h);
    return;
  }
  TileCut cut(count);
  for (int64_t i = 0; i < order.count(); i++) {
    const int64_t j = order.at(i);
    const float* after = f.blocks + order.after(i) * f.block_size;
    Upcoming next = f.ahead != nullptr
                        ? Upcoming::spread(after + f.block_h(j), f.h_words * l.h_width,
                                           f.h_words * cut.tiles * kTallPasses)
                        : Upcoming::spread(after, f.block_size,
                                           (f.x_words + f.h_words) * cut.tiles * kTallPasses);
    for_width<Cell>(l, j, [&](auto v) {
      for (int64_t tile = 0; tile < cut.tiles; tile++) {
        for_height(cut.height(tile), [&](auto r) {
          forward_tile<Cell, r.value, v.value>(f, j, rows + cut.begin(tile), slot, with_h, next);
        });
      }
    });
  }
}

/// Step number `index` of the layer's [time_begin, time_end), in the direction's order.
template <class Cell>
static void forward_step(const ForwardLayer& f, const Part& part, int64_t index) {
  if (f.ahead != nullptr && index % f.layout->ahead == 0) {
    if (f.skips) {
      skipped_input_ahead(f, part, index);
    } else if constexpr (Product::kTiles) {
      TileSteps<Cell>::input_ahead(f, part, index);
    } else {
      input_ahead<Cell>(f, part, index);
    }
  }
  const int64_t t = f.time_of(index);
  StepRow rows[kStepRows];
  bool all_valid = true;
  for (int64_t b = part.row_begin; b < part.row_end;) {
    int count = 0;
    bool with_h = false;
    for (; b < part.row_end && count < kStepRows; b++) {
      if (f.active(t, b)) {
        describe_row(f, t, b, rows[count]);
        with_h = with_h || rows[count].h != f.zeros;
        count++;
      } else {
        all_valid = false;
      }
    }
    if (count == 0) {
      continue;
    }
    if constexpr (Product::kTiles) {
      TileSteps<Cell>::step_rows(f, part, index, rows, count, with_h);
    } else {
      step_rows<Cell>(f, part, index, rows, count, with_h);
    }
  }
  if (!all_valid) {
    clear_outputs(f, part, t);
  }
}

template <class Cell>
static void forward_layer(const RecurrentCall& call, const Team& team, int64_t layer,
                          const float* x, float* y) {
  const RecurrentLayout& l = *call.layout;
  Grid grid = plan_grid(l, layer, team.size, kTileRows);
  if (team.rank >= grid.threads()) {
    return;
  }
  Part part = part_of_grid(l, grid, team.rank);
  Range directions = directions_of_grid(l, grid, team.rank);
  ForwardLayer f[2];
  bool keeps_borders = call.reserve != nullptr && l.recompute && Cell::kCellState;
  const bool copied = l.bf16 || (l.masked_h && call.reserve != nullptr);
  float* borders[2] = {nullptr, nullptr};
  for (int64_t d = directions.begin; d < directions.end; d++) {
    describe_layer(call, layer, d, x, y, f[d]);
    if (l.ahead > 1 || f[d].skips) {
      f[d].ahead = call.workspace + l.forward_ahead(d);
    }
    if (l.bf16) {
      f[d].x_rows = call.workspace + l.forward_x_words();
    }
    if (copied) {
      f[d].h_rows = call.workspace + l.forward_h_words(d);
      enter_state(f[d], part);
    }
    borders[d] = f[d].entry;
    if (call.reserve == nullptr || l.recompute) {
      f[d].entry = call.workspace + l.forward_state(d);
    }
    int64_t state = (layer * l.directions + d) * l.batch * l.hidden;
    const float* c0 = call.c0 == nullptr ? nullptr : call.c0 + state;
    if (Cell::kCellState) {
      load_state(l, part, c0, f[d].entry);
      pass_states(f[d], part, c0, f[d].cn);
    }
    pass_states(f[d], part, f[d].h0, f[d].hn);
  }
  if (copied) {
    team_barrier(team, 1 + team.rank / grid.blocks, grid.blocks);
  }
  for (int64_t s = 0; s < l.steps; s++) {
    for (int64_t d = directions.begin; d < directions.end; d++) {
      if (keeps_borders) {
        int64_t t = f[d].time_of(s);
        bool enters =
            f[d].reverse ? t == l.steps - 1 || (t + 1) % l.segment == 0 : t % l.segment == 0;
        if (enters) {
          copy_part_states(l, part, f[d].entry, borders[d] + t / l.segment * l.state_size());
        }
      }
      forward_step<Cell>(f[d], part, s);
    }
    team_barrier(team, 1 + team.rank / grid.blocks, grid.blocks);
  }
}

/// The whole stack; run by every thread of a region.
template <class Cell>
static void forward_stack(const RecurrentCall& call, const Team& team) {
  const RecurrentLayout& l = *call.layout;
  if (team.rank == 0) {
    for (int64_t i = 0; i < l.hidden; i++) {
      call.workspace[l.zero_row() + i] = 0.0f;
    }
  }
  team_barrier(team);
  const float* x = call.x;
  for (int64_t layer = 0; layer < l.layers; layer++) {
    bool top = layer + 1 == l.layers;
    float* y = call.y;
    if (!top) {
      y = call.reserve != nullptr ? call.reserve + l.reserve_output(layer)
                                  : call.workspace + l.forward_output(layer & 1);
    }
    if (l.bf16 && !l.skips(layer)) {
      ForwardLayer f;
      describe_layer(call, layer, 0, x, y, f);
      round_input(f, team, 0, l.steps, call.workspace + l.forward_x_words());
      team_barrier(team);
    }
    draw_h_masks(call, team, layer);
    forward_layer<Cell>(call, team, layer, x, y);
    team_barrier(team);
    x = y;
    if (!top && call.reserve != nullptr && l.dropout) {
      float* dropped = call.reserve + l.reserve_dropped(layer);
      Range part = part_of(l.rows() * l.directions * l.hidden, team.rank, team.size);
      dropout_range(part.begin, part.end, call.spec->dropout, call.seed,
                    static_cast<uint32_t>(layer), y, dropped);
      team_barrier(team);
      x = dropped;
    }
  }
}

#endif  // GATEFOLD_RECURRENT_FORWARD_H
