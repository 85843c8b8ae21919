/// General matrix products on the register tile. Included inside an instruction set's namespace by
/// gemm_level.cpp.
#ifndef GATEFOLD_GEMM_KERNELS_H
#define GATEFOLD_GEMM_KERNELS_H

#include "product/few_rows.h"
#include "product/image_panels.h"
#include "product/image_rows.h"
#include "product/tile_product.h"
#include "simd/pair_columns.h"
#include "simd/simd_lanes.h"

// Panels of this depth stay in the L2 cache while all rows of a task pass over them. One float sums
// up so many k; so many such sums are added up in one float before that is added to a pair of
// floats.
constexpr int64_t kGemmDepth = 1024;
constexpr int64_t kGemmFold = 64;
constexpr int64_t kGemmRowsPerTask = 8 * kTileRows;

/// k of which copies of A by columns are kept for all panels, with which they share the L2 cache.
constexpr int64_t kCopiedDepth = 2048;

/// k that are packed of one panel of B before the next.
constexpr int64_t kPackedRows = 16;

static int64_t gemm_scratch(int64_t n, int64_t k) {
  return (n + Simd::kLanes - 1) / Simd::kLanes * Simd::kLanes * k;
}

/// to[k][lane] = from[lane][k] for `depth` <= kLanes k of `valid` <= kLanes rows; zeros in the
/// other lanes.
static GF_INLINE void pack_square(const float* from, int64_t distance, int valid, int depth,
                                  float* to) {
  constexpr int kLanes = Simd::kLanes;
  Simd::F square[kLanes];
#pragma GCC unroll 16
  for (int lane = 0; lane < kLanes; lane++) {
    const float* row = from + lane * distance;
    square[lane] = lane >= valid     ? Simd::zero()
                   : depth == kLanes ? Simd::load(row)
                                     : Simd::load_first(row, depth);
  }
  Simd::transpose(square);
#pragma GCC unroll 16
  for (int i = 0; i < depth; i++) {
    Simd::store(to + i * kLanes, square[i]);
  }
}

static void pack_b_transposed(const GemmCall& call, int64_t panel) {
  constexpr int kLanes = Simd::kLanes;
  float* to = call.scratch + panel * call.k * kLanes;
  int64_t column = panel * kLanes;
  int valid = static_cast<int>(call.n - column < kLanes ? call.n - column : kLanes);
  const float* from = call.b + column * call.b_distance;
  int64_t k = 0;
  for (; k + kLanes <= call.k; k += kLanes) {
    pack_square(from + k, call.b_distance, valid, kLanes, to + k * kLanes);
  }
  if (k < call.k) {
    pack_square(from + k, call.b_distance, valid, static_cast<int>(call.k - k), to + k * kLanes);
  }
}

/// Panels of B as it is: some k of all of them before the next k, so that every row is read once.
static void pack_b_rows(const GemmCall& call, const Range& panels) {
  constexpr int kLanes = Simd::kLanes;
  for (int64_t first = 0; first < call.k; first += kPackedRows) {
    const int64_t past = first + kPackedRows < call.k ? first + kPackedRows : call.k;
    for (int64_t p = panels.begin; p < panels.end; p++) {
      const int64_t column = p * kLanes;
      const int valid = static_cast<int>(call.n - column < kLanes ? call.n - column : kLanes);
      float* to = call.scratch + p * call.k * kLanes;
      for (int64_t k = first; k < past; k++) {
        Simd::store(to + k * kLanes, load_lanes(call.b + k * call.b_distance + column, valid));
      }
    }
  }
}

static void pack_b(const GemmCall& call, const Range& panels) {
  if (!call.b_transposed) {
    pack_b_rows(call, panels);
    return;
  }
  for (int64_t p = panels.begin; p < panels.end; p++) {
    pack_b_transposed(call, p);
  }
}

/// Adds `count` floats to pairs of floats, or makes the first of them; at last, writes these pairs
/// as floats in their place.
static void fold_sums(bool first, bool last, int64_t count, float* sums, float* high, float* low) {
  for (int64_t i = 0; i < count; i += Simd::kLanes) {
    Simd::F h = Simd::load(sums + i), l = Simd::zero();
    if (!first) {
      Simd::F sum = h;
      h = Simd::load(high + i);
      l = Simd::load(low + i);
      add_to_pair(h, l, sum);
    }
    Simd::store(high + i, h);
    Simd::store(low + i, l);
    if (last) {
      Simd::store(sums + i, pair_total(h, l));
    }
  }
}

/// How many k from k on one float sums up: whole runs where several fit, else no more than one.
static int64_t gemm_depth(const GemmCall& call, int64_t k) {
  const int64_t left = call.k - k;
  int64_t most = kGemmDepth;
  if (call.run > kGemmDepth) {
    const int64_t of_run = call.run - k % call.run;
    most = of_run < kGemmDepth ? of_run : kGemmDepth;
  } else if (call.run > 0) {
    most = kGemmDepth / call.run * call.run;
  }
  return left < most ? left : most;
}

/// A(row, k).
static GF_INLINE const float* gemm_row(const GemmCall& call, int64_t row, int64_t k) {
  const float* from = call.rows == nullptr ? call.a + row * call.a_distance : call.rows[row];
  return call.run == 0 ? from + k : from + k / call.run * call.run_distance + k % call.run;
}

/// Fetches the cache lines of some floats that follow each other.
static GF_INLINE void fetch_row(const float* row, int64_t count) {
  constexpr int64_t kLine = 16;
  for (int64_t i = 0; i < count; i += kLine) {
    Simd::prefetch(row + i);
  }
  Simd::prefetch(row + count - 1);
}

/// Copies [k, kGemmRowsPerTask] of some rows of A, given by columns: these lie a page or a power of
/// two apart. Of all k, if there is room for them, or of those that were asked for last.
struct CopiedRows {
  float* memory;  ///< null: none
  int64_t begin;  ///< the first row of those whose k are all there, or -1

  bool has_all(int64_t first) const { return memory != nullptr && begin == first; }

  static int64_t floats(const GemmCall& call) {
    return (call.k < kCopiedDepth ? call.k : kCopiedDepth) * kGemmRowsPerTask;
  }

  /// A(rows from `first` on, k) for `depth` k.
  const float* copy(const GemmCall& call, int64_t first, int64_t rows, int64_t k, int64_t depth) {
    const bool all = call.k <= kCopiedDepth;
    float* to = memory + (all ? k * kGemmRowsPerTask : 0);
    if (!has_all(first)) {
      const float* from = call.a + k * call.a_distance + first;
      for (int64_t i = 0; i < depth; i++, from += call.a_distance) {
        for_vectors(rows, [&](int64_t r, int lanes) {
          store_lanes(to + i * kGemmRowsPerTask + r, load_lanes(from + r, lanes), lanes);
        });
      }
      begin = all && k + depth == call.k ? first : -1;
    }
    return to;
  }
};

/// Rows [begin, begin+rows) of C in the columns of a few panels.
static void gemm_task(const GemmCall& call, int64_t begin, int64_t rows, int64_t panel, int vectors,
                      CopiedRows& copied) {
  constexpr int kLanes = Simd::kLanes;
  constexpr int64_t kSums = kGemmRowsPerTask * kTileVectors * kLanes;
  alignas(64) float sums[kSums], high[kSums], low[kSums];
  const int64_t distance = vectors * kLanes;
  const bool last_panels = (panel + vectors) * kLanes >= call.n;
  const float* after = last_panels && call.next != nullptr
                           ? call.next
                           : call.scratch + (panel + vectors) * call.k * kLanes;
  TileCut cut(rows);
  const int64_t columns_left = call.n - panel * kLanes;
  const int64_t columns_here = columns_left < distance ? columns_left : distance;
  Upcoming next = Upcoming::none(after);
  const float* a[kTileRows];
  TileSums tile{after, call.k * kLanes, nullptr, 0, nullptr, distance, sums, distance, &next};
  RowsTile by_rows{tile, a, 1, 0, 0, call.run_distance};
  const bool copies = copied.memory != nullptr;
  ColumnsTile by_columns{tile, nullptr, copies ? kGemmRowsPerTask : call.a_distance, 0};
  int64_t done = 0;
  for (int64_t k = 0, depth = 0; k < call.k; k += depth) {
    depth = gemm_depth(call, k);
    const float* w = call.scratch + (panel * call.k + k) * kLanes;
    const bool starts = done % kGemmFold == 0;
    next =
        Upcoming::spread(after + k * distance, depth * distance, depth * cut.tiles * kTallPasses);
    by_rows.w = by_columns.w = w;
    by_rows.run = call.run == 0 || call.run > depth ? depth : call.run;
    by_rows.segments = (depth + by_rows.run - 1) / by_rows.run;
    by_rows.last_run = depth - (by_rows.segments - 1) * by_rows.run;
    by_columns.count = depth;
    const float* columns = copies              ? copied.copy(call, begin, rows, k, depth)
                           : call.a_by_columns ? call.a + k * call.a_distance + begin
                                               : nullptr;
    for (int64_t i = 0; i < cut.tiles; i++) {
      int height = cut.height(i);
      int64_t row = begin + cut.begin(i);
      float* to = sums + cut.begin(i) * distance;
      if (k == 0) {  // so that writing the rows waits for nothing
        for (int r = 0; r < height; r++) {
          fetch_row(call.c + (row + r) * call.c_distance + panel * kLanes, columns_here);
        }
      }
      if (call.a_by_columns) {
        by_columns.a = columns + cut.begin(i);
        by_columns.plus = starts ? nullptr : to;
        by_columns.to = to;
        run_tile(height, vectors, by_columns);
      } else {
        for (int r = 0; r < height; r++) {
          a[r] = gemm_row(call, row + r, k);
        }
        by_rows.plus = starts ? nullptr : to;
        by_rows.to = to;
        run_tile(height, vectors, by_rows);
      }
    }
    done++;
    const bool last = k + depth >= call.k;
    if (done % kGemmFold == 0 || (done > kGemmFold && last)) {
      fold_sums(done == kGemmFold, last, rows * distance, sums, high, low);
    }
  }
  for (int64_t r = 0; r < rows; r++) {
    float* c = call.c + (begin + r) * call.c_distance + panel * kLanes;
    for (int n = 0; n < vectors; n++) {
      int64_t column = (panel + n) * kLanes;
      int valid = static_cast<int>(call.n - column < kLanes ? call.n - column : kLanes);
      Simd::F v = Simd::load(sums + r * distance + n * kLanes);
      if (call.bias != nullptr) {
        v = Simd::add(v, load_lanes(call.bias + column, valid));
      }
      if (call.row_bias != nullptr) {
        v = Simd::add(v, Simd::set1(call.row_bias[begin + r]));
      }
      if (call.add) {
        v = Simd::add(load_lanes(c + n * kLanes, valid), v);
      }
      store_lanes(c + n * kLanes, v, valid);
    }
  }
}

/// The panels of a group: about as many in each where a tile of any width keeps all its sums in
/// registers, else as many as a tile takes, so that all passes but the last are whole.
static Range panels_of(int64_t group, int64_t groups, int64_t panels) {
  if constexpr (kTallPasses == 1) {
    return part_of(panels, group, groups);
  }
  const int64_t end = (group + 1) * kTileVectors;
  return {group * kTileVectors, end < panels ? end : panels};
}

static void column_sums(const float* a, int64_t distance, int64_t m, const float* weights,
                        int64_t begin, int64_t end, float* sums) {
  auto seen = [=](int64_t row, int64_t column, int lanes) {
    return load_lanes(a + row * distance + column, lanes);
  };
  if (weights == nullptr) {
    add_columns(m, begin, end, sums, [=](Simd::F part, int64_t row, int64_t column, int lanes) {
      return Simd::add(part, seen(row, column, lanes));
    });
    return;
  }
  add_columns(m, begin, end, sums, [=](Simd::F part, int64_t row, int64_t column, int lanes) {
    return Simd::fma(Simd::set1(weights[row]), seen(row, column, lanes), part);
  });
}

static void gemm(const GemmCall& call, const Team& team) {
  if (has_few_rows(call)) {
    few_rows(call, team);
    return;
  }
  int64_t panels = (call.n + Simd::kLanes - 1) / Simd::kLanes;
  if (!call.packed) {
    pack_b(call, part_of(panels, team.rank, team.size));
    team_barrier(team);
  }
  int64_t groups = (panels + kTileVectors - 1) / kTileVectors;
  int64_t row_tasks = (call.m + kGemmRowsPerTask - 1) / kGemmRowsPerTask;
  Range tasks = part_of(groups * row_tasks, team.rank, team.size);
  CopiedRows copied{nullptr, -1};
  if (call.a_by_columns && call.m > kTileRows) {  // without memory they are read where they lie
    copied.memory = scratch(ScratchUse::kColumns, CopiedRows::floats(call));
  }
  for (int64_t task = tasks.begin; task < tasks.end; task++) {
    // Rows that are copied meet all panels one after the other.
    const int64_t group = call.a_by_columns ? task % groups : task / row_tasks;
    const int64_t row_task = call.a_by_columns ? task / groups : task % row_tasks;
    const Range columns = panels_of(group, groups, panels);
    int64_t begin = row_task * kGemmRowsPerTask;
    int64_t rows = call.m - begin < kGemmRowsPerTask ? call.m - begin : kGemmRowsPerTask;
    gemm_task(call, begin, rows, columns.begin, static_cast<int>(columns.end - columns.begin),
              copied);
    if (call.a_sums != nullptr && group == 0) {
      const bool at_hand = copied.has_all(begin);
      column_sums(at_hand ? copied.memory : call.a + begin,
                  at_hand ? kGemmRowsPerTask : call.a_distance, call.k, nullptr, 0, rows,
                  call.a_sums + begin);
    }
  }
}

#endif  // GATEFOLD_GEMM_KERNELS_H
