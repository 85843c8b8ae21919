/// Convolutions by products of unfolded inputs: images forward, and both backward, of any strides.
#include <cstring>

#include "engine/scratch.h"
#include "operations/gemm_call.h"
#include "operations/windows/convolution_shape.h"

namespace gatefold {
namespace {

constexpr int64_t kElementsPerThread = 16384;

/// Numbers of unfolded inputs that are made at a time: they stay in a cache of the second level.
constexpr int64_t kUnfolded = 128 * 1024;

/// Of so few places, images have the weights on the right side of the product, whose columns fill
/// vectors then, and which reads them as they lie.
constexpr int64_t kFewPlaces = 4;

int64_t chunk(const Convolution& c) {
  const int64_t rows = kUnfolded / c.depth();
  return rows < 16 ? 16 : rows < c.places() ? rows : c.places();
}

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

/// What a row of the kernel reads of a row of x from column `left` on; Inside: none beside the row.
template <bool Inside>
void unfold_row(const Convolution& c, const float* row, int64_t left, float* to) {
  for (int64_t j = 0; j < c.kernel_width; j++) {
    const int64_t column = left + j * c.dilation_width;
    to[j] = Inside || (column >= 0 && column < c.width) ? row[column] : 0.0f;
  }
}

/// unfolded [rows, depth] = what the places from `first` on of a part of y read of group g.
void unfold(gf_engine* engine, const Convolution& c, const float* x, const int32_t* lengths,
            int64_t part, int64_t g, int64_t first, int64_t rows, float* unfolded) {
  parallel_for(
      engine, rows, kElementsPerThread / c.depth() + 1, 1, [=, &c](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
          const Place place(c, part, first + r);
          const int64_t height = valid_height(c, lengths, place.n);
          const int64_t left = place.column * c.stride_width - c.padding_left;
          const int64_t right = left + (c.kernel_width - 1) * c.dilation_width;
          const bool inside = left >= 0 && right < c.width;
          float* to = unfolded + r * c.depth();
          for (int64_t channel = 0; channel < c.group_channels(); channel++) {
            for (int64_t i = 0; i < c.kernel_height; i++, to += c.kernel_width) {
              const int64_t row =
                  place.row * c.stride_height + i * c.dilation_height - c.padding_top;
              if (row < 0 || row >= height) {
                std::memset(to, 0, static_cast<size_t>(c.kernel_width) * sizeof(float));
                continue;
              }
              const float* from = x + c.x_index(place.n, g * c.group_channels() + channel, row, 0);
              if (inside) {
                unfold_row<true>(c, from, left, to);
              } else {
                unfold_row<false>(c, from, left, to);
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
  parallel_for(engine, c.group_channels(), kElementsPerThread / (rows * kernel) + 1, 1,
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

/// Calls body(part, group, first, rows) for every chunk of places; ends at the first failure.
template <class Body>
int each_chunk(const Convolution& c, const Body& body) {
  for (int64_t part = 0; part < c.parts(); part++) {
    for (int64_t g = 0; g < c.groups; g++) {
      for (int64_t first = 0; first < c.places(); first += chunk(c)) {
        const int64_t left = c.places() - first;
        const int status = body(part, g, first, left < chunk(c) ? left : chunk(c));
        if (status != GF_OK) {
          return status;
        }
      }
    }
  }
  return GF_OK;
}

}  // namespace

int unfolded_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given) {
  float* unfolded =
      scratch(ScratchUse::kCall, chunk(c) * c.depth() + kFewPlaces * c.group_outputs());
  if (unfolded == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  float* turned = unfolded + chunk(c) * c.depth();
  return each_chunk(c, [&](int64_t part, int64_t g, int64_t first, int64_t rows) -> int {
    unfold(engine, c, given.x, given.lengths, part, g, first, rows, unfolded);
    const float* weights = given.w + g * c.group_outputs() * c.depth();
    const float* bias = given.b == nullptr ? nullptr : given.b + g * c.group_outputs();
    float* to = given.y + c.y_index(part, g, first);
    GemmCall call{};
    call.k = c.depth();
    call.b_transposed = true;
    call.a_distance = call.b_distance = c.depth();
    if (rows <= kFewPlaces && rows < c.group_outputs()) {
      call.m = rows;
      call.n = c.group_outputs();
      call.a = unfolded;
      call.b = weights;
      call.c = turned;
      call.c_distance = c.group_outputs();
      call.few_rows = true;
      const int made = run_gemm(engine, call);
      for (int64_t o = 0; o < c.group_outputs(); o++) {
        for (int64_t r = 0; r < rows; r++) {
          const float sum = turned[r * c.group_outputs() + o];
          to[o * c.places() + r] = bias == nullptr ? sum : sum + bias[o];
        }
      }
      return made;
    }
    call.m = c.group_outputs();
    call.n = rows;
    call.a = weights;
    call.b = unfolded;
    call.c = to;
    call.c_distance = c.places();
    call.row_bias = bias;
    return run_gemm(engine, call);
  });
}

int unfolded_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  float* unfolded = scratch(ScratchUse::kCall, chunk(c) * c.depth());
  if (unfolded == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  if (given.dx != nullptr) {
    std::memset(given.dx, 0,
                static_cast<size_t>(c.count * c.channels * c.height * c.width) * sizeof(float));
  }
  return each_chunk(c, [&](int64_t part, int64_t g, int64_t first, int64_t rows) -> int {
    const float* gradient = given.dy + c.y_index(part, g, first);
    const int64_t distance = c.images ? c.places() : c.outputs;
    if (given.dw != nullptr) {
      unfold(engine, c, given.x, given.lengths, part, g, first, rows, unfolded);
      GemmCall call{};
      call.m = c.group_outputs();
      call.n = c.depth();
      call.k = rows;
      call.a = gradient;
      call.a_distance = distance;
      call.a_by_columns = !c.images;
      call.b = unfolded;
      call.b_distance = c.depth();
      call.c = given.dw + g * c.group_outputs() * c.depth();
      call.c_distance = c.depth();
      call.add = true;
      const int made = run_gemm(engine, call);
      if (made != GF_OK) {
        return made;
      }
    }
    if (given.dx != nullptr) {
      GemmCall call{};
      call.m = rows;
      call.n = c.depth();
      call.k = c.group_outputs();
      call.a = gradient;
      call.a_distance = distance;
      call.a_by_columns = c.images;
      call.b = given.w + g * c.group_outputs() * c.depth();
      call.b_distance = c.depth();
      call.c = unfolded;
      call.c_distance = c.depth();
      const int made = run_gemm(engine, call);
      if (made != GF_OK) {
        return made;
      }
      fold(engine, c, given.lengths, part, g, first, rows, unfolded, given.dx);
    }
    return GF_OK;
  });
}

}  // namespace gatefold
