/// Pooling over windows and over all steps; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_POOLING_H
#define GATEFOLD_ABI_POOLING_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Images x [count, channels, height, width] and y [count, channels, out_height, out_width]; steps
/// x [height, count, channels] and y [out_height, count, channels], both widths being 1.
typedef struct gf_window_pooling {
  int32_t average;  ///< means, else maxima
  int32_t images;
  int32_t count;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t out_height;
  int32_t out_width;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_height;
  int32_t stride_width;
  int32_t padding_top;
  int32_t padding_left;
  int32_t count_padding;  ///< means divide by the size of the window, not by what it has of x
} gf_window_pooling;

/// y written. Steps behind lengths [count] (null = none) count as padding; a window of nothing else
/// gives 0.
GF_API int gf_window_pooling_forward(gf_engine* engine, const gf_window_pooling* pooling,
                                     const float* x, const int32_t* lengths, float* y);
/// dx written, 0 behind the lengths; that of a maximum goes to the first number as large.
GF_API int gf_window_pooling_backward(gf_engine* engine, const gf_window_pooling* pooling,
                                      const float* x, const int32_t* lengths, const float* dy,
                                      float* dx);

typedef enum gf_pooling { GF_POOL_LAST = 0, GF_POOL_MEAN = 1, GF_POOL_MAX = 2 } gf_pooling;

/// y [B,F] = last, mean or maximum of x [T,B,F] over each row's valid steps; 0 for length 0.
/// lengths [B] or null = all T.
GF_API int gf_pool_forward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                           int64_t features, const float* x, const int32_t* lengths, float* y);
/// dx [T,B,F] written, zero in padding. x is read by GF_POOL_MAX, whose gradient goes to the first
/// maximum.
GF_API int gf_pool_backward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                            int64_t features, const float* x, const int32_t* lengths,
                            const float* dy, float* dx);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_POOLING_H
