/// From canonical weights to the panels of stepped layers. Included inside an instruction set's
/// namespace, after stepped_layer.h.
#ifndef GATEFOLD_STEPPED_PACK_H
#define GATEFOLD_STEPPED_PACK_H

#include "product/transpose_panel.h"
#include "steps/stepped_layer.h"

/// Panels of a matrix [gates*H, columns] for products with rows of `columns`.
static void pack_gate_panels(const SteppedLayout& l, const float* w, int64_t columns, float* to,
                             const Team& team) {
  const int64_t of_gate = l.units / l.lanes;
  const Range part = part_of(l.gates * of_gate, team.rank, team.size);
  for (int64_t i = part.begin; i < part.end; i++) {
    const int64_t unit = i % of_gate * l.lanes;
    float* panel = to + i * l.lanes * columns;
    transpose_panel(w + (i / of_gate * l.hidden + unit) * columns, columns,
                    lanes_at(unit, l.hidden), l.lanes, columns, columns, panel, l.lanes);
    if (l.bf16) {
      round_values(columns * l.lanes, panel, panel);
    }
  }
}

/// Panels of gates [first, end) of the same for products with rows of gates.
static void pack_transposed_panels(const SteppedLayout& l, const float* w, int64_t columns,
                                   int64_t first, int64_t end, float* to, const Team& team) {
  const int64_t depth = (end - first) * l.units;
  const Range part = part_of(depth, team.rank, team.size);
  for (int64_t k = part.begin; k < part.end; k++) {
    const int64_t gate = first + k / l.units, unit = k % l.units;
    const float* row = unit < l.hidden ? w + (gate * l.hidden + unit) * columns : nullptr;
    row_to_panels(row, nullptr, columns, l.bf16, to, k, depth);
  }
}

/// Blocks of H numbers, each filled up with zeros to whole vectors; null: all zeros.
static void pack_blocks(const SteppedLayout& l, const float* from, int64_t blocks, float* to,
                        const Team& team) {
  const Range part = part_of(blocks * l.units, team.rank, team.size);
  for (int64_t i = part.begin; i < part.end; i++) {
    const int64_t unit = i % l.units;
    to[i] = from != nullptr && unit < l.hidden ? from[i / l.units * l.hidden + unit] : 0.0f;
  }
}

/// Wr of a set, for forward and backward.
static void pack_projection(const PackCall& call, int64_t index, int64_t layer, float* packed,
                            const Team& team) {
  const SteppedLayout& l = *call.steps;
  const float* wr = call.wr[index];
  const Range panels = part_of(l.places / l.lanes, team.rank, team.size);
  for (int64_t p = panels.begin; p < panels.end; p++) {
    const int64_t feature = p * l.lanes;
    float* panel = packed + l.packed_wr(layer) + feature * l.hidden;
    transpose_panel(wr + feature * l.hidden, l.hidden, lanes_at(feature, l.features), l.lanes,
                    l.hidden, l.hidden, panel, l.lanes);
    if (l.bf16) {
      round_values(l.hidden * l.lanes, panel, panel);
    }
  }
  const Range features = part_of(l.features, team.rank, team.size);
  for (int64_t k = features.begin; l.training && k < features.end; k++) {
    row_to_panels(wr + k * l.hidden, nullptr, l.hidden, l.bf16,
                  packed + l.packed_unprojected(layer), k, l.features);
  }
}

static void pack_stepped(const PackCall& call, const Team& team) {
  const SteppedLayout& l = *call.steps;
  for (int64_t layer = 0; layer < l.layers; layer++) {
    const int64_t input = l.input_of(layer);
    for (int64_t d = 0; d < l.directions; d++) {
      const int64_t index = layer * l.directions + d;
      float* packed = call.packed + l.packed_offset(layer, d);
      pack_blocks(l, call.b[index], l.biases, packed, team);
      if (!l.skips(layer)) {
        pack_gate_panels(l, call.wx[index], input, packed + l.packed_wx(), team);
      }
      pack_gate_panels(l, call.wh[index], l.features, packed + l.packed_wh(layer), team);
      if (l.cells) {
        pack_blocks(l, call.p == nullptr ? nullptr : call.p[index], 3,
                    packed + l.packed_peepholes(layer), team);
      }
      if (l.normalises) {
        pack_blocks(l, call.norm[index], l.norm_blocks(), packed + l.packed_norm(layer), team);
      }
      if (l.projects) {
        pack_projection(call, index, layer, packed, team);
      }
      if (l.training) {
        pack_transposed_panels(l, call.wh[index], l.features, 0, l.early_gates,
                               packed + l.packed_early(layer), team);
        pack_transposed_panels(l, call.wh[index], l.features, l.early_gates, l.gates,
                               packed + l.packed_late(layer), team);
        if (!l.skips(layer)) {
          pack_transposed_panels(l, call.wx[index], input, 0, l.gates, packed + l.packed_dx(layer),
                                 team);
        }
      }
    }
  }
}

#endif  // GATEFOLD_STEPPED_PACK_H
