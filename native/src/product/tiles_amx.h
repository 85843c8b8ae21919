/// The tile registers of AMX. Included at the level amx only.
///
/// Eight registers of up to 16 rows of 64 bytes: 0 to 3 for sums (rows x 16 floats), 4 and 5 for
/// rows of words (rows x depth), 6 and 7 for packed weights (depth x 16 words). A thread has them
/// from configure() to release(); without, the system saves 8 KiB more whenever it takes the thread
/// off its processor. Instructions are written out because their intrinsics do not tell the
/// compiler that they read memory (GCC 12).
#ifndef GATEFOLD_TILES_AMX_H
#define GATEFOLD_TILES_AMX_H

#include <cstdint>

#include "simd/simd_avx512.h"

namespace gatefold {
namespace avx512 {

struct TileRegisters {
  /// Rows of sums and words of a group of k, 1 to 16 of either; what the tiles held is lost.
  static GF_INLINE void configure(int rows, int depth) {
    struct alignas(64) {
      uint8_t palette;
      uint8_t start_row;
      uint8_t reserved[14];
      uint16_t row_bytes[16];
      uint8_t rows[16];
    } all = {};
    all.palette = 1;
    for (int i = 0; i < 8; i++) {
      all.rows[i] = static_cast<uint8_t>(i < 6 ? rows : depth);
      all.row_bytes[i] = static_cast<uint16_t>(4 * (i == 4 || i == 5 ? depth : 16));
    }
    asm volatile("ldtilecfg %0" : : "m"(all));
  }
  static GF_INLINE void release() { asm volatile("tilerelease" : : : "memory"); }

  template <int T>
  static GF_INLINE void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(T));
  }
  /// distance: floats from row to row.
  template <int T>
  static GF_INLINE void load(const float* from, int64_t distance) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2"
                 :
                 : "r"(from), "r"(4 * distance), "i"(T)
                 : "memory");
  }
  template <int T>
  static GF_INLINE void store(float* to, int64_t distance) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)"
                 :
                 : "r"(to), "r"(4 * distance), "i"(T)
                 : "memory");
  }
  /// Sums += A * B: per group, the products of the low and of the high halves are summed apart,
  /// each with one rounding per step, then added to each other and to the sum; subnormal numbers
  /// count as zeros (Intel, Software Developer's Manual, TDPBF16PS).
  template <int Sums, int A, int B>
  static GF_INLINE void dot() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sums), "i"(A), "i"(B));
  }
};

}  // namespace avx512
}  // namespace gatefold

#endif  // GATEFOLD_TILES_AMX_H
