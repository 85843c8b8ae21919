#include "recurrent/cell_options.h"

#include <cmath>

namespace gatefold {
namespace {

bool flag(int32_t value) { return value == 0 || value == 1; }

bool probability(float p) { return p >= 0 && p < 1; }

bool valid_noise(const gf_cell_noise& n, bool lstm) {
  return probability(n.zoneout_h) && probability(n.zoneout_c) && probability(n.candidate_dropout) &&
         probability(n.recurrent_dropout) && flag(n.drawn) && (lstm || n.zoneout_c == 0);
}

bool valid_function(const gf_gate_function& f) {
  if (f.kind < GF_GATE_SIGMOID || f.kind > GF_GATE_SCALED_TANH || !std::isfinite(f.alpha) ||
      !std::isfinite(f.beta)) {
    return false;
  }
  // Otherwise the slope would not follow from the value.
  bool rectifier = f.kind == GF_GATE_ELU || f.kind == GF_GATE_LEAKY_RELU;
  return !(rectifier && f.alpha < 0) && !(f.kind == GF_GATE_SCALED_TANH && f.alpha == 0);
}

}  // namespace

bool valid_options(const gf_recurrent_spec& s) {
  bool lstm = s.cell == GF_LSTM;
  if (!flag(s.peepholes) || !flag(s.coupled) || !flag(s.reset_before) || !flag(s.functions_given) ||
      (s.reset_before != 0 && s.cell != GF_GRU) || (s.peepholes != 0 && !lstm) ||
      (s.coupled != 0 && !lstm) || s.projection < 0 || s.projection >= s.hidden ||
      (s.projection != 0 && !lstm) || !flag(s.layer_norm) ||
      (s.layer_norm != 0 && (s.projection != 0 || s.skip_input != 0)) || !flag(s.skip_input) ||
      (s.skip_input != 0 && s.input != s.hidden) || !(s.gate_clip >= 0) ||
      !valid_noise(s.noise, lstm)) {
    return false;
  }
  for (int32_t d = 0; s.functions_given != 0 && d < s.directions; d++) {
    const gf_cell_functions& f = s.functions[d];
    if (!valid_function(f.gate) || !valid_function(f.candidate) || !valid_function(f.output)) {
      return false;
    }
  }
  return true;
}

bool has_options(const gf_recurrent_spec& s) {
  return s.peepholes != 0 || s.coupled != 0 || s.gate_clip > 0 || s.functions_given != 0 ||
         s.noise.zoneout_h > 0 || s.noise.zoneout_c > 0 || s.noise.candidate_dropout > 0 ||
         s.noise.recurrent_dropout > 0;
}

gf_cell_functions functions_of(const gf_recurrent_spec& s, int64_t direction) {
  if (s.functions_given != 0) {
    return s.functions[direction];
  }
  const gf_gate_function tanh{GF_GATE_TANH, 0, 0};
  const gf_gate_function relu{GF_GATE_RELU, 0, 0};
  return {{GF_GATE_SIGMOID, 0, 0}, s.cell == GF_RNN_RELU ? relu : tanh, tanh};
}

}  // namespace gatefold
