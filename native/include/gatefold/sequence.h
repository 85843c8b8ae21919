/// Axes and lengths of sequences; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_SEQUENCE_H
#define GATEFOLD_ABI_SEQUENCE_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// y [B,A,F] = x [A,B,F] with the first two axes exchanged.
GF_API int gf_swap_axes(gf_engine* engine, int64_t a, int64_t b, int64_t features, const float* x,
                        float* y);

/// weights [T,B] = 1 at valid steps, 0 in padding.
GF_API int gf_length_mask(gf_engine* engine, int64_t steps, int64_t batch, const int32_t* lengths,
                          float* weights);

/// y [N, P+Q] = a [N,P] beside b [N,Q].
GF_API int gf_concat_columns(gf_engine* engine, int64_t rows, int64_t p, int64_t q, const float* a,
                             const float* b, float* y);
/// a [N,P], b [N,Q] written from y [N,P+Q]; either may be null.
GF_API int gf_split_columns(gf_engine* engine, int64_t rows, int64_t p, int64_t q, const float* y,
                            float* a, float* b);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_SEQUENCE_H
