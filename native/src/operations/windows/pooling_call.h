/// What pooling kernels get. Without functions, for code of every instruction set sees it.
#ifndef GATEFOLD_POOLING_CALL_H
#define GATEFOLD_POOLING_CALL_H

#include <cstdint>

namespace gatefold {

/// A gf_window_pooling in 64 bits.
struct Pooling {
  bool average, images, count_padding;
  int64_t count, channels, height, width, out_height, out_width;
  int64_t kernel_height, kernel_width, stride_height, stride_width, padding_top, padding_left;
};

/// Channels of steps that are pooled side by side.
constexpr int64_t kPooledChannels = 64;

}  // namespace gatefold

#endif  // GATEFOLD_POOLING_CALL_H
