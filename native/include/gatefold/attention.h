/// Dot-product attention; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_ATTENTION_H
#define GATEFOLD_ABI_ATTENTION_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// q [queries, batch, heads*size], k [keys, batch, heads*size], v [keys, batch, heads*value_size],
/// y [queries, batch, heads*value_size], weights p [batch, heads, queries, keys].
typedef struct gf_attention {
  int32_t queries;
  int32_t keys;
  int32_t batch;
  int32_t heads;
  int32_t size;
  int32_t value_size;
  int32_t causal;  ///< a query attends to no later key
  float scale;     ///< of scores
} gf_attention;

/// p written: softmax of scale * q k^T over the keys before lengths [batch] (null = all), 0
/// elsewhere; y written: p v. A query without keys gives 0.
GF_API int gf_attention_forward(gf_engine* engine, const gf_attention* attention, const float* q,
                                const float* k, const float* v, const int32_t* lengths, float* p,
                                float* y);
/// dq, dk, dv written, the last two 0 behind the lengths.
GF_API int gf_attention_backward(gf_engine* engine, const gf_attention* attention, const float* q,
                                 const float* k, const float* v, const int32_t* lengths,
                                 const float* p, const float* dy, float* dq, float* dk, float* dv);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_ATTENTION_H
