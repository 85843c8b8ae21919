/// The functions of cells with options, applied to rows whose sums are complete. Included inside an
/// instruction set's namespace, after recurrent_rows.h.
#ifndef GATEFOLD_RECURRENT_OPTION_ROWS_H
#define GATEFOLD_RECURRENT_OPTION_ROWS_H

#include "recurrent/recurrent_option_cells.h"
#include "recurrent/recurrent_rows.h"

/// LSTM; gates: [row][gate][lanes], the sums, which become what the gates are.
static void apply_lstm(const ForwardLayer& f, int count, const RowSums* at, float* gates,
                       float* squashed) {
  using S = Simd;
  constexpr int kLanes = S::kLanes, kRow = LstmOptionCell::kGates * kLanes;
  const RecurrentLayout& l = *f.layout;
  const CellFunctions& own = f.functions;
  float* early[3 * kTileRows] = {};  // gates that need no c after the step
  float* candidates[kTileRows] = {};
  float* outputs[kTileRows] = {};
  float* out_gates[kTileRows] = {};
  int n = 0;
  for (int r = 0; r < count; r++) {
    float *i = gates + r * kRow, *forget = i + kLanes, *o = i + 3 * kLanes;
    early[n++] = i;
    if (!own.coupled) {
      early[n++] = forget;
    }
    if (own.peepholes) {
      const StepRow& row = *at[r].row;
      const float* p = f.peepholes(at[r].block);
      S::F c = S::load(row.c_before + at[r].block * row.c_before_block);
      S::store(i, S::fma(S::load(p), c, S::load(i)));
      S::store(forget, S::fma(S::load(p + l.block_units), c, S::load(forget)));
    } else {
      early[n++] = o;
    }
    out_gates[r] = o;
    candidates[r] = i + 2 * kLanes;
    outputs[r] = squashed + r * kLanes;
  }
  apply_function(own.gate, n, early);
  apply_function(own.candidate, count, candidates);
  for (int r = 0; r < count; r++) {
    float* i = gates + r * kRow;
    if (own.coupled) {
      S::store(i + kLanes, S::sub(S::set1(1.0f), S::load(i)));
    }
    // Where there are no units c stays 0, whatever a candidate is of nothing.
    const int64_t units = l.hidden - at[r].block * kLanes;
    if (units < kLanes) {
      S::store(candidates[r], S::load_first(candidates[r], static_cast<int>(units)));
    }
  }
  next_states<LstmOptionCell>(f, count, at, gates, squashed);
  for (int r = 0; r < count && own.peepholes; r++) {
    const float* p = f.peepholes(at[r].block) + 2 * l.block_units;
    S::F c = S::load(at[r].row->c + at[r].block * at[r].row->c_block);
    S::store(out_gates[r], S::fma(S::load(p), c, S::load(out_gates[r])));
  }
  if (own.peepholes) {
    apply_function(own.gate, count, out_gates);
  }
  apply_function(own.output, count, outputs);
}

static void apply_gru(const ForwardLayer& f, int count, const RowSums* at, float* gates,
                      float* squashed) {
  constexpr int kLanes = Simd::kLanes;
  float* both[2 * kTileRows] = {};
  float* candidates[kTileRows] = {};
  for (int r = 0; r < count; r++) {
    both[2 * r] = gates + (r * GruOptionCell::kGates + 1) * kLanes;
    both[2 * r + 1] = both[2 * r] + kLanes;
    candidates[r] = squashed + r * kLanes;
  }
  apply_function(f.functions.gate, 2 * count, both);
  next_states<GruOptionCell>(f, count, at, gates, squashed);
  apply_function(f.functions.candidate, count, candidates);
}

template <class Cell>
static void apply_options(const ForwardLayer& f, int count, const RowSums* at, float* gates,
                          float* squashed) {
  if constexpr (Cell::kCellState) {
    apply_lstm(f, count, at, gates, squashed);
  } else if constexpr (Cell::kSquashes) {
    apply_gru(f, count, at, gates, squashed);
  } else {
    constexpr int kRow = Cell::kGates * Cell::kUnitVectors;
    float* all[kTileRows * kRow] = {};
    for (int i = 0; i < count * kRow; i++) {
      all[i] = gates + i * Simd::kLanes;
    }
    apply_function(f.functions.candidate, count * kRow, all);
  }
}

#endif  // GATEFOLD_RECURRENT_OPTION_ROWS_H
