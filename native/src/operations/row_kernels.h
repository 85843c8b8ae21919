/// Sums of rows that are picked. Included inside an instruction set's namespace by
/// windows_level.cpp.
#ifndef GATEFOLD_ROW_KERNELS_H
#define GATEFOLD_ROW_KERNELS_H

#include "simd/simd_lanes.h"

/// Columns whose sums are held at a time.
constexpr int64_t kSummedColumns = 64;

static void add_rows(int64_t count, const int32_t* positions, int64_t width, const float* rows,
                     float* sum) {
  if (count == 1) {
    const float* row = rows + positions[0] * width;
    for_vectors(width, [&](int64_t i, int lanes) {
      store_lanes(sum + i, Simd::add(load_lanes(sum + i, lanes), load_lanes(row + i, lanes)),
                  lanes);
    });
    return;
  }
  for (int64_t from = 0; from < width; from += kSummedColumns) {
    const int64_t some = width - from < kSummedColumns ? width - from : kSummedColumns;
    double sums[kSummedColumns] = {};
    for (int64_t n = 0; n < count; n++) {
      const float* row = rows + positions[n] * width + from;
      if (some == kSummedColumns) {  // a count that the compiler knows
        for (int64_t d = 0; d < kSummedColumns; d++) {
          sums[d] += static_cast<double>(row[d]);
        }
      } else {
        for (int64_t d = 0; d < some; d++) {
          sums[d] += static_cast<double>(row[d]);
        }
      }
    }
    for (int64_t d = 0; d < some; d++) {
      sum[from + d] += static_cast<float>(sums[d]);
    }
  }
}

#endif  // GATEFOLD_ROW_KERNELS_H
