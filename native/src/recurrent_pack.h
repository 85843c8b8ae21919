/// From canonical weights to blocks and panels. Included inside an instruction set's namespace.
#ifndef GATEFOLD_RECURRENT_PACK_H
#define GATEFOLD_RECURRENT_PACK_H

/// to[k][lane] = from[lane][k], `lanes` rows `distance` apart; rows from `valid` on are zeros.
static void transpose_panel(const float* from, int64_t distance, int64_t valid, int64_t count,
                            float* to, int64_t step) {
  constexpr int kLanes = Simd::kLanes;
  constexpr int64_t kDepth = 16;
  for (int64_t k = 0; k < count; k += kDepth) {
    int64_t depth = count - k < kDepth ? count - k : kDepth;
    for (int64_t lane = 0; lane < kLanes; lane++) {
      float* column = to + k * step + lane;
      if (lane < valid) {
        const float* row = from + lane * distance + k;
        for (int64_t i = 0; i < depth; i++) {
          column[i * step] = row[i];
        }
      } else {
        for (int64_t i = 0; i < depth; i++) {
          column[i * step] = 0.0f;
        }
      }
    }
  }
}

static int64_t valid_lanes(const RecurrentLayout& l, int64_t unit) {
  int64_t valid = l.hidden - unit;
  return valid < 0 ? 0 : valid > Simd::kLanes ? Simd::kLanes : valid;
}

static void pack_block(const PackCall& call, int64_t layer, int64_t direction, int64_t j) {
  constexpr int kLanes = Simd::kLanes;
  const RecurrentLayout& l = *call.layout;
  const GateOrder& order = l.order;
  int64_t index = layer * l.directions + direction;
  int64_t input = l.input_of(layer);
  float* block = call.packed + l.packed_offset(layer, direction) + j * l.block_size(layer);
  for (int g = 0; g < order.gates; g++) {
    for (int uv = 0; uv < order.unit_vectors; uv++) {
      int64_t unit = j * l.block_units + uv * kLanes;
      int64_t valid = valid_lanes(l, unit);
      int vector = g * order.unit_vectors + uv;
      const float* bias = call.b[index] + order.bias[g] * l.hidden + unit;
      for (int64_t i = 0; i < kLanes; i++) {
        block[vector * kLanes + i] = i < valid ? bias[i] : 0.0f;
      }
      int64_t row = order.weight[g] * l.hidden + unit;
      if (g >= order.x_begin && g < order.x_end) {
        transpose_panel(
            call.wx[index] + row * input, input, valid, input,
            block + l.block_x() + (vector - order.x_begin * order.unit_vectors) * kLanes,
            l.x_width);
      }
      if (g >= order.h_begin && g < order.h_end) {
        transpose_panel(
            call.wh[index] + row * l.hidden, l.hidden, valid, l.hidden,
            block + l.block_h(layer) + (vector - order.h_begin * order.unit_vectors) * kLanes,
            l.h_width);
      }
    }
  }
}

/// One panel of a transposed weight matrix: to[k][lane] = w[row of k][column + lane], where k runs
/// over the blocks' gates first..end-1 as they lie in a gate buffer.
static void pack_panel(const RecurrentLayout& l, const float* w, int64_t columns, int64_t column,
                       int first, int end, float* to) {
  constexpr int kLanes = Simd::kLanes;
  const GateOrder& order = l.order;
  int valid = static_cast<int>(columns - column < kLanes ? columns - column : kLanes);
  for (int64_t j = 0; j < l.blocks; j++) {
    for (int g = first; g < end; g++) {
      for (int64_t u = 0; u < l.block_units; u++) {
        int64_t unit = j * l.block_units + u;
        Simd::F row = Simd::zero();
        if (unit < l.hidden && valid > 0) {
          row = Simd::load_first(w + (order.weight[g] * l.hidden + unit) * columns + column, valid);
        }
        Simd::store(to, row);
        to += kLanes;
      }
    }
  }
}

static void pack_weights(const PackCall& call, const Team& team) {
  const RecurrentLayout& l = *call.layout;
  for (int64_t layer = 0; layer < l.layers; layer++) {
    int64_t input = l.input_of(layer);
    int64_t dh_panels = l.training ? l.blocks * l.order.unit_vectors : 0;
    int64_t dx_panels = l.training ? l.panels_of(input) : 0;
    for (int64_t d = 0; d < l.directions; d++) {
      int64_t index = layer * l.directions + d;
      float* packed = call.packed + l.packed_offset(layer, d);
      Range blocks = part_of(l.blocks, team.rank, team.size);
      for (int64_t j = blocks.begin; j < blocks.end; j++) {
        pack_block(call, layer, d, j);
      }
      Range dh = part_of(dh_panels, team.rank, team.size);
      for (int64_t p = dh.begin; p < dh.end; p++) {
        pack_panel(l, call.wh[index], l.hidden, p * l.lanes, l.order.h_begin, l.order.h_end,
                   packed + l.dh_panels(layer) + p * l.dh_panel_size());
      }
      Range dx = part_of(dx_panels, team.rank, team.size);
      for (int64_t p = dx.begin; p < dx.end; p++) {
        pack_panel(l, call.wx[index], input, p * l.lanes, l.order.x_begin, l.order.x_end,
                   packed + l.dx_panels(layer) + p * l.dx_panel_size());
      }
    }
  }
}

#endif  // GATEFOLD_RECURRENT_PACK_H
