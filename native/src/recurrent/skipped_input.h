/// An input that skips the product: it goes to all gates as it is, its gradient is the sum of
/// theirs. Included inside an instruction set's namespace, after its Product is named.
#ifndef GATEFOLD_SKIPPED_INPUT_H
#define GATEFOLD_SKIPPED_INPUT_H

#include "recurrent/recurrent_layer.h"

/// Units of block j.
static GF_INLINE int64_t units_of(const RecurrentLayout& l, int64_t j) {
  const int64_t left = l.hidden - j * l.block_units;
  return left < l.block_units ? left : l.block_units;
}

static GF_INLINE int lanes_of(int64_t left) {
  return static_cast<int>(left < Simd::kLanes ? left : Simd::kLanes);
}

/// Bias and input of the steps from number `index` on, as many as `ahead` takes, to where
/// `TileSteps` or the steps without tiles look for input products.
static void skipped_input_ahead(const ForwardLayer& f, const Part& part, int64_t index) {
  using S = Simd;
  const RecurrentLayout& l = *f.layout;
  const int64_t steps = f.time_end - f.time_begin;
  const int64_t end = index + l.ahead < steps ? index + l.ahead : steps;
  for (int64_t i = index; i < end; i++) {
    const int64_t t = f.time_of(i);
    const int64_t slot = Product::kTiles && f.reverse ? end - 1 - i : i - index;
    for (int64_t b = part.row_begin; b < part.row_end; b++) {
      if (!f.active(t, b)) {
        continue;
      }
      for (int64_t j = part.block_begin; j < part.block_end; j++) {
        const float* bias = f.blocks + j * f.block_size;
        const float* x = f.x + (t * l.batch + b) * f.input + j * l.block_units;
        float* to = f.ahead_row(j, slot, b);
        for (int64_t k = 0; k < l.width; k += S::kLanes) {
          S::store(to + k, S::load(bias + k));
        }
        for (int64_t u = 0; u < units_of(l, j); u += S::kLanes) {
          const int lanes = lanes_of(units_of(l, j) - u);
          S::F v = load_lanes(x + u, lanes);
          if constexpr (Product::kPerWord == 2) {
            v = to_bf16(v);
          }
          for (int64_t g = l.order.x_begin; g < l.order.x_end; g++) {
            float* gate = to + g * l.gate_stride(j) + u;
            store_lanes(gate, S::add(load_lanes(gate, lanes), v), lanes);
          }
        }
      }
    }
  }
}

/// dx of the segment's steps: written, or added to what the other direction wrote.
static void skipped_input_gradient(const ForwardLayer& f, const Team& team, float* dx, bool add) {
  using S = Simd;
  const RecurrentLayout& l = *f.layout;
  const Range rows = part_of((f.time_end - f.time_begin) * l.batch, team.rank, team.size);
  for (int64_t i = rows.begin; i < rows.end; i++) {
    const int64_t row = f.time_begin * l.batch + i;
    for (int64_t j = 0; j < l.blocks; j++) {
      const float* gates = f.gates_row(j, row / l.batch, row % l.batch);
      for (int64_t u = 0; u < units_of(l, j); u += S::kLanes) {
        const int lanes = lanes_of(units_of(l, j) - u);
        float* to = dx + row * f.input + j * l.block_units + u;
        S::F sum = S::zero();
        for (int64_t g = l.order.x_begin; g < l.order.x_end; g++) {
          const int64_t at = g * l.gate_stride(j) + u;
          if constexpr (Product::kPerWord == 2) {
            sum = S::add(sum, load_halves(reinterpret_cast<const uint16_t*>(gates) + at));
          } else {
            sum = S::add(sum, load_lanes(gates + at, lanes));
          }
        }
        store_lanes(to, add ? S::add(load_lanes(to, lanes), sum) : sum, lanes);
      }
    }
  }
}

#endif  // GATEFOLD_SKIPPED_INPUT_H
