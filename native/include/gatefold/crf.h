/// Linear-chain conditional random fields; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_CRF_H
#define GATEFOLD_ABI_CRF_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Emissions [steps, batch, labels]; transitions [labels, labels], from row to column; start, end
/// [labels]; lengths [batch], null = steps for all. A score of minus infinity forbids.
typedef struct gf_crf {
  int64_t steps;
  int64_t batch;
  int64_t labels;
  const float* transitions;
  const float* start;
  const float* end;
  const float* emissions;
  const int32_t* lengths;
} gf_crf;

/// y [batch] written: the log probability of the labels right [steps, batch]; 0 for rows of no
/// steps, NaN for one with a label outside 0..labels-1.
GF_API int gf_crf_log_likelihood(gf_engine* engine, const gf_crf* crf, const int32_t* right,
                                 float* y);
/// demissions written, 0 behind the lengths; the others accumulated. Rows whose dy [batch] is 0
/// have no gradient; that of others without a finite log probability is NaN.
GF_API int gf_crf_log_likelihood_backward(gf_engine* engine, const gf_crf* crf,
                                          const int32_t* right, const float* dy, float* demissions,
                                          float* dtransitions, float* dstart, float* dend);
/// path [steps, batch] written: the labels of the highest score, -1 behind the lengths and where
/// all is forbidden; best [batch] written: the score. Of equal scores that of the lowest label.
GF_API int gf_crf_decode(gf_engine* engine, const gf_crf* crf, int32_t* path, float* best);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_CRF_H
