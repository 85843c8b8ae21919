/// Connectionist temporal classification; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_CTC_H
#define GATEFOLD_ABI_CTC_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// How the losses l of rows become one number; w weights of rows or 1, n labels of a row.
typedef enum gf_ctc_reduction {
  GF_CTC_ROW_MEAN = 0,    ///< sum w*l / sum w
  GF_CTC_LABEL_MEAN = 1,  ///< sum w*l/max(n,1) / sum w, as PyTorch's "mean"
  GF_CTC_SUM = 2          ///< sum w*l
} gf_ctc_reduction;

/// logits [steps, batch, classes], label classes [labels, batch].
typedef struct gf_ctc {
  int32_t steps;
  int32_t batch;
  int32_t classes;
  int32_t labels;
  int32_t blank;          ///< the class that is no label
  int32_t reduction;      ///< gf_ctc_reduction
  int32_t zero_infinity;  ///< rows whose labels do not fit into their steps cost 0
} gf_ctc;

/// loss[0] written: -log of the probability, by softmax of logits, of all paths that give a row's
/// labels, reduced. lengths [batch]: valid steps, counts [batch]: valid labels, or null = all.
/// weights [batch] >= 0 or null = ones; rows of weight 0 are not read. dlogits as logits, written,
/// or null; 0 behind the lengths; not aliasing logits. A label outside 0..classes-1 or equal to the
/// blank makes the row's loss and gradient NaN.
GF_API int gf_ctc_loss(gf_engine* engine, const gf_ctc* ctc, const float* logits,
                       const int32_t* lengths, const int32_t* label_classes, const int32_t* counts,
                       const float* weights, float* loss, float* dlogits);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_CTC_H
