// The equations of one step of a plain RNN with options, on four units of one row: what is made of
// its gate, and the gradients of its sum.
#pragma once

#include "common/recurrent/cell_noise.cuh"

namespace gatefold {

// h: read: the candidate's function of the sum; written: h after step t.
__device__ __forceinline__ void option_rnn_state(Quad& h, const Quad& h_old, const StepFrame& f,
                                                 const StepOptions& options, int t, int batch,
                                                 int hidden, const StepItem& it) {
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays = zoneout_hidden(f, options, t, batch, hidden, it);
#pragma unroll
  for (int k = 0; k < 4; ++k) h.v[k] = mixed(stays.v[k], h_old.v[k], scale.v[k] * h.v[k]);
}

// d: read: the whole gradient of h; written: that of the sum whose function has a value. past:
// written: what passes the step by.
__device__ __forceinline__ void option_rnn_gradients(Quad& d, Quad& past, const Quad& value,
                                                     const StepFrame& f, const StepOptions& options,
                                                     int t, int batch, int hidden,
                                                     const StepItem& it) {
  const Extremes of_candidate = extremes(options.candidate, options.gate_clip);
  const Quad slope = slopes(options.candidate, value, of_candidate);
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays = zoneout_hidden(f, options, t, batch, hidden, it);
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    past.v[k] = stays.v[k] * d.v[k];
    d.v[k] *= (1.0f - stays.v[k]) * scale.v[k] * slope.v[k];
  }
}

}  // namespace gatefold
