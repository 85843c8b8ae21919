/// Normalisation; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_NORM_H
#define GATEFOLD_ABI_NORM_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// y [N,D] = (x - mean) / sqrt(variance + epsilon) * gamma [D] + beta [D], mean and biased variance
/// over each row; gamma and beta may be null for 1 and 0.
GF_API int gf_layer_norm_forward(gf_engine* engine, int64_t rows, int64_t width, const float* x,
                                 const float* gamma, const float* beta, float epsilon, float* y);
/// dx [N,D] written or null; dgamma [D], dbeta [D] accumulated or null.
GF_API int gf_layer_norm_backward(gf_engine* engine, int64_t rows, int64_t width, const float* x,
                                  const float* gamma, float epsilon, const float* dy, float* dx,
                                  float* dgamma, float* dbeta);

/// mean [C] and biased variance [C] of x [N,C,S] over rows and places; of N = steps * batch rows
/// those behind lengths [batch] do not count (null: all count, batch is not read). Running values
/// [C] or null: += momentum * (new - old), the new variance being the unbiased one; unchanged where
/// fewer than two numbers count.
GF_API int gf_batch_statistics(gf_engine* engine, int64_t count, int64_t channels, int64_t places,
                               int64_t batch, const float* x, const int32_t* lengths,
                               float momentum, float* mean, float* variance, float* running_mean,
                               float* running_variance);
/// y [N,C,S] = (x - mean [C]) / sqrt(variance [C] + epsilon) * gamma [C] + beta [C], 0 in padding.
GF_API int gf_batch_norm_forward(gf_engine* engine, int64_t count, int64_t channels, int64_t places,
                                 int64_t batch, const float* x, const int32_t* lengths,
                                 const float* mean, const float* variance, const float* gamma,
                                 const float* beta, float epsilon, float* y);
/// dx [N,C,S] written, 0 in padding, or null; dgamma [C], dbeta [C] accumulated or null. of_batch:
/// mean and variance are those of x itself.
GF_API int gf_batch_norm_backward(gf_engine* engine, int32_t of_batch, int64_t count,
                                  int64_t channels, int64_t places, int64_t batch, const float* x,
                                  const int32_t* lengths, const float* mean, const float* variance,
                                  const float* gamma, float epsilon, const float* dy, float* dx,
                                  float* dgamma, float* dbeta);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_NORM_H
