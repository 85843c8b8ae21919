// Random masks inside cells with options: zoneout, dropout of the candidate, and that of h where it
// enters the recurrent product.
#pragma once

#include "common/recurrent/gate_activation.cuh"
#include "common/recurrent/step.cuh"

namespace gatefold {

// CellNoise.Mask of op.recurrent.
enum NoiseMask { kZoneoutHidden = 1, kZoneoutCell = 2, kCandidateMask = 3, kRecurrentMask = 4 };

__device__ __forceinline__ bool draws(const StepFrame& f, const StepOptions& options) {
  return f.keep && options.drawn;
}

// What of the units' state before step t stays: all or nothing where masks are drawn, else its
// expectation.
__device__ __forceinline__ Quad zoneout(const StepFrame& f, const StepOptions& options,
                                        NoiseMask mask, float p, int t, int batch, int hidden,
                                        const StepItem& item) {
  Quad stays;
#pragma unroll
  for (int k = 0; k < 4; ++k) stays.v[k] = p;
  if (p > 0.0f && draws(f, options)) {
    const Quad kept = noise_scales(f, mask, t, batch, hidden, item, p, 1.0f);
#pragma unroll
    for (int k = 0; k < 4; ++k) stays.v[k] = 1.0f - kept.v[k];
  }
  return stays;
}

__device__ __forceinline__ Quad zoneout_hidden(const StepFrame& f, const StepOptions& options,
                                               int t, int batch, int hidden, const StepItem& item) {
  return zoneout(f, options, kZoneoutHidden, options.zoneout_h, t, batch, hidden, item);
}

__device__ __forceinline__ Quad zoneout_cell(const StepFrame& f, const StepOptions& options, int t,
                                             int batch, int hidden, const StepItem& item) {
  return zoneout(f, options, kZoneoutCell, options.zoneout_c, t, batch, hidden, item);
}

// What the units' candidates of step t are multiplied with.
__device__ __forceinline__ Quad candidate_scales(const StepFrame& f, const StepOptions& options,
                                                 int t, int batch, int hidden,
                                                 const StepItem& item) {
  if (options.candidate_drop > 0.0f && draws(f, options)) {
    return noise_scales(f, kCandidateMask, t, batch, hidden, item, options.candidate_drop,
                        options.candidate_scale);
  }
  Quad ones;
#pragma unroll
  for (int k = 0; k < 4; ++k) ones.v[k] = 1.0f;
  return ones;
}

// What the units' h is multiplied with as an operand of products, at every step: elements b*H + j.
__device__ __forceinline__ Quad recurrent_scales(const StepFrame& f, const StepOptions& options,
                                                 int batch, int hidden, const StepItem& item) {
  return noise_scales(f, kRecurrentMask, 0, batch, hidden, item, options.recurrent_drop,
                      options.recurrent_scale);
}

// q times these scales, if there are any.
__device__ __forceinline__ Quad recurrent_masked(Quad q, const StepFrame& f,
                                                 const StepOptions& options, int batch, int hidden,
                                                 const StepItem& item) {
  if (options.recurrent_drop > 0.0f && draws(f, options)) {
    const Quad scale = recurrent_scales(f, options, batch, hidden, item);
#pragma unroll
    for (int k = 0; k < 4; ++k) q.v[k] *= scale.v[k];
  }
  return q;
}

// The state after a step of which a share stays what it was before it.
__device__ __forceinline__ float mixed(float stays, float before, float after) {
  return fmaf(stays, before, (1.0f - stays) * after);
}

}  // namespace gatefold
