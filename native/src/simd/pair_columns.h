/// Sums of columns over many rows, as pairs of floats. Included inside an instruction set's
/// namespace, after its Simd.
#ifndef GATEFOLD_PAIR_COLUMNS_H
#define GATEFOLD_PAIR_COLUMNS_H

#include "simd/pair_sum.h"
#include "simd/simd_lanes.h"

/// Rows that one float sums up.
constexpr int64_t kSummedRows = 1024;

/// add_columns for kVectors vectors side by side from a column on, each of so many lanes.
template <int kVectors, class Add>
static GF_INLINE void add_columns_from(int64_t column, int64_t rows, int lanes, float* sums,
                                       const Add& add) {
  Simd::F high[kVectors], low[kVectors];
  for (int v = 0; v < kVectors; v++) {
    high[v] = low[v] = Simd::zero();
  }
  for (int64_t first = 0; first < rows; first += kSummedRows) {
    const int64_t past = first + kSummedRows < rows ? first + kSummedRows : rows;
    Simd::F part[kVectors];
    for (int v = 0; v < kVectors; v++) {
      part[v] = Simd::zero();
    }
    for (int64_t row = first; row < past; row++) {
      for (int v = 0; v < kVectors; v++) {
        part[v] = add(part[v], row, column + v * Simd::kLanes, lanes);
      }
    }
    for (int v = 0; v < kVectors; v++) {
      add_to_pair(high[v], low[v], part[v]);
    }
  }
  for (int v = 0; v < kVectors; v++) {
    float* to = sums + column + v * Simd::kLanes;
    const Simd::F old = Simd::load_first(to, lanes);
    Simd::store_first(to, Simd::add(old, pair_total(high[v], low[v])), lanes);
  }
}

/// sums[c] += the sum over all rows of columns [begin, end), four vectors at a time:
/// add(part, row, column, lanes) is `part` with the row's numbers from that column on.
template <class Add>
static GF_INLINE void add_columns(int64_t rows, int64_t begin, int64_t end, float* sums,
                                  const Add& add) {
  constexpr int kSide = 4;
  int64_t c = begin;
  for (; c + kSide * Simd::kLanes <= end; c += kSide * Simd::kLanes) {
    add_columns_from<kSide>(c, rows, Simd::kLanes, sums, add);
  }
  for (; c < end; c += Simd::kLanes) {
    add_columns_from<1>(c, rows, static_cast<int>(end - c < Simd::kLanes ? end - c : Simd::kLanes),
                        sums, add);
  }
}

#endif  // GATEFOLD_PAIR_COLUMNS_H
