/// A forward step of the cell, for rows whose sums are complete. Included inside an instruction
/// set's namespace, after its Product is named.
#ifndef GATEFOLD_RECURRENT_ROWS_H
#define GATEFOLD_RECURRENT_ROWS_H

#include "product/tile_product.h"
#include "recurrent/recurrent_cells.h"
#include "recurrent/recurrent_layer.h"
#include "simd/simd_lanes.h"

/// Rows of a step that are described at a time: more take a part's weights through the caches
/// again, which then matters little.
constexpr int kStepRows = 16 * kTileRows;

/// A valid row of a step and where it reads and writes, so that no tile has to ask again. Pointers
/// to what is kept by block are those of block 0.
struct StepRow {
  int64_t row;     ///< of the batch
  int64_t noise;   ///< its first element in a mask
  const float* x;  ///< operands; h: zeros where there is none
  const float* h;
  const float* h_before;  ///< as floats, or null where it is zero
  const float* c_before;  ///< next block: c_before_block on
  int64_t c_before_block;
  float* c;  ///< may be c_before
  int64_t c_block;
  float* gates;         ///< null unless kept
  float* y;             ///< null when recomputing, as the following
  float* h_next;        ///< the next step's operand, if that is not y
  const float* h_mask;  ///< with options: the row's mask of h, or null
  float* hn;            ///< null unless this is the row's last step
  float* cn;
};

/// In place: a copy's wide loads would wait for its narrow stores.
static GF_INLINE void describe_row(const ForwardLayer& f, int64_t t, int64_t b, StepRow& r) {
  const RecurrentLayout& l = *f.layout;
  const bool ends = f.last(t, b) && !f.recompute;
  r.row = b;
  r.noise = f.noise_element(t, b);
  r.x = f.x_row(t, b);
  const float* h = f.h_operand(t, b);
  r.h = h == nullptr ? f.zeros : h;
  r.h_before = f.h_before(t, b);
  if (l.order.cell_state) {
    r.c_before = f.cell_before(t, b, r.c_before_block);
    r.c = f.cells == nullptr ? f.entry_row(0, b) : f.cells_row(0, t, b);
    r.c_block = f.cells == nullptr ? f.entry_block() : f.cells_block;
    r.cn = ends && f.cn != nullptr ? f.cn + b * l.hidden : nullptr;
  }
  r.gates = f.gates == nullptr ? nullptr : f.gates_row(0, t, b);
  r.y = f.recompute ? nullptr : f.y + (t * l.batch + b) * f.y_distance;
  r.h_mask = f.mask_row(b);
  r.h_next = f.h_rows == nullptr || f.recompute ? nullptr : f.h_row(f.after(t), b);
  r.hn = ends && f.hn != nullptr ? f.hn + b * l.hidden : nullptr;
}

/// The sums of one row for one block of units: [vectors][lanes].
struct RowSums {
  int64_t block;
  const StepRow* row;
  const float* sums;
};

template <int N>
static GF_INLINE void load_vectors(Simd::F (&v)[N], const float* from) {
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) {
    v[i] = Simd::load(from + i * Simd::kLanes);
  }
}

/// Stores one unit vector of a gate whose neighbour stands `stride` units on.
static GF_INLINE void store_gate(float* to, Simd::F v, int64_t stride) {
  store_lanes(to, v, static_cast<int>(stride < Simd::kLanes ? stride : Simd::kLanes));
}

/// Gate activations; to: [row][unit vector][gate][lanes].
template <class Cell>
static GF_INLINE void activate_rows(const RecurrentLayout& l, int count, const RowSums* at,
                                    float* to) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  for (int r = 0; r < count; r++) {
    const int64_t stride = kUV == 1 ? l.gate_stride(at[r].block) : l.block_units;
    const int lanes = static_cast<int>(stride < kLanes ? stride : kLanes);
    for (int uv = 0; uv < kUV; uv++) {
      const float* from = at[r].sums + uv * kLanes;
      Simd::F a[Cell::kGates];
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        a[g] = load_lanes(from + g * stride, lanes);
      }
      Cell::activate(a);
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        Simd::store(to, a[g]);
        to += kLanes;
      }
    }
  }
}

/// New cell states, where there are any, and what h is made of a function of: [row][lanes].
template <class Cell>
static GF_INLINE void next_states(const ForwardLayer& f, int count, const RowSums* at,
                                  const float* activated, float* squashed) {
  static_assert(Cell::kUnitVectors == 1, "one vector a row");
  const RecurrentLayout& l = *f.layout;
  for (int i = 0; i < count; i++) {
    const StepRow& r = *at[i].row;
    const int64_t j = at[i].block;
    Simd::F a[Cell::kGates];
    load_vectors(a, activated + i * Cell::kGates * Simd::kLanes);
    Simd::F c = Cell::kCellState ? Simd::load(r.c_before + j * r.c_before_block) : Simd::zero();
    const Simd::F c_before = c;
    if constexpr (Cell::kOptions && Cell::kCellState) {
      a[2] = Simd::mul(a[2], candidate_scale(f.functions.noise, r.noise + j * Simd::kLanes));
    }
    Simd::store(squashed + i * Simd::kLanes, Cell::squashes(a, c, f.clip));
    if constexpr (Cell::kCellState) {
      if constexpr (Cell::kOptions) {
        c = mixed_state(stays_c(f.functions.noise, r.noise + j * Simd::kLanes), c_before, c);
      }
      Simd::store(r.c + j * r.c_block, c);
      if (r.cn != nullptr) {
        const int64_t unit = j * Simd::kLanes;
        const int64_t left = l.hidden - unit;
        store_lanes(r.cn + unit, c, static_cast<int>(left < Simd::kLanes ? left : Simd::kLanes));
      }
    }
  }
}

/// The functions of a cell with options, in place of activate_rows() and what follows it: see
/// recurrent_option_rows.h.
template <class Cell>
static void apply_options(const ForwardLayer& f, int count, const RowSums* at, float* gates,
                          float* squashed);

/// Outputs, and what is kept for backward.
template <class Cell>
static GF_INLINE void output_row(const ForwardLayer& f, const RowSums& at, const float* activated,
                                 const float* squashed) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  const RecurrentLayout& l = *f.layout;
  const StepRow& r = *at.row;
  const int64_t stride = kUV == 1 ? l.gate_stride(at.block) : l.block_units;
  float* gates = r.gates == nullptr ? nullptr : r.gates + at.block * f.gates_block;
  for (int uv = 0; uv < kUV; uv++) {
    int64_t unit = (at.block * kUV + uv) * kLanes;
    int valid = static_cast<int>(l.hidden - unit < kLanes ? l.hidden - unit : kLanes);
    Simd::F a[Cell::kGates];
    load_vectors(a, activated + uv * Cell::kGates * kLanes);
    if (valid > 0) {
      Simd::F h_before = Simd::zero();
      if constexpr (Cell::kCarriesH || Cell::kOptions) {
        if (r.h_before != nullptr) {
          h_before = load_lanes(r.h_before + unit, valid);
        }
      }
      Simd::F tanh = Cell::kSquashes ? Simd::load(squashed) : Simd::zero();
      Simd::F h;
      if constexpr (Cell::kOptions) {
        const CellNoise& noise = f.functions.noise;
        h = Cell::output(a, h_before, tanh, candidate_scale(noise, r.noise + unit));
        h = mixed_state(stays_h(noise, r.noise + unit), h_before, h);
      } else {
        h = Cell::output(a, h_before, tanh);
      }
      if (r.y != nullptr) {
        store_lanes(r.y + unit, h, valid);
        if constexpr (Cell::kOptions) {
          if (r.h_next != nullptr) {
            const float* mask = r.h_mask == nullptr ? nullptr : r.h_mask + unit;
            store_h_operand(r.h_next, unit, masked_lanes(h, mask), valid);
          }
        } else if constexpr (Product::kPerWord == 2) {
          store_h_operand(r.h_next, unit, h, valid);
        }
        if (r.hn != nullptr) {
          store_lanes(r.hn + unit, h, valid);
        }
      }
    } else {  // no units: backward multiplies what is kept
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        a[g] = Simd::zero();
      }
    }
    if (gates != nullptr) {
#pragma GCC unroll 8
      for (int g = 0; g < Cell::kGates; g++) {
        store_gate(gates + uv * kLanes + g * stride, a[g], stride);
      }
    }
  }
}

/// The cell itself for up to kTileRows rows. In turns over all of them, for one cell's chain of
/// dependent instructions is longer than what a processor looks ahead.
template <class Cell>
static GF_SHARED void finish_rows(const ForwardLayer& f, int count, const RowSums* at) {
  constexpr int kRowGates = Cell::kGates * Cell::kUnitVectors * Simd::kLanes;
  alignas(64) float activated[kTileRows * kRowGates];
  alignas(64) float squashed[kTileRows * Simd::kLanes];
  activate_rows<Cell>(*f.layout, count, at, activated);
  if constexpr (Cell::kOptions) {
    apply_options<Cell>(f, count, at, activated, squashed);
  } else if constexpr (Cell::kSquashes) {
    next_states<Cell>(f, count, at, activated, squashed);
    tanh_vectors(count, squashed);
  }
  for (int r = 0; r < count; r++) {
    output_row<Cell>(f, at[r], activated + r * kRowGates, squashed + r * Simd::kLanes);
  }
}

#endif  // GATEFOLD_RECURRENT_ROWS_H
