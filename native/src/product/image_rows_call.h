/// Arguments of the kernels of image_rows.h.
#ifndef GATEFOLD_IMAGE_ROWS_CALL_H
#define GATEFOLD_IMAGE_ROWS_CALL_H

#include <cstdint>

#include "simd/inline.h"

namespace gatefold {

/// k of a convolution's sums in their order: some channels at a time; of these one column of the
/// kernel after the other, and of a column its rows. So the k follow each other that a place sees
/// which lacks columns at the edge of an image, or rows.
struct ImageDepth {
  /// What one float sums up at most, unless a kernel is larger.
  static constexpr int64_t kSummed = 1024;

  int64_t channels, kernel_height, kernel_width;

  GF_ALWAYS_INLINE int64_t kernel() const { return kernel_height * kernel_width; }
  GF_ALWAYS_INLINE int64_t count() const { return channels * kernel(); }
  /// Channels that one float sums up, and how many such sums are added up.
  GF_ALWAYS_INLINE int64_t channels_at_once() const {
    return kernel() < kSummed ? kSummed / kernel() : 1;
  }
  GF_ALWAYS_INLINE int64_t sums() const {
    return (channels + channels_at_once() - 1) / channels_at_once();
  }
  /// Calls body(channel, row, column) for every k.
  template <class Body>
  GF_ALWAYS_INLINE void each(const Body& body) const {
    const int64_t some = channels_at_once();
    for (int64_t first = 0; first < channels; first += some) {
      const int64_t past = first + some < channels ? first + some : channels;
      for (int64_t j = 0; j < kernel_width; j++) {
        for (int64_t i = 0; i < kernel_height; i++) {
          for (int64_t c = first; c < past; c++) {
            body(c, i, j);
          }
        }
      }
    }
  }
};

/// The weights of one group of a convolution: w[o * output_distance + c * channel_distance + i],
/// where i counts the places of the kernel, of a flipped one from the last.
struct ImageWeights {
  const float* w;
  int64_t outputs;
  ImageDepth depth;
  int64_t output_distance, channel_distance;
  bool flipped;
};

/// Some rows of y of one image, through a kernel that moves by one.
struct ImageRows {
  const float* x;  ///< what the first place sees first, zeros around the image being there
  int64_t row_distance;
  ImageDepth depth;
  const int64_t* offsets;  ///< of each k, from what a place sees first
  int64_t dilation_height, dilation_width;
  int64_t top, height;          ///< the row of the image that x begins with, and how many there are
  int64_t padding_left, width;  ///< zeros before its columns, and how many there are
  int64_t outputs;
  const float* w;      ///< from pack_image_weights
  const float* bias;   ///< [outputs], or null
  float* y;            ///< its first place
  int64_t y_distance;  ///< from output to output
  int64_t out_rows, out_width;
};

}  // namespace gatefold

#endif  // GATEFOLD_IMAGE_ROWS_CALL_H
