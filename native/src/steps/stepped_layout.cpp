#include "steps/stepped_layout.h"

#include <algorithm>

namespace gatefold {
namespace {

/// Floats of weights that the L2 cache holds beside what is computed with them.
constexpr int64_t kCachedWeights = 512 << 10;

/// Rows of a segment, or one step's: few, so that what its steps leave stays in the L2 cache until
/// the products have taken it; more where weights come from further away for each segment.
int64_t segment_rows(int64_t weights) { return weights > kCachedWeights ? 128 : 64; }

int64_t align(int64_t floats) { return (floats + 15) / 16 * 16; }

}  // namespace

bool is_stepped(const gf_recurrent_spec& spec) {
  return spec.reset_before != 0 || spec.projection != 0 || spec.layer_norm != 0;
}

SteppedLayout::SteppedLayout(const gf_recurrent_spec& spec, int lanes_)
    : gates(spec.cell == GF_LSTM  ? 4
            : spec.cell == GF_GRU ? 3
                                  : 1),
      early_gates(spec.reset_before != 0 ? 2 : gates),
      biases(spec.cell == GF_GRU && spec.reset_before == 0 ? 4 : gates),
      lanes(lanes_),
      steps(spec.steps),
      batch(spec.batch),
      input(spec.input),
      hidden(spec.hidden),
      layers(spec.layers),
      directions(spec.directions),
      features(spec.projection != 0 ? spec.projection : spec.hidden),
      training(spec.training != 0),
      dropout(spec.dropout > 0 && spec.layers > 1),
      bf16(spec.precision == GF_BF16),
      recompute(spec.recompute_segment > 0),
      projects(spec.projection != 0),
      normalises(spec.layer_norm != 0),
      cells(spec.cell == GF_LSTM),
      masked_h(spec.noise.recurrent_dropout > 0 && spec.noise.drawn != 0 && spec.training != 0),
      skip_input(spec.skip_input != 0) {
  units = padded(hidden);
  places = padded(features);
  width = gates * units;
  run_steps = std::max<int64_t>(1, kRunRows / batch);
  const int64_t weights = width * (widest_input() + features);
  const int64_t in_cache = std::max<int64_t>(1, segment_rows(weights) / batch);
  segment = std::min<int64_t>(recompute ? spec.recompute_segment : in_cache, steps);
}

Range SteppedLayout::run_of(int64_t row) const {
  const int64_t first = row / (run_steps * batch) * run_steps * batch;
  const int64_t begin = first + (row - first) / kRunRows * kRunRows;
  return {begin, std::min({begin + kRunRows, first + run_steps * batch, rows()})};
}

int64_t SteppedLayout::packed_offset(int64_t layer, int64_t direction) const {
  int64_t offset = 0;
  for (int64_t l = 0; l < layer; l++) {
    offset += directions * align(packed_end(l));
  }
  return direction == 0 ? offset : offset + direction * align(packed_end(layer));
}

int64_t SteppedLayout::reserve_layer(int64_t layer) const {
  int64_t outputs = layer + 1 < layers ? (dropout ? 2 : 1) * align(output_size()) : 0;
  return directions * reserve_direction() + outputs;
}

int64_t SteppedLayout::kept_rows() const {
  if (recompute) {
    return 0;
  }
  return align(rows() * width) +
         (normalises ? 2 * align(rows() * width) + align(rows() * products() * 2) : 0);
}

int64_t SteppedLayout::reserve_direction() const {
  const int64_t borders = (steps + segment - 1) / segment * batch;
  return kept_rows() + (cells ? align((recompute ? borders : rows()) * units) : 0);
}

int64_t SteppedLayout::reserve_product_x(int64_t layer, int64_t direction) const {
  return reserve_gates(layer, direction) + (recompute ? 0 : align(rows() * width));
}

int64_t SteppedLayout::reserve_product_h(int64_t layer, int64_t direction) const {
  return reserve_product_x(layer, direction) +
         (normalises && !recompute ? align(rows() * width) : 0);
}

int64_t SteppedLayout::reserve_moments(int64_t layer, int64_t direction) const {
  return reserve_product_h(layer, direction) +
         (normalises && !recompute ? align(rows() * width) : 0);
}

int64_t SteppedLayout::reserve_cells(int64_t layer, int64_t direction) const {
  return reserve_gates(layer, direction) + kept_rows();
}

int64_t SteppedLayout::reserve_gates(int64_t layer, int64_t direction) const {
  int64_t offset = 0;
  for (int64_t l = 0; l < layer; l++) {
    offset += reserve_layer(l);
  }
  return offset + direction * reserve_direction();
}

int64_t SteppedLayout::reserve_dropped(int64_t layer) const {
  return reserve_output(layer) + (dropout ? align(output_size()) : 0);
}

int64_t SteppedLayout::widest_input() const {
  return layers > 1 ? std::max(input, directions * features) : input;
}

int64_t SteppedLayout::state() const { return align(std::max({widest_input(), units, places})); }

int64_t SteppedLayout::operand() const {
  return state() + (bf16 || masked_h ? align(batch * places) : 0);
}

int64_t SteppedLayout::h_mask() const { return operand() + align(batch * places); }

int64_t SteppedLayout::late_operand() const {
  return h_mask() + (masked_h ? align(batch * places) : 0);
}

int64_t SteppedLayout::cell_state() const { return late_operand() + align(batch * units); }

int64_t SteppedLayout::segment_gates() const {
  return cell_state() + (cells ? align(batch * units) : 0);
}

int64_t SteppedLayout::segment_product_x() const {
  return segment_gates() + align(segment * batch * width);
}

int64_t SteppedLayout::segment_product_h() const {
  return segment_product_x() + (normalises ? align(segment * batch * width) : 0);
}

int64_t SteppedLayout::segment_moments() const {
  return segment_product_h() + (normalises ? align(segment * batch * width) : 0);
}

int64_t SteppedLayout::segment_x() const {
  return segment_moments() + align(segment * batch * products() * 2);
}

int64_t SteppedLayout::segment_cells() const {
  return segment_x() + (bf16 ? align(segment * batch * widest_input()) : 0);
}

int64_t SteppedLayout::output(int64_t parity) const {
  return segment_cells() + (cells ? align(segment * batch * units) : 0) +
         (layers > 1 ? parity * align(output_size()) : 0);
}

int64_t SteppedLayout::gradient() const { return output(2); }

int64_t SteppedLayout::cell_gradient() const { return gradient() + align(batch * places); }

int64_t SteppedLayout::projected() const {
  return cell_gradient() + (cells ? align(batch * units) : 0);
}

int64_t SteppedLayout::x_panels() const {
  return projected() + (projects ? align(segment * batch * places) : 0);
}

int64_t SteppedLayout::h_panels() const {
  return x_panels() + align(segment * batch * padded(widest_input()));
}

int64_t SteppedLayout::late_panels() const { return h_panels() + align(segment * batch * places); }

int64_t SteppedLayout::x_sums() const { return late_panels() + align(segment * batch * units); }

int64_t SteppedLayout::h_sums() const { return x_sums() + 3 * align(x_sums_part()); }

int64_t SteppedLayout::bias_sums() const { return h_sums() + 3 * align(h_sums_part()); }

int64_t SteppedLayout::peephole_sums() const { return bias_sums() + 3 * align(bias_width()); }

int64_t SteppedLayout::wr_sums() const {
  return peephole_sums() + (cells ? 3 * align(3 * units) : 0);
}

int64_t SteppedLayout::norm_sums() const { return wr_sums() + 3 * align(wr_sums_part()); }

int64_t SteppedLayout::h_gradients() const {
  return norm_sums() + 3 * align(norm_blocks() * units);
}

int64_t SteppedLayout::side_gradients() const {
  return h_gradients() + (normalises ? align(segment * batch * width) : 0);
}

int64_t SteppedLayout::workspace_total() const {
  const int64_t end = side_gradients() + align(segment * batch * side_blocks() * units);
  return training ? end : gradient();
}

}  // namespace gatefold
