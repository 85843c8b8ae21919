#include "gatefold/convolution.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include "engine/engine.h"
#include "operations/gemm_call.h"

namespace {

using gatefold::GemmCall;

constexpr int64_t kElementsPerThread = 16384;

/// Numbers of unfolded inputs that are made at a time: they stay in a cache of the second level.
constexpr int64_t kUnfolded = 128 * 1024;

/// Of so few places, images have the weights on the right side of the product, whose columns fill
/// vectors then, and which reads them as they lie.
constexpr int64_t kFewPlaces = 4;

/// Sizes in 64 bits, and where numbers stand.
struct Convolution {
  explicit Convolution(const gf_convolution& c)
      : images(c.images != 0),
        count(c.count),
        channels(c.channels),
        height(c.height),
        width(c.width),
        outputs(c.outputs),
        out_height(c.out_height),
        out_width(c.out_width),
        kernel_height(c.kernel_height),
        kernel_width(c.kernel_width),
        stride_height(c.stride_height),
        stride_width(c.stride_width),
        dilation_height(c.dilation_height),
        dilation_width(c.dilation_width),
        padding_top(c.padding_top),
        padding_left(c.padding_left),
        groups(c.groups) {}

  bool images;
  int64_t count, channels, height, width, outputs, out_height, out_width;
  int64_t kernel_height, kernel_width, stride_height, stride_width;
  int64_t dilation_height, dilation_width, padding_top, padding_left, groups;

  int64_t group_channels() const { return channels / groups; }
  int64_t group_outputs() const { return outputs / groups; }
  int64_t depth() const { return group_channels() * kernel_height * kernel_width; }
  /// Products of their own, images or 1, and the places of y of each.
  int64_t parts() const { return images ? count : 1; }
  int64_t places() const { return images ? out_height * out_width : out_height * count; }
  int64_t chunk() const {
    const int64_t rows = kUnfolded / depth();
    return rows < 16 ? 16 : rows < places() ? rows : places();
  }

  int64_t x_index(int64_t n, int64_t c, int64_t row, int64_t column) const {
    return images ? ((n * channels + c) * height + row) * width + column
                  : (row * count + n) * channels + c;
  }
  /// The first channel of group g of place `at` of part n of y, and the distance to the next.
  int64_t y_index(int64_t n, int64_t g, int64_t at) const {
    return images ? (n * outputs + g * group_outputs()) * places() + at
                  : at * outputs + g * group_outputs();
  }

  bool valid() const {
    return count >= 1 && channels >= 1 && height >= 1 && width >= 1 && outputs >= 1 &&
           out_height >= 1 && out_width >= 1 && kernel_height >= 1 && kernel_width >= 1 &&
           stride_height >= 1 && stride_width >= 1 && dilation_height >= 1 && dilation_width >= 1 &&
           padding_top >= 0 && padding_left >= 0 && groups >= 1 && channels % groups == 0 &&
           outputs % groups == 0 && (images || (width == 1 && out_width == 1));
  }
};

/// Row and place of y that a row of unfolded inputs belongs to.
struct Place {
  int64_t n, row, column;

  Place(const Convolution& c, int64_t part, int64_t at)
      : n(c.images ? part : at % c.count),
        row(c.images ? at / c.out_width : at / c.count),
        column(c.images ? at % c.out_width : 0) {}
};

int64_t valid_height(const Convolution& c, const int32_t* lengths, int64_t n) {
  return lengths == nullptr ? c.height : lengths[n];
}

/// unfolded [rows, depth] = what the places from `first` on of a part of y read of group g.
void unfold(gf_engine* engine, const Convolution& c, const float* x, const int32_t* lengths,
            int64_t part, int64_t g, int64_t first, int64_t rows, float* unfolded) {
  gatefold::parallel_for(
      engine, rows, kElementsPerThread / c.depth() + 1, 1, [=, &c](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
          const Place place(c, part, first + r);
          const int64_t height = valid_height(c, lengths, place.n);
          float* to = unfolded + r * c.depth();
          for (int64_t channel = 0; channel < c.group_channels(); channel++) {
            for (int64_t i = 0; i < c.kernel_height; i++) {
              const int64_t row =
                  place.row * c.stride_height + i * c.dilation_height - c.padding_top;
              for (int64_t j = 0; j < c.kernel_width; j++) {
                const int64_t column =
                    place.column * c.stride_width + j * c.dilation_width - c.padding_left;
                const bool inside = row >= 0 && row < height && column >= 0 && column < c.width;
                *to++ = inside
                            ? x[c.x_index(place.n, g * c.group_channels() + channel, row, column)]
                            : 0.0f;
              }
            }
          }
        }
      });
}

/// Adds rows of gradients to what they were unfolded from. Each thread has channels of its own, and
/// goes over the rows in their order.
void fold(gf_engine* engine, const Convolution& c, const int32_t* lengths, int64_t part, int64_t g,
          int64_t first, int64_t rows, const float* unfolded, float* dx) {
  const int64_t kernel = c.kernel_height * c.kernel_width;
  gatefold::parallel_for(
      engine, c.group_channels(), kElementsPerThread / (rows * kernel) + 1, 1,
      [=, &c](int64_t begin, int64_t end) {
        for (int64_t r = 0; r < rows; r++) {
          const Place place(c, part, first + r);
          const int64_t height = valid_height(c, lengths, place.n);
          for (int64_t channel = begin; channel < end; channel++) {
            const float* from = unfolded + r * c.depth() + channel * kernel;
            for (int64_t i = 0; i < c.kernel_height; i++) {
              const int64_t row =
                  place.row * c.stride_height + i * c.dilation_height - c.padding_top;
              for (int64_t j = 0; j < c.kernel_width; j++) {
                const int64_t column =
                    place.column * c.stride_width + j * c.dilation_width - c.padding_left;
                if (row >= 0 && row < height && column >= 0 && column < c.width) {
                  dx[c.x_index(place.n, g * c.group_channels() + channel, row, column)] +=
                      from[i * c.kernel_width + j];
                }
              }
            }
          }
        }
      });
}

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};

using Floats = std::unique_ptr<float, Free>;

Floats floats(int64_t count) {
  void* made = nullptr;
  return Floats(posix_memalign(&made, 64, static_cast<size_t>(count) * sizeof(float)) == 0
                    ? static_cast<float*>(made)
                    : nullptr);
}

/// Calls body(part, group, first, rows) for every chunk of places; ends at the first failure.
template <class Body>
int each_chunk(const Convolution& c, const Body& body) {
  for (int64_t part = 0; part < c.parts(); part++) {
    for (int64_t g = 0; g < c.groups; g++) {
      for (int64_t first = 0; first < c.places(); first += c.chunk()) {
        const int64_t left = c.places() - first;
        const int status = body(part, g, first, left < c.chunk() ? left : c.chunk());
        if (status != GF_OK) {
          return status;
        }
      }
    }
  }
  return GF_OK;
}

bool valid_lengths(const Convolution& c, const int32_t* lengths) {
  for (int64_t n = 0; lengths != nullptr && n < c.count; n++) {
    if (lengths[n] < 0 || lengths[n] > c.height) {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int gf_convolution_forward(gf_engine* engine, const gf_convolution* convolution,
                                      const float* x, const int32_t* lengths, const float* w,
                                      const float* b, float* y) {
  if (engine == nullptr || convolution == nullptr || x == nullptr || w == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Convolution c(*convolution);
  if (!c.valid() || !valid_lengths(c, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  const Floats memory = floats(c.chunk() * c.depth() + kFewPlaces * c.group_outputs());
  float* unfolded = memory.get();
  if (unfolded == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  float* turned = unfolded + c.chunk() * c.depth();
  const int status =
      each_chunk(c, [&](int64_t part, int64_t g, int64_t first, int64_t rows) -> int {
        unfold(engine, c, x, lengths, part, g, first, rows, unfolded);
        const float* weights = w + g * c.group_outputs() * c.depth();
        GemmCall call{};
        call.k = c.depth();
        call.b_transposed = true;
        call.a_distance = call.b_distance = c.depth();
        call.c = y + c.y_index(part, g, first);
        if (c.images && rows <= kFewPlaces && rows < c.group_outputs()) {
          call.m = rows;
          call.n = c.group_outputs();
          call.a = unfolded;
          call.b = weights;
          call.c = turned;
          call.c_distance = c.group_outputs();
          call.few_rows = true;
          const int made = gatefold::run_gemm(engine, call);
          float* to = y + c.y_index(part, g, first);
          for (int64_t o = 0; o < c.group_outputs(); o++) {
            for (int64_t r = 0; r < rows; r++) {
              to[o * c.places() + r] = turned[r * c.group_outputs() + o];
            }
          }
          return made;
        }
        if (c.images) {
          call.m = c.group_outputs();
          call.n = rows;
          call.a = weights;
          call.b = unfolded;
          call.c_distance = c.places();
        } else {
          call.m = rows;
          call.n = c.group_outputs();
          call.a = unfolded;
          call.b = weights;
          call.c_distance = c.outputs;
          call.bias = b == nullptr ? nullptr : b + g * c.group_outputs();
        }
        return gatefold::run_gemm(engine, call);
      });
  if (status == GF_OK && c.images && b != nullptr) {
    const int64_t places = c.places();
    gatefold::parallel_for(engine, c.count * c.outputs, kElementsPerThread / places + 1, 1,
                           [=](int64_t begin, int64_t end) {
                             for (int64_t r = begin; r < end; r++) {
                               for (int64_t i = r * places; i < (r + 1) * places; i++) {
                                 y[i] += b[r % c.outputs];
                               }
                             }
                           });
  }
  return status;
}

extern "C" int gf_convolution_backward(gf_engine* engine, const gf_convolution* convolution,
                                       const float* x, const int32_t* lengths, const float* w,
                                       const float* dy, float* dx, float* dw, float* db) {
  if (engine == nullptr || convolution == nullptr || x == nullptr || w == nullptr ||
      dy == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Convolution c(*convolution);
  if (!c.valid() || !valid_lengths(c, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  const Floats memory = floats(c.chunk() * c.depth());
  float* unfolded = memory.get();
  if (unfolded == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  if (dx != nullptr) {
    std::memset(dx, 0,
                static_cast<size_t>(c.count * c.channels * c.height * c.width) * sizeof(float));
  }
  const int status =
      each_chunk(c, [&](int64_t part, int64_t g, int64_t first, int64_t rows) -> int {
        const float* gradient = dy + c.y_index(part, g, first);
        const int64_t distance = c.images ? c.places() : c.outputs;
        if (dw != nullptr) {
          unfold(engine, c, x, lengths, part, g, first, rows, unfolded);
          GemmCall call{};
          call.m = c.group_outputs();
          call.n = c.depth();
          call.k = rows;
          call.a = gradient;
          call.a_distance = distance;
          call.a_by_columns = !c.images;
          call.b = unfolded;
          call.b_distance = c.depth();
          call.c = dw + g * c.group_outputs() * c.depth();
          call.c_distance = c.depth();
          call.add = true;
          const int made = gatefold::run_gemm(engine, call);
          if (made != GF_OK) {
            return made;
          }
        }
        if (dx != nullptr) {
          GemmCall call{};
          call.m = rows;
          call.n = c.depth();
          call.k = c.group_outputs();
          call.a = gradient;
          call.a_distance = distance;
          call.a_by_columns = c.images;
          call.b = w + g * c.group_outputs() * c.depth();
          call.b_distance = c.depth();
          call.c = unfolded;
          call.c_distance = c.depth();
          const int made = gatefold::run_gemm(engine, call);
          if (made != GF_OK) {
            return made;
          }
          fold(engine, c, lengths, part, g, first, rows, unfolded, dx);
        }
        return GF_OK;
      });
  if (status == GF_OK && db != nullptr) {
    gatefold::parallel_for(engine, c.outputs, 1, 1, [=](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++) {
        double sum = 0;
        for (int64_t part = 0; part < c.parts(); part++) {
          for (int64_t at = 0; at < c.places(); at++) {
            sum += static_cast<double>(c.images ? dy[(part * c.outputs + o) * c.places() + at]
                                                : dy[at * c.outputs + o]);
          }
        }
        db[o] += static_cast<float>(sum);
      }
    });
  }
  return status;
}
