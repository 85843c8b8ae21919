/// General matrix products on the register tile. Included inside an instruction set's namespace by
/// gemm_level.cpp.
#ifndef GATEFOLD_GEMM_KERNELS_H
#define GATEFOLD_GEMM_KERNELS_H

#include "product/tile_product.h"

// Panels of this depth stay in the L2 cache while all rows of a task pass over them.
constexpr int64_t kGemmDepth = 1024;
constexpr int64_t kGemmRowsPerTask = 8 * kTileRows;

static int64_t gemm_scratch(int64_t n, int64_t k) {
  return (n + Simd::kLanes - 1) / Simd::kLanes * Simd::kLanes * k;
}

static void pack_b_panel(const GemmCall& call, int64_t panel) {
  constexpr int kLanes = Simd::kLanes;
  float* to = call.scratch + panel * call.k * kLanes;
  int64_t column = panel * kLanes;
  int valid = static_cast<int>(call.n - column < kLanes ? call.n - column : kLanes);
  if (!call.b_transposed) {
    for (int64_t k = 0; k < call.k; k++) {
      Simd::store(to + k * kLanes, Simd::load_first(call.b + k * call.b_distance + column, valid));
    }
    return;
  }
  for (int64_t k = 0; k < call.k; k += kLanes) {
    int64_t depth = call.k - k < kLanes ? call.k - k : kLanes;
    Simd::F square[kLanes];
    for (int64_t lane = 0; lane < kLanes; lane++) {
      const float* row = call.b + (column + lane) * call.b_distance + k;
      square[lane] = lane >= valid     ? Simd::zero()
                     : depth == kLanes ? Simd::load(row)
                                       : Simd::load_first(row, static_cast<int>(depth));
    }
    Simd::transpose(square);
    for (int64_t i = 0; i < depth; i++) {
      Simd::store(to + (k + i) * kLanes, square[i]);
    }
  }
}

/// Rows [begin, begin+rows) of C in the columns of a few panels.
static void gemm_task(const GemmCall& call, int64_t begin, int64_t rows, int64_t panel,
                      int vectors) {
  constexpr int kLanes = Simd::kLanes;
  alignas(64) float sums[kGemmRowsPerTask * kTileVectors * kLanes];
  const int64_t distance = vectors * kLanes;
  const float* after = call.scratch + (panel + vectors) * call.k * kLanes;
  TileCut cut(rows);
  for (int64_t k = 0; k < call.k; k += kGemmDepth) {
    int64_t depth = call.k - k < kGemmDepth ? call.k - k : kGemmDepth;
    const float* w = call.scratch + (panel * call.k + k) * kLanes;
    Upcoming next =
        Upcoming::spread(after + k * distance, depth * distance, depth * cut.tiles * kTallPasses);
    for (int64_t i = 0; i < cut.tiles; i++) {
      int height = cut.height(i);
      int64_t row = begin + cut.begin(i);
      float* to = sums + cut.begin(i) * distance;
      const float* from = k == 0 ? nullptr : to;
      const TileSums tile{w, call.k * kLanes, from, distance, to, distance, &next};
      if (call.a_by_columns) {
        run_tile(height, vectors,
                 ColumnsTile{tile, call.a + k * call.a_distance + row, call.a_distance, depth});
      } else {
        const float* a[kTileRows];
        for (int r = 0; r < height; r++) {
          a[r] = call.a + (row + r) * call.a_distance + k;
        }
        run_tile(height, vectors, RowsTile{tile, a, 1, depth, depth, 0});
      }
    }
  }
  for (int64_t r = 0; r < rows; r++) {
    float* c = call.c + (begin + r) * call.c_distance + panel * kLanes;
    for (int n = 0; n < vectors; n++) {
      int64_t column = (panel + n) * kLanes;
      int valid = static_cast<int>(call.n - column < kLanes ? call.n - column : kLanes);
      Simd::F v = Simd::load(sums + r * distance + n * kLanes);
      if (call.bias != nullptr) {
        v = Simd::add(v, Simd::load_first(call.bias + column, valid));
      }
      if (call.add) {
        v = Simd::add(Simd::load_first(c + n * kLanes, valid), v);
      }
      Simd::store_first(c + n * kLanes, v, valid);
    }
  }
}

static void gemm(const GemmCall& call, const Team& team) {
  int64_t panels = (call.n + Simd::kLanes - 1) / Simd::kLanes;
  Range packed = part_of(panels, team.rank, team.size);
  for (int64_t p = packed.begin; p < packed.end; p++) {
    pack_b_panel(call, p);
  }
  team_barrier(team);
  int64_t groups = (panels + kTileVectors - 1) / kTileVectors;
  int64_t row_tasks = (call.m + kGemmRowsPerTask - 1) / kGemmRowsPerTask;
  Range tasks = part_of(groups * row_tasks, team.rank, team.size);
  for (int64_t task = tasks.begin; task < tasks.end; task++) {
    int64_t panel = task / row_tasks * kTileVectors;
    int64_t begin = task % row_tasks * kGemmRowsPerTask;
    int64_t rows = call.m - begin < kGemmRowsPerTask ? call.m - begin : kGemmRowsPerTask;
    int vectors = static_cast<int>(panels - panel < kTileVectors ? panels - panel : kTileVectors);
    gemm_task(call, begin, rows, panel, vectors);
  }
}

static void column_sums(const float* a, int64_t distance, int64_t m, int64_t begin, int64_t end,
                        float* sums) {
  constexpr int kLanes = Simd::kLanes;
  for (int64_t c = begin; c < end; c += kLanes) {
    int valid = static_cast<int>(end - c < kLanes ? end - c : kLanes);
    Simd::F sum = Simd::zero();
    for (int64_t r = 0; r < m; r++) {
      sum = Simd::add(sum, Simd::load_first(a + r * distance + c, valid));
    }
    Simd::store_first(sums + c, Simd::add(Simd::load_first(sums + c, valid), sum), valid);
  }
}

#endif  // GATEFOLD_GEMM_KERNELS_H
