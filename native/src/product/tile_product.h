/// The register tile at the heart of every matrix product: R rows times N vectors of accumulators.
/// Included inside an instruction set's namespace, after its Simd and Product.
///
/// acc[r][n] += sum over k of A(r, k) * W(k, n), k ascending: one chain of multiply-adds per
/// element whatever the tile, so that results do not depend on how a matrix was cut into tiles.
/// k counts words of the operands, see product.h.
#ifndef GATEFOLD_TILE_PRODUCT_H
#define GATEFOLD_TILE_PRODUCT_H

constexpr int kTileRows = Simd::kTileRows;
constexpr int kTileVectors = 4;

/// Vectors that a tile of R rows holds in registers at a time; a wider tile is computed in passes.
template <int R>
constexpr int kPassVectors = R* kTileVectors <= Simd::kAccumulators ? kTileVectors : 2;

/// Passes of a tile of kTileRows rows and kTileVectors vectors.
constexpr int kTallPasses = kTileVectors / kPassVectors<kTileRows>;

/// k of a product for one cache line fetched ahead.
constexpr int kFetchDepth = 2;

/// k of one turn of a product's loop.
constexpr int kUnrolled = Simd::kUnrolled;
static_assert(kUnrolled % kFetchDepth == 0, "a turn fetches whole lines");

constexpr int smaller(int a, int b) { return a < b ? a : b; }
constexpr int larger(int a, int b) { return a < b ? b : a; }

/// Weights that will be read after those at hand. Products fetch `step` floats of them into the L2
/// cache for every kFetchDepth of k: from further away they would arrive too late, since hardware
/// follows a stream to the end of its page only.
struct Upcoming {
  const float* at;
  int64_t step;

  /// `size` floats, to be fetched by products of `depth` k in total, which may be none.
  static GF_INLINE Upcoming spread(const float* from, int64_t size, int64_t depth) {
    return {from, depth == 0 ? 0 : (size * kFetchDepth + depth - 1) / depth};
  }
  static GF_INLINE Upcoming none(const float* valid) { return {valid, 0}; }
};

/// A(r, k) = row[r][k].
template <int R>
struct RowsOperand {
  const float* row[R];
  GF_INLINE Simd::F at(int r, int64_t k) const { return Simd::set1(row[r][k]); }
};

/// A(r, k) = base[k * stride + r].
struct ColumnsOperand {
  const float* base;
  int64_t stride;
  GF_INLINE Simd::F at(int r, int64_t k) const { return Simd::set1(base[k * stride + r]); }
};

/// Where vector n of W(k) lies from w(k) on: there are panels of P vectors side by side.
template <int P>
GF_INLINE int64_t vector_offset(int n, int64_t panel) {
  return n / P * panel + n % P * Simd::kLanes;
}

/// acc[.][A0 .. A0+N-1] += A(., k) * W(k) for one part of one word k.
template <int Part, int R, int N, int A0, int NA, int P, class Operand>
GF_INLINE void accumulate_part(Simd::F (&acc)[R][NA], const Operand& a, int64_t k, const float* w,
                               int64_t panel) {
  // Beside the accumulators, the fewer operands are kept in registers, the others come one by one.
  if constexpr (R < N) {
    Simd::F s[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      s[r] = Product::part<Part>(a.at(r, k));
    }
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      Simd::F v = Product::part<Part>(Simd::load(w + vector_offset<P>(n, panel)));
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) {
        acc[r][A0 + n] = Product::add(s[r], v, acc[r][A0 + n]);
      }
    }
  } else {
    Simd::F v[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      v[n] = Product::part<Part>(Simd::load(w + vector_offset<P>(n, panel)));
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      Simd::F s = Product::part<Part>(a.at(r, k));
#pragma GCC unroll 8
      for (int n = 0; n < N; n++) {
        Product::add_to(acc[r][A0 + n], s, v[n]);
      }
    }
  }
}

template <int R, int N, int A0, int NA, int P, class Operand>
GF_INLINE void accumulate_one(Simd::F (&acc)[R][NA], const Operand& a, int64_t k, const float* w,
                              int64_t panel) {
  accumulate_part<0, R, N, A0, NA, P>(acc, a, k, w, panel);
  if constexpr (Product::kParts == 2) {
    accumulate_part<1, R, N, A0, NA, P>(acc, a, k, w, panel);
  }
}

/// The same over k = 0 .. count-1; in every panel, the vectors of k+1 follow those of k. next:
/// advanced.
template <int R, int N, int A0, int NA, int P, class Operand>
GF_INLINE void accumulate(Simd::F (&acc)[R][NA], const Operand& a, const float* w, int64_t panel,
                          int64_t count, Upcoming& next) {
  const float* fetched = next.at;
  int64_t k = 0;
  for (; k + kUnrolled <= count; k += kUnrolled) {
#pragma GCC unroll 8
    for (int i = 0; i < kUnrolled; i++) {
      if (i % kFetchDepth == 0) {
        Simd::prefetch(fetched);
        fetched += next.step;
      }
      accumulate_one<R, N, A0, NA, P>(acc, a, k + i, w, panel);
      w += P * Simd::kLanes;
    }
  }
  for (; k < count; k++) {
    accumulate_one<R, N, A0, NA, P>(acc, a, k, w, panel);
    w += P * Simd::kLanes;
  }
  next.at = fetched;
}

/// acc[i][A0 .. A0+N-1] += a * W_i for one row a and two weight blocks `distance` apart.
template <int Part, int N, int A0, int NA, int P>
GF_INLINE void accumulate_pair_part(Simd::F (&acc)[2][NA], Simd::F a, const float* w,
                                    int64_t distance, int64_t panel) {
  Simd::F s = Product::part<Part>(a);
#pragma GCC unroll 8
  for (int n = 0; n < N; n++) {
    const float* v = w + vector_offset<P>(n, panel);
    acc[0][A0 + n] = Product::add(s, Product::part<Part>(Simd::load(v)), acc[0][A0 + n]);
    acc[1][A0 + n] = Product::add(s, Product::part<Part>(Simd::load(v + distance)), acc[1][A0 + n]);
  }
}

template <int N, int A0, int P, int NA>
GF_INLINE void accumulate_pair(Simd::F (&acc)[2][NA], const float* a, const float* w,
                               int64_t distance, int64_t panel, int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    Simd::F word = Simd::set1(a[k]);
    accumulate_pair_part<0, N, A0, NA, P>(acc, word, w, distance, panel);
    if constexpr (Product::kParts == 2) {
      accumulate_pair_part<1, N, A0, NA, P>(acc, word, w, distance, panel);
    }
    w += P * Simd::kLanes;
  }
}

template <int R, int N>
GF_INLINE void load_tile(Simd::F (&acc)[R][N], const float* from, int64_t distance) {
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      acc[r][n] =
          from == nullptr ? Simd::zero() : Simd::load(from + r * distance + n * Simd::kLanes);
    }
  }
}

template <int R, int N>
GF_INLINE void add_tile(Simd::F (&acc)[R][N], const float* from, int64_t distance) {
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      acc[r][n] = Simd::add(Simd::load(from + r * distance + n * Simd::kLanes), acc[r][n]);
    }
  }
}

template <int R, int N>
GF_INLINE void store_tile(const Simd::F (&acc)[R][N], float* to, int64_t distance) {
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      Simd::store(to + r * distance + n * Simd::kLanes, acc[r][n]);
    }
  }
}

/// What the tiles of R rows and N vectors have in common.
struct TileSums {
  const float* w;     ///< one panel [k][lanes] per vector
  int64_t panel;      ///< from panel to panel
  const float* from;  ///< sums to start with; null = zeros
  int64_t from_distance;
  const float* plus;  ///< added to the finished sums, or null
  int64_t plus_distance;
  float* to;  ///< written
  int64_t to_distance;
  Upcoming* next;  ///< advanced
};

/// A tile whose A is given by rows. k runs over `segments` runs of `run` elements, the last of
/// `last_run`, which lie `segment_distance` apart in every row.
struct RowsTile : TileSums {
  const float* const* rows;
  int64_t segments;
  int64_t run;
  int64_t last_run;
  int64_t segment_distance;

  template <int R, int N>
  GF_INLINE void multiply(Simd::F (&acc)[R][N], Upcoming& upcoming) const {
    RowsOperand<R> a;
    for (int r = 0; r < R; r++) {
      a.row[r] = rows[r];
    }
    const float* weights = w;
    for (int64_t s = 0; s < segments; s++) {
      int64_t count = s + 1 < segments ? run : last_run;
      accumulate<R, N, 0, N, 1>(acc, a, weights, panel, count, upcoming);
      weights += run * Simd::kLanes;
      for (int r = 0; r < R; r++) {
        a.row[r] += segment_distance;
      }
    }
  }
};

/// A tile whose A is given by columns: A(r, k) = a[k * a_stride + r].
struct ColumnsTile : TileSums {
  const float* a;
  int64_t a_stride;
  int64_t count;

  template <int R, int N>
  GF_INLINE void multiply(Simd::F (&acc)[R][N], Upcoming& upcoming) const {
    accumulate<R, N, 0, N, 1>(acc, ColumnsOperand{a, a_stride}, w, panel, count, upcoming);
  }
};

template <int R, int N, class Tile>
static void tile_of(const Tile& t) {
  if constexpr (N > kPassVectors<R>) {
    constexpr int kFirst = kPassVectors<R>;
    Tile rest = t;
    rest.w += kFirst * t.panel;
    rest.from = t.from == nullptr ? nullptr : t.from + kFirst * Simd::kLanes;
    rest.plus = t.plus == nullptr ? nullptr : t.plus + kFirst * Simd::kLanes;
    rest.to += kFirst * Simd::kLanes;
    tile_of<R, kFirst>(t);
    tile_of<R, N - kFirst>(rest);
    return;
  }
  Simd::F acc[R][N];
  load_tile(acc, t.from, t.from_distance);
  Upcoming next = *t.next;
  t.multiply(acc, next);
  *t.next = next;
  if (t.plus != nullptr) {
    add_tile(acc, t.plus, t.plus_distance);
  }
  store_tile(acc, t.to, t.to_distance);
}

/// Runs the tile of the given height (1..kTileRows) and width (1..kTileVectors).
template <int R = kTileRows, class Tile>
static void run_tile(int rows, int vectors, const Tile& tile) {
  static constexpr void (*kByWidth[])(const Tile&) = {tile_of<R, 1, Tile>, tile_of<R, 2, Tile>,
                                                      tile_of<R, 3, Tile>, tile_of<R, 4, Tile>};
  if constexpr (R > 1) {
    if (rows < R) {
      run_tile<R - 1>(rows, vectors, tile);
      return;
    }
  }
  kByWidth[vectors - 1](tile);
}

/// Cuts `count` rows into tiles of nearly equal height.
struct TileCut {
  int64_t tiles;
  int64_t rows;
  explicit TileCut(int64_t count) : tiles((count + kTileRows - 1) / kTileRows), rows(count) {}
  int64_t begin(int64_t tile) const { return rows * tile / tiles; }
  int height(int64_t tile) const { return static_cast<int>(begin(tile + 1) - begin(tile)); }
};

#endif  // GATEFOLD_TILE_PRODUCT_H
