/// Convolution over steps and images; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_CONVOLUTION_H
#define GATEFOLD_ABI_CONVOLUTION_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Sizes of a convolution. Images: x [count, channels, height, width], y [count, outputs,
/// out_height, out_width]; else steps: x [height, count, channels], y [out_height, count, outputs],
/// both of width 1. w [outputs, channels/groups, kernel_height, kernel_width].
typedef struct gf_convolution {
  int32_t images;
  int32_t count;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t outputs;
  int32_t out_height;
  int32_t out_width;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_height;
  int32_t stride_width;
  int32_t dilation_height;
  int32_t dilation_width;
  int32_t padding_top;   ///< rows of zeros before the first; behind as many as y reads
  int32_t padding_left;  ///< columns likewise
  int32_t groups;
} gf_convolution;

/// y written; b [outputs] or null. Steps behind lengths [count] (null = all) count as 0.
GF_API int gf_convolution_forward(gf_engine* engine, const gf_convolution* convolution,
                                  const float* x, const int32_t* lengths, const float* w,
                                  const float* b, float* y);
/// dx written, 0 behind the lengths, or null; dw and db [outputs] accumulated or null.
GF_API int gf_convolution_backward(gf_engine* engine, const gf_convolution* convolution,
                                   const float* x, const int32_t* lengths, const float* w,
                                   const float* dy, float* dx, float* dw, float* db);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_CONVOLUTION_H
