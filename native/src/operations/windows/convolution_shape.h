/// The sizes of a convolution, and the ways to compute one.
#ifndef GATEFOLD_CONVOLUTION_SHAPE_H
#define GATEFOLD_CONVOLUTION_SHAPE_H

#include <cstdint>

#include "engine/engine.h"
#include "gatefold/convolution.h"

namespace gatefold {

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
  int64_t kernel() const { return kernel_height * kernel_width; }
  int64_t depth() const { return group_channels() * kernel(); }
  /// Products of their own, images or 1, and the places of y of each.
  int64_t parts() const { return images ? count : 1; }
  int64_t places() const { return images ? out_height * out_width : out_height * count; }
  /// Rows and columns that some rows and columns of y see.
  int64_t seen_rows(int64_t rows) const {
    return (rows - 1) * stride_height + (kernel_height - 1) * dilation_height + 1;
  }
  int64_t seen_columns() const {
    return (out_width - 1) * stride_width + (kernel_width - 1) * dilation_width + 1;
  }
  bool by_single_steps() const { return stride_height == 1 && stride_width == 1; }

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

  /// The convolution of the gradients of y, by single steps, that gives those of x; its weights
  /// are flipped. Its padding may be negative.
  Convolution backward() const {
    Convolution b = *this;
    b.channels = outputs;
    b.height = out_height;
    b.width = out_width;
    b.outputs = channels;
    b.out_height = height;
    b.out_width = width;
    b.padding_top = (kernel_height - 1) * dilation_height - padding_top;
    b.padding_left = (kernel_width - 1) * dilation_width - padding_left;
    return b;
  }
};

/// Multiply-adds that a thread is worth.
constexpr int64_t kConvolutionWork = 400 * 1000;

/// Arguments of the two passes; dx, dw, db and b may be null.
struct ConvolutionForward {
  const float* x;
  const int32_t* lengths;
  const float* w;
  const float* b;
  float* y;
};

struct ConvolutionBackward {
  const float* x;
  const int32_t* lengths;
  const float* w;
  const float* dy;
  float* dx;
  float* dw;
  float* db;  ///< image_backward's alone, and only beside dw
};

/// Any convolution, by products of what each place sees. GF_OK or GF_OUT_OF_MEMORY, as all below.
int unfolded_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given);
int unfolded_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given);

/// Over steps; backward by single steps only.
int step_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given);
int step_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given);

/// Over images, by single steps.
int image_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given);
int image_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given);

}  // namespace gatefold

#endif  // GATEFOLD_CONVOLUTION_SHAPE_H
