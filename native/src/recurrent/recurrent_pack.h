/// From canonical weights to blocks and panels. Included inside an instruction set's namespace,
/// after recurrent_forward.h.
#ifndef GATEFOLD_RECURRENT_PACK_H
#define GATEFOLD_RECURRENT_PACK_H

#include "product/transpose_panel.h"

/// The rows of one gate's units as lanes [at, at + lanes) of a block's weights: panels [word]
/// [panel vectors][lanes].
static void pack_gate(const RecurrentLayout& l, const float* from, int64_t distance, int64_t valid,
                      int64_t lanes, int64_t count, float* weights, int panel, int64_t at) {
  for (int64_t done = 0; done < lanes;) {
    int64_t vector = (at + done) / Simd::kLanes;
    int64_t lane = (at + done) % Simd::kLanes;
    int64_t some = Simd::kLanes - lane < lanes - done ? Simd::kLanes - lane : lanes - done;
    int64_t words = l.words(count);
    float* to = weights + (vector / panel * words * panel + vector % panel) * Simd::kLanes + lane;
    transpose_panel(from + done * distance, distance, valid - done, some, count, words, to,
                    panel * Simd::kLanes);
    done += some;
  }
}

/// panel_vectors() for gates [begin, end) of a block.
static int panel_of_gates(const RecurrentLayout& l, int64_t j, int begin, int end) {
  const int64_t stride = l.gate_stride(j);
  return panel_vectors(static_cast<int>(begin * stride / Simd::kLanes),
                       static_cast<int>(end * stride / Simd::kLanes));
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
  int64_t stride = l.gate_stride(j);
  float* block = call.packed + l.packed_offset(layer, direction) + j * l.block_size(layer);
  for (int64_t i = 0; i < l.peephole_width; i++) {
    int64_t unit = j * l.block_units + i % l.block_units;
    block[l.block_peepholes() + i] =
        unit < l.hidden ? call.p[index][i / l.block_units * l.hidden + unit] : 0.0f;
  }
  for (int g = 0; g < order.gates; g++) {
    for (int uv = 0; uv < order.unit_vectors; uv++) {
      int64_t unit = j * l.block_units + uv * kLanes;
      int64_t valid = valid_lanes(l, unit);
      int64_t lanes = stride < kLanes ? stride : kLanes;
      int64_t at = g * stride + uv * kLanes;
      const float* bias = call.b[index] + order.bias[g] * l.hidden + unit;
      for (int64_t i = 0; i < lanes; i++) {
        block[at + i] = i < valid ? bias[i] : 0.0f;
      }
      int64_t row = order.weight[g] * l.hidden + unit;
      if (!l.skips(layer) && g >= order.x_begin && g < order.x_end) {
        pack_gate(l, call.wx[index] + row * input, input, valid, lanes, input, block + l.block_x(),
                  panel_of_gates(l, j, order.x_begin, order.x_end), at - order.x_begin * stride);
      }
      if (g >= order.h_begin && g < order.h_end) {
        pack_gate(l, call.wh[index] + row * l.hidden, l.hidden, valid, lanes, l.hidden,
                  block + l.block_h(layer, j), panel_of_gates(l, j, order.h_begin, order.h_end),
                  at - order.h_begin * stride);
      }
    }
  }
}

constexpr int64_t kPanelsAtOnce = 4;

/// Some panels of a transposed weight matrix: panel[k][lane] = w[row of k][column + lane], where k
/// runs over the blocks' gates first..end-1 as they lie in a gate buffer, as words. Several panels
/// at once, because a row's page and cache lines are touched once.
static void pack_panels(const RecurrentLayout& l, const float* w, int64_t columns, int64_t column,
                        int panels, int first, int end, float* to, int64_t panel_size) {
  constexpr int kLanes = Simd::kLanes;
  const GateOrder& order = l.order;
  Simd::F before[kPanelsAtOnce];
  int64_t k = 0;
  for (int64_t j = 0; j < l.blocks; j++) {
    for (int g = first; g < end; g++) {
      for (int64_t u = 0; u < l.gate_stride(j); u++) {
        int64_t unit = j * l.block_units + u;
        const float* from = w + (order.weight[g] * l.hidden + unit) * columns + column;
        for (int p = 0; p < panels; p++) {
          int64_t left = columns - column - p * kLanes;
          Simd::F row = Simd::zero();
          if (unit < l.hidden && left > 0) {
            row = left >= kLanes ? Simd::load(from + p * kLanes)
                                 : Simd::load_first(from + p * kLanes, static_cast<int>(left));
          }
          if ((k + 1) % Product::kPerWord == 0) {
            Simd::store(to + p * panel_size,
                        Product::word(Product::kPerWord == 1 ? row : before[p], row));
          }
          before[p] = row;
        }
        k++;
        to += k % Product::kPerWord == 0 ? kLanes : 0;
      }
    }
  }
}

/// A thread's share of all panels of a matrix.
static void pack_transposed(const RecurrentLayout& l, const float* w, int64_t columns,
                            int64_t panels, int first, int end, float* to, int64_t panel_size,
                            const Team& team) {
  Range groups = part_of((panels + kPanelsAtOnce - 1) / kPanelsAtOnce, team.rank, team.size);
  for (int64_t i = groups.begin; i < groups.end; i++) {
    int64_t p = i * kPanelsAtOnce;
    int some = static_cast<int>(panels - p < kPanelsAtOnce ? panels - p : kPanelsAtOnce);
    pack_panels(l, w, columns, p * l.lanes, some, first, end, to + p * panel_size, panel_size);
  }
}

static void pack_weights(const PackCall& call, const Team& team) {
  const RecurrentLayout& l = *call.layout;
  for (int64_t layer = 0; layer < l.layers; layer++) {
    int64_t input = l.input_of(layer);
    for (int64_t d = 0; d < l.directions; d++) {
      int64_t index = layer * l.directions + d;
      float* packed = call.packed + l.packed_offset(layer, d);
      Range blocks = part_of(l.blocks, team.rank, team.size);
      for (int64_t j = blocks.begin; j < blocks.end; j++) {
        pack_block(call, layer, d, j);
      }
      if (l.training) {
        pack_transposed(l, call.wh[index], l.hidden, l.blocks * l.order.unit_vectors,
                        l.order.h_begin, l.order.h_end, packed + l.dh_panels(layer),
                        l.dh_panel_size(), team);
        if (!l.skips(layer)) {
          pack_transposed(l, call.wx[index], input, l.panels_of(input), l.order.x_begin,
                          l.order.x_end, packed + l.dx_panels(layer), l.dx_panel_size(), team);
        }
      }
    }
  }
}

#endif  // GATEFOLD_RECURRENT_PACK_H
