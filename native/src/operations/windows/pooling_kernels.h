/// Pooling of the planes of images and of blocks of channels of steps. Included inside an
/// instruction set's namespace by windows_level.cpp.
#ifndef GATEFOLD_POOLING_KERNELS_H
#define GATEFOLD_POOLING_KERNELS_H

#include "simd/pair_sum.h"
#include "simd/simd_lanes.h"

/// Windows of a row of y that are gone through side by side.
constexpr int64_t kPooledWindows = 64;

static GF_INLINE int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }
static GF_INLINE int64_t later(int64_t a, int64_t b) { return a < b ? b : a; }

/// Rows [top, bottom) and columns [left, right) of x that a window has.
struct Window {
  int64_t top, bottom, left, right;

  Window(const Pooling& p, int64_t row, int64_t column, int64_t valid)
      : top(later(0, row * p.stride_height - p.padding_top)),
        bottom(earlier(valid, row * p.stride_height - p.padding_top + p.kernel_height)),
        left(later(0, column * p.stride_width - p.padding_left)),
        right(earlier(p.width, column * p.stride_width - p.padding_left + p.kernel_width)) {}

  int64_t count() const {
    return bottom > top && right > left ? (bottom - top) * (right - left) : 0;
  }
  double divisor(const Pooling& p) const {
    return static_cast<double>(p.count_padding ? p.kernel_height * p.kernel_width : count());
  }
};

/// Whether it takes the place of the largest so far, as the first NaN does for good. Without
/// branches, which side by side the compiler makes vectors of.
static GF_INLINE bool exceeds(float value, float best) {
  return (value > best) | ((value != value) & (best == best));
}

/// Some columns of one row of y of an image, at most kPooledWindows, whose windows are gone through
/// side by side: one place of all of them after the other.
struct RowPart {
  const Pooling& p;
  int64_t row, begin, columns;  ///< of y
  int64_t top, bottom;          ///< rows of x that the windows have
  int64_t start;                ///< column of x where the first window would begin
  bool full;                    ///< no window lacks a column, or all rows

  RowPart(const Pooling& pooling, int64_t of_row, int64_t first)
      : p(pooling),
        row(of_row),
        begin(first),
        columns(earlier(kPooledWindows, p.out_width - first)),
        top(later(0, row * p.stride_height - p.padding_top)),
        bottom(earlier(p.height, row * p.stride_height - p.padding_top + p.kernel_height)),
        start(first * p.stride_width - p.padding_left),
        full(bottom > top && start >= 0 &&
             start + (columns - 1) * p.stride_width + p.kernel_width <= p.width) {}

  Window window(int64_t k) const { return Window(p, row, begin + k, p.height); }
  /// The number of x at the upper left corner of window k.
  int64_t corner(int64_t k) const { return top * p.width + start + k * p.stride_width; }

  /// Calls body(k, at, offset) for every place of x of window k, from the first to the last; it is
  /// so far from the corner.
  template <class Body>
  void each(const Body& body) const {
    for (int64_t i = top; i < bottom; i++) {
      for (int64_t j = 0; j < p.kernel_width; j++) {
        const int64_t from = start + j;
        const int64_t stride = p.stride_width;
        int64_t least = 0, past = columns;
        if (!full) {
          least = from < 0 ? (-from + stride - 1) / stride : 0;
          past = from >= p.width ? 0 : earlier(columns, (p.width - from + stride - 1) / stride);
        }
        const int64_t at = i * p.width + from;
        const int32_t offset = static_cast<int32_t>((i - top) * p.width + j);
        if (stride == 2) {  // which the compiler makes vectors of
          for (int64_t k = least; k < past; k++) {
            body(k, at + 2 * k, offset);
          }
        } else {
          for (int64_t k = least; k < past; k++) {
            body(k, at + k * stride, offset);
          }
        }
      }
    }
  }

  /// to[k] = value(k), of windows without a place `none`.
  template <class Value, class Number>
  void write(const Value& value, Number none, Number* to) const {
    for (int64_t k = 0; k < columns; k++) {
      to[k] = full || window(k).count() > 0 ? value(k) : none;
    }
  }
};

/// Whether places of windows side by side are those of one or two vectors, and these so long that
/// it pays.
static GF_INLINE bool in_vectors(const RowPart& part) {
  return Simd::kLanes > 4 && part.full && part.p.stride_width <= 2;
}

/// What a window and those behind it have at one place, which is x of the first.
static GF_INLINE Simd::F seen(const float* x, int64_t stride, int lanes) {
  if (stride == 1) {
    return load_lanes(x, lanes);
  }
  const int count = 2 * lanes - 1;
  if (count <= Simd::kLanes) {
    return Simd::evens(load_lanes(x, count), Simd::zero());
  }
  return Simd::evens(Simd::load(x), load_lanes(x + Simd::kLanes, count - Simd::kLanes));
}

/// Calls body(value, offset) for the places of window k and those behind it, as many as `lanes`.
template <class Body>
static GF_INLINE void each_seen(const RowPart& part, const float* x, int64_t k, int lanes,
                                const Body& body) {
  const Pooling& p = part.p;
  for (int64_t i = part.top; i < part.bottom; i++) {
    const float* row = x + i * p.width + part.start + k * p.stride_width;
    for (int64_t j = 0; j < p.kernel_width; j++) {
      body(seen(row + j, p.stride_width, lanes), (i - part.top) * p.width + j);
    }
  }
}

/// The larger; NaN if either is.
static GF_INLINE Simd::F larger(Simd::F best, Simd::F v) {
  const Simd::F more = Simd::select(Simd::less(best, v), v, best);
  return Simd::select(Simd::less_equal(v, v), more, v);
}

/// How far the first of the largest numbers of window k, and of those behind it, is from its
/// corner: counted in floats, which must hold it.
static GF_INLINE Simd::F largest_place(const RowPart& part, const float* x, int64_t k, int lanes) {
  Simd::F best = seen(x + part.corner(k), part.p.stride_width, lanes);
  Simd::F at = Simd::zero();
  each_seen(part, x, k, lanes, [&](Simd::F v, int64_t offset) {
    const Simd::F here = Simd::set1(static_cast<float>(offset));
    const Simd::F first_nan = Simd::select(Simd::less_equal(best, best), here, at);
    at = Simd::select(Simd::less(best, v), here, at);
    at = Simd::select(Simd::less_equal(v, v), at, first_nan);
    // The first NaN stays, for nothing is larger.
    best = larger(best, Simd::select(Simd::less_equal(best, best), v, best));
  });
  return at;
}

static GF_INLINE bool places_in_vectors(const RowPart& part) {
  return in_vectors(part) && part.p.kernel_height * part.p.width < 1 << 24;
}

/// largest() in vectors.
static void largest_seen(const RowPart& part, const float* x, int32_t* offsets) {
  float counted[kPooledWindows];
  for_vectors(part.columns, [&](int64_t k, int lanes) {
    store_lanes(counted + k, largest_place(part, x, k, lanes), lanes);
  });
  for (int64_t k = 0; k < part.columns; k++) {
    offsets[k] = static_cast<int32_t>(counted[k]);
  }
}

/// Whether windows two columns wide stand side by side, so that dx is written in whole vectors.
static GF_INLINE bool windows_abut(const RowPart& part) {
  const Pooling& p = part.p;
  return places_in_vectors(part) && p.stride_width == 2 && p.kernel_width == 2 &&
         p.stride_height >= p.kernel_height;
}

/// Writes dx of all places of windows side by side, which are two columns wide: share(offset) at
/// those so far from the corner of window k and of those behind it, being of(k, lanes).
template <class Of>
static GF_INLINE void write_places(const RowPart& part, float* dx, const Of& of) {
  for_vectors(part.columns, [&](int64_t k, int lanes) {
    const auto share = of(k, lanes);
    for (int64_t i = part.top; i < part.bottom; i++) {
      const int64_t offset = (i - part.top) * part.p.width;
      const Simd::F even = share(offset), odd = share(offset + 1);
      float* to = dx + i * part.p.width + part.start + 2 * k;
      const int count = 2 * lanes, more = count - Simd::kLanes;
      store_lanes(to, Simd::first_pairs(even, odd), more < 0 ? count : Simd::kLanes);
      if (more > 0) {
        store_lanes(to + Simd::kLanes, Simd::last_pairs(even, odd), more);
      }
    }
  });
}

/// dx of such windows.
static void abutting_backward(const RowPart& part, const float* x, const float* dy, float* dx) {
  if (part.p.average) {
    const Simd::F divisor = Simd::set1(static_cast<float>(part.window(0).divisor(part.p)));
    write_places(part, dx, [&](int64_t k, int lanes) {
      const Simd::F all = Simd::div(load_lanes(dy + k, lanes), divisor);
      return [=](int64_t) { return all; };
    });
    return;
  }
  write_places(part, dx, [&](int64_t k, int lanes) {
    const Simd::F at = largest_place(part, x, k, lanes);
    const Simd::F d = load_lanes(dy + k, lanes);
    return [=](int64_t offset) {
      const Simd::F here = Simd::set1(static_cast<float>(offset));
      const Simd::F not_before = Simd::select(Simd::less(at, here), Simd::zero(), d);
      return Simd::select(Simd::less(here, at), Simd::zero(), not_before);
    };
  });
}

/// How far the first of the largest numbers of each window is from its corner, or -1 of one without
/// any.
static void largest(const RowPart& part, const float* x, int32_t* offsets) {
  if (places_in_vectors(part)) {
    largest_seen(part, x, offsets);
    return;
  }
  float best[kPooledWindows];
  part.write(
      [&](int64_t k) {
        return part.full ? 0
                         : static_cast<int32_t>(part.window(k).left - part.start -
                                                k * part.p.stride_width);
      },
      -1, offsets);
  part.write([&](int64_t k) { return x[part.corner(k) + offsets[k]]; }, 0.0f, best);
  part.each([&](int64_t k, int64_t at, int32_t offset) {
    const float value = x[at];
    const bool more = exceeds(value, best[k]);
    best[k] = more ? value : best[k];
    offsets[k] = more ? offset : offsets[k];
  });
}

/// Calls body(part, first number of y) for every part of every row of y.
template <class Body>
static void each_part(const Pooling& p, const Body& body) {
  for (int64_t row = 0; row < p.out_height; row++) {
    for (int64_t first = 0; first < p.out_width; first += kPooledWindows) {
      body(RowPart(p, row, first), row * p.out_width + first);
    }
  }
}

/// The outputs of a part in vectors.
static void pool_seen(const RowPart& part, const float* x, float* y) {
  const int64_t count = static_cast<int64_t>(part.window(0).divisor(part.p));
  const bool exact = (count & (count - 1)) == 0;  // a power of two has an exact inverse
  const Simd::F divisor = Simd::set1(static_cast<float>(count));
  const Simd::F share = Simd::set1(1.0f / static_cast<float>(count));
  for_vectors(part.columns, [&](int64_t k, int lanes) {
    Simd::F high = Simd::zero(), low = Simd::zero(), best = Simd::set1(-__builtin_inff());
    if (part.p.average) {
      each_seen(part, x, k, lanes, [&](Simd::F v, int64_t) { add_to_pair(high, low, v); });
      best = pair_total(high, low);
      best = exact ? Simd::mul(best, share) : Simd::div(best, divisor);
    } else {
      each_seen(part, x, k, lanes, [&](Simd::F v, int64_t) { best = larger(best, v); });
    }
    store_lanes(y + k, best, lanes);
  });
}

static void pool_image(const Pooling& p, const float* x, float* y) {
  each_part(p, [=, &p](const RowPart& part, int64_t first) {
    if (in_vectors(part)) {
      pool_seen(part, x, y + first);
      return;
    }
    if (p.average) {
      double sums[kPooledWindows];
      for (int64_t k = 0; k < part.columns; k++) {
        sums[k] = 0;
      }
      part.each([&](int64_t k, int64_t at, int32_t) { sums[k] += static_cast<double>(x[at]); });
      const double divisor = part.window(0).divisor(p);
      part.write(
          [&](int64_t k) {
            return static_cast<float>(sums[k] / (part.full ? divisor : part.window(k).divisor(p)));
          },
          0.0f, y + first);
      return;
    }
    float best[kPooledWindows];
    for (float& value : best) {
      value = -__builtin_inff();
    }
    part.each([&](int64_t k, int64_t at, int32_t) {
      const float value = x[at];
      best[k] = (value > best[k]) | (value != value) ? value : best[k];
    });
    part.write([&](int64_t k) { return best[k]; }, 0.0f, y + first);
  });
}

static void pool_image_backward(const Pooling& p, const float* x, const float* dy, float* dx) {
  __builtin_memset(dx, 0, static_cast<size_t>(p.height * p.width) * sizeof(float));
  each_part(p, [=, &p](const RowPart& part, int64_t first) {
    const float* from = dy + first;
    if (windows_abut(part)) {
      abutting_backward(part, x, from, dx);
      return;
    }
    if (p.average) {
      float shares[kPooledWindows];
      const double divisor = part.window(0).divisor(p);
      part.write(
          [&](int64_t k) {
            const double of = part.full ? divisor : part.window(k).divisor(p);
            return static_cast<float>(static_cast<double>(from[k]) / of);
          },
          0.0f, shares);
      part.each([&](int64_t k, int64_t at, int32_t) { dx[at] += shares[k]; });
      return;
    }
    int32_t offsets[kPooledWindows];
    largest(part, x, offsets);
    for (int64_t k = 0; k < part.columns; k++) {
      if (offsets[k] >= 0) {
        dx[part.corner(k) + offsets[k]] += from[k];
      }
    }
  });
}

/// The largest of some channels of rows `stride` apart. Whole blocks stay in registers, so that
/// every line of x is fetched once: lines of rows may stand in each other's way in the cache.
static void pool_largest(const float* x, int64_t stride, int64_t rows, int64_t channels, float* y) {
  if (channels < kPooledChannels) {
    for_vectors(channels, [&](int64_t c, int lanes) {
      Simd::F best = load_lanes(x + c, lanes);
      for (int64_t i = 1; i < rows; i++) {
        best = larger(best, load_lanes(x + i * stride + c, lanes));
      }
      store_lanes(y + c, best, lanes);
    });
    return;
  }
  constexpr int kVectors = kPooledChannels / Simd::kLanes;
  Simd::F best[kVectors];
  for (int v = 0; v < kVectors; v++) {
    best[v] = Simd::load(x + v * Simd::kLanes);
  }
  for (int64_t i = 1; i < rows; i++) {
    for (int v = 0; v < kVectors; v++) {
      best[v] = larger(best[v], Simd::load(x + i * stride + v * Simd::kLanes));
    }
  }
  for (int v = 0; v < kVectors; v++) {
    Simd::store(y + v * Simd::kLanes, best[v]);
  }
}

/// One output of some channels of a row of steps, `stride` being the distance of steps.
static void pool_steps(const Pooling& p, int64_t step, int64_t valid, const float* x,
                       int64_t channels, float* y) {
  const Window w(p, step, 0, valid);
  const int64_t stride = p.count * p.channels;
  if (w.count() == 0) {
    for (int64_t c = 0; c < channels; c++) {
      y[c] = 0;
    }
  } else if (p.average) {
    double sums[kPooledChannels] = {};
    for (int64_t i = w.top; i < w.bottom; i++) {
      for (int64_t c = 0; c < channels; c++) {
        sums[c] += static_cast<double>(x[i * stride + c]);
      }
    }
    const double divisor = w.divisor(p);
    for (int64_t c = 0; c < channels; c++) {
      y[c] = static_cast<float>(sums[c] / divisor);
    }
  } else {
    pool_largest(x + w.top * stride, stride, w.bottom - w.top, channels, y);
  }
}

static void pool_steps_backward(const Pooling& p, int64_t step, int64_t valid, const float* x,
                                int64_t channels, const float* dy, float* dx) {
  const Window w(p, step, 0, valid);
  const int64_t stride = p.count * p.channels;
  if (w.count() == 0) {
    return;
  }
  if (p.average) {
    const double divisor = w.divisor(p);
    for (int64_t i = w.top; i < w.bottom; i++) {
      for (int64_t c = 0; c < channels; c++) {
        dx[i * stride + c] += static_cast<float>(static_cast<double>(dy[c]) / divisor);
      }
    }
    return;
  }
  float best[kPooledChannels];
  int64_t steps[kPooledChannels];
  for (int64_t c = 0; c < channels; c++) {
    best[c] = x[w.top * stride + c];
    steps[c] = w.top;
  }
  for (int64_t i = w.top + 1; i < w.bottom; i++) {
    for (int64_t c = 0; c < channels; c++) {
      const bool more = exceeds(x[i * stride + c], best[c]);
      best[c] = more ? x[i * stride + c] : best[c];
      steps[c] = more ? i : steps[c];
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    dx[steps[c] * stride + c] += dy[c];
  }
}

#endif  // GATEFOLD_POOLING_KERNELS_H
