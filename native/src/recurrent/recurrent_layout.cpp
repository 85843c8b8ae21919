#include "recurrent/recurrent_layout.h"

#include <algorithm>
#include <numeric>

namespace gatefold {
namespace {

// Rows of one product for the weight gradients: enough to pay for loading and storing its sums, few
// enough for its operands to stay in the L2 cache and for one float to sum them up.
constexpr int64_t kSegmentRows = 512;
// Rows from which a step's input product is made together with its recurrent product: both run on
// the same accumulators, and no gates pass through memory in between.
constexpr int64_t kRowsTogether = 24;
// With fewer rows the weights' way from the cache is what takes the time; then the input product is
// made for several steps, of so many rows, at once.
constexpr int64_t kRowsAhead = 48;

// Gates of a row from which backward keeps their gradients row by row as well: with fewer, the
// second copy costs more than scattered reads.
constexpr int64_t kLongRow = 512;

int64_t round_up(int64_t count, int64_t unit) { return (count + unit - 1) / unit * unit; }

int64_t align(int64_t floats) { return round_up(floats, 16); }

}  // namespace

GateOrder gate_order(int cell) {
  switch (cell) {
    case GF_GRU:  // n of x, r, z, n of h: what x feeds and what h feeds are each one run
      return {4, 0, 3, 1, 4, {2, 0, 1, 2}, {2, 0, 1, 3}, 1, false, false};
    case GF_RNN_TANH:
    case GF_RNN_RELU:
      return {1, 0, 1, 0, 1, {0, 0, 0, 0}, {0, 0, 0, 0}, 4, false, false};
    default:
      return {4, 0, 4, 0, 4, {0, 1, 2, 3}, {0, 1, 2, 3}, 1, true, true};
  }
}

RecurrentLayout::RecurrentLayout(const gf_recurrent_spec& spec, int lanes_, int grain_)
    : order(gate_order(spec.cell)),
      lanes(lanes_),
      grain(grain_),
      steps(spec.steps),
      batch(spec.batch),
      input(spec.input),
      hidden(spec.hidden),
      layers(spec.layers),
      directions(spec.directions),
      training(spec.training != 0),
      dropout(spec.dropout > 0 && spec.layers > 1),
      bf16(spec.precision == GF_BF16),
      masked_h(spec.noise.recurrent_dropout > 0 && spec.noise.drawn != 0 && spec.training != 0),
      skip_input(spec.skip_input != 0) {
  h_carry = order.cell_state && spec.noise.zoneout_h > 0;
  block_units = lanes * order.unit_vectors;
  blocks = (hidden + block_units - 1) / block_units;
  width = order.gates * block_units;
  x_width = (order.x_end - order.x_begin) * block_units;
  h_width = (order.h_end - order.h_begin) * block_units;
  peephole_width = spec.peepholes != 0 ? 3 * block_units : 0;
  int64_t left = hidden - (blocks - 1) * block_units;
  int64_t quarter = lanes / 4;
  tail_units =
      order.packed_tail && grain == 1 ? (left + quarter - 1) / quarter * quarter : block_units;
  recompute = spec.recompute_segment > 0;
  // Words of rows, and groups of them, straddle neither segments nor runs.
  int64_t whole_rows = bf16 ? 2 * grain : 1;
  int64_t whole_steps = whole_rows / std::gcd(batch, whole_rows);
  run_steps = round_up((kSegmentRows + batch - 1) / batch, whole_steps);
  int64_t pieces = std::max<int64_t>(1, run_steps * batch / kSegmentRows);
  run_rows = round_up((run_steps * batch + pieces - 1) / pieces, whole_rows);
  runs = run_of(rows() - 1) + 1;
  segment = recompute ? round_up(spec.recompute_segment, whole_steps) : run_steps;
  segment = std::min(segment, steps);
  by_rows = !bf16 && blocks * width >= kLongRow;
  segments = (steps + segment - 1) / segment;
  open_runs = segments > 1 && segment % run_steps != 0;
  ahead = batch >= kRowsTogether ? 1 : std::min(steps, (kRowsAhead + batch - 1) / batch);
}

int64_t RecurrentLayout::run_of(int64_t row) const {
  int64_t most = run_steps * batch;
  return row / most * runs_per_steps() + row % most / run_rows;
}

Range RecurrentLayout::rows_of_run(int64_t run) const {
  int64_t first = run / runs_per_steps() * run_steps * batch;
  int64_t begin = first + run % runs_per_steps() * run_rows;
  return {begin, std::min({begin + run_rows, first + run_steps * batch, rows()})};
}

int64_t RecurrentLayout::block_size(int64_t layer) const {
  return align(block_x() + words(weighted_input(layer)) * x_width + words(hidden) * h_width);
}

int64_t RecurrentLayout::dx_panels(int64_t layer) const {
  return dh_panels(layer) + blocks * order.unit_vectors * dh_panel_size();
}

int64_t RecurrentLayout::packed_offset(int64_t layer, int64_t direction) const {
  auto size_of = [this](int64_t l) {
    return training ? align(dx_panels(l) + panels_of(weighted_input(l)) * dx_panel_size())
                    : align(dh_panels(l));
  };
  int64_t offset = 0;
  for (int64_t l = 0; l < layer; l++) {
    offset += directions * size_of(l);
  }
  return direction == 0 ? offset : offset + direction * size_of(layer);
}

// ---- reserve: per layer [gates, cells, borders] of each direction, then the outputs

int64_t RecurrentLayout::reserve_layer(int64_t layer) const {
  int64_t kept = recompute ? 0 : align(gates_size(steps)) + align(cells_size(steps));
  int64_t borders = order.cell_state ? border_count() * state_size() : 0;
  int64_t outputs = layer + 1 < layers ? (dropout ? 2 : 1) * align(output_size()) : 0;
  return directions * (kept + align(borders)) + outputs;
}

int64_t RecurrentLayout::reserve_gates(int64_t layer, int64_t direction) const {
  int64_t offset = 0;
  for (int64_t l = 0; l < layer; l++) {
    offset += reserve_layer(l);
  }
  return recompute ? offset : offset + direction * align(gates_size(steps));
}

int64_t RecurrentLayout::reserve_cells(int64_t layer, int64_t direction) const {
  return reserve_gates(layer, directions) + (recompute ? 0 : direction * align(cells_size(steps)));
}

int64_t RecurrentLayout::reserve_borders(int64_t layer, int64_t direction) const {
  int64_t borders = order.cell_state ? align(border_count() * state_size()) : 0;
  return reserve_cells(layer, directions) + direction * borders;
}

int64_t RecurrentLayout::reserve_output(int64_t layer) const {
  return reserve_borders(layer, directions);
}

int64_t RecurrentLayout::reserve_dropped(int64_t layer) const {
  return reserve_output(layer) + (dropout ? align(output_size()) : 0);
}

int64_t RecurrentLayout::reserve_total() const { return training ? reserve_gates(layers, 0) : 0; }

// ---- workspace

int64_t RecurrentLayout::widest_input() const {
  return layers > 1 ? std::max(input, directions * hidden) : input;
}

int64_t RecurrentLayout::zero_row_size() const { return align(hidden + 4 * lanes); }

int64_t RecurrentLayout::h_mask(int64_t direction) const {
  return zero_row_size() + direction * (masked_h ? align(batch * mask_row()) : 0);
}

int64_t RecurrentLayout::forward_state(int64_t direction) const {
  return h_mask(directions) + direction * align(state_size());
}

int64_t RecurrentLayout::forward_ahead(int64_t direction) const {
  int64_t size = keeps_ahead() ? align(gates_size(ahead)) : 0;
  return forward_state(directions) + direction * size;
}

int64_t RecurrentLayout::forward_output(int64_t parity) const {
  int64_t size = layers > 1 ? align(output_size()) : 0;
  return forward_ahead(directions) + parity * size;
}

int64_t RecurrentLayout::forward_x_words() const { return forward_output(2); }

int64_t RecurrentLayout::forward_h_words(int64_t direction) const {
  int64_t x = bf16 ? align(rows() * words(widest_input())) : 0;
  int64_t h = copied_h() ? align(2 * batch * words(hidden)) : 0;
  return forward_x_words() + x + direction * h;
}

int64_t RecurrentLayout::forward_total() const { return forward_h_words(directions); }

int64_t RecurrentLayout::backward_direction_size() const {
  int64_t columns = panels_of(widest_input()) * lanes;
  int64_t h_columns = panels_of(hidden) * lanes;
  return (h_carry ? 2 : 1) * align(state_size()) +
         (keeps_ahead() && recompute ? align(gates_size(ahead)) : 0) + 2 * align(segment_buffer()) +
         2 * align(segment_cells()) + sum_parts() * (dwx_part() + dwh_part()) +
         align(3 * blocks * (width + peephole_width)) +
         words(segment * batch) * (columns + h_columns) + (bf16 ? blocks * pairs_block() : 0) +
         segment_words(bf16, widest_input()) + segment_words(copied_h(), hidden) +
         (by_rows ? segment * batch * gradient_row() : 0) + 96;
}

int64_t RecurrentLayout::backward_direction(int64_t direction) const {
  return h_mask(directions) + direction * align(backward_direction_size());
}

int64_t RecurrentLayout::backward_carry(int64_t direction) const {
  return backward_direction(direction);
}

int64_t RecurrentLayout::backward_h_carry(int64_t direction) const {
  return backward_carry(direction) + align(state_size());
}

int64_t RecurrentLayout::backward_ahead(int64_t direction) const {
  return backward_h_carry(direction) + (h_carry ? align(state_size()) : 0);
}

int64_t RecurrentLayout::backward_gates(int64_t direction, int64_t parity) const {
  int64_t ahead_size = keeps_ahead() && recompute ? align(gates_size(ahead)) : 0;
  return backward_ahead(direction) + ahead_size + parity * align(segment_buffer());
}

int64_t RecurrentLayout::backward_cells(int64_t direction, int64_t parity) const {
  return backward_gates(direction, 2) + parity * align(segment_cells());
}

int64_t RecurrentLayout::backward_dwx(int64_t direction) const {
  return backward_cells(direction, 2);
}

int64_t RecurrentLayout::backward_dwh(int64_t direction) const {
  return backward_dwx(direction) + sum_parts() * dwx_part();
}

int64_t RecurrentLayout::backward_db(int64_t direction) const {
  return backward_dwh(direction) + sum_parts() * dwh_part();
}

int64_t RecurrentLayout::backward_dp(int64_t direction) const {
  return backward_db(direction) + 3 * blocks * width;
}

int64_t RecurrentLayout::backward_x_panels(int64_t direction) const {
  return align(backward_dp(direction) + 3 * blocks * peephole_width);
}

int64_t RecurrentLayout::backward_h_panels(int64_t direction) const {
  return align(backward_x_panels(direction) +
               words(segment * batch) * panels_of(widest_input()) * lanes);
}

int64_t RecurrentLayout::backward_pairs(int64_t direction) const {
  return align(backward_h_panels(direction) + words(segment * batch) * panels_of(hidden) * lanes);
}

int64_t RecurrentLayout::backward_x_words(int64_t direction) const {
  return align(backward_pairs(direction) + (bf16 ? blocks * pairs_block() : 0));
}

int64_t RecurrentLayout::backward_h_words(int64_t direction) const {
  return align(backward_x_words(direction) + segment_words(bf16, widest_input()));
}

int64_t RecurrentLayout::backward_gradient_rows(int64_t direction) const {
  return align(backward_h_words(direction) + segment_words(copied_h(), hidden));
}

int64_t RecurrentLayout::backward_dy(int64_t parity) const {
  int64_t size = layers > 1 ? align(output_size()) : 0;
  return backward_direction(directions) + parity * size;
}

int64_t RecurrentLayout::backward_total() const { return backward_dy(2); }

int64_t RecurrentLayout::workspace_total() const {
  return training ? std::max(forward_total(), backward_total()) : forward_total();
}

Grid plan_grid(const RecurrentLayout& layout, int64_t layer, int threads, int tile_rows) {
  // A rough price in cycles of one step for the busiest thread; only the order of plans matters.
  // Four vector multiply-adds per row and k; on tiles, four times 16 cycles per 16 rows and words.
  const double kCyclesPerTileRow = layout.grain == 1 ? 4.0 : 0.25;
  constexpr double kCyclesPerTile = 40.0;      // loop overhead, and the epilogue's latency
  constexpr double kCyclesPerBarrier = 1500;   // two cores on one socket, with some jitter
  constexpr double kCacheFloats = 160e3;       // share of the L2 cache that weights may fill
  constexpr double kCyclesPerFloatFar = 0.15;  // from L3
  constexpr double kCyclesPerRowGates = 90.0;
  double depth = static_cast<double>(layout.weighted_input(layer) + layout.hidden);
  if (layout.grain > 1) {
    depth = static_cast<double>(layout.words(layout.weighted_input(layer)) +
                                layout.words(layout.hidden));
  }
  Grid best{1, 1, 1};
  double best_cost = 0;
  for (int d = 1; d <= layout.directions && d <= threads; d++) {
    for (int r = 1; r <= threads / d && r <= layout.batch; r++) {
      int per = threads / (d * r);
      int b = static_cast<int>(std::min<int64_t>(per, layout.blocks));
      double directions = static_cast<double>((layout.directions + d - 1) / d);
      int64_t rows = (layout.batch + r - 1) / r;
      int64_t blocks = (layout.blocks + b - 1) / b;
      int64_t tiles = (rows + tile_rows - 1) / tile_rows;
      double weights =
          static_cast<double>(blocks) * depth * static_cast<double>(layout.width) * directions;
      double cost = static_cast<double>(blocks) * directions *
                    (static_cast<double>(rows) * (depth * kCyclesPerTileRow + kCyclesPerRowGates) +
                     static_cast<double>(tiles) * kCyclesPerTile);
      if (weights > kCacheFloats) {
        cost = std::max(cost, cost * 0.8 + weights * kCyclesPerFloatFar);
      }
      if (b > 1) {
        cost += kCyclesPerBarrier;
      }
      if (best_cost == 0 || cost < best_cost) {
        best = {d, r, b};
        best_cost = cost;
      }
    }
  }
  return best;
}

}  // namespace gatefold
