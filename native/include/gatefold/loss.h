/// Losses with their gradients; conventions in gatefold.h. Weights [N] >= 0 of rows, or null =
/// ones: a weight of 0 excludes the row whatever it holds; if no row counts the loss and gradients
/// are 0.
#ifndef GATEFOLD_ABI_LOSS_H
#define GATEFOLD_ABI_LOSS_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Losses l of a target t by itself, given x or, if several numbers are predicted for it, x and s.
/// d = x - t; sigma is the logistic function.
typedef enum gf_loss {
  GF_MSE = 0,                   ///< d^2
  GF_MAE = 1,                   ///< |d|
  GF_HUBER = 2,                 ///< 0.5*d^2 inside first, first*(|d| - 0.5*first) outside
  GF_LOG_COSH = 3,              ///< log cosh d
  GF_BINARY_CROSS_ENTROPY = 4,  ///< -w*t*log sigma(x) - (1-t)*log sigma(-x), w = table[column] or 1
  GF_FOCAL = 5,                 ///< -second*t*q^first*log p - (1-second)*(1-t)*p^first*log q,
                                ///< p = sigma(x), q = sigma(-x)
  GF_HINGE = 6,                 ///< max(0, 1 - x) for t > 0, else max(0, 1 + x)
  GF_SQUARED_HINGE = 7,         ///< its square
  GF_QUANTILE = 8,              ///< sum over x_i of max(q*(t-x_i), (q-1)*(t-x_i)), q = table[i]
  GF_GAUSSIAN_NLL = 9,          ///< (s + d^2*exp(-s) + log(2*pi)) / 2
  GF_STUDENT_T_NLL = 10,        ///< s + (first+1)/2*log(1 + z^2/first) + second, z = d*exp(-s)
  GF_KL_DIVERGENCE = 11         ///< t*(log t - x), 0 where t is 0
} gf_loss;

/// loss[0] = sum(w[n] * l(n,f)) / (terms * sum w) of target [N,F] and x [N,F*parts], in which the
/// numbers for one target stand side by side. kind: gf_loss, with its constants first and second.
/// parts: 1; 2 with s; any number for quantiles. table: [parts] for quantiles; [F] or null for
/// GF_BINARY_CROSS_ENTROPY; not read by others. dx [N,F*parts] written, or null; may alias x.
GF_API int gf_pointwise_loss(gf_engine* engine, int32_t kind, int32_t parts, int64_t terms,
                             double first, double second, int64_t rows, int64_t columns,
                             const float* table, const float* x, const float* target,
                             const float* weights, float* loss, float* dx);

/// Softmax cross-entropy of logits [N,C] and labels [N] in 0..C-1 or ignore_index, as PyTorch:
/// k[label]*(1-s)*nll + s/C*sum(-k[c]*log p[c]), mean over the counted rows by their weight times
/// k[label]; class weights k [C] or null = ones. dlogits [N,C] written, or null; may alias logits.
/// A counted row with any other label makes the loss and its own gradient NaN.
GF_API int gf_cross_entropy(gf_engine* engine, int64_t rows, int64_t columns, const float* logits,
                            const int32_t* labels, int32_t ignore_index, float label_smoothing,
                            const float* class_weights, const float* weights, float* loss,
                            float* dlogits);

/// Weighted mean over rows of a, b [N,F] of 1 - cos(a,b) where together[n] > 0 or together is null,
/// else of max(0, cos(a,b) - margin); 1e-12 is added to squared lengths, as in PyTorch. da, db
/// [N,F] written, or null.
GF_API int gf_cosine_embedding_loss(gf_engine* engine, int64_t rows, int64_t columns,
                                    const float* a, const float* b, const float* together,
                                    float margin, const float* weights, float* loss, float* da,
                                    float* db);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_LOSS_H
