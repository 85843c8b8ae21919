/// What kernels of batch normalisation get. Without functions, for code of every instruction set
/// sees it.
#ifndef GATEFOLD_CHANNELS_CALL_H
#define GATEFOLD_CHANNELS_CALL_H

#include <cstdint>

namespace gatefold {

/// Numbers [count, channels, places] of which those of rows in padding do not count.
struct Channels {
  int64_t count, channels, places, batch;
  const int32_t* lengths;
};

/// Channels that one pass over the rows sums up side by side.
constexpr int64_t kChannelBlock = 16;

/// Arguments of gf_batch_norm_forward and _backward.
struct ChannelNorm {
  const float* x;
  const float* mean;
  const float* variance;
  const float* gamma;  ///< or null
  const float* beta;   ///< or null
  float epsilon;
  float* y;
  const float* dy;
  double share;  ///< of one number in a mean through which gradients flow; 0: they do not
  float* dx;     ///< or null
  float* dgamma;
  float* dbeta;
};

}  // namespace gatefold

#endif  // GATEFOLD_CHANNELS_CALL_H
