/// Losses with their gradients; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_LOSS_H
#define GATEFOLD_ABI_LOSS_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gf_loss { GF_MSE = 0, GF_MAE = 1, GF_HUBER = 2 } gf_loss;

/// loss[0] = sum(w[n] * l(x[n,f] - target[n,f])) / (F * sum w) over [N,F]; weights [N] >= 0, or
/// null = ones. l: d^2, |d|, or 0.5*d^2 inside delta and delta*(|d| - 0.5*delta) outside. A weight
/// of 0 excludes the row whatever it holds; if all weights are 0 the loss and gradient are 0.
/// dx [N,F] written, or null. dx may alias x.
GF_API int gf_regression_loss(gf_engine* engine, int32_t kind, float delta, int64_t rows,
                              int64_t columns, const float* x, const float* target,
                              const float* weights, float* loss, float* dx);

/// Softmax cross-entropy of logits [N,C] and labels [N] in 0..C-1 or ignore_index, as PyTorch:
/// (1-s)*nll + s/C*sum(-log p), weighted mean over the counted rows; weights [N] or null = ones.
/// If no row counts the loss and gradient are 0. dlogits [N,C] written, or null; may alias logits.
/// A counted row with any other label makes the loss and its own gradient NaN.
GF_API int gf_cross_entropy(gf_engine* engine, int64_t rows, int64_t columns, const float* logits,
                            const int32_t* labels, int32_t ignore_index, float label_smoothing,
                            const float* weights, float* loss, float* dlogits);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_LOSS_H
