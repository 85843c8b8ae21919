/// Convolution of rows of an image by products of what places side by side see with all outputs,
/// which fill the vectors: nothing is packed but the weights. Included inside an instruction set's
/// namespace by gemm_kernels.h.
#ifndef GATEFOLD_IMAGE_ROWS_H
#define GATEFOLD_IMAGE_ROWS_H

#include "product/tile_product.h"
#include "simd/simd_lanes.h"

/// Vectors of outputs of a tile: so few that a k's weights come from the L2 cache in less time than
/// its multiply-adds take.
constexpr int kImageVectors = Simd::kAccumulators >= 24 ? 3 : 2;

/// Places of a tile of so many vectors.
template <int N>
constexpr int kImagePlaces = smaller(8, Simd::kAccumulators / N);

/// Places whose sums are kept before they are written output by output.
constexpr int64_t kKeptPlaces = 64;

/// Of fewer k of a column of the kernel, it costs more to skip zeros than to multiply them.
constexpr int64_t kLeastSkipped = 40;

/// Some places side by side, and the k that they see: of each column of the kernel so many from
/// `first` on.
struct ImageTile {
  const float* x;  ///< what the first one sees first
  const int64_t* offsets;
  const float* w;
  int64_t columns, column_depth, first, count;
  int64_t left;   ///< columns of the kernel where the first one sees zeros
  int64_t right;  ///< from this column of the kernel on the last one does
  bool add;       ///< to the sums
  float* sums;
};

/// acc[First .. Last-1] += what these places see at `count` k from k on.
template <int First, int Last, int R, int N>
static GF_INLINE void add_seen(Simd::F (&acc)[R][N], const ImageTile& t, int64_t k) {
  const int64_t* offsets = t.offsets + k;
  const float* w = t.w + k * N * Simd::kLanes;
  for (int64_t i = 0; i < t.count; i++) {
    const float* a = t.x + offsets[i];
    Simd::F v[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      v[n] = Simd::load(w + n * Simd::kLanes);
    }
#pragma GCC unroll 8
    for (int r = First; r < Last; r++) {
      const Simd::F s = Simd::set1(a[r]);
#pragma GCC unroll 8
      for (int n = 0; n < N; n++) {
        Simd::fma_to(acc[r][n], s, v[n]);
      }
    }
    w += N * Simd::kLanes;
  }
}

template <int R, int N>
static void image_tile(const ImageTile& t) {
  constexpr int kWide = N * Simd::kLanes;
  Simd::F acc[R][N];
  load_tile(acc, nullptr, 0);
  for (int64_t j = 0, k = t.first; j < t.columns; j++, k += t.column_depth) {
    if (j < t.left) {
      add_seen<1, R>(acc, t, k);
    } else if (j >= t.right) {
      add_seen<0, R - 1>(acc, t, k);
    } else {
      add_seen<0, R>(acc, t, k);
    }
  }
  if (t.add) {
    add_tile(acc, t.sums, kWide);
  }
  store_tile(acc, t.sums, kWide);
}

template <int N, int R = kImagePlaces<N>>
static void run_image_tile(int64_t places, const ImageTile& tile) {
  if constexpr (R > 1) {
    if (places < R) {
      run_image_tile<N, R - 1>(places, tile);
      return;
    }
  }
  image_tile<R, N>(tile);
}

/// Sums [places, N vectors of outputs] to y [outputs, places].
template <int N>
static void write_outputs(const ImageRows& rows, int64_t output, const float* sums, int64_t first,
                          int64_t places) {
  constexpr int kLanes = Simd::kLanes;
  for (int n = 0; n < N; n++, output += kLanes) {
    const int64_t left = rows.outputs - output;
    const int outputs = static_cast<int>(left < kLanes ? left : kLanes);
    for (int64_t at = 0; at < places; at += kLanes) {
      const int some = static_cast<int>(places - at < kLanes ? places - at : kLanes);
      Simd::F square[kLanes];
      for (int i = 0; i < kLanes; i++) {
        square[i] = Simd::load(sums + ((at + i) * N + n) * kLanes);
      }
      Simd::transpose(square);
      float* to = rows.y + output * rows.y_distance + first + at;
      for (int i = 0; i < outputs; i++) {
        Simd::F v = square[i];
        if (rows.bias != nullptr) {
          v = Simd::add(v, Simd::set1(rows.bias[output + i]));
        }
        store_lanes(to + i * rows.y_distance, v, some);
      }
    }
  }
}

/// The rows of the kernel that lie in rows of x, of a row of y.
static Range seen_rows(const ImageRows& rows, int64_t row) {
  const int64_t first = rows.top + row;
  Range seen{0, rows.depth.kernel_height};
  while (seen.begin < seen.end && first + seen.begin * rows.dilation_height < 0) {
    seen.begin++;
  }
  while (seen.end > seen.begin && first + (seen.end - 1) * rows.dilation_height >= rows.height) {
    seen.end--;
  }
  return seen;
}

/// Columns of the kernel, from the first, that see zeros before x at a place of a row.
static int64_t columns_before(const ImageRows& rows, int64_t column) {
  int64_t count = 0;
  while (count < rows.depth.kernel_width &&
         column + count * rows.dilation_width < rows.padding_left) {
    count++;
  }
  return count;
}

/// The first column of the kernel that sees zeros behind x.
static int64_t columns_inside(const ImageRows& rows, int64_t column) {
  int64_t count = rows.depth.kernel_width;
  while (count > 0 &&
         column + (count - 1) * rows.dilation_width >= rows.padding_left + rows.width) {
    count--;
  }
  return count;
}

/// How so many places side by side are cut into tiles of nearly equal width.
struct PlaceCut {
  int64_t tiles, places, wider;

  PlaceCut(int64_t columns, int64_t most)
      : tiles((columns + most - 1) / most),
        places(columns / tiles),
        wider(columns - places * tiles) {}
};

/// The places of a row from `column` on, cut into tiles, for N vectors of outputs from `output` on.
template <int N>
static void image_row(const ImageRows& rows, int64_t row, int64_t column, const PlaceCut& cut,
                      int64_t output, float* sums) {
  constexpr int kWide = N * Simd::kLanes;
  const ImageDepth& depth = rows.depth;
  const bool skips = depth.kernel_height * depth.channels >= kLeastSkipped;
  const Range seen = skips ? seen_rows(rows, row) : Range{0, depth.kernel_height};
  const int64_t some = depth.channels_at_once();
  ImageTile tile{};
  tile.offsets = rows.offsets;
  tile.w = rows.w + output * depth.count();
  for (int64_t channel = 0; channel < depth.channels; channel += some) {
    const int64_t left = depth.channels - channel;
    const int64_t channels = left < some ? left : some;
    tile.x = rows.x + row * rows.row_distance + column;
    tile.sums = sums;
    for (int64_t i = 0, at = column; i < cut.tiles; i++) {
      const int64_t places = cut.places + (i < cut.wider ? 1 : 0);
      tile.left = skips ? columns_before(rows, at) : 0;
      tile.right = skips ? columns_inside(rows, at + places - 1) : depth.kernel_width;
      if (tile.left == 0 && tile.right == depth.kernel_width &&
          seen.end - seen.begin == depth.kernel_height) {
        tile.columns = tile.right = 1;
        tile.first = 0;
        tile.count = depth.kernel() * channels;
      } else {
        tile.columns = depth.kernel_width;
        tile.column_depth = depth.kernel_height * channels;
        tile.first = seen.begin * channels;
        tile.count = (seen.end - seen.begin) * channels;
      }
      run_image_tile<N>(places, tile);
      tile.x += places;
      tile.sums += places * kWide;
      at += places;
    }
    tile.offsets += depth.kernel() * channels;
    tile.w += depth.kernel() * channels * kWide;
    tile.add = true;
  }
}

/// Fetches what will be written of some outputs, which lies far apart.
static void fetch_outputs(const ImageRows& rows, int64_t output, int64_t outputs, int64_t first,
                          int64_t places) {
  constexpr int64_t kLine = 16;
  const int64_t left = rows.outputs - output;
  const float* at = rows.y + output * rows.y_distance + first;
  for (int64_t o = left < outputs ? left : outputs; o > 0; o--, at += rows.y_distance) {
    for (int64_t i = 0; i < places; i += kLine) {
      Simd::prefetch(at + i);
    }
  }
}

template <int N>
static void image_outputs(const ImageRows& rows, int64_t output) {
  constexpr int kWide = N * Simd::kLanes;
  alignas(64) float sums[(kKeptPlaces + Simd::kLanes) * kWide];
  int64_t kept = 0, written = 0;
  const int64_t most = rows.out_width < kKeptPlaces ? rows.out_width : kKeptPlaces;
  PlaceCut cut(most, kImagePlaces<N>);
  for (int64_t row = 0; row < rows.out_rows; row++) {
    for (int64_t column = 0, columns = most; column < rows.out_width; column += columns) {
      const int64_t left = rows.out_width - column;
      if (left < most) {
        columns = left;
      }
      if (kept + columns > kKeptPlaces) {
        write_outputs<N>(rows, output, sums, written, kept);
        written += kept;
        kept = 0;
      }
      fetch_outputs(rows, output, kWide, written + kept, columns);
      image_row<N>(rows, row, column, columns == most ? cut : PlaceCut(columns, kImagePlaces<N>),
                   output, sums + kept * kWide);
      kept += columns;
    }
  }
  write_outputs<N>(rows, output, sums, written, kept);
}

static int64_t output_vectors(int64_t outputs) {
  return (outputs + Simd::kLanes - 1) / Simd::kLanes;
}

static int64_t image_groups(int64_t outputs) {
  return (output_vectors(outputs) + kImageVectors - 1) / kImageVectors;
}

/// The vectors of outputs of a group: about as many in each.
static Range image_group(int64_t outputs, int64_t group) {
  return part_of(output_vectors(outputs), group, image_groups(outputs));
}

static int64_t image_weights(int64_t outputs, int64_t depth) {
  return output_vectors(outputs) * Simd::kLanes * depth;
}

/// Those of one output, `wide` apart.
static void pack_output(const ImageWeights& from, const float* w, int64_t wide, float* to) {
  const int64_t kernel = from.depth.kernel();
  from.depth.each([&](int64_t c, int64_t i, int64_t j) {
    const int64_t at = i * from.depth.kernel_width + j;
    const int64_t turned = from.flipped ? kernel - 1 - at : at;
    *to = w == nullptr ? 0.0f : w[c * from.channel_distance + turned];
    to += wide;
  });
}

static void pack_image_weights(const ImageWeights& from, float* packed) {
  float* to = packed;
  const int64_t groups = image_groups(from.outputs);
  for (int64_t group = 0; group < groups; group++) {
    const Range of = image_group(from.outputs, group);
    const int64_t wide = (of.end - of.begin) * Simd::kLanes;
    for (int64_t i = 0; i < wide; i++) {
      const int64_t output = of.begin * Simd::kLanes + i;
      const float* w = output < from.outputs ? from.w + output * from.output_distance : nullptr;
      pack_output(from, w, wide, to + i);
    }
    to += wide * from.depth.count();
  }
}

template <int N = kImageVectors>
static void run_image_outputs(int64_t vectors, const ImageRows& rows, int64_t output) {
  if constexpr (N > 1) {
    if (vectors < N) {
      run_image_outputs<N - 1>(vectors, rows, output);
      return;
    }
  }
  image_outputs<N>(rows, output);
}

static void image_rows(const ImageRows& rows) {
  const int64_t groups = image_groups(rows.outputs);
  for (int64_t group = 0; group < groups; group++) {
    const Range of = image_group(rows.outputs, group);
    run_image_outputs(of.end - of.begin, rows, of.begin * Simd::kLanes);
  }
}

#endif  // GATEFOLD_IMAGE_ROWS_H
