/// Norms of gradients, and optimisers; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_OPTIMIZER_H
#define GATEFOLD_ABI_OPTIMIZER_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A parameter inside the flat buffer.
typedef struct gf_segment {
  int64_t offset;
  int64_t length;
  float rate_scale;   ///< multiplies the learning rate
  float decay_scale;  ///< multiplies l1 and l2
} gf_segment;

/// squares [segments] written: sum of squares per segment, in double precision. result [2] written:
/// the norm over all segments divided by loss_scale, and min(1, max_norm / (norm + 1e-6)) /
/// loss_scale, or NaN if the norm, or one of the numbers `required` [required_count], is not
/// finite. max_norm > 0; infinity = no clipping. loss_scale > 0: what the gradients are multiplied
/// by.
GF_API int gf_gradient_norm(gf_engine* engine, const float* gradient, int64_t segments,
                            const gf_segment* segment, float max_norm, float loss_scale,
                            int64_t required_count, const float* required, float* squares,
                            float* result);

/// g = min(max(g, -limit), limit), NaN kept; in place.
GF_API int gf_clip_value(gf_engine* engine, int64_t count, float limit, float* gradient);

/// Adds Gaussian noise to the elements of all segments: g += deviation / scale * z, so that what an
/// update takes, g * scale, has noise of this deviation. z of element e, counted from the
/// beginning of `gradient`, is of the block of gf_dropout's generator with counter (e/4 low, e/4
/// high, 0x6E6F6973, 0) and key `key`, whose words w, as a = ((w >> 8) + 1) / 2^24 or b = (w >> 8)
/// / 2^24, give it by Box and Muller 1958: r cos(2 pi b1), r sin(2 pi b1), r = sqrt(-2 ln a0), and
/// the same of words 2 and 3. scale: one float, or null = 1; if it is not finite or 0, nothing is
/// written. deviation >= 0.
GF_API int gf_gradient_noise(gf_engine* engine, int64_t segments, const gf_segment* segment,
                             float deviation, uint64_t key, const float* scale, float* gradient);

typedef enum gf_optimizer_kind {
  GF_SGD = 0,
  GF_RMSPROP = 1,
  GF_ADAM = 2,
  GF_ADAGRAD = 3,
  GF_ADADELTA = 4,
  GF_NADAM = 5,
  GF_ADAMAX = 6,
  GF_LAMB = 7
} gf_optimizer_kind;

typedef struct gf_optimizer {
  int32_t kind;           ///< gf_optimizer_kind
  int32_t nesterov;       ///< SGD
  int32_t centered;       ///< RMSProp
  int32_t decoupled;      ///< 1: p -= rate*l2*p before the update instead of the gradient (AdamW)
  int64_t step;           ///< number of this update, from 1
  float rate;             ///< learning rate; Adagrad: with its decay
  float momentum;         ///< SGD, RMSProp
  float dampening;        ///< SGD
  float alpha;            ///< RMSProp, Adadelta: decay of the squared average
  float beta1;            ///< Adam, NAdam, AdaMax, LAMB
  float beta2;            ///< Adam, NAdam, AdaMax, LAMB
  float epsilon;          ///< all but SGD
  float l1;               ///< adds l1*sign(p) to the gradient
  float l2;               ///< adds l2*p to the gradient, or see decoupled
  float mean_factor;      ///< NAdam: what the first moment is multiplied with
  float gradient_factor;  ///< NAdam: what the gradient is multiplied with
} gf_optimizer;

/// One update of `parameters` from `gradient`, with PyTorch's formulas; LAMB as You 2020 has it, a
/// segment being one of its tensors, with a decoupled l2 inside what its ratio scales. State
/// buffers are of the parameters' size, before the first update zero, or what Adagrad starts with;
/// null where unused:
///   SGD with momentum: state1 = momentum; RMSProp: state1 = squared average, state2 = average
///   (centered), state3 = momentum (momentum > 0); Adagrad: state1 = sum of squares; Adadelta:
///   state1, state2 = averages of squared gradients and changes; the others: state1, state2 =
///   moments.
/// gradient_scale: one float that multiplies the gradient, or null = 1. If it is not finite,
/// nothing at all is written. Elements outside every segment are left alone.
GF_API int gf_optimizer_step(gf_engine* engine, const gf_optimizer* optimizer, float* parameters,
                             const float* gradient, float* state1, float* state2, float* state3,
                             int64_t segments, const gf_segment* segment,
                             const float* gradient_scale);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_OPTIMIZER_H
