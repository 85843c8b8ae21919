#include "gatefold/pooling.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/engine.h"

namespace {

constexpr int64_t kElementsPerThread = 16384;

/// Channels of steps that are pooled side by side.
constexpr int64_t kBlock = 64;

/// Sizes in 64 bits.
struct Pooling {
  explicit Pooling(const gf_window_pooling& p)
      : average(p.average != 0),
        images(p.images != 0),
        count_padding(p.count_padding != 0),
        count(p.count),
        channels(p.channels),
        height(p.height),
        width(p.width),
        out_height(p.out_height),
        out_width(p.out_width),
        kernel_height(p.kernel_height),
        kernel_width(p.kernel_width),
        stride_height(p.stride_height),
        stride_width(p.stride_width),
        padding_top(p.padding_top),
        padding_left(p.padding_left) {}

  bool average, images, count_padding;
  int64_t count, channels, height, width, out_height, out_width;
  int64_t kernel_height, kernel_width, stride_height, stride_width, padding_top, padding_left;

  bool valid() const {
    return count >= 1 && channels >= 1 && height >= 1 && width >= 1 && out_height >= 1 &&
           out_width >= 1 && kernel_height >= 1 && kernel_width >= 1 && stride_height >= 1 &&
           stride_width >= 1 && padding_top >= 0 && padding_left >= 0 &&
           (images ? kernel_height * width + kernel_width <= INT32_MAX
                   : width == 1 && out_width == 1);
  }
};

/// Rows [top, bottom) and columns [left, right) of x that a window has.
struct Window {
  int64_t top, bottom, left, right;

  Window(const Pooling& p, int64_t row, int64_t column, int64_t valid)
      : top(std::max<int64_t>(0, row * p.stride_height - p.padding_top)),
        bottom(std::min(valid, row * p.stride_height - p.padding_top + p.kernel_height)),
        left(std::max<int64_t>(0, column * p.stride_width - p.padding_left)),
        right(std::min(p.width, column * p.stride_width - p.padding_left + p.kernel_width)) {}

  int64_t count() const {
    return bottom > top && right > left ? (bottom - top) * (right - left) : 0;
  }
  double divisor(const Pooling& p) const {
    return static_cast<double>(p.count_padding ? p.kernel_height * p.kernel_width : count());
  }
};

bool valid_lengths(const Pooling& p, const int32_t* lengths) {
  for (int64_t n = 0; lengths != nullptr && n < p.count; n++) {
    if (p.images || lengths[n] < 0 || lengths[n] > p.height) {
      return false;
    }
  }
  return true;
}

/// Whether it takes the place of the largest so far, as the first NaN does for good. Without
/// branches, which side by side the compiler makes vectors of.
bool exceeds(float value, float best) {
  return (value > best) | ((value != value) & (best == best));
}

/// Some columns of one row of y of an image, at most kBlock, whose windows are gone through side by
/// side: one place of all of them after the other.
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
        columns(std::min(kBlock, p.out_width - first)),
        top(std::max<int64_t>(0, row * p.stride_height - p.padding_top)),
        bottom(std::min(p.height, row * p.stride_height - p.padding_top + p.kernel_height)),
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
          past = from >= p.width ? 0 : std::min(columns, (p.width - from + stride - 1) / stride);
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

/// How far the first of the largest numbers of each window is from its corner, or -1 of one without
/// any.
void largest(const RowPart& part, const float* x, int32_t* offsets) {
  float best[kBlock];
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
void each_part(const Pooling& p, const Body& body) {
  for (int64_t row = 0; row < p.out_height; row++) {
    for (int64_t first = 0; first < p.out_width; first += kBlock) {
      body(RowPart(p, row, first), row * p.out_width + first);
    }
  }
}

void image_forward(const Pooling& p, const float* x, float* y) {
  each_part(p, [=, &p](const RowPart& part, int64_t first) {
    if (p.average) {
      double sums[kBlock];
      std::fill_n(sums, part.columns, 0.0);
      part.each([&](int64_t k, int64_t at, int32_t) { sums[k] += static_cast<double>(x[at]); });
      const double divisor = part.window(0).divisor(p);
      part.write(
          [&](int64_t k) {
            return static_cast<float>(sums[k] / (part.full ? divisor : part.window(k).divisor(p)));
          },
          0.0f, y + first);
      return;
    }
    float best[kBlock];
    std::fill_n(best, part.columns, -std::numeric_limits<float>::infinity());
    part.each([&](int64_t k, int64_t at, int32_t) {
      const float value = x[at];
      best[k] = (value > best[k]) | (value != value) ? value : best[k];
    });
    part.write([&](int64_t k) { return best[k]; }, 0.0f, y + first);
  });
}

void image_backward(const Pooling& p, const float* x, const float* dy, float* dx) {
  std::memset(dx, 0, static_cast<size_t>(p.height * p.width) * sizeof(float));
  each_part(p, [=, &p](const RowPart& part, int64_t first) {
    const float* from = dy + first;
    if (p.average) {
      float shares[kBlock];
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
    int32_t offsets[kBlock];
    largest(part, x, offsets);
    for (int64_t k = 0; k < part.columns; k++) {
      if (offsets[k] >= 0) {
        dx[part.corner(k) + offsets[k]] += from[k];
      }
    }
  });
}

/// One output of some channels of a row of steps, `stride` being the distance of steps.
void steps_forward(const Pooling& p, const Window& w, const float* x, int64_t stride,
                   int64_t channels, float* y) {
  if (w.count() == 0) {
    std::fill_n(y, channels, 0.0f);
  } else if (p.average) {
    double sums[kBlock] = {};
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
    std::copy_n(x + w.top * stride, channels, y);
    for (int64_t i = w.top + 1; i < w.bottom; i++) {
      for (int64_t c = 0; c < channels; c++) {
        y[c] = exceeds(x[i * stride + c], y[c]) ? x[i * stride + c] : y[c];
      }
    }
  }
}

void steps_backward(const Pooling& p, const Window& w, const float* x, int64_t stride,
                    int64_t channels, const float* dy, float* dx) {
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
  float best[kBlock];
  int64_t steps[kBlock];
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

/// Calls body(n, first channel, channels) for blocks of channels of rows of steps, in parallel.
template <class Body>
void each_block(gf_engine* engine, const Pooling& p, const Body& body) {
  const int64_t blocks = (p.channels + kBlock - 1) / kBlock;
  const int64_t work = std::min(kBlock, p.channels) * p.out_height * p.kernel_height;
  gatefold::parallel_for(engine, p.count * blocks, kElementsPerThread / work + 1, 1,
                         [&](int64_t begin, int64_t end) {
                           for (int64_t r = begin; r < end; r++) {
                             const int64_t first = r % blocks * kBlock;
                             body(r / blocks, first, std::min(kBlock, p.channels - first));
                           }
                         });
}

int64_t work_of_image(const Pooling& p) {
  return p.out_height * p.out_width * p.kernel_height * p.kernel_width;
}

}  // namespace

extern "C" int gf_window_pooling_forward(gf_engine* engine, const gf_window_pooling* pooling,
                                         const float* x, const int32_t* lengths, float* y) {
  if (engine == nullptr || pooling == nullptr || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Pooling p(*pooling);
  if (!p.valid() || !valid_lengths(p, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  if (p.images) {
    gatefold::parallel_for(engine, p.count * p.channels, kElementsPerThread / work_of_image(p) + 1,
                           1, [&](int64_t begin, int64_t end) {
                             for (int64_t plane = begin; plane < end; plane++) {
                               image_forward(p, x + plane * p.height * p.width,
                                             y + plane * p.out_height * p.out_width);
                             }
                           });
    return GF_OK;
  }
  const int64_t stride = p.count * p.channels;
  each_block(engine, p, [&](int64_t n, int64_t first, int64_t channels) {
    const int64_t valid = lengths == nullptr ? p.height : lengths[n];
    const int64_t at = n * p.channels + first;
    for (int64_t t = 0; t < p.out_height; t++) {
      steps_forward(p, Window(p, t, 0, valid), x + at, stride, channels, y + t * stride + at);
    }
  });
  return GF_OK;
}

extern "C" int gf_window_pooling_backward(gf_engine* engine, const gf_window_pooling* pooling,
                                          const float* x, const int32_t* lengths, const float* dy,
                                          float* dx) {
  if (engine == nullptr || pooling == nullptr || x == nullptr || dy == nullptr || dx == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Pooling p(*pooling);
  if (!p.valid() || !valid_lengths(p, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  if (p.images) {
    gatefold::parallel_for(engine, p.count * p.channels, kElementsPerThread / work_of_image(p) + 1,
                           1, [&](int64_t begin, int64_t end) {
                             for (int64_t plane = begin; plane < end; plane++) {
                               image_backward(p, x + plane * p.height * p.width,
                                              dy + plane * p.out_height * p.out_width,
                                              dx + plane * p.height * p.width);
                             }
                           });
    return GF_OK;
  }
  const int64_t stride = p.count * p.channels;
  each_block(engine, p, [&](int64_t n, int64_t first, int64_t channels) {
    const int64_t valid = lengths == nullptr ? p.height : lengths[n];
    const int64_t at = n * p.channels + first;
    for (int64_t t = 0; t < p.height; t++) {
      std::fill_n(dx + t * stride + at, channels, 0.0f);
    }
    for (int64_t t = 0; t < p.out_height; t++) {
      steps_backward(p, Window(p, t, 0, valid), x + at, stride, channels, dy + t * stride + at,
                     dx + at);
    }
  });
  return GF_OK;
}
