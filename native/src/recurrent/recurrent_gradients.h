/// The products of backward over a segment of time: the gradients of weights, biases and input from
/// those of the gates. Included inside an instruction set's namespace, after recurrent_layer.h.
#ifndef GATEFOLD_RECURRENT_GRADIENTS_H
#define GATEFOLD_RECURRENT_GRADIENTS_H

#include "product/tile_product.h"
#include "recurrent/recurrent_layer.h"
#include "simd/pair_sum.h"
#include "simd/simd_lanes.h"

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

/// What of a run of rows lies in a segment.
struct RunWords {
  int64_t begin, end;  ///< words of the segment
  bool opens, closes;  ///< holds the run's first and last word, in the order of the sums
  bool starts;         ///< first of the runs that are added up before a fold
  bool folds;          ///< last of these, but not of all
  bool first_fold;
  bool folded;  ///< some runs have been folded already
  bool last;    ///< closes the last run of all
};

/// The run with word k of a segment.
static GF_INLINE RunWords run_at(const ForwardLayer& f, int64_t k) {
  const RecurrentLayout& l = *f.layout;
  const int64_t begin = f.time_begin * l.batch, end = f.time_end * l.batch;
  const int64_t row = row_at(f, k);  // words may be filled up with rows beyond the last
  const int64_t run = l.run_of(row < end ? row : end - 1);
  const Range rows = l.rows_of_run(run);
  const bool from_begin = rows.begin >= begin, to_end = rows.end <= end;
  const int64_t order = f.reverse ? run : l.runs - 1 - run;
  constexpr int64_t kRuns = RecurrentLayout::kRunsPerFold;
  RunWords words;
  words.begin = k;
  words.end = segment_words(f);
  if (f.reverse && rows.end < end) {
    words.end = (rows.end - begin) / Product::kPerWord;
  } else if (!f.reverse && from_begin) {
    words.end -= (rows.begin - begin) / Product::kPerWord;
  }
  words.opens = f.reverse ? from_begin : to_end;
  words.closes = f.reverse ? to_end : from_begin;
  words.starts = order % kRuns == 0;
  words.last = words.closes && order + 1 == l.runs;
  words.folds = words.closes && !words.last && (order + 1) % kRuns == 0;
  words.first_fold = order < kRuns;
  words.folded = order >= kRuns;
  return words;
}

static GF_INLINE Simd::F load_columns(const float* row, int64_t c, int64_t columns) {
  if (row == nullptr) {
    return Simd::zero();
  }
  int64_t left = columns - c;
  return left >= Simd::kLanes ? Simd::load(row + c)
                              : Simd::load_first(row + c, static_cast<int>(left));
}

/// A row (null = zeros) of which a sum is made, and the scales of its columns, if there are any.
struct SummedRow {
  const float* values;
  const float* scales;

  GF_INLINE Simd::F load(int64_t c, int64_t columns) const {
    return masked_lanes(load_columns(values, c, columns), scales == nullptr ? nullptr : scales + c);
  }
};

/// Word k of all panels, `count` words deep, from a row and the one that shares its word.
static void copy_to_panels(const SummedRow& row, const SummedRow& partner, int64_t columns,
                           float* panels, int64_t k, int64_t count) {
  constexpr int kLanes = Simd::kLanes;
  for (int64_t c = 0; c < columns; c += kLanes) {
    Simd::F word = Product::word(row.load(c, columns), partner.load(c, columns));
    Simd::store(panels + (c / kLanes * count + k) * kLanes, word);
  }
}

/// x and the h before of every step of the segment as panels; zeros in padding.
static void pack_segment(const BackwardLayer& g, const Team& team) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  int64_t count = segment_words(f);
  const int64_t end = f.time_end * l.batch;  // words may be filled up with rows beyond
  constexpr SummedRow kZeros{nullptr, nullptr};
  auto x_of = [&f, &l, end](int64_t row) {
    const bool valid = row < end && f.active(row / l.batch, row % l.batch);
    return SummedRow{valid ? f.x + row * f.input : nullptr, nullptr};
  };
  auto h_of = [&f, &l, end](int64_t row) {
    int64_t t = row / l.batch;
    int64_t b = row % l.batch;
    return SummedRow{row < end && f.active(t, b) ? f.h_before(t, b) : nullptr, f.mask_row(b)};
  };
  Range part = part_of(count, team.rank, team.size);
  for (int64_t k = part.begin; k < part.end; k++) {
    int64_t row = row_at(f, k);
    bool two = has_partner(f, row);
    if (!f.skips) {
      copy_to_panels(x_of(row), two ? x_of(row + 1) : kZeros, f.input, g.x_panels, k, count);
    }
    copy_to_panels(h_of(row), two ? h_of(row + 1) : kZeros, l.hidden, g.h_panels, k, count);
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

/// What of x and the h before of every step of the segment products do not take as they are, for
/// computing its gates again.
static void copy_operands(const BackwardLayer& g, const Team& team) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  if (Product::kPerWord == 2 && !f.skips) {
    round_input(f, team, f.time_begin, f.time_end, const_cast<float*>(f.x_rows));
  }
  Range rows = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  for (int64_t row = rows.begin; row < rows.end; row++) {
    int64_t t = f.time_begin + row / l.batch;
    int64_t b = row % l.batch;
    const float* h = f.active(t, b) ? f.h_before(t, b) : nullptr;
    copy_h(h, f.mask_row(b), l.hidden, f.h_words, f.h_row(t, b));
  }
}

/// Sums of one block and one operand (x or h) over a segment.
struct WeightGradient {
  const float* gates;    ///< gradients at the first word of the sum and the operand's first gate
  int64_t gates_stride;  ///< from one word of the sum to the next
  int64_t count;         ///< words
  const float* panels;
  int64_t columns;
  float* sums;        ///< [width of the operand][columns rounded up to vectors]
  float* open;        ///< the same of a run that is not complete
  float *high, *low;  ///< the same of what has been folded
  int64_t sums_row;   ///< from row to row of these
  float* dw;          ///< canonical, [gates*H, columns]
  int first_gate;
  int end_gate;
};

/// Some rows (lanes of gates) and columns of a weight gradient.
struct WeightTile {
  int64_t lane;
  int height;
  int64_t column;
  int vectors;
  int64_t at;  ///< in the sums
};

/// Adds the sums of all runs, of which those since the last fold are given, to the gradient.
static void add_to_weights(const RecurrentLayout& l, const WeightGradient& w, const RunWords& run,
                           int64_t j, const WeightTile& t, const float* sums) {
  constexpr int kLanes = Simd::kLanes;
  for (int r = 0; r < t.height; r++) {
    int64_t g = w.first_gate + (t.lane + r) / l.gate_stride(j);
    int64_t unit = j * l.block_units + (t.lane + r) % l.gate_stride(j);
    float* row = w.dw + (l.order.weight[g] * l.hidden + unit) * w.columns + t.column;
    for (int n = 0; n < t.vectors; n++) {
      Simd::F sum = Simd::load(sums + (r * t.vectors + n) * kLanes);
      if (run.folded) {
        const int64_t at = t.at + r * w.sums_row + n * kLanes;
        Simd::F high = Simd::load(w.high + at), low = Simd::load(w.low + at);
        add_to_pair(high, low, sum);
        sum = pair_total(high, low);
      }
      int64_t left = w.columns - t.column - n * kLanes;
      int some = static_cast<int>(left < kLanes ? left : kLanes);
      Simd::F old = load_lanes(row + n * kLanes, some);
      store_lanes(row + n * kLanes, Simd::add(old, sum), some);
    }
  }
}

/// Adds the sums of the runs since the last fold to the pairs.
static void fold_weights(const WeightGradient& w, const RunWords& run, const WeightTile& t) {
  for (int r = 0; r < t.height; r++) {
    for (int n = 0; n < t.vectors; n++) {
      const int64_t at = t.at + r * w.sums_row + n * Simd::kLanes;
      Simd::F high = Simd::load(w.sums + at), low = Simd::zero();
      if (!run.first_fold) {
        Simd::F sum = high;
        high = Simd::load(w.high + at);
        low = Simd::load(w.low + at);
        add_to_pair(high, low, sum);
      }
      Simd::store(w.high + at, high);
      Simd::store(w.low + at, low);
    }
  }
}

static void weight_gradient_run(const RecurrentLayout& l, const WeightGradient& w,
                                const RunWords& run, int64_t j, int64_t lane_begin,
                                int64_t lane_end) {
  constexpr int kLanes = Simd::kLanes;
  alignas(64) float local[kTileRows * kTileVectors * kLanes];
  int64_t panels = l.panels_of(w.columns);
  TileCut cut(lane_end - lane_begin);
  ColumnsTile tile;
  tile.a_stride = w.gates_stride;
  tile.count = run.end - run.begin;
  tile.panel = w.count * kLanes;
  tile.from_distance = w.sums_row;
  tile.plus_distance = w.sums_row;
  for (int64_t p = 0; p < panels; p += kTileVectors) {
    int vectors = static_cast<int>(panels - p < kTileVectors ? panels - p : kTileVectors);
    tile.w = w.panels + (p * w.count + run.begin) * kLanes;
    Upcoming next = Upcoming::none(tile.w);
    tile.next = &next;
    for (int64_t i = 0; i < cut.tiles; i++) {
      int64_t lane = lane_begin + cut.begin(i);
      const WeightTile t{lane, cut.height(i), p * kLanes, vectors, lane * w.sums_row + p * kLanes};
      tile.a = w.gates + run.begin * w.gates_stride + lane;
      tile.from = run.opens ? nullptr : w.open + t.at;
      tile.plus = run.closes && !run.starts ? w.sums + t.at : nullptr;
      tile.to = run.last ? local : (run.closes ? w.sums : w.open) + t.at;
      tile.to_distance = run.last ? vectors * kLanes : w.sums_row;
      run_tile(t.height, vectors, tile);
      if (run.last) {
        add_to_weights(l, w, run, j, t, local);
      } else if (run.folds) {
        fold_weights(w, run, t);
      }
    }
  }
}

/// One block's rows of a weight gradient, leaving out units beyond H.
static void weight_gradient(const RecurrentLayout& l, const WeightGradient& w, const RunWords& run,
                            int64_t j) {
  int64_t stride = l.gate_stride(j);
  int64_t units = l.hidden - j * l.block_units;
  int64_t gates = w.end_gate - w.first_gate;
  if (units >= stride) {
    weight_gradient_run(l, w, run, j, 0, gates * stride);
    return;
  }
  for (int64_t g = 0; g < gates; g++) {
    weight_gradient_run(l, w, run, j, g * stride, g * stride + units);
  }
}

/// Adds the sums of block j to db.
static void add_bias(const BackwardLayer& g, int64_t j, const float* sums) {
  const RecurrentLayout& l = *g.f.layout;
  const int64_t stride = l.gate_stride(j);
  for (int i = 0; i < l.order.gates; i++) {
    for (int64_t u = 0; u < stride && j * l.block_units + u < l.hidden; u++) {
      g.db[l.order.bias[i] * l.hidden + j * l.block_units + u] += sums[i * stride + u];
    }
  }
}

/// Sums of vectors over a run; add(k, sum) adds word k of the segment. open: of a run that is not
/// complete; `part` on, the high part of all runs' sums, and as far on the low one. total: of all
/// runs, once the last closes.
template <class Add>
static GF_INLINE void sum_run(const RunWords& run, int64_t vectors, float* open, int64_t part,
                              float (&total)[kTileVectors * Simd::kLanes], Add add) {
  constexpr int kLanes = Simd::kLanes;
  float* high = open + part;
  float* low = high + part;
  Simd::F sum[kTileVectors];
  for (int v = 0; v < vectors; v++) {
    sum[v] = run.opens ? Simd::zero() : Simd::load(open + v * kLanes);
  }
  for (int64_t k = run.begin; k < run.end; k++) {
    add(k, sum);
  }
  const bool first = run.starts && !run.folded;
  for (int v = 0; v < vectors; v++) {
    if (!run.closes) {
      Simd::store(open + v * kLanes, sum[v]);
      continue;
    }
    Simd::F h = sum[v], w = Simd::zero();
    if (!first) {
      h = Simd::load(high + v * kLanes);
      w = Simd::load(low + v * kLanes);
      add_to_pair(h, w, sum[v]);
    }
    Simd::store(high + v * kLanes, h);
    Simd::store(low + v * kLanes, w);
    Simd::store(total + v * kLanes, pair_total(h, w));
  }
}

/// The sums of db of block j over a run; add(k, sum) adds word k of the segment to the `vectors`
/// vectors of a row.
template <class Add>
static GF_INLINE void bias_gradient(const BackwardLayer& g, int64_t j, const RunWords& run,
                                    int64_t vectors, Add add) {
  const RecurrentLayout& l = *g.f.layout;
  alignas(64) float total[kTileVectors * Simd::kLanes];
  sum_run(run, vectors, g.db_sums + j * l.width, l.blocks * l.width, total, add);
  if (run.last) {
    add_bias(g, j, total);
  }
}

/// The same for words one after the other, `distance` apart.
static void bias_gradient(const BackwardLayer& g, int64_t j, const RunWords& run,
                          const float* gates, int64_t distance) {
  const RecurrentLayout& l = *g.f.layout;
  const int64_t vectors = l.panels_of(l.order.gates * l.gate_stride(j));
  bias_gradient(g, j, run, vectors, [=](int64_t k, Simd::F(&sum)[kTileVectors]) {
    for (int v = 0; v < vectors; v++) {
      Simd::F word = Simd::load(gates + k * distance + v * Simd::kLanes);
      if constexpr (Product::kPerWord == 1) {
        sum[v] = Simd::add(sum[v], word);
      } else {
        sum[v] = Simd::add(Simd::add(sum[v], low_half(word)), high_half(word));
      }
    }
  });
}

/// Adds to the sums of dp what one row of [T*B] gives: each gate's gradient times the c it saw.
static GF_INLINE void add_peepholes(const BackwardLayer& g, int64_t j, int64_t row,
                                    Simd::F (&sum)[kTileVectors]) {
  constexpr int kLanes = Simd::kLanes;
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  const int64_t t = row / l.batch, b = row % l.batch;
  if (row >= f.time_end * l.batch || !f.active(t, b)) {
    return;
  }
  int64_t block;
  const float* before = f.cell_before(t, b, block);
  const Simd::F c_before = Simd::load(before + j * block);
  const Simd::F c = Simd::load(f.cells_row(j, t, b));
  const int64_t stride = l.gate_stride(j);
  const float* gates = f.gates_row(j, t, b);
  for (int i = 0; i < 3; i++) {
    const int64_t at = (i < 2 ? i : 3) * stride;
    Simd::F gradient;
    if constexpr (Product::kPerWord == 1) {
      gradient = load_lanes(gates + at, static_cast<int>(stride < kLanes ? stride : kLanes));
    } else {
      gradient = load_halves(reinterpret_cast<const uint16_t*>(gates) + at);
    }
    sum[i] = Simd::fma(gradient, i < 2 ? c_before : c, sum[i]);
  }
}

/// The sums of dp of block j over a run.
static void peephole_gradient(const BackwardLayer& g, int64_t j, const RunWords& run) {
  const RecurrentLayout& l = *g.f.layout;
  if (g.dp == nullptr) {
    return;
  }
  alignas(64) float total[kTileVectors * Simd::kLanes];
  sum_run(run, 3, g.dp_sums + j * l.peephole_width, l.blocks * l.peephole_width, total,
          [&](int64_t k, Simd::F(&sum)[kTileVectors]) {
            const int64_t row = row_at(g.f, k);
            for (int i = 0; i < Product::kPerWord; i++) {
              add_peepholes(g, j, row + i, sum);
            }
          });
  for (int64_t i = 0; i < l.peephole_width && run.last; i++) {
    const int64_t unit = j * l.block_units + i % l.block_units;
    if (unit < l.hidden) {
      g.dp[i / l.block_units * l.hidden + unit] += total[i];
    }
  }
}

/// The gradient of block j's rows of Wx (or Wh) over a segment, but for where the gates' gradients
/// lie.
static WeightGradient weight_gradient_of(const BackwardLayer& g, int64_t j, bool of_x) {
  const RecurrentLayout& l = *g.f.layout;
  WeightGradient w{};
  w.count = segment_words(g.f);
  w.panels = of_x ? g.x_panels : g.h_panels;
  w.columns = of_x ? g.f.input : l.hidden;
  w.sums_row = l.panels_of(w.columns) * l.lanes;
  const int64_t part = of_x ? l.dwx_part() : l.dwh_part();
  w.sums = (of_x ? g.dwx_sums : g.dwh_sums) + j * (of_x ? l.x_width : l.h_width) * w.sums_row;
  w.open = w.sums + part;
  w.high = l.open_runs ? w.open + part : w.open;
  w.low = w.high + part;
  w.dw = of_x ? g.dwx : g.dwh;
  w.first_gate = of_x ? l.order.x_begin : l.order.h_begin;
  w.end_gate = of_x ? l.order.x_end : l.order.h_end;
  return w;
}

static void segment_weight_gradients(const BackwardLayer& g, int64_t j) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  const float* gates;
  int64_t stride = l.width;
  if constexpr (Product::kPerWord == 1) {
    int64_t row = row_at(f, 0);
    gates = f.gates_row(j, row / l.batch, row % l.batch);
    stride = f.reverse ? l.width : -l.width;
  } else {
    float* pairs = g.pairs + j * l.pairs_block();
    pair_gradients(g, j, pairs);
    gates = pairs;
  }
  WeightGradient x = weight_gradient_of(g, j, true);
  WeightGradient h = weight_gradient_of(g, j, false);
  x.gates = gates + l.order.x_begin * l.block_units;
  h.gates = gates + l.order.h_begin * l.block_units;
  x.gates_stride = h.gates_stride = stride;
  for (int64_t k = 0; k < x.count;) {
    const RunWords run = run_at(f, k);
    if (!f.skips) {
      weight_gradient(l, x, run, j);
    }
    weight_gradient(l, h, run, j);
    bias_gradient(g, j, run, gates, stride);
    peephole_gradient(g, j, run);
    k = run.end;
  }
}

/// One row of dx for some panels of columns, from sums [vectors][lanes].
static void store_input_gradient(const ForwardLayer& f, float* dx, int64_t row, int64_t panel,
                                 int vectors, const float* sums, bool add) {
  constexpr int kLanes = Simd::kLanes;
  for (int n = 0; n < vectors; n++) {
    int64_t left = f.input - (panel + n) * kLanes;
    int valid = static_cast<int>(left < kLanes ? left : kLanes);
    float* at = dx + row * f.input + (panel + n) * kLanes;
    Simd::F v = Simd::load(sums + n * kLanes);
    Simd::store_first(at, add ? Simd::add(Simd::load_first(at, valid), v) : v, valid);
  }
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
  tile.segment_distance = g.gradient_distance();
  tile.panel = l.dx_panel_size();
  tile.from = nullptr;
  tile.from_distance = 0;
  tile.plus = nullptr;
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
        rows[r] = g.gradient_row((row + r) / l.batch, (row + r) % l.batch) +
                  l.order.x_begin * l.block_units / Product::kPerWord;
      }
      bool direct = whole && !add;
      tile.to = direct ? to : local;
      tile.to_distance = direct ? f.input : vectors * kLanes;
      run_tile(height, vectors, tile);
      for (int r = 0; r < height && !direct; r++) {
        store_input_gradient(f, dx, row + r, p, vectors, local + r * vectors * kLanes, add);
      }
    }
  }
}

#endif  // GATEFOLD_RECURRENT_GRADIENTS_H
