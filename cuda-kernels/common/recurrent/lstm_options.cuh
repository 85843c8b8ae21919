// One step of an LSTM with options on four units of one row.
#pragma once

#include "common/recurrent/cell_noise.cuh"
#include "common/recurrent/lstm.cuh"

namespace gatefold {

// The peepholes of gate 0 (i), 1 (f) or 2 (o); zeros if there are none.
__device__ __forceinline__ Quad load_peepholes(const StepFrame& f, int gate, const StepItem& it,
                                               int hidden) {
  if (f.peepholes == nullptr) return zero_quad();
  return load_quad(f.peepholes + static_cast<size_t>(gate) * hidden + it.unit, it.count, it.vector);
}

__device__ __forceinline__ void add_products(Quad& q, const Quad& p, const Quad& c) {
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = fmaf(p.v[k], c.v[k], q.v[k]);
}

// The cell state that a step makes, before any of it may stay what it was; g: times its mask. The
// same bits wherever it is computed.
__device__ __forceinline__ float made_state(float i, float f, float g, float before, float clip) {
  return within(fmaf(f, before, i * g), clip);
}

// q: read: the sums of products and bias; written: the activated gates. c: written: the cell state
// after step t, c_old that before it. The result is what h is made of of the cell state.
__device__ __forceinline__ Quad option_states(LstmGates& q, Quad& c, const Quad& c_old,
                                              const StepFrame& f, const StepOptions& options, int t,
                                              int batch, int hidden, const StepItem& it) {
  add_products(q.i, load_peepholes(f, 0, it, hidden), c_old);
  add_products(q.f, load_peepholes(f, 1, it, hidden), c_old);
  q.i = activated(options.gate, q.i, options.gate_clip);
  if (options.coupled) {
#pragma unroll
    for (int k = 0; k < 4; ++k) q.f.v[k] = 1.0f - q.i.v[k];
  } else {
    q.f = activated(options.gate, q.f, options.gate_clip);
  }
  q.g = activated(options.candidate, q.g, options.gate_clip);
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays_c = zoneout_cell(f, options, t, batch, hidden, it);
  Quad made;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    made.v[k] = made_state(q.i.v[k], q.f.v[k], q.g.v[k] * scale.v[k], c_old.v[k], f.clip);
    c.v[k] = mixed(stays_c.v[k], c_old.v[k], made.v[k]);
  }
  add_products(q.o, load_peepholes(f, 2, it, hidden), c);
  q.o = activated(options.gate, q.o, options.gate_clip);
  return made;
}

// The same; the result is o times the output's function.
__device__ __forceinline__ Quad option_units(LstmGates& q, Quad& c, const Quad& c_old,
                                             const StepFrame& f, const StepOptions& options, int t,
                                             int batch, int hidden, const StepItem& it) {
  const Quad made = option_states(q, c, c_old, f, options, t, batch, hidden, it);
  Quad h = activated(options.output, made, 0.0f);
#pragma unroll
  for (int k = 0; k < 4; ++k) h.v[k] *= q.o.v[k];
  return h;
}

// q: read: the activated gates; written: the gradients of their sums. d_o: that of o's. d_c: read:
// that of the cell state after step t, but for what comes through the others; written: that of the
// one before, which `before` is. through: that of `made`, what h is made of, through h.
__device__ __forceinline__ void option_state_gradients(LstmGates& q, Quad& d_c, const Quad& d_o,
                                                       const Quad& through, const Quad& made,
                                                       const Quad& before, const StepFrame& f,
                                                       const StepOptions& options, int t, int batch,
                                                       int hidden, const StepItem& it) {
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  const Quad stays_c = zoneout_cell(f, options, t, batch, hidden, it);
  const Extremes of_gate = extremes(options.gate, options.gate_clip);
  const Extremes of_candidate = extremes(options.candidate, options.gate_clip);
  const Quad i_slope = slopes(options.gate, q.i, of_gate);
  const Quad f_slope = slopes(options.gate, q.f, of_gate);
  const Quad g_slope = slopes(options.candidate, q.g, of_candidate);
  const Quad p_i = load_peepholes(f, 0, it, hidden);
  const Quad p_f = load_peepholes(f, 1, it, hidden);
  const Quad p_o = load_peepholes(f, 2, it, hidden);
  const bool coupled = options.coupled != 0;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float forget = q.f.v[k];
    const float d_state = d_c.v[k] + d_o.v[k] * p_o.v[k];
    float cell = (1.0f - stays_c.v[k]) * d_state + through.v[k];
    if (f.clip > 0.0f && (made.v[k] >= f.clip || made.v[k] <= -f.clip)) cell = 0.0f;
    const float past = cell * before.v[k];
    const float d_i = (cell * q.g.v[k] * scale.v[k] - (coupled ? past : 0.0f)) * i_slope.v[k];
    const float d_f = coupled ? 0.0f : past * f_slope.v[k];
    q.g.v[k] = cell * q.i.v[k] * scale.v[k] * g_slope.v[k];
    q.i.v[k] = d_i;
    q.f.v[k] = d_f;
    q.o.v[k] = d_o.v[k];
    d_c.v[k] = stays_c.v[k] * d_state + cell * forget + d_i * p_i.v[k] + d_f * p_f.v[k];
  }
}

// q: read: the activated gates; written: the gradients of their sums. d_new: that of what the
// units gave. d_c: read: that of the cell state after step t, but for what comes through d_new;
// written: that of the one before, which `before` is; `after` is the cell state after the step.
__device__ __forceinline__ void option_unit_gradients(LstmGates& q, Quad& d_c, const Quad& d_new,
                                                      const Quad& before, const Quad& after,
                                                      const StepFrame& f,
                                                      const StepOptions& options, int t, int batch,
                                                      int hidden, const StepItem& it) {
  const Quad scale = candidate_scales(f, options, t, batch, hidden, it);
  Quad made = after;
  if (options.zoneout_c > 0.0f) {  // what a unit would have come to is not kept where it stayed
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      made.v[k] = made_state(q.i.v[k], q.f.v[k], q.g.v[k] * scale.v[k], before.v[k], f.clip);
    }
  }
  const Quad out = activated(options.output, made, 0.0f);
  const Quad out_slope = slopes(options.output, out, extremes(options.output, 0.0f));
  const Quad o_slope = slopes(options.gate, q.o, extremes(options.gate, options.gate_clip));
  Quad d_o, through;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    d_o.v[k] = d_new.v[k] * out.v[k] * o_slope.v[k];
    through.v[k] = d_new.v[k] * q.o.v[k] * out_slope.v[k];
  }
  option_state_gradients(q, d_c, d_o, through, made, before, f, options, t, batch, hidden, it);
}

}  // namespace gatefold
