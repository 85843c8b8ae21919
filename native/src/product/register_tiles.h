/// Products on tile registers (AMX): some rows of words times packed weights, two tiles of rows by
/// two vectors or one by four. Included inside an instruction set's namespace, after its Product,
/// which names the Tiles, is named.
///
/// A tile of sums is up to 16 rows times one vector. It grows by groups of up to 16 words of k,
/// which begin at the same k whatever the cut into rows, threads and segments: hence the same bits
/// here, too. Groups are whole: operands are filled up with zeros (RecurrentLayout::grain).
#ifndef GATEFOLD_REGISTER_TILES_H
#define GATEFOLD_REGISTER_TILES_H

#include "recurrent/recurrent_kernels.h"

using Tiles = Product::Tiles;

/// Rows of a tile, and words of a group of k, at most.
constexpr int kTileSide = 16;
/// Floats of a tile of sums or of packed weights.
constexpr int64_t kTileFloats = kTileSide * kTileSide;

/// Cuts rows [begin, end) into tiles of one height. If the count is not a multiple of it, the last
/// tile begins within the one before.
struct TileRows {
  int64_t begin, end;
  int64_t tiles;
  int64_t height;

  GF_INLINE TileRows(int64_t first, int64_t past)
      : begin(first),
        end(past),
        tiles((past - first + kTileSide - 1) / kTileSide),
        height(tiles == 0 ? 0 : (past - first + tiles - 1) / tiles) {}
  GF_INLINE int64_t row(int64_t tile) const {
    int64_t at = begin + tile * height;
    return at + height <= end ? at : end - height;
  }

  /// One or two tiles that are computed together.
  struct Pair {
    int64_t tiles;
    int64_t row;     ///< of the first tile
    int64_t second;  ///< from there to the first row of the last tile
    int64_t fresh;   ///< the first row that no tile before has
    int64_t end;     ///< past the last row
  };
  /// Those from `tile` on; the next pair begins two tiles later.
  GF_INLINE Pair pair(int64_t tile) const {
    const int64_t last = tile + 1 < tiles ? tile + 1 : tile;
    const int64_t first_row = row(tile);
    return {last - tile + 1, first_row, row(last) - first_row, begin + tile * height,
            row(last) + height};
  }
};

/// Operands of some groups of k: rows of words, and packed weights whose words k follow each other
/// at a distance. Distances are in words; `second`: from one tile or vector to the next.
struct TileGroups {
  const float* a;
  int64_t a_row;
  int64_t a_second;
  int64_t a_step;  ///< from group to group
  const float* w;
  int64_t w_row;
  int64_t w_second;
  int64_t w_step;
  int64_t groups;
};

/// Weights to be fetched into the L2 cache, so many lines for each group of a product.
struct TileFetch {
  const float* at;
  int64_t lines;

  static GF_INLINE TileFetch none(const float* valid) { return {valid, 0}; }
  static GF_INLINE TileFetch spread(const float* from, int64_t size, int64_t groups) {
    int64_t lines = size / Simd::kLanes;
    return {from, groups == 0 ? 0 : (lines + groups - 1) / groups};
  }
  GF_INLINE void go_on() {
    for (int64_t i = 0; i < lines; i++) {
      Simd::prefetch(at);
      at += Simd::kLanes;
    }
  }
};

/// Two tiles of rows times the first and/or second of two vectors: sums 0 and 1 are those of the
/// first rows, 2 and 3 of the second.
template <bool First, bool Second>
static GF_INLINE void add_square(const TileGroups& t, TileFetch& fetch) {
  const float* a = t.a;
  const float* w = t.w;
  for (int64_t i = 0; i < t.groups; i++) {
    Tiles::load<4>(a, t.a_row);
    Tiles::load<5>(a + t.a_second, t.a_row);
    if constexpr (First) {
      Tiles::load<6>(w, t.w_row);
      Tiles::dot<0, 4, 6>();
      Tiles::dot<2, 5, 6>();
    }
    if constexpr (Second) {
      Tiles::load<7>(w + t.w_second, t.w_row);
      Tiles::dot<1, 4, 7>();
      Tiles::dot<3, 5, 7>();
    }
    fetch.go_on();
    a += t.a_step;
    w += t.w_step;
  }
}

/// One tile of rows times vectors [Begin, End) of four, whose sums are the tiles of these numbers;
/// w: of vector Begin.
template <int Begin, int End>
static GF_INLINE void add_line(const TileGroups& t, TileFetch& fetch) {
  const float* a = t.a;
  const float* w = t.w;
  for (int64_t i = 0; i < t.groups; i++) {
    Tiles::load<4>(a, t.a_row);
    if constexpr (Begin <= 0 && 0 < End) {
      Tiles::load<6>(w - Begin * t.w_second, t.w_row);
      Tiles::dot<0, 4, 6>();
    }
    if constexpr (Begin <= 1 && 1 < End) {
      Tiles::load<7>(w + (1 - Begin) * t.w_second, t.w_row);
      Tiles::dot<1, 4, 7>();
    }
    if constexpr (Begin <= 2 && 2 < End) {
      Tiles::load<6>(w + (2 - Begin) * t.w_second, t.w_row);
      Tiles::dot<2, 4, 6>();
    }
    if constexpr (Begin <= 3 && 3 < End) {
      Tiles::load<7>(w + (3 - Begin) * t.w_second, t.w_row);
      Tiles::dot<3, 4, 7>();
    }
    fetch.go_on();
    a += t.a_step;
    w += t.w_step;
  }
}

/// Loads (null = zeros) or stores the four tiles of sums as a square of two tiles and `vectors`
/// vectors (1 or 2), or as a line of up to four vectors.
static GF_INLINE void load_square(const float* from, int64_t row, int64_t second, int64_t vectors) {
  if (from == nullptr) {
    Tiles::zero<0>();
    Tiles::zero<1>();
    Tiles::zero<2>();
    Tiles::zero<3>();
    return;
  }
  Tiles::load<0>(from, row);
  Tiles::load<2>(from + second, row);
  if (vectors > 1) {
    Tiles::load<1>(from + kTileSide, row);
    Tiles::load<3>(from + second + kTileSide, row);
  }
}

static GF_INLINE void store_square(float* to, int64_t row, int64_t second, int64_t vectors) {
  Tiles::store<0>(to, row);
  Tiles::store<2>(to + second, row);
  if (vectors > 1) {
    Tiles::store<1>(to + kTileSide, row);
    Tiles::store<3>(to + second + kTileSide, row);
  }
}

static GF_INLINE void load_line(const float* from, int64_t row, int64_t vectors) {
  if (from == nullptr) {
    load_square(from, row, 0, vectors);
    return;
  }
  Tiles::load<0>(from, row);
  if (vectors > 1) {
    Tiles::load<1>(from + kTileSide, row);
  }
  if (vectors > 2) {
    Tiles::load<2>(from + 2 * kTileSide, row);
  }
  if (vectors > 3) {
    Tiles::load<3>(from + 3 * kTileSide, row);
  }
}

static GF_INLINE void store_line(float* to, int64_t row, int64_t vectors) {
  Tiles::store<0>(to, row);
  if (vectors > 1) {
    Tiles::store<1>(to + kTileSide, row);
  }
  if (vectors > 2) {
    Tiles::store<2>(to + 2 * kTileSide, row);
  }
  if (vectors > 3) {
    Tiles::store<3>(to + 3 * kTileSide, row);
  }
}

/// The gates' gradients of some rows times up to four panels of transposed weights. k runs over the
/// blocks, `groups` groups of Depth words in each.
struct PanelProduct {
  const float* a;  ///< of the first row, at the operand's first gate in block 0
  int64_t a_row;
  int64_t a_second;  ///< from the first tile of rows to the second
  int64_t blocks;
  int64_t block_distance;
  int64_t groups;
  const float* w;
  int64_t panel;  ///< from panel to panel
  float* to;      ///< written
  int64_t to_row;
  int64_t to_second;
};

template <int Depth, int Begin, int End, bool Square>
static GF_INLINE void add_blocks(const PanelProduct& p, const float* w) {
  TileFetch fetch = TileFetch::none(w);
  TileGroups t{p.a, p.a_row, p.a_second, Depth, w, kTileSide, p.panel, Depth * kTileSide, p.groups};
  for (int64_t j = 0; j < p.blocks; j++) {
    if constexpr (Square) {
      add_square<Begin == 0, End == 2>(t, fetch);
    } else {
      add_line<Begin, End>(t, fetch);
    }
    t.a += p.block_distance;
    t.w += p.groups * Depth * kTileSide;
  }
}

/// tiles: 1 or 2 tiles of rows.
template <int Depth>
static void run_panels(const PanelProduct& p, int64_t tiles, int64_t vectors) {
  if (tiles == 1) {
    load_line(nullptr, 0, vectors);
    switch (vectors) {
      case 1:
        add_blocks<Depth, 0, 1, false>(p, p.w);
        break;
      case 2:
        add_blocks<Depth, 0, 2, false>(p, p.w);
        break;
      case 3:
        add_blocks<Depth, 0, 3, false>(p, p.w);
        break;
      default:
        add_blocks<Depth, 0, 4, false>(p, p.w);
    }
    store_line(p.to, p.to_row, vectors);
    return;
  }
  for (int64_t v = 0; v < vectors; v += 2) {
    load_square(nullptr, 0, 0, 2);
    if (v + 1 < vectors) {
      add_blocks<Depth, 0, 2, true>(p, p.w + v * p.panel);
    } else {
      add_blocks<Depth, 0, 1, true>(p, p.w + v * p.panel);
    }
    store_square(p.to + v * kTileSide, p.to_row, p.to_second, vectors - v);
  }
}

#endif  // GATEFOLD_REGISTER_TILES_H
