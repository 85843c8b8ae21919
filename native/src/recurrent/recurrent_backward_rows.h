/// A backward step of the cell, for rows whose gradient of h is complete. Included inside an
/// instruction set's namespace, after its Product is named.
#ifndef GATEFOLD_RECURRENT_BACKWARD_ROWS_H
#define GATEFOLD_RECURRENT_BACKWARD_ROWS_H

#include "recurrent/recurrent_option_rows.h"

/// A valid row of a step and where its way back reads and writes, so that no tile has to ask again.
/// Pointers to what is kept by block are those of block 0.
struct BackwardRow {
  int64_t row;            ///< of the batch
  int64_t noise;          ///< its first element in a mask
  const float* after;     ///< gradients of the sums of the step after, or null at the last step
  float* gates;           ///< as kept; become the gradients of the sums
  float* copied;          ///< these once more, row by row, or null
  const float* h_before;  ///< null where it is zero
  const float* c;
  const float* c_before;  ///< next block: c_before_block on
  int64_t c_before_block;
  const float* dy;   ///< [D*H] at this direction's columns, or null
  const float* dhn;  ///< null unless this is the row's last step
  float* carry;
  float* h_carry;       ///< may be carry, or null
  const float* h_mask;  ///< with options: the row's mask of h, or null
  float* dc0;           ///< null unless this is the row's first step
};

static GF_INLINE void describe_backward_row(const BackwardLayer& g, int64_t t, int64_t b, bool last,
                                            BackwardRow& r) {
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  r.row = b;
  r.noise = f.noise_element(t, b);
  r.after = last ? nullptr : g.after_row(t, b);
  r.gates = f.gates_row(0, t, b);
  r.copied = l.by_rows ? g.copied_row(t, b) : nullptr;
  r.h_before = f.h_before(t, b);
  if (l.order.cell_state) {
    r.c = f.cells_row(0, t, b);
    r.c_before = f.cell_before(t, b, r.c_before_block);
  }
  r.dc0 = l.order.cell_state && g.dc0 != nullptr && f.first(t, b) ? g.dc0 + b * l.hidden : nullptr;
  r.dy = g.dy == nullptr ? nullptr : g.dy + (t * l.batch + b) * f.y_distance;
  r.dhn = last && g.dhn != nullptr ? g.dhn + b * l.hidden : nullptr;
  r.carry = g.carry + b * l.block_units;
  r.h_carry = g.h_carry == nullptr ? nullptr : g.h_carry + b * l.block_units;
  r.h_mask = f.mask_row(b);
}

/// Stores gate i of unit vector uv into a block's part of a gradients' row: in place of the gate,
/// or with bfloat16 in the first half, where only what has been read stands by then.
template <class Cell>
static GF_INLINE void store_gradient(float* row, int64_t i, int64_t uv, Simd::F v, int64_t stride) {
  int64_t at = i * stride + uv * Simd::kLanes;
  if constexpr (Product::kPerWord == 1) {
    store_gate(row + at, v, stride);
  } else {
    store_halves(reinterpret_cast<uint16_t*>(row) + at, to_bf16(v), stride);
  }
}

/// All gates' gradients of one unit vector, to both places.
template <class Cell>
static GF_INLINE void store_gradients(const BackwardRow& r, int64_t gates, int64_t copied,
                                      int64_t uv, const Simd::F (&v)[Cell::kGates],
                                      int64_t stride) {
#pragma GCC unroll 8
  for (int i = 0; i < Cell::kGates; i++) {
    store_gradient<Cell>(r.gates + gates, i, uv, v[i], stride);
  }
  if (r.copied != nullptr) {
#pragma GCC unroll 8
    for (int i = 0; i < Cell::kGates; i++) {
      store_gradient<Cell>(r.copied + copied, i, uv, v[i], stride);
    }
  }
}

/// The cell's backward for one row and one vector of units; dh: what came from the step after;
/// made: the cell state that h was made of, if there is one, and squashed: tanh or another function
/// of it.
template <class Cell>
static GF_INLINE void finish_unit_vector(const BackwardLayer& g, const BackwardRow& r,
                                         int64_t panel, const float* dh, const float* made,
                                         const float* squashed) {
  constexpr int kUV = Cell::kUnitVectors;
  constexpr int kLanes = Simd::kLanes;
  const ForwardLayer& f = g.f;
  const RecurrentLayout& l = *f.layout;
  const int64_t j = panel / kUV;
  const int64_t uv = panel % kUV;
  const int64_t unit = panel * kLanes;
  const int64_t stride = kUV == 1 ? l.gate_stride(j) : l.block_units;
  const int64_t gates = j * f.gates_block;
  Simd::F kept[Cell::kGates];
  if (unit >= l.hidden) {
#pragma GCC unroll 8
    for (int i = 0; i < Cell::kGates; i++) {
      kept[i] = Simd::zero();
    }
    store_gradients<Cell>(r, gates, j * l.width, uv, kept, stride);
    return;
  }
  const int valid = static_cast<int>(l.hidden - unit < kLanes ? l.hidden - unit : kLanes);
  Simd::F d = Simd::load(dh);
  if constexpr (Cell::kOptions) {
    d = masked_lanes(d, r.h_mask == nullptr ? nullptr : r.h_mask + unit);
  }
  if (r.dy != nullptr) {
    d = Simd::add(d, load_lanes(r.dy + unit, valid));
  }
  if (r.dhn != nullptr) {
    d = Simd::add(d, load_lanes(r.dhn + unit, valid));
  }
#pragma GCC unroll 8
  for (int i = 0; i < Cell::kGates; i++) {
    kept[i] = load_lanes(r.gates + gates + uv * kLanes + i * stride, valid);
  }
  Simd::F c = Simd::zero();
  Simd::F c_squashed = Simd::zero();
  Simd::F c_before = Simd::zero();
  Simd::F h_before = Simd::zero();
  if constexpr (Cell::kCellState) {
    static_assert(kUV == 1, "cell states are found by block");
    c = Simd::load(Cell::kOptions ? made : r.c + j * f.cells_block);
    c_squashed = Simd::load(squashed);
    c_before = Simd::load(r.c_before + j * r.c_before_block);
  }
  if constexpr (Cell::kCarriesH) {
    if (r.h_before != nullptr) {
      h_before = load_lanes(r.h_before + unit, valid);
    }
  }
  const int64_t carried = j * l.batch * l.block_units + uv * kLanes;
  Simd::F carry = Simd::load(r.carry + carried);
  if constexpr (Cell::kOptions) {
    Simd::F h_carry = Simd::zero();
    if (r.h_carry != nullptr) {
      d = Simd::add(d, Simd::load(r.h_carry + carried));
    }
    Cell::backward(kept, h_before, c, c_squashed, c_before, d, carry, h_carry, f.clip,
                   noise_lanes(f.functions.noise, r.noise + unit), f.functions, f.peepholes(j),
                   l.block_units);
    if constexpr (Cell::kCellState) {
      Simd::store(r.carry + carried, carry);
    }
    if (r.h_carry != nullptr) {
      Simd::store(r.h_carry + carried, h_carry);
    }
  } else {
    Cell::backward(kept, h_before, c, c_squashed, c_before, d, carry, f.clip);
    Simd::store(r.carry + carried, carry);
  }
  if (r.dc0 != nullptr) {
    store_lanes(r.dc0 + unit, carry, valid);
  }
  store_gradients<Cell>(r, gates, j * l.width, uv, kept, stride);
}

/// The cell state that a row's h was made of: as kept, unless units may have stayed what they were.
template <class Cell>
static GF_INLINE Simd::F made_state(const BackwardLayer& g, const BackwardRow& r, int64_t j) {
  const ForwardLayer& f = g.f;
  if constexpr (Cell::kOptions) {
    const CellNoise& noise = f.functions.noise;
    if (noise.zoneout_c > 0) {
      const int64_t stride = f.layout->gate_stride(j);
      const int lanes = static_cast<int>(stride < Simd::kLanes ? stride : Simd::kLanes);
      Simd::F gates[Cell::kGates];
      for (int i = 0; i < Cell::kGates; i++) {
        gates[i] = load_lanes(r.gates + j * f.gates_block + i * stride, lanes);
      }
      gates[2] = Simd::mul(gates[2], candidate_scale(noise, r.noise + j * Simd::kLanes));
      Simd::F c = Simd::load(r.c_before + j * r.c_before_block);
      return Cell::squashes(gates, c, f.clip);
    }
  }
  return Simd::load(r.c + j * f.cells_block);
}

/// The same for up to kTileRows rows and some vectors of units; dh: [row][vectors]. In two turns
/// for the reason given at finish_rows().
template <class Cell>
static void finish_backward(const BackwardLayer& g, const BackwardRow* rows, int height,
                            int64_t panel, int vectors, const float* dh) {
  constexpr int kLanes = Simd::kLanes;
  const ForwardLayer& f = g.f;
  alignas(64) float made[kTileRows * kTileVectors * kLanes];
  alignas(64) float squashed[kTileRows * kTileVectors * kLanes];
  if constexpr (Cell::kCellState) {
    for (int r = 0; r < height; r++) {
      for (int n = 0; n < vectors; n++) {
        const Simd::F c = made_state<Cell>(g, rows[r], panel + n);
        if constexpr (Cell::kOptions) {
          Simd::store(made + (r * vectors + n) * kLanes, c);
        }
        Simd::store(squashed + (r * vectors + n) * kLanes, c);
      }
    }
    if constexpr (Cell::kOptions) {
      float* all[kTileRows * kTileVectors] = {};
      for (int i = 0; i < height * vectors; i++) {
        all[i] = squashed + i * kLanes;
      }
      apply_function(f.functions.output, height * vectors, all);
    } else {
      tanh_vectors(height * vectors, squashed);
    }
  }
  for (int r = 0; r < height; r++) {
    for (int n = 0; n < vectors; n++) {
      const int64_t at = (r * vectors + n) * kLanes;
      finish_unit_vector<Cell>(g, rows[r], panel + n, dh + at, made + at, squashed + at);
    }
  }
}

#endif  // GATEFOLD_RECURRENT_BACKWARD_ROWS_H
