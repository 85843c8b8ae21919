/// The steps and segments of recurrent layers on tile registers (register_tiles.h), in place of
/// those on vectors. Included inside an instruction set's namespace, after its Product is named.
///
/// Rows of a tile lie at equal distances, so rows of a step that are not valid are multiplied with
/// the others, as far as they stand between two valid ones, and nothing becomes of their sums.
#ifndef GATEFOLD_RECURRENT_TILES_H
#define GATEFOLD_RECURRENT_TILES_H

#include "product/register_tiles.h"

/// The gradients of block j over a segment as tiles of A: [vector of lanes][group of words][lane]
/// [word of the group]; zeros for rows beyond the segment.
static void tile_gradients(const BackwardLayer& g, int64_t j, float* to) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  const int64_t count = segment_words(f);
  const int64_t end = f.time_end * l.batch;
  for (int64_t k = 0; k < count; k += kTileSide) {
    for (int64_t v = 0; v < l.width / kTileSide; v++) {
      Simd::F square[kTileSide];
      for (int64_t i = 0; i < kTileSide; i++) {
        int64_t row = row_at(f, k + i);
        if (row >= end) {
          square[i] = Simd::zero();
          continue;
        }
        const uint16_t* first = reinterpret_cast<const uint16_t*>(f.gates_row(j, 0, 0)) +
                                2 * row * l.width + v * kTileSide;
        Simd::F word = (Simd::F)((Bits)load_halves(first) >> 16);
        if (has_partner(f, row)) {
          word = (Simd::F)((Bits)word | (Bits)load_halves(first + 2 * l.width));
        }
        square[i] = word;
      }
      Simd::transpose(square);
      for (int64_t i = 0; i < kTileSide; i++) {
        Simd::store(to + (v * count + k) * kTileSide + i * kTileSide, square[i]);
      }
    }
  }
}

/// The sums of db over a run, from the rounded gradients, row by row.
static void tile_bias_gradient(const BackwardLayer& g, int64_t j, const RunWords& run) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  const int64_t end = f.time_end * l.batch;
  const int64_t vectors = l.width / Simd::kLanes;
  const uint16_t* gates = reinterpret_cast<const uint16_t*>(f.gates_row(j, 0, 0));
  bias_gradient(g, j, run, vectors, [&](int64_t k, Simd::F(&sum)[kTileVectors]) {
    const int64_t row = row_at(f, k);
    if (row >= end) {
      return;
    }
    const uint16_t* first = gates + 2 * row * l.width;
    for (int v = 0; v < vectors; v++) {
      sum[v] = Simd::add(sum[v], load_halves(first + v * Simd::kLanes));
      if (has_partner(f, row)) {
        sum[v] = Simd::add(sum[v], load_halves(first + 2 * l.width + v * Simd::kLanes));
      }
    }
  });
}

/// The tile of a weight gradient whose run is complete, from the run's own sums.
static void close_tile(const RecurrentLayout& l, const WeightGradient& w, const RunWords& run,
                       int64_t j, const WeightTile& t, float* sums) {
  constexpr int kLanes = Simd::kLanes;
  for (int r = 0; r < t.height; r++) {
    for (int n = 0; n < t.vectors; n++) {
      float* own = sums + (r * t.vectors + n) * kLanes;
      float* all = w.sums + t.at + r * w.sums_row + n * kLanes;
      Simd::F sum = Simd::load(own);
      sum = run.starts ? sum : Simd::add(Simd::load(all), sum);
      Simd::store(run.last ? own : all, sum);
    }
  }
  if (run.last) {
    add_to_weights(l, w, run, j, t, sums);
  } else if (run.folds) {
    fold_weights(w, run, t);
  }
}

/// One block's rows of a weight gradient over a run. w.gates: tiles as tile_gradients() leaves
/// them, from the operand's first gate on; w.gates_stride: from vector to vector of lanes.
static void tile_weight_gradient(const RecurrentLayout& l, const WeightGradient& w,
                                 const RunWords& run, int64_t j, int64_t lane_vectors) {
  alignas(64) float local[2 * kTileSide * 2 * kTileSide];
  const int64_t panels = l.panels_of(w.columns);
  TileFetch fetch = TileFetch::none(w.panels);
  for (int64_t p = 0; p < panels; p += 2) {
    const int64_t vectors = panels - p < 2 ? 1 : 2;
    for (int64_t v = 0; v < lane_vectors; v += 2) {
      const int64_t tiles = lane_vectors - v < 2 ? 1 : 2;
      TileGroups t{w.gates + v * w.gates_stride + run.begin * kTileSide,
                   kTileSide,
                   w.gates_stride,
                   kTileFloats,
                   w.panels + (p * w.count + run.begin) * kTileSide,
                   kTileSide,
                   w.count * kTileSide,
                   kTileFloats,
                   (run.end - run.begin) / kTileSide};
      float* open = w.open + v * kTileSide * w.sums_row + p * kTileSide;
      const float* from = run.opens ? nullptr : open;
      float* to = run.closes ? local : open;
      const int64_t to_row = run.closes ? vectors * kTileSide : w.sums_row;
      if (tiles == 2) {
        load_square(from, w.sums_row, kTileSide * w.sums_row, vectors);
        if (vectors == 2) {
          add_square<true, true>(t, fetch);
        } else {
          add_square<true, false>(t, fetch);
        }
        store_square(to, to_row, kTileSide * to_row, vectors);
      } else {
        load_line(from, w.sums_row, vectors);
        if (vectors == 2) {
          add_line<0, 2>(t, fetch);
        } else {
          add_line<0, 1>(t, fetch);
        }
        store_line(to, to_row, vectors);
      }
      for (int64_t i = 0; i < tiles && run.closes; i++) {
        int64_t lane = (v + i) * kTileSide;
        int64_t height = l.hidden - j * l.block_units - lane % l.block_units;
        height = height < kTileSide ? height : kTileSide;
        if (height > 0) {
          const WeightTile one{lane, static_cast<int>(height), p * kTileSide,
                               static_cast<int>(vectors), lane * w.sums_row + p * kTileSide};
          close_tile(l, w, run, j, one, local + i * kTileSide * to_row);
        }
      }
    }
  }
}

/// What of the time loops and segments multiplies, for one cell.
template <class Cell>
struct TileSteps {
  static constexpr int kUV = Cell::kUnitVectors;
  static constexpr int kVectors = Cell::kGates * kUV;
  static constexpr int kWidth = kVectors * kTileSide;
  static constexpr int kXBegin = Cell::kXBegin * kUV, kXEnd = Cell::kXEnd * kUV;
  static constexpr int kHBegin = Cell::kHBegin * kUV, kHEnd = Cell::kHEnd * kUV;
  static_assert(kVectors == 4, "four sums at a time");

  /// Words of a group in products over gates: what divides the gates that an operand feeds.
  static constexpr int run_of(int vectors) { return vectors * kTileSide / 2; }
  static constexpr int depth_of(int run) { return run % kTileSide == 0 ? kTileSide : 12; }
  static constexpr int kXRun = run_of(kXEnd - kXBegin), kHRun = run_of(kHEnd - kHBegin);
  static constexpr int kXDepth = depth_of(kXRun), kHDepth = depth_of(kHRun);
  static_assert(kXRun % kXDepth == 0 && kHRun % kHDepth == 0, "groups are whole");

  /// Rows of one operand of the forward pass: x or h before a step.
  struct Operand {
    const float* rows;  ///< of the first tile's first row
    int64_t words;
    const float* weights;  ///< [words][vectors fed][lanes]
  };

  template <int Begin, int End>
  static GF_INLINE TileGroups groups_of(const Operand& o, int64_t second, int first_vector) {
    constexpr int kFed = End - Begin;
    return {o.rows,
            o.words,
            second * o.words,
            kTileSide,
            o.weights + (first_vector - Begin) * kTileSide,
            kFed * kTileSide,
            kTileSide,
            kFed * kTileFloats,
            o.words / kTileSide};
  }

  /// Adds an operand that feeds vectors [Begin, End) to vectors V and V+1 of two tiles of rows.
  template <int Begin, int End, int V>
  static GF_INLINE void add_to_square(const Operand& o, int64_t second, TileFetch& fetch) {
    constexpr bool kFirst = V >= Begin && V < End;
    constexpr bool kSecond = V + 1 >= Begin && V + 1 < End;
    add_square<kFirst, kSecond>(groups_of<Begin, End>(o, second, V), fetch);
  }

  template <int Begin, int End>
  static GF_INLINE void add_to_line(const Operand& o, TileFetch& fetch) {
    add_line<Begin, End>(groups_of<Begin, End>(o, 0, Begin), fetch);
  }

  /// Sums of one block for one or two tiles of rows. They begin as `from` (from_row 0: the same
  /// for all rows) and take the product with x, with h, or both, where these are not null.
  static void block_sums(int64_t tiles, const float* from, int64_t from_row, const Operand& x,
                         const Operand& h, int64_t second, float* to, int64_t to_row,
                         int64_t to_second, TileFetch& fetch) {
    if (tiles == 1) {
      load_line(from, from_row, kVectors);
      if (x.rows != nullptr) {
        add_to_line<kXBegin, kXEnd>(x, fetch);
      }
      if (h.rows != nullptr) {
        add_to_line<kHBegin, kHEnd>(h, fetch);
      }
      store_line(to, to_row, kVectors);
      return;
    }
    load_square(from, from_row, second * from_row, 2);
    if (x.rows != nullptr) {
      add_to_square<kXBegin, kXEnd, 0>(x, second, fetch);
    }
    if (h.rows != nullptr) {
      add_to_square<kHBegin, kHEnd, 0>(h, second, fetch);
    }
    store_square(to, to_row, to_second, 2);
    load_square(from + 2 * kTileSide, from_row, second * from_row, 2);
    if (x.rows != nullptr) {
      add_to_square<kXBegin, kXEnd, 2>(x, second, fetch);
    }
    if (h.rows != nullptr) {
      add_to_square<kHBegin, kHEnd, 2>(h, second, fetch);
    }
    store_square(to + 2 * kTileSide, to_row, to_second, 2);
  }

  /// Bias and input product of rows [begin, end) of [T*B], ahead of their steps; `slots` holds
  /// those from row `origin` on.
  static void input_of_rows(const ForwardLayer& f, const Part& part, int64_t origin, int64_t begin,
                            int64_t end) {
    const RecurrentLayout& l = *f.layout;
    TileRows cut(begin, end);
    Tiles::configure(static_cast<int>(cut.height), kTileSide);
    for (int64_t j = part.block_begin; j < part.block_end; j++) {
      const float* block = f.blocks + j * f.block_size;
      for (int64_t i = 0; i < cut.tiles; i += 2) {
        const TileRows::Pair pair = cut.pair(i);
        Operand x{f.x_rows + (pair.row - f.words_origin * l.batch) * f.x_words, f.x_words,
                  block + l.block_x()};
        Operand h{nullptr, 0, nullptr};
        TileFetch fetch = TileFetch::none(block);
        block_sums(pair.tiles, block, 0, x, h, pair.second, f.ahead_row(j, 0, pair.row - origin),
                   l.width, pair.second * l.width, fetch);
      }
    }
  }

  /// The cell for those of `rows` before row `end`; sums: [row - begin][width]. rows: the next one,
  /// advanced.
  static GF_INLINE void finish_sums(const ForwardLayer& f, int64_t j, int64_t begin, int64_t end,
                                    const float* sums, const StepRow*& rows,
                                    const StepRow* rows_end) {
    RowSums at[kTileRows];
    while (rows != rows_end && rows->row < end) {
      int count = 0;
      for (; count < kTileRows && rows != rows_end && rows->row < end; rows++) {
        at[count++] = {j, rows, sums + (rows->row - begin) * kWidth};
      }
      finish_rows<Cell>(f, count, at);
    }
  }

  /// Steps [first, second) of those that stand in `ahead` at step number `index`.
  static Range steps_ahead(const ForwardLayer& f, int64_t index) {
    const int64_t ahead = f.layout->ahead;
    const int64_t steps = f.time_end - f.time_begin;
    const int64_t first = index - index % ahead;
    const int64_t end = first + ahead < steps ? first + ahead : steps;
    const int64_t least = f.time_of(f.reverse ? end - 1 : first);
    return {least, least + end - first};
  }

  /// Bias and input product of the steps from number `index` on, as many as `ahead` takes.
  static void input_ahead(const ForwardLayer& f, const Part& part, int64_t index) {
    const int64_t batch = f.layout->batch;
    const Range steps = steps_ahead(f, index);
    const int64_t origin = steps.begin * batch;
    if (part.row_end - part.row_begin == batch) {
      input_of_rows(f, part, origin, origin, steps.end * batch);
      return;
    }
    for (int64_t t = steps.begin; t < steps.end; t++) {
      input_of_rows(f, part, origin, t * batch + part.row_begin, t * batch + part.row_end);
    }
  }

  /// One step of some valid rows; with_h: false if h is zero for all of them.
  static void step_rows(const ForwardLayer& f, const Part& part, int64_t index, const StepRow* rows,
                        int count, bool with_h) {
    const RecurrentLayout& l = *f.layout;
    const int64_t t = f.time_of(index);
    const int64_t ahead_origin = f.ahead == nullptr ? 0 : steps_ahead(f, index).begin * l.batch;
    const TileRows cut(rows[0].row, rows[count - 1].row + 1);
    alignas(64) float sums[2 * kTileSide * kWidth];
    Tiles::configure(static_cast<int>(cut.height), kTileSide);
    const int64_t groups = ((f.ahead == nullptr ? f.x_words : 0) + (with_h ? f.h_words : 0)) /
                           kTileSide * cut.tiles;  // two of rows go through a block twice
    for (int64_t j = part.block_begin; j < part.block_end; j++) {
      const float* block = f.blocks + j * f.block_size;
      const float* after = f.blocks + f.block_after(part, j) * f.block_size;
      const int64_t skipped = f.ahead == nullptr ? 0 : f.block_h(j);
      TileFetch fetch = TileFetch::spread(after + skipped, f.block_size - skipped, groups);
      const StepRow* unfinished = rows;
      for (int64_t i = 0; i < cut.tiles; i += 2) {
        const TileRows::Pair pair = cut.pair(i);
        const float* from = block;
        int64_t from_row = 0;
        Operand x{nullptr, 0, nullptr};
        Operand h{nullptr, 0, nullptr};
        if (f.ahead != nullptr) {
          from = f.ahead_row(j, 0, t * l.batch + pair.row - ahead_origin);
          from_row = l.width;
        } else {
          x = {f.x_row(t, pair.row), f.x_words, block + l.block_x()};
        }
        if (with_h) {
          h = {f.h_row(t, pair.row), f.h_words, block + f.block_h(j)};
        }
        block_sums(pair.tiles, from, from_row, x, h, pair.second, sums, kWidth,
                   pair.second * kWidth, fetch);
        finish_sums(f, j, pair.row, pair.end, sums, unfinished, rows + count);
      }
    }
  }

  /// dh of a pair of tiles and some panels of units; a: of the first row, in block 0.
  static GF_INLINE void recurrent_gradient(const BackwardLayer& g, const float* a,
                                           const TileRows::Pair& pair, int64_t panel,
                                           int64_t vectors, float* to) {
    const RecurrentLayout& l = *g.f.layout;
    PanelProduct p{a + Cell::kHBegin * l.block_units / 2,
                   l.width,
                   pair.second * l.width,
                   l.blocks,
                   g.f.gates_block,
                   kHRun / kHDepth,
                   g.dh_panels + panel * l.dh_panel_size(),
                   l.dh_panel_size(),
                   to,
                   vectors * kTileSide,
                   pair.second * vectors * kTileSide};
    run_panels<kHDepth>(p, pair.tiles, vectors);
  }

  /// The cell's backward for those of `rows` before row `end`; dh: [row - begin][vectors], or null
  /// for zeros. rows: the next one, advanced.
  static void finish_gradients(const BackwardLayer& g, int64_t begin, int64_t end, int64_t panel,
                               int64_t vectors, const float* dh, const BackwardRow*& rows,
                               const BackwardRow* rows_end) {
    const int64_t row = vectors * kTileSide;
    alignas(64) float zeros[kTileRows * kTileVectors * kTileSide];
    if (dh == nullptr) {
      for (float& zero : zeros) {
        zero = 0.0f;
      }
    }
    while (rows != rows_end && rows->row < end) {  // runs of rows that follow each other
      const BackwardRow* first = rows++;
      while (rows != rows_end && rows - first < kTileRows && rows->row < end &&
             rows->row == rows[-1].row + 1) {
        rows++;
      }
      finish_backward<Cell>(g, first, static_cast<int>(rows - first), panel,
                            static_cast<int>(vectors),
                            dh == nullptr ? zeros : dh + (first->row - begin) * row);
    }
  }

  /// One step of some valid rows, which are all at their last steps, or all are not.
  static void backward_rows(const BackwardLayer& g, const Part& part, int64_t t,
                            const BackwardRow* rows, int count, bool last) {
    alignas(64) float dh[2 * kTileSide * kTileVectors * kTileSide];
    const TileRows cut(rows[0].row, rows[count - 1].row + 1);
    const int64_t panel_end = part.block_end * kUV;
    if (!last) {
      Tiles::configure(static_cast<int>(cut.height), kHDepth);
    }
    for (int64_t p = part.block_begin * kUV; p < panel_end; p += kTileVectors) {
      const int64_t vectors = panel_end - p < kTileVectors ? panel_end - p : kTileVectors;
      const BackwardRow* unfinished = rows;
      if (last) {
        finish_gradients(g, 0, part.row_end, p, vectors, nullptr, unfinished, rows + count);
        continue;
      }
      for (int64_t i = 0; i < cut.tiles; i += 2) {
        const TileRows::Pair pair = cut.pair(i);
        recurrent_gradient(g, g.after_row(t, pair.row), pair, p, vectors, dh);
        finish_gradients(g, pair.row, pair.end, p, vectors, dh, unfinished, rows + count);
      }
    }
  }

  static void initial_gradient(const BackwardLayer& g, const Part& part) {
    const ForwardLayer& f = g.f;
    alignas(64) float dh[2 * kTileSide * kTileVectors * kTileSide];
    if (g.dh0 == nullptr) {
      return;
    }
    auto first_step = [&f](int64_t b) {
      int64_t t = f.reverse ? f.length(b) - 1 : 0;
      return f.length(b) > 0 && t >= f.time_begin && t < f.time_end ? t : -1;
    };
    const int64_t panel_end = part.block_end * kUV;
    for (int64_t b = part.row_begin, end; b < part.row_end; b = end) {
      const int64_t t = first_step(b);
      end = b + 1;
      while (end < part.row_end && first_step(end) == t) {
        end++;
      }
      if (t < 0) {
        continue;
      }
      TileRows cut(b, end);
      Tiles::configure(static_cast<int>(cut.height), kHDepth);
      for (int64_t p = part.block_begin * kUV; p < panel_end; p += kTileVectors) {
        const int64_t vectors = panel_end - p < kTileVectors ? panel_end - p : kTileVectors;
        for (int64_t i = 0; i < cut.tiles; i += 2) {
          const TileRows::Pair pair = cut.pair(i);
          recurrent_gradient(g, f.gates_row(0, t, pair.row), pair, p, vectors, dh);
          for (int64_t r = pair.fresh; r < pair.end; r++) {
            store_initial_gradient<Cell>(g, r, p, static_cast<int>(vectors),
                                         dh + (r - pair.row) * vectors * kTileSide);
          }
        }
      }
    }
  }

  static void weight_gradients(const BackwardLayer& g, int64_t j) {
    const ForwardLayer& f = g.f;
    const RecurrentLayout& l = *f.layout;
    float* tiles = g.pairs + j * l.pairs_block();
    tile_gradients(g, j, tiles);
    Tiles::configure(kTileSide, kTileSide);
    WeightGradient x = weight_gradient_of(g, j, true);
    WeightGradient h = weight_gradient_of(g, j, false);
    x.gates_stride = h.gates_stride = x.count * kTileSide;
    x.gates = tiles + kXBegin * x.gates_stride;
    h.gates = tiles + kHBegin * h.gates_stride;
    for (int64_t k = 0; k < x.count;) {
      const RunWords run = run_at(f, k);
      if (!f.skips) {
        tile_weight_gradient(l, x, run, j, kXEnd - kXBegin);
      }
      tile_weight_gradient(l, h, run, j, kHEnd - kHBegin);
      tile_bias_gradient(g, j, run);
      peephole_gradient(g, j, run);
      k = run.end;
    }
  }

  /// As the function of this name in recurrent_gradients.h.
  static void input_gradient(const BackwardLayer& g, const Team& team, float* dx, bool add) {
    constexpr int64_t kRowsPerTask = 4 * kTileSide;
    const ForwardLayer& f = g.f;
    const RecurrentLayout& l = *f.layout;
    alignas(64) float local[2 * kTileSide * kTileVectors * kTileSide];
    const int64_t panels = l.panels_of(f.input);
    const int64_t groups = (panels + kTileVectors - 1) / kTileVectors;
    const int64_t row_begin = f.time_begin * l.batch;
    const int64_t row_end = f.time_end * l.batch;
    const int64_t row_tasks = (row_end - row_begin + kRowsPerTask - 1) / kRowsPerTask;
    const Range tasks = part_of(groups * row_tasks, team.rank, team.size);
    for (int64_t task = tasks.begin; task < tasks.end; task++) {
      const int64_t p = task / row_tasks * kTileVectors;
      const int64_t vectors = panels - p < kTileVectors ? panels - p : kTileVectors;
      const bool direct = !add && (p + vectors) * kTileSide <= f.input;
      const int64_t begin = row_begin + task % row_tasks * kRowsPerTask;
      TileRows cut(begin, begin + kRowsPerTask < row_end ? begin + kRowsPerTask : row_end);
      Tiles::configure(static_cast<int>(cut.height), kXDepth);
      for (int64_t i = 0; i < cut.tiles; i += 2) {
        const TileRows::Pair pair = cut.pair(i);
        const int64_t to_row = direct ? f.input : vectors * kTileSide;
        PanelProduct product{f.gates + (pair.row - f.time_origin * l.batch) * l.width +
                                 Cell::kXBegin * l.block_units / 2,
                             l.width,
                             pair.second * l.width,
                             l.blocks,
                             f.gates_block,
                             kXRun / kXDepth,
                             g.dx_panels + p * l.dx_panel_size(),
                             l.dx_panel_size(),
                             direct ? dx + pair.row * f.input + p * kTileSide : local,
                             to_row,
                             pair.second * to_row};
        run_panels<kXDepth>(product, pair.tiles, vectors);
        for (int64_t r = pair.fresh; r < pair.end && !direct; r++) {
          store_input_gradient(f, dx, r, p, static_cast<int>(vectors),
                               local + (r - pair.row) * vectors * kTileSide, add);
        }
      }
    }
  }
};

#endif  // GATEFOLD_RECURRENT_TILES_H
