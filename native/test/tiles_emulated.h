/// AMX's tile registers in portable code, after Intel's Software Developer's Manual. What the
/// processor would answer with a fault, and sums of shapes that do not fit, end the program.
#ifndef GATEFOLD_TEST_TILES_EMULATED_H
#define GATEFOLD_TEST_TILES_EMULATED_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "simd_emulated.h"

namespace gatefold {
namespace emulated {

class TileRegisters {
 public:
  static void configure(int rows, int depth) {
    require(rows >= 1 && rows <= 16 && depth >= 1 && depth <= 16, "configuration", rows, depth);
    for (int i = 0; i < 8; i++) {
      Tile& tile = tiles[i];
      std::memset(&tile, 0, sizeof tile);
      tile.rows = i < 6 ? rows : depth;
      tile.words = i == 4 || i == 5 ? depth : 16;
    }
  }
  static void release() { std::memset(&tiles, 0, sizeof tiles); }

  template <int T>
  static void zero() {
    std::memset(configured(T).row, 0, sizeof tiles[T].row);
  }
  template <int T>
  static void load(const float* from, int64_t distance) {
    Tile& tile = configured(T);
    for (int r = 0; r < tile.rows; r++) {
      std::memcpy(tile.row[r], from + r * distance, static_cast<size_t>(tile.words) * 4);
    }
  }
  template <int T>
  static void store(float* to, int64_t distance) {
    Tile& tile = configured(T);
    for (int r = 0; r < tile.rows; r++) {
      std::memcpy(to + r * distance, tile.row[r], static_cast<size_t>(tile.words) * 4);
    }
  }
  template <int Sums, int A, int B>
  static void dot() {
    Tile &c = configured(Sums), &a = configured(A), &b = configured(B);
    require(c.rows == a.rows && c.words == b.words && a.words == b.rows, "product", a.words,
            b.rows);
    for (int m = 0; m < c.rows; m++) {
      Simd::F low = Simd::zero(), high = Simd::zero();
      for (int k = 0; k < a.words; k++) {
        Bits word = (Bits)Simd::set1(a.row[m][k]);
        Bits weights = (Bits)Simd::load(b.row[k]);
        low = add_product(word << 16, weights << 16, low);
        high = add_product(word & 0xffff0000u, weights & 0xffff0000u, high);
      }
      Simd::F both = flushed(Simd::add(low, high));
      Simd::store(c.row[m], flushed(Simd::add(flushed(Simd::load(c.row[m])), both)));
    }
  }

 private:
  typedef uint32_t Bits __attribute__((vector_size(64)));

  struct Tile {
    int rows, words;
    float row[16][16];
  };
  static inline thread_local Tile tiles[8];

  static Tile& configured(int t) {
    require(tiles[t].rows > 0, "tile without a configuration", t, 0);
    return tiles[t];
  }
  static void require(bool holds, const char* what, int a, int b) {
    if (!holds) {
      std::fprintf(stderr, "emulated tiles: bad %s (%d, %d)\n", what, a, b);
      std::abort();
    }
  }
  static Simd::F add_product(Bits a, Bits b, Simd::F sum) {
    return flushed(Simd::fused(flushed((Simd::F)a), flushed((Simd::F)b), sum));
  }
};

}  // namespace emulated
}  // namespace gatefold

#endif  // GATEFOLD_TEST_TILES_EMULATED_H
