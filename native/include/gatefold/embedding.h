/// Rows of a table by ids; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_EMBEDDING_H
#define GATEFOLD_ABI_EMBEDDING_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// y [T,B,D] = rows of w [V,D] by ids [T,B]; 0 behind lengths [B] (null = all T), NaN where an id
/// is outside 0..V-1. max_norm > 0: rows with a longer norm n come multiplied by
/// max_norm / (n + 1e-7).
GF_API int gf_embedding_forward(gf_engine* engine, int64_t steps, int64_t batch, int64_t vocabulary,
                                int64_t width, const int32_t* ids, const int32_t* lengths,
                                const float* w, float max_norm, float* y);

/// sorted [T*B] written: ids ascending, V in place of those in padding, equal to padding_id (-1 for
/// none) or outside 0..V-1; positions [T*B] written: t*B + b of each, ascending among equals.
GF_API int gf_embedding_sort(gf_engine* engine, int64_t steps, int64_t batch, int64_t vocabulary,
                             int64_t padding_id, const int32_t* ids, const int32_t* lengths,
                             int32_t* sorted, int32_t* positions);

/// dw [V,D] at each of the sorted ids [N] += the rows of dy [N,D] at its positions.
GF_API int gf_embedding_backward(gf_engine* engine, int64_t count, int64_t vocabulary,
                                 int64_t width, const int32_t* sorted, const int32_t* positions,
                                 const float* dy, float* dw);

/// Multiplies those of the rows of w [V,D] at the sorted ids [N] whose norm n is above max_norm by
/// max_norm / (n + 1e-7).
GF_API int gf_embedding_renormalize(gf_engine* engine, int64_t count, int64_t vocabulary,
                                    int64_t width, const int32_t* sorted, float max_norm, float* w);

/// Rows of dw [V,D] at the sorted ids [N] = 0.
GF_API int gf_embedding_clear(gf_engine* engine, int64_t count, int64_t vocabulary, int64_t width,
                              const int32_t* sorted, float* dw);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_EMBEDDING_H
