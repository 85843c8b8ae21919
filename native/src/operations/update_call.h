/// What an optimiser update tells its kernels.
#ifndef GATEFOLD_UPDATE_CALL_H
#define GATEFOLD_UPDATE_CALL_H

#include <cstdint>

namespace gatefold {

/// Constants of one optimiser step, the same for all of a segment.
struct UpdateCall {
  int32_t kind;
  bool nesterov, centered, decoupled, first;
  float gradient_scale, rate, l1, l2, momentum, dampening, alpha, beta1, beta2, epsilon;
  float mean_factor, gradient_factor;
  float inverse_correction1, inverse_root_correction2;
  float* parameters;
  const float* gradient;
  float *state1, *state2, *state3;
};

}  // namespace gatefold

#endif  // GATEFOLD_UPDATE_CALL_H
