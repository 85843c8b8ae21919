// The equations of one step of a GRU with options, on four units of one row: what is made of its
// gates, and the gradients of their sums.
#pragma once

#include "common/recurrent/cell_noise.cuh"

namespace gatefold {

// h after step t.
__device__ __forceinline__ Quad option_gru_state(const Quad& z, const Quad& n, const Quad& h_old,
                                                 const StepFrame& f, const StepOptions& options,
                                                 int t, int batch, int hidden, const StepItem& it) {
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays = zoneout_hidden(f, options, t, batch, hidden, it);
  Quad h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float made = (1.0f - z.v[k]) * (n.v[k] * scale.v[k]) + z.v[k] * h_old.v[k];
    h.v[k] = mixed(stays.v[k], h_old.v[k], made);
  }
  return h;
}

// z, n: read: the gates of step t; written: the gradients of their sums. d: read: the whole
// gradient of h; written: what passes the step by.
__device__ __forceinline__ void option_gru_gradients(Quad& z, Quad& n, Quad& d, const Quad& h_old,
                                                     const StepFrame& f, const StepOptions& options,
                                                     int t, int batch, int hidden,
                                                     const StepItem& it) {
  const Quad z_slope = slopes(options.gate, z, extremes(options.gate, options.gate_clip));
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays = zoneout_hidden(f, options, t, batch, hidden, it);
  const Quad n_slope = slopes(options.candidate, n, extremes(options.candidate, options.gate_clip));
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float d_new = (1.0f - stays.v[k]) * d.v[k];
    const float dz = d_new * (h_old.v[k] - n.v[k] * scale.v[k]) * z_slope.v[k];
    n.v[k] = d_new * (1.0f - z.v[k]) * scale.v[k] * n_slope.v[k];
    d.v[k] = stays.v[k] * d.v[k] + d_new * z.v[k];
    z.v[k] = dz;
  }
}

// The reset gate after the candidate's recurrent product: r, recurrent: read: the gate and that
// product's part; written: the gradients of its sum and of that part, from that of n's sum.
__device__ __forceinline__ void option_reset_gradients(Quad& r, Quad& recurrent, const Quad& dn,
                                                       const StepOptions& options) {
  const Quad r_slope = slopes(options.gate, r, extremes(options.gate, options.gate_clip));
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float dr = dn.v[k] * recurrent.v[k] * r_slope.v[k];
    recurrent.v[k] = dn.v[k] * r.v[k];
    r.v[k] = dr;
  }
}

// The reset gate before it: r: read: the gate; written: the gradient of its sum, from that of r *
// h'. d: what reaches h' so is added.
__device__ __forceinline__ void option_reset_gradients_before(Quad& r, Quad& d, const Quad& d_of,
                                                              const Quad& h_old,
                                                              const StepOptions& options) {
  const Quad r_slope = slopes(options.gate, r, extremes(options.gate, options.gate_clip));
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    d.v[k] += d_of.v[k] * r.v[k];
    r.v[k] = d_of.v[k] * h_old.v[k] * r_slope.v[k];
  }
}

}  // namespace gatefold
