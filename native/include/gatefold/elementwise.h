/// Element by element, and softmax; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_ELEMENTWISE_H
#define GATEFOLD_ABI_ELEMENTWISE_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gf_activation {
  GF_SIGMOID = 0,
  GF_TANH = 1,
  GF_RELU = 2,
  GF_LEAKY_RELU = 3,  ///< x < 0: alpha*x
  GF_ELU = 4,         ///< x < 0: alpha*(e^x - 1)
  GF_GELU = 5,        ///< x * Phi(x), by the error function
  GF_SILU = 6,        ///< x * sigmoid(x)
  GF_SOFTPLUS = 7,    ///< log(1 + e^x)
  GF_EXP = 8,
  GF_HARD_SIGMOID = 9,      ///< min(1, max(0, alpha*x + beta)); slope 0 at 0 and 1
  GF_SOFTSIGN = 10,         ///< x / (1 + |x|)
  GF_CLIP = 11,             ///< min(beta, max(alpha, x)); slope 0 at the bounds
  GF_SELU = 12,             ///< x > 0 ? beta*x : beta*alpha*(e^x - 1)
  GF_MISH = 13,             ///< x * tanh(log(1 + e^x))
  GF_HARD_SWISH = 14,       ///< x * min(1, max(0, x/6 + 1/2))
  GF_GELU_TANH = 15,        ///< x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715*x^3)))
  GF_THRESHOLDED_RELU = 16  ///< x > alpha ? x : 0
} gf_activation;

/// y[i] = f(x[i]); y may alias x. alpha and beta are read by the functions that name them.
GF_API int gf_activation_forward(gf_engine* engine, int32_t kind, float alpha, float beta,
                                 int64_t count, const float* x, float* y);
/// dx[i] = dy[i] * f'(x[i]) from the forward's x and y; dx may alias dy.
GF_API int gf_activation_backward(gf_engine* engine, int32_t kind, float alpha, float beta,
                                  int64_t count, const float* x, const float* y, const float* dy,
                                  float* dx);

typedef enum gf_binary {
  GF_ADD = 0,
  GF_SUBTRACT = 1,
  GF_MULTIPLY = 2,
  GF_AVERAGE = 3,
  GF_DIVIDE = 4,
  GF_MAXIMUM = 5,  ///< NaN if either is
  GF_MINIMUM = 6   ///< NaN if either is
} gf_binary;

/// y = a (op) b; y may alias a or b.
GF_API int gf_binary_apply(gf_engine* engine, int32_t kind, int64_t count, const float* a,
                           const float* b, float* y);
/// y = alpha*x; y may alias x.
GF_API int gf_scale(gf_engine* engine, int64_t count, float alpha, const float* x, float* y);
/// y += alpha*x.
GF_API int gf_scaled_add(gf_engine* engine, int64_t count, float alpha, const float* x, float* y);

/// y[e] = kept(e) ? x[e]/(1-p) : 0. Word e%4 of Philox4x32-10 with key = seed and counter
/// (e/4 low, e/4 high, stream, 0); u = (word >> 8) * 2^-24; kept iff u >= p. The backward is the
/// same function of dy. y may alias x. 0 <= p < 1.
GF_API int gf_dropout(gf_engine* engine, int64_t count, float p, uint64_t seed, uint32_t stream,
                      const float* x, float* y);

/// Softmax (log_form 0) or log-softmax (log_form 1) of every row of x [N,C]; y may alias x.
GF_API int gf_softmax_forward(gf_engine* engine, int64_t rows, int64_t columns, int32_t log_form,
                              const float* x, float* y);
/// dx [N,C] written from the forward's y and dy; dx may alias dy.
GF_API int gf_softmax_backward(gf_engine* engine, int64_t rows, int64_t columns, int32_t log_form,
                               const float* y, const float* dy, float* dx);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_ELEMENTWISE_H
