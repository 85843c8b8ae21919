/// The backward time loop of one layer. Included inside an instruction set's namespace, after
/// recurrent_forward.h.
///
/// Segments of time are taken from the last to the first (in each direction's own order). In each:
/// the steps, which turn the kept gates into gradients of the gates' sums, in place; then products
/// of these gradients with x, h and Wx, for dWx, dWh and dx, while they are still in cache.
#ifndef GATEFOLD_RECURRENT_BACKWARD_H
#define GATEFOLD_RECURRENT_BACKWARD_H

#include "recurrent_forward.h"
#include "recurrent_pack.h"

struct BackwardLayer {
  ForwardLayer f;            ///< gates and cells: of the segment at hand
  const float* later_gates;  ///< of the segment before in this loop, later in the direction's order
  int64_t later_origin;
  const float* dh_panels;
  const float* dx_panels;
  const float* dy;   ///< [T,B,D*H] at this direction's columns, or null
  const float* dhn;  ///< [B,H] or null, as the following
  const float* dcn;
  float* dh0;
  float* dc0;
  float* carry;     ///< [blocks][B][units]
  float* dwx_sums;  ///< over the segments so far
  float* dwh_sums;
  float* db_sums;
  float* x_panels;
  float* h_panels;
  float* pairs;  ///< gradients of a segment as words, with bfloat16
  float* dwx;    ///< [gates*H, in], or null with the two below
  float* dwh;
  float* db;

  /// Gradients of the sums at the step after t.
  GF_INLINE const float* after_row(int64_t t, int64_t b) const {
    int64_t next = f.after(t);
    bool inside = next >= f.time_begin && next < f.time_end;
    const float* base = inside ? f.gates : later_gates;
    int64_t origin = inside ? f.time_origin : later_origin;
    return base + ((next - origin) * f.layout->batch + b) * f.layout->width;
  }
};

/// Gradient of h before some steps, dG * Wh, for `height` rows of dG and a few panels of units.
template <class Cell>
static GF_INLINE void recurrent_gradient(const BackwardLayer& g, const float* const* rows,
                                         int height, int64_t panel, int vectors, float* to,
                                         Upcoming& next) {
  const RecurrentLayout& l = *g.f.layout;
  RowsTile tile;
  tile.rows = rows;
  tile.segments = l.blocks;
  tile.run = l.h_width / Product::kPerWord;
  tile.last_run = l.h_width_of(l.blocks - 1) / Product::kPerWord;
  tile.segment_distance = g.f.gates_block;
  tile.w = g.dh_panels + panel * l.dh_panel_size();
  tile.panel = l.dh_panel_size();
  tile.from = nullptr;
  tile.from_distance = 0;
  tile.to = to;
  tile.to_distance = vectors * Simd::kLanes;
  tile.next = &next;
  run_tile(height, vectors, tile);
}

/// Stores gate i of unit vector uv into the gradients' row of a block: in place of the gate, or
/// with bfloat16 in the first half of the row, where only what has been read stands by then.
template <class Cell>
static GF_INLINE void store_gradient(float* row, int64_t i, int64_t uv, Simd::F v, int64_t stride) {
  int64_t at = i * stride + uv * Simd::kLanes;
  if constexpr (Product::kPerWord == 1) {
    store_gate(row + at, v, stride);
  } else {
    store_halves(reinterpret_cast<uint16_t*>(row) + at, to_bf16(v), stride);
  }
}

/// The cell's own backward for some rows and unit vectors; dh: what came from the step after.
template <class Cell>
static void finish_backward(const BackwardLayer& g, int64_t t, const int64_t* rows, int height,
                            int64_t panel, int vectors, const float* dh, bool last) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  for (int r = 0; r < height; r++) {
    int64_t b = rows[r];
    bool first = f.first(t, b);
    const float* h_before = nullptr;
    if constexpr (Cell::kCarriesH) {
      h_before = f.h_before(t, b);
    }
    for (int n = 0; n < vectors; n++) {
      int64_t unit = (panel + n) * kLanes;
      int64_t left = l.hidden - unit;
      int64_t j = (panel + n) / kUV;
      int64_t uv = (panel + n) % kUV;
      const int64_t stride = kUV == 1 ? l.gate_stride(j) : l.block_units;
      float* gradients = f.gates_row(j, t, b);
      if (left <= 0) {
        for (int i = 0; i < Cell::kGates; i++) {
          store_gradient<Cell>(gradients, i, uv, Simd::zero(), stride);
        }
        continue;
      }
      int valid = static_cast<int>(left < kLanes ? left : kLanes);
      Simd::F d = Simd::load(dh + (r * vectors + n) * kLanes);
      if (g.dy != nullptr) {
        const float* dy = g.dy + (t * l.batch + b) * f.y_distance + unit;
        d = Simd::add(d, valid == kLanes ? Simd::load(dy) : Simd::load_first(dy, valid));
      }
      if (last && g.dhn != nullptr) {
        d = Simd::add(d, Simd::load_first(g.dhn + b * l.hidden + unit, valid));
      }
      const float* row = gradients + uv * kLanes;
      Simd::F kept[Cell::kGates];
#pragma GCC unroll 8
      for (int i = 0; i < Cell::kGates; i++) {
        kept[i] = valid == kLanes ? Simd::load(row + i * stride)
                                  : Simd::load_first(row + i * stride, valid);
      }
      Simd::F c = Simd::zero();
      Simd::F c_before = Simd::zero();
      Simd::F h_old = Simd::zero();
      if constexpr (Cell::kCellState) {
        c = Simd::load(f.cells_row(j, t, b) + uv * kLanes);
        c_before = Simd::load(f.cell_before(j, t, b) + uv * kLanes);
      }
      if constexpr (Cell::kCarriesH) {
        if (h_before != nullptr) {
          h_old = Simd::load_first(h_before + unit, valid);
        }
      }
      float* carried = g.carry + (j * l.batch + b) * l.block_units + uv * kLanes;
      Simd::F carry = Simd::load(carried);
      Cell::backward(kept, h_old, c, c_before, d, carry, f.clip);
      Simd::store(carried, carry);
      if (Cell::kCellState && first && g.dc0 != nullptr) {
        Simd::store_first(g.dc0 + b * l.hidden + unit, carry, valid);
      }
#pragma GCC unroll 8
      for (int i = 0; i < Cell::kGates; i++) {
        store_gradient<Cell>(gradients, i, uv, kept[i], stride);
      }
    }
  }
}

/// Hands out the valid rows of step t whose last step it is, or is not.
struct StepRows {
  const ForwardLayer& f;
  int64_t t, b, end;
  bool last;

  GF_INLINE bool takes(int64_t row) const { return f.active(t, row) && f.last(t, row) == last; }
  GF_INLINE int64_t count() const {
    int64_t total = 0;
    for (int64_t row = b; row < end; row++) {
      total += takes(row) ? 1 : 0;
    }
    return total;
  }
  GF_INLINE void take(int count, int64_t* rows) {
    for (int n = 0; n < count; b++) {
      if (takes(b)) {
        rows[n++] = b;
      }
    }
  }
};

template <class Cell>
static void backward_step(const BackwardLayer& g, const Part& part, int64_t t) {
  constexpr int kUV = Cell::kUnitVectors;
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  alignas(64) float dh[kTileRows * kTileVectors * Simd::kLanes];
  int64_t rows[kTileRows];
  const float* gradients[kTileRows];
  int64_t panel_end = part.block_end * kUV;
  for (int pass = 0; pass < 2; pass++) {
    StepRows all{f, t, part.row_begin, part.row_end, pass == 1};
    TileCut cut(all.count());
    for (int64_t p = part.block_begin * kUV; p < panel_end && cut.rows > 0; p += kTileVectors) {
      int vectors = static_cast<int>(panel_end - p < kTileVectors ? panel_end - p : kTileVectors);
      StepRows left = all;
      int64_t after = p + kTileVectors < panel_end ? p + kTileVectors : part.block_begin * kUV;
      Upcoming next = Upcoming::spread(g.dh_panels + after * l.dh_panel_size(),
                                       kTileVectors * l.dh_panel_size(),
                                       l.words(l.h_depth()) * cut.tiles * kTallPasses);
      for (int64_t i = 0; i < cut.tiles; i++) {
        int height = cut.height(i);
        left.take(height, rows);
        if (all.last) {
          for (int k = 0; k < height * vectors; k++) {
            Simd::store(dh + k * Simd::kLanes, Simd::zero());
          }
        } else {
          for (int r = 0; r < height; r++) {
            gradients[r] =
                g.after_row(t, rows[r]) + Cell::kHBegin * l.block_units / Product::kPerWord;
          }
          recurrent_gradient<Cell>(g, gradients, height, p, vectors, dh, next);
        }
        finish_backward<Cell>(g, t, rows, height, p, vectors, dh, all.last);
      }
    }
  }
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
    const float* row = f.gates_row(0, t, b) + Cell::kHBegin * l.block_units / Product::kPerWord;
    for (int64_t p = part.block_begin * kUV; p < panel_end; p += kTileVectors) {
      int vectors = static_cast<int>(panel_end - p < kTileVectors ? panel_end - p : kTileVectors);
      Upcoming next = Upcoming::none(g.dh_panels);
      recurrent_gradient<Cell>(g, &row, 1, p, vectors, dh, next);
      for (int n = 0; n < vectors; n++) {
        int64_t unit = (p + n) * kLanes;
        int64_t left = l.hidden - unit;
        if (left <= 0) {
          continue;
        }
        Simd::F d = Simd::load(dh + n * kLanes);
        if (Cell::kCarriesH) {
          int64_t j = (p + n) / kUV;
          int64_t uv = (p + n) % kUV;
          d = Simd::add(d, Simd::load(g.carry + (j * l.batch + b) * l.block_units + uv * kLanes));
        }
        Simd::store_first(g.dh0 + b * l.hidden + unit, d,
                          static_cast<int>(left < kLanes ? left : kLanes));
      }
    }
  }
}

// ---- products over a segment

/// Words of a segment's sums over its rows.
static GF_INLINE int64_t segment_words(const ForwardLayer& f) {
  return f.layout->words((f.time_end - f.time_begin) * f.layout->batch);
}

/// The row of [T*B] that stands at word k of a segment's sums, with bfloat16 the first of two: the
/// order in which the steps came, so that sums do not depend on where segments end. Nor do pairs,
/// since all segments begin at an even row.
static GF_INLINE int64_t row_at(const ForwardLayer& f, int64_t k) {
  int64_t place = f.reverse ? k : segment_words(f) - 1 - k;
  return f.time_begin * f.layout->batch + place * Product::kPerWord;
}

/// The row that shares a word with `row`, or null: the last may have none.
static GF_INLINE bool has_partner(const ForwardLayer& f, int64_t row) {
  return Product::kPerWord == 2 && row + 1 < f.time_end * f.layout->batch;
}

static GF_INLINE Simd::F load_columns(const float* row, int64_t c, int64_t columns) {
  if (row == nullptr) {
    return Simd::zero();
  }
  int64_t left = columns - c;
  return left >= Simd::kLanes ? Simd::load(row + c)
                              : Simd::load_first(row + c, static_cast<int>(left));
}

/// Word k of all panels, `count` words deep, from a row and the one that shares its word; null =
/// zeros.
static void copy_to_panels(const float* row, const float* partner, int64_t columns, float* panels,
                           int64_t k, int64_t count) {
  constexpr int kLanes = Simd::kLanes;
  for (int64_t c = 0; c < columns; c += kLanes) {
    Simd::F word = Product::word(load_columns(row, c, columns), load_columns(partner, c, columns));
    Simd::store(panels + (c / kLanes * count + k) * kLanes, word);
  }
}

/// x and the h before of every step of the segment as panels; zeros in padding.
static void pack_segment(const BackwardLayer& g, const Team& team) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  int64_t count = segment_words(f);
  auto x_of = [&f, &l](int64_t row) {
    return f.active(row / l.batch, row % l.batch) ? f.x + row * f.input : nullptr;
  };
  auto h_of = [&f, &l](int64_t row) {
    int64_t t = row / l.batch;
    int64_t b = row % l.batch;
    return f.active(t, b) ? f.h_before(t, b) : nullptr;
  };
  Range part = part_of(count, team.rank, team.size);
  for (int64_t k = part.begin; k < part.end; k++) {
    int64_t row = row_at(f, k);
    bool two = has_partner(f, row);
    copy_to_panels(x_of(row), two ? x_of(row + 1) : nullptr, f.input, g.x_panels, k, count);
    copy_to_panels(h_of(row), two ? h_of(row + 1) : nullptr, l.hidden, g.h_panels, k, count);
  }
}

/// The gates' gradients of block j over a segment as words [words of the segment][width].
static void pair_gradients(const BackwardLayer& g, int64_t j, float* to) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  int64_t count = segment_words(f);
  for (int64_t k = 0; k < count; k++) {
    int64_t row = row_at(f, k);
    const uint16_t* first =
        reinterpret_cast<const uint16_t*>(f.gates_row(j, row / l.batch, row % l.batch));
    const uint16_t* second = first + 2 * l.width;
    bool two = has_partner(f, row);
    for (int64_t i = 0; i < l.width; i += Simd::kLanes) {
      Simd::F word =
          Product::word(load_halves(first + i), two ? load_halves(second + i) : Simd::zero());
      Simd::store(to + k * l.width + i, word);
    }
  }
}

/// x and the h before of every step of the segment as rounded rows, for computing its gates again.
static void round_segment(const BackwardLayer& g, const Team& team) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  round_input(f, team, f.time_begin, f.time_end, const_cast<float*>(f.x_rows));
  Range rows = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  for (int64_t row = rows.begin; row < rows.end; row++) {
    int64_t t = f.time_begin + row / l.batch;
    int64_t b = row % l.batch;
    const float* h = f.active(t, b) ? f.h_before(t, b) : nullptr;
    if (h != nullptr) {
      round_row(h, l.hidden, f.h_row(t, b));
    }
  }
}

/// Sums of one block and one operand (x or h) over a segment.
struct WeightGradient {
  const float* gates;    ///< gradients at the first word of the sum and the operand's first gate
  int64_t gates_stride;  ///< from one word of the sum to the next
  int64_t count;         ///< words
  const float* panels;
  int64_t columns;
  float* sums;  ///< [width of the operand][columns rounded up to vectors]
  float* dw;    ///< canonical, [gates*H, columns]
  int first_gate;
  int end_gate;
  bool starts, ends;  ///< first and last segment
};

static void add_to_weights(const RecurrentLayout& l, const WeightGradient& w, int64_t j,
                           int64_t lane, int height, int64_t column, int vectors,
                           const float* sums) {
  constexpr int kLanes = Simd::kLanes;
  for (int r = 0; r < height; r++) {
    int64_t g = w.first_gate + (lane + r) / l.gate_stride(j);
    int64_t unit = j * l.block_units + (lane + r) % l.gate_stride(j);
    float* row = w.dw + (l.order.weight[g] * l.hidden + unit) * w.columns + column;
    for (int n = 0; n < vectors; n++) {
      Simd::F sum = Simd::load(sums + (r * vectors + n) * kLanes);
      int64_t left = w.columns - column - n * kLanes;
      if (left >= kLanes) {
        Simd::store(row + n * kLanes, Simd::add(Simd::load(row + n * kLanes), sum));
      } else {
        int some = static_cast<int>(left);
        Simd::F old = Simd::load_first(row + n * kLanes, some);
        Simd::store_first(row + n * kLanes, Simd::add(old, sum), some);
      }
    }
  }
}

static void weight_gradient_run(const RecurrentLayout& l, const WeightGradient& w, int64_t j,
                                int64_t lane_begin, int64_t lane_end) {
  constexpr int kLanes = Simd::kLanes;
  alignas(64) float local[kTileRows * kTileVectors * kLanes];
  int64_t panels = l.panels_of(w.columns);
  TileCut cut(lane_end - lane_begin);
  ColumnsTile tile;
  tile.a_stride = w.gates_stride;
  tile.count = w.count;
  tile.panel = w.count * kLanes;
  for (int64_t p = 0; p < panels; p += kTileVectors) {
    int vectors = static_cast<int>(panels - p < kTileVectors ? panels - p : kTileVectors);
    tile.w = w.panels + p * w.count * kLanes;
    Upcoming next = Upcoming::none(tile.w);
    tile.next = &next;
    for (int64_t i = 0; i < cut.tiles; i++) {
      int height = cut.height(i);
      int64_t lane = lane_begin + cut.begin(i);
      float* sums = w.sums + lane * panels * kLanes + p * kLanes;
      tile.a = w.gates + lane;
      tile.from = w.starts ? nullptr : sums;
      tile.from_distance = panels * kLanes;
      tile.to = w.ends ? local : sums;
      tile.to_distance = w.ends ? vectors * kLanes : panels * kLanes;
      run_tile(height, vectors, tile);
      if (w.ends) {
        add_to_weights(l, w, j, lane, height, p * kLanes, vectors, local);
      }
    }
  }
}

/// One block's rows of a weight gradient, leaving out units beyond H.
static void weight_gradient(const RecurrentLayout& l, const WeightGradient& w, int64_t j) {
  int64_t stride = l.gate_stride(j);
  int64_t units = l.hidden - j * l.block_units;
  int64_t gates = w.end_gate - w.first_gate;
  if (units >= stride) {
    weight_gradient_run(l, w, j, 0, gates * stride);
    return;
  }
  for (int64_t g = 0; g < gates; g++) {
    weight_gradient_run(l, w, j, g * stride, g * stride + units);
  }
}

static void bias_gradient(const BackwardLayer& g, int64_t j, const float* gates, int64_t distance,
                          int64_t count, bool starts, bool ends) {
  constexpr int kLanes = Simd::kLanes;
  const RecurrentLayout& l = *g.f.layout;
  const int64_t stride = l.gate_stride(j);
  const int64_t vectors = l.panels_of(l.order.gates * stride);
  Simd::F sum[kTileVectors];
  float* sums = g.db_sums + j * l.width;
  for (int v = 0; v < kTileVectors; v++) {
    sum[v] = starts || v >= vectors ? Simd::zero() : Simd::load(sums + v * kLanes);
  }
  for (int64_t k = 0; k < count; k++) {
    for (int v = 0; v < vectors; v++) {
      Simd::F word = Simd::load(gates + k * distance + v * kLanes);
      if constexpr (Product::kPerWord == 1) {
        sum[v] = Simd::add(sum[v], word);
      } else {
        sum[v] = Simd::add(Simd::add(sum[v], low_half(word)), high_half(word));
      }
    }
  }
  for (int v = 0; v < kTileVectors; v++) {
    Simd::store(sums + v * kLanes, sum[v]);
  }
  for (int i = 0; i < l.order.gates && ends; i++) {
    for (int64_t u = 0; u < stride && j * l.block_units + u < l.hidden; u++) {
      g.db[l.order.bias[i] * l.hidden + j * l.block_units + u] += sums[i * stride + u];
    }
  }
}

static void segment_weight_gradients(const BackwardLayer& g, int64_t j, bool starts, bool ends) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  const float* gates;
  WeightGradient w;
  if constexpr (Product::kPerWord == 1) {
    int64_t row = row_at(f, 0);
    gates = f.gates_row(j, row / l.batch, row % l.batch);
    w.gates_stride = f.reverse ? l.width : -l.width;
  } else {
    float* pairs = g.pairs + j * l.pairs_block();
    pair_gradients(g, j, pairs);
    gates = pairs;
    w.gates_stride = l.width;
  }
  w.count = segment_words(f);
  w.starts = starts;
  w.ends = ends;
  w.gates = gates + l.order.x_begin * l.block_units;
  w.panels = g.x_panels;
  w.columns = f.input;
  w.sums = g.dwx_sums + j * l.x_width * l.panels_of(f.input) * l.lanes;
  w.dw = g.dwx;
  w.first_gate = l.order.x_begin;
  w.end_gate = l.order.x_end;
  weight_gradient(l, w, j);
  w.gates = gates + l.order.h_begin * l.block_units;
  w.panels = g.h_panels;
  w.columns = l.hidden;
  w.sums = g.dwh_sums + j * l.h_width * l.panels_of(l.hidden) * l.lanes;
  w.dw = g.dwh;
  w.first_gate = l.order.h_begin;
  w.end_gate = l.order.h_end;
  weight_gradient(l, w, j);
  bias_gradient(g, j, gates, w.gates_stride, w.count, starts, ends);
}

/// dx of the segment's steps: written, or added to what the other direction wrote.
static void input_gradient(const BackwardLayer& g, const Team& team, float* dx, bool add) {
  constexpr int kLanes = Simd::kLanes;
  constexpr int64_t kRowsPerTask = 8 * kTileRows;
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  alignas(64) float local[kTileRows * kTileVectors * kLanes];
  int64_t panels = l.panels_of(f.input);
  int64_t groups = (panels + kTileVectors - 1) / kTileVectors;
  int64_t row_begin = f.time_begin * l.batch;
  int64_t row_end = f.time_end * l.batch;
  int64_t row_tasks = (row_end - row_begin + kRowsPerTask - 1) / kRowsPerTask;
  Range tasks = part_of(groups * row_tasks, team.rank, team.size);
  const float* rows[kTileRows];
  RowsTile tile;
  tile.rows = rows;
  tile.segments = l.blocks;
  tile.run = l.x_width / Product::kPerWord;
  tile.last_run = l.x_width_of(l.blocks - 1) / Product::kPerWord;
  tile.segment_distance = f.gates_block;
  tile.panel = l.dx_panel_size();
  tile.from = nullptr;
  tile.from_distance = 0;
  for (int64_t task = tasks.begin; task < tasks.end; task++) {
    int64_t p = task / row_tasks * kTileVectors;
    int vectors = static_cast<int>(panels - p < kTileVectors ? panels - p : kTileVectors);
    bool whole = (p + vectors) * kLanes <= f.input;
    int64_t begin = row_begin + task % row_tasks * kRowsPerTask;
    int64_t end = begin + kRowsPerTask < row_end ? begin + kRowsPerTask : row_end;
    tile.w = g.dx_panels + p * l.dx_panel_size();
    TileCut cut(end - begin);
    Upcoming next = Upcoming::none(tile.w);
    tile.next = &next;
    for (int64_t i = 0; i < cut.tiles; i++) {
      int height = cut.height(i);
      int64_t row = begin + cut.begin(i);
      float* to = dx + row * f.input + p * kLanes;
      for (int r = 0; r < height; r++) {
        rows[r] = f.gates + (row + r - f.time_origin * l.batch) * l.width +
                  l.order.x_begin * l.block_units / Product::kPerWord;
      }
      bool direct = whole && !add;
      tile.to = direct ? to : local;
      tile.to_distance = direct ? f.input : vectors * kLanes;
      run_tile(height, vectors, tile);
      for (int r = 0; r < height && !direct; r++) {
        for (int n = 0; n < vectors; n++) {
          int64_t left = f.input - (p + n) * kLanes;
          int valid = static_cast<int>(left < kLanes ? left : kLanes);
          float* at = to + r * f.input + n * kLanes;
          Simd::F v = Simd::load(local + (r * vectors + n) * kLanes);
          Simd::store_first(at, add ? Simd::add(Simd::load_first(at, valid), v) : v, valid);
        }
      }
    }
  }
}

// ---- the layer

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
  g.x_panels = call.workspace + l.backward_x_panels(direction);
  g.h_panels = call.workspace + l.backward_h_panels(direction);
  g.pairs = call.workspace + l.backward_pairs(direction);
  g.dwx = call.dwx == nullptr ? nullptr : call.dwx[index];
  g.dwh = call.dwh == nullptr ? nullptr : call.dwh[index];
  g.db = call.db == nullptr ? nullptr : call.db[index];
  g.later_gates = g.f.gates;
  g.later_origin = 0;
  g.f.recompute = true;
  if (l.recompute) {
    g.f.gates_block = l.gates_block(l.segment);
    g.f.cells_block = l.cells_block(l.segment);
    if (l.ahead > 1) {
      g.f.ahead = call.workspace + l.backward_ahead(direction);
    }
    if (l.bf16) {
      g.f.x_rows = call.workspace + l.backward_x_words(direction);
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
  }
  for (int64_t d = own.begin; d < own.end && steps_here; d++) {
    load_state(l, part, Cell::kCellState ? g[d].dcn : nullptr, g[d].carry);
    pass_states(g[d].f, part, g[d].dhn, g[d].dh0);
    pass_states(g[d].f, part, g[d].dcn, g[d].dc0);
  }
  for (int64_t n = 0; n < l.segments; n++) {
    for (int64_t d = 0; d < l.directions; d++) {
      int64_t s = g[d].f.reverse ? n : l.segments - 1 - n;
      enter_segment(call, layer, d, s, n & 1, g[d]);
    }
    if (l.recompute && l.bf16) {
      for (int64_t d = 0; d < l.directions; d++) {
        round_segment(g[d], team);
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
            backward_step<Cell>(g[d], part, g[d].f.time_of(steps - 1 - i));
          }
        }
        team_barrier(team, 1 + team.rank / grid.blocks, grid.blocks);
      }
      for (int64_t d = own.begin; d < own.end; d++) {
        initial_gradient<Cell>(g[d], part);
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
        segment_weight_gradients(g[i / l.blocks], i % l.blocks, n == 0, n + 1 == l.segments);
      }
    }
    if (dx != nullptr) {
      input_gradient(g[0], team, dx, l.directions == 2 && l.segments - 1 - n < n);
      if (l.directions == 2) {
        input_gradient(g[1], team, dx, n >= l.segments - 1 - n);
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
