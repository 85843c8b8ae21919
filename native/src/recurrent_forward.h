/// The forward time loop of one layer. Included inside an instruction set's namespace, after its
/// Product is named.
#ifndef GATEFOLD_RECURRENT_FORWARD_H
#define GATEFOLD_RECURRENT_FORWARD_H

#include "recurrent_cells.h"
#include "recurrent_layer.h"
#include "tile_product.h"

/// Vectors of sums per row and which of them x and h feed. A full block has all gates' vectors; the
/// tail block of a cell whose gates all take both products has fewer.
template <class Cell, int V>
struct Vectors {
  static constexpr bool kFull = V == Cell::kGates * Cell::kUnitVectors;
  static constexpr int kXBegin = kFull ? Cell::kXBegin * Cell::kUnitVectors : 0;
  static constexpr int kXEnd = kFull ? Cell::kXEnd * Cell::kUnitVectors : V;
  static constexpr int kHBegin = kFull ? Cell::kHBegin * Cell::kUnitVectors : 0;
  static constexpr int kHEnd = kFull ? Cell::kHEnd * Cell::kUnitVectors : V;
};

/// Distances between the vectors of a block's weights, and from one k to the next, for an operand
/// of depth `count` that feeds V vectors: [count][V][lanes], or [V][count][lanes].
GF_INLINE int64_t weight_panel(int64_t count) {
  return Simd::kVectorPanels ? count * Simd::kLanes : Simd::kLanes;
}
GF_INLINE int64_t weight_step(int64_t vectors) {
  return Simd::kVectorPanels ? Simd::kLanes : vectors * Simd::kLanes;
}

/// Adds the product of R rows with vectors [First, First + N) of a block to their sums, as far as
/// the operand feeds them: it feeds vectors [Begin, End).
template <int Begin, int End, int First, int R, int N>
static GF_INLINE void add_product(Simd::F (&acc)[R][N], const RowsOperand<R>& a, const float* w,
                                  int64_t count, Upcoming& next) {
  constexpr int kFrom = larger(Begin, First);
  constexpr int kTo = smaller(End, First + N);
  if constexpr (kFrom < kTo) {
    accumulate<R, kTo - kFrom, kFrom - First, N>(acc, a, w + (kFrom - Begin) * weight_panel(count),
                                                 weight_panel(count), weight_step(End - Begin),
                                                 count, next);
  }
}

/// Bias and input product of R rows, ahead of their steps; vectors [First, V) of the block.
template <class Cell, int R, int V, int First = 0>
static void ahead_tile(const ForwardLayer& f, int64_t j, const int64_t* indices,
                       const int64_t* rows, int64_t first_index, Upcoming& next) {
  using Fed = Vectors<Cell, V>;
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
    ahead_tile<Cell, R, V, First + kPass>(f, j, indices, rows, first_index, next);
  }
}

/// Stores one unit vector of a gate whose neighbour stands `stride` units on.
static GF_INLINE void store_gate(float* to, Simd::F v, int64_t stride) {
  if (stride >= Simd::kLanes) {
    Simd::store(to, v);
  } else {
    Simd::store_first(to, v, static_cast<int>(stride));
  }
}

/// The cell itself for some rows whose sums are complete. In two turns, for one cell's chain of
/// dependent instructions is longer than what a processor looks ahead: first the activations of all
/// rows, which wait for nothing, then what follows from them.
template <class Cell>
static GF_INLINE void finish_rows(const ForwardLayer& f, int64_t j, int64_t t, int count,
                                  const int64_t* rows, const float* sums, int64_t distance) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  constexpr int kRowGates = Cell::kGates * kUV * kLanes;
  const RecurrentLayout& l = *f.layout;
  const int64_t stride = kUV == 1 ? l.gate_stride(j) : l.block_units;
  alignas(64) float activated[kTileRows * kRowGates];  // [row][unit vector][gate][lanes]
  for (int r = 0; r < count; r++) {
    for (int uv = 0; uv < kUV; uv++) {
      const float* from = sums + r * distance + uv * kLanes;
      Simd::F a[Cell::kGates];
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        a[g] = stride >= kLanes ? Simd::load(from + g * stride)
                                : Simd::load_first(from + g * stride, static_cast<int>(stride));
      }
      Cell::activate(a);
      float* to = activated + r * kRowGates + uv * Cell::kGates * kLanes;
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        Simd::store(to + g * kLanes, a[g]);
      }
    }
  }
  for (int r = 0; r < count; r++) {
    int64_t b = rows[r];
    const float* h_before = nullptr;
    if constexpr (Cell::kCarriesH) {
      h_before = f.h_before(t, b);
    }
    bool ends = f.last(t, b);
    for (int uv = 0; uv < kUV; uv++) {
      int64_t unit = j * l.block_units + uv * kLanes;
      int valid = static_cast<int>(l.hidden - unit < kLanes ? l.hidden - unit : kLanes);
      if (valid <= 0) {
        if (f.gates != nullptr) {
          for (int g = 0; g < Cell::kGates; g++) {
            Simd::store(f.gates_row(j, t, b) + g * stride + uv * kLanes, Simd::zero());
          }
        }
        continue;
      }
      Simd::F a[Cell::kGates];
      const float* from = activated + r * kRowGates + uv * Cell::kGates * kLanes;
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        a[g] = Simd::load(from + g * kLanes);
      }
      Simd::F c = Simd::zero();
      Simd::F h;
      Simd::F h_old = Simd::zero();
      if constexpr (Cell::kCellState) {
        c = Simd::load(f.cell_before(j, t, b) + uv * kLanes);
      }
      if constexpr (Cell::kCarriesH) {
        if (h_before != nullptr) {
          h_old = Simd::load_first(h_before + unit, valid);
        }
      }
      Cell::forward(a, h_old, c, h, f.clip);
      if (!f.recompute) {
        float* y = f.y + (t * l.batch + b) * f.y_distance + unit;
        if (valid == kLanes) {
          Simd::store(y, h);
        } else {
          Simd::store_first(y, h, valid);
        }
        if constexpr (Product::kPerWord == 2) {
          store_halves(reinterpret_cast<uint16_t*>(f.h_row(f.after(t), b)) + unit, to_bf16(h),
                       valid);
        }
        if (ends && f.hn != nullptr) {
          Simd::store_first(f.hn + b * l.hidden + unit, h, valid);
        }
      }
      if constexpr (Cell::kCellState) {
        if (f.cells != nullptr) {
          Simd::store(f.cells_row(j, t, b) + uv * kLanes, c);
        } else {
          Simd::store(f.entry_row(j, b) + uv * kLanes, c);
        }
        if (ends && f.cn != nullptr && !f.recompute) {
          Simd::store_first(f.cn + b * l.hidden + unit, c, valid);
        }
      }
      if (f.gates != nullptr) {
        float* to = f.gates_row(j, t, b) + uv * kLanes;
#pragma GCC unroll 8
        for (int g = 0; g < Cell::kGates; g++) {
          store_gate(to + g * stride, a[g], stride);
        }
      }
    }
  }
}

/// Sums of R rows at one step, for vectors [First, V) of a block; slot: where in `ahead` the input
/// product stands. sums: [R][V vectors], written.
template <class Cell, int R, int V, int First = 0>
static GF_INLINE void step_sums(const ForwardLayer& f, int64_t j, int64_t t, const int64_t* rows,
                                int64_t slot, float* sums, Upcoming& next) {
  using Fed = Vectors<Cell, V>;
  constexpr int kPass = smaller(V - First, kPassVectors<R>);
  const RecurrentLayout& l = *f.layout;
  const float* block = f.blocks + j * f.block_size;
  Simd::F acc[R][kPass];
  if (f.ahead != nullptr) {
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      const float* from = f.ahead_row(j, slot, rows[r]) + First * Simd::kLanes;
#pragma GCC unroll 8
      for (int n = 0; n < kPass; n++) {
        acc[r][n] = Simd::load(from + n * Simd::kLanes);
      }
    }
  } else {
    RowsOperand<R> x;
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      x.row[r] = f.x_row(t, rows[r]);
    }
    load_tile(acc, block + First * Simd::kLanes, 0);
    add_product<Fed::kXBegin, Fed::kXEnd, First>(acc, x, block + l.block_x(), f.x_words, next);
  }
  RowsOperand<R> h;
  bool any_h = false;
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    const float* row = f.h_operand(t, rows[r]);
    any_h = any_h || row != nullptr;
    h.row[r] = row == nullptr ? f.zeros : row;
  }
  if (any_h) {
    add_product<Fed::kHBegin, Fed::kHEnd, First>(acc, h, block + f.block_h(j), f.h_words, next);
  }
  store_tile(acc, sums + First * Simd::kLanes, V * Simd::kLanes);
  if constexpr (First + kPass < V) {
    step_sums<Cell, R, V, First + kPass>(f, j, t, rows, slot, sums, next);
  }
}

/// One step of R rows and one block of units; slot: where in `ahead` the input product stands.
template <class Cell, int R, int V>
static void forward_tile(const ForwardLayer& f, int64_t j, int64_t t, const int64_t* rows,
                         int64_t slot, Upcoming& next) {
  alignas(64) float sums[R * V * Simd::kLanes];
  step_sums<Cell, R, V>(f, j, t, rows, slot, sums, next);
  finish_rows<Cell>(f, j, t, R, rows, sums, V * Simd::kLanes);
}

/// One row and two blocks at once: a single row alone has too few independent sums, and too few
/// weights on their way from the cache, to keep the processor busy.
template <class Cell>
static void forward_row_pair(const ForwardLayer& f, int64_t j, int64_t t, int64_t b, int64_t slot) {
  constexpr int kAll = Cell::kGates * Cell::kUnitVectors;
  constexpr int kX = (Cell::kXEnd - Cell::kXBegin) * Cell::kUnitVectors;
  constexpr int kH = (Cell::kHEnd - Cell::kHBegin) * Cell::kUnitVectors;
  const RecurrentLayout& l = *f.layout;
  const float* block = f.blocks + j * f.block_size;
  Simd::F acc[2][kAll];
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    const float* from = f.ahead != nullptr ? f.ahead_row(j + i, slot, b) : block + i * f.block_size;
#pragma GCC unroll 8
    for (int n = 0; n < kAll; n++) {
      acc[i][n] = Simd::load(from + n * Simd::kLanes);
    }
  }
  if (f.ahead == nullptr) {
    accumulate_pair<kX, Cell::kXBegin * Cell::kUnitVectors>(acc, f.x_row(t, b), block + l.block_x(),
                                                            f.block_size, weight_panel(f.x_words),
                                                            weight_step(kX), f.x_words);
  }
  const float* h = f.h_operand(t, b);
  if (h != nullptr) {
    accumulate_pair<kH, Cell::kHBegin * Cell::kUnitVectors>(acc, h, block + f.block_h(j),
                                                            f.block_size, weight_panel(f.h_words),
                                                            weight_step(kH), f.h_words);
  }
  for (int i = 0; i < 2; i++) {
    alignas(64) float sums[kAll * Simd::kLanes];
#pragma GCC unroll 8
    for (int n = 0; n < kAll; n++) {
      Simd::store(sums + n * Simd::kLanes, acc[i][n]);
    }
    finish_rows<Cell>(f, j + i, t, 1, &b, sums, kAll * Simd::kLanes);
  }
}

/// Runs the tile of a run-time height and width.
template <class Cell, int V, int R = kTileRows>
static void run_forward_rows(int count, const ForwardLayer& f, int64_t j, int64_t t,
                             const int64_t* rows, int64_t slot, Upcoming& next) {
  if constexpr (R > 1) {
    if (count < R) {
      run_forward_rows<Cell, V, R - 1>(count, f, j, t, rows, slot, next);
      return;
    }
  }
  forward_tile<Cell, R, V>(f, j, t, rows, slot, next);
}

template <class Cell, int V = Cell::kGates* Cell::kUnitVectors>
static void run_forward_tile(int count, const ForwardLayer& f, int64_t j, int64_t t,
                             const int64_t* rows, int64_t slot, Upcoming& next) {
  if constexpr (Cell::kPackedTail && V > 1) {
    if (f.layout->gate_stride(j) * Cell::kGates < V * Simd::kLanes) {
      run_forward_tile<Cell, V - 1>(count, f, j, t, rows, slot, next);
      return;
    }
  }
  run_forward_rows<Cell, V>(count, f, j, t, rows, slot, next);
}

template <class Cell, int V, int R = kTileRows>
static void run_ahead_rows(int count, const ForwardLayer& f, int64_t j, const int64_t* indices,
                           const int64_t* rows, int64_t first_index, Upcoming& next) {
  if constexpr (R > 1) {
    if (count < R) {
      run_ahead_rows<Cell, V, R - 1>(count, f, j, indices, rows, first_index, next);
      return;
    }
  }
  ahead_tile<Cell, R, V>(f, j, indices, rows, first_index, next);
}

template <class Cell, int V = Cell::kGates* Cell::kUnitVectors>
static void run_ahead_tile(int count, const ForwardLayer& f, int64_t j, const int64_t* indices,
                           const int64_t* rows, int64_t first_index, Upcoming& next) {
  if constexpr (Cell::kPackedTail && V > 1) {
    if (f.layout->gate_stride(j) * Cell::kGates < V * Simd::kLanes) {
      run_ahead_tile<Cell, V - 1>(count, f, j, indices, rows, first_index, next);
      return;
    }
  }
  run_ahead_rows<Cell, V>(count, f, j, indices, rows, first_index, next);
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

/// Step number `index` of the layer's [time_begin, time_end), in the direction's order.
template <class Cell>
static void forward_step(const ForwardLayer& f, const Part& part, int64_t index) {
  const RecurrentLayout& l = *f.layout;
  int64_t indices[kTileRows];
  int64_t rows[kTileRows];
  int64_t slot = 0;
  if (f.ahead != nullptr) {
    slot = index % l.ahead;
    if (slot == 0) {
      int64_t steps = f.time_end - f.time_begin;
      int64_t end = index + l.ahead < steps ? index + l.ahead : steps;
      TileCut cut(ValidRows(f, part, index, end).count());
      for (int64_t j = part.block_begin; j < part.block_end; j++) {
        ValidRows valid(f, part, index, end);
        Upcoming next =
            Upcoming::spread(f.blocks + f.block_after(part, j) * f.block_size,
                             f.x_words * l.x_width, f.x_words * cut.tiles * kTallPasses);
        for (int64_t tile = 0; tile < cut.tiles; tile++) {
          int height = cut.height(tile);
          valid.take(height, indices, rows);
          run_ahead_tile<Cell>(height, f, j, indices, rows, index, next);
        }
      }
    }
  }
  int64_t t = f.time_of(index);
  TileCut cut(ValidRows(f, part, index, index + 1).count());
  for (int64_t j = part.block_begin; j < part.block_end; j++) {
    ValidRows valid(f, part, index, index + 1);
    bool pair = j + 2 < l.blocks && j + 2 <= part.block_end;  // the last block may be narrower
    if (cut.rows == 1 && pair) {
      valid.take(1, indices, rows);
      forward_row_pair<Cell>(f, j, t, rows[0], slot);
      j++;
      continue;
    }
    const float* after = f.blocks + f.block_after(part, j) * f.block_size;
    Upcoming next = f.ahead != nullptr
                        ? Upcoming::spread(after + f.block_h(j), f.h_words * l.h_width,
                                           f.h_words * cut.tiles * kTallPasses)
                        : Upcoming::spread(after, f.block_size,
                                           (f.x_words + f.h_words) * cut.tiles * kTallPasses);
    for (int64_t tile = 0; tile < cut.tiles; tile++) {
      int height = cut.height(tile);
      valid.take(height, indices, rows);
      run_forward_tile<Cell>(height, f, j, t, rows, slot, next);
    }
  }
  if (cut.rows < part.row_end - part.row_begin) {
    clear_outputs(f, part, t);
  }
}

/// The same by what the Product multiplies on.
template <class Cell>
static GF_INLINE void take_step(const ForwardLayer& f, const Part& part, int64_t index) {
  if constexpr (Product::kTiles) {
    TileSteps<Cell>::forward_step(f, part, index);
  } else {
    forward_step<Cell>(f, part, index);
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
  float* borders[2] = {nullptr, nullptr};
  for (int64_t d = directions.begin; d < directions.end; d++) {
    describe_layer(call, layer, d, x, y, f[d]);
    if (l.ahead > 1) {
      f[d].ahead = call.workspace + l.forward_ahead(d);
    }
    if (l.bf16) {
      f[d].x_rows = call.workspace + l.forward_x_words();
      f[d].h_rows = call.workspace + l.forward_h_words(d);
      round_state(f[d], part);
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
  if (l.bf16) {
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
      take_step<Cell>(f[d], part, s);
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
    if (l.bf16) {
      ForwardLayer f;
      describe_layer(call, layer, 0, x, y, f);
      round_input(f, team, 0, l.steps, call.workspace + l.forward_x_words());
      team_barrier(team);
    }
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
