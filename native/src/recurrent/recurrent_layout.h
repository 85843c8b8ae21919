/// Where everything lies inside the packed weights, workspace and reserve of a recurrent operation.
///
/// The hidden units of a layer are cut into blocks of `block_units`; all gates of a block stand
/// side by side, so that one register tile of a product holds every gate of its units. A thread
/// that owns a block owns its weights, states and gates. Offsets and sizes are in words of 32 bits:
/// a float, or two bfloat16 values that are neighbours along the dimension that a product sums
/// over.
#ifndef GATEFOLD_RECURRENT_LAYOUT_H
#define GATEFOLD_RECURRENT_LAYOUT_H

#include <cstdint>

#include "engine/thread_team.h"
#include "gatefold/recurrent.h"

namespace gatefold {

/// The order in which a cell's gates stand in a block, and which of them see x and which see h.
struct GateOrder {
  int gates;           ///< vectors per unit vector in a block
  int x_begin, x_end;  ///< gates that take the product with x
  int h_begin, h_end;  ///< gates that take the product with h
  int weight[4];       ///< row block of a gate in the canonical Wx and Wh
  int bias[4];         ///< row block of a gate in the canonical b
  int unit_vectors;    ///< vectors of units per block: 4 accumulators are filled either way
  bool cell_state;
  bool packed_tail;  ///< all gates take both products: a partial block can do with fewer vectors
};

GateOrder gate_order(int cell);

struct RecurrentLayout {
  RecurrentLayout(const gf_recurrent_spec& spec, int lanes, int grain);

  GateOrder order;
  int64_t lanes;
  int64_t grain;  ///< RecurrentKernels::grain
  int64_t steps, batch, input, hidden, layers, directions;
  int64_t block_units;     ///< hidden units per block
  int64_t blocks;          ///< blocks per layer and direction
  int64_t width;           ///< floats per row of a block: all its gates
  int64_t x_width;         ///< of these, fed by x
  int64_t h_width;         ///< of these, fed by h
  int64_t peephole_width;  ///< peepholes of a block's units; 0 without
  /// Units between one gate and the next in the last block. An LSTM packs the gates of a last block
  /// that is not full into fewer vectors, but not for tiles; all other blocks have block_units.
  int64_t tail_units;
  bool training;
  bool dropout;
  bool bf16;        ///< operands of products are rounded to bfloat16
  bool masked_h;    ///< recurrent products may be of masked h
  bool skip_input;  ///< the first layer has no Wx
  bool copied_h() const { return bf16 || masked_h; }

  /// Steps per segment of the backward pass; the gates of one segment are alive at a time when
  /// recomputing, those of all otherwise.
  int64_t segment;
  int64_t segments;
  bool recompute;

  /// One float sums up a run of rows of [T*B], whose sums are then added up: with a float for every
  /// row, the rounding of a large sum would drown the rows. Runs begin at multiples of run_steps
  /// steps and, from there, of run_rows rows: not where segments do, and bits do not depend on
  /// these.
  int64_t run_steps;
  int64_t run_rows;
  int64_t runs;
  /// Runs whose sums are added up in one float before that is added to a pair of floats.
  static constexpr int64_t kRunsPerFold = 64;

  int64_t run_of(int64_t row) const;
  Range rows_of_run(int64_t run) const;

  int64_t input_of(int64_t layer) const { return layer == 0 ? input : directions * hidden; }
  /// True if a layer's input goes to all gates as it is.
  bool skips(int64_t layer) const { return skip_input && layer == 0; }
  /// Columns of a layer's Wx; 0 if there is none.
  int64_t weighted_input(int64_t layer) const { return skips(layer) ? 0 : input_of(layer); }
  int64_t rows() const { return steps * batch; }
  /// Words that so many values of an operand fill, along the dimension that is summed over.
  int64_t words(int64_t values) const {
    return bf16 ? (values + 2 * grain - 1) / (2 * grain) * grain : values;
  }
  int64_t panels_of(int64_t columns) const { return (columns + lanes - 1) / lanes; }
  /// Gate g of block j begins at g * gate_stride(j) of a row, which is `width` long in any case.
  int64_t gate_stride(int64_t j) const { return j + 1 == blocks ? tail_units : block_units; }
  int64_t x_width_of(int64_t j) const { return (order.x_end - order.x_begin) * gate_stride(j); }
  int64_t h_width_of(int64_t j) const { return (order.h_end - order.h_begin) * gate_stride(j); }
  /// Gates fed by x or h, over all blocks.
  int64_t x_depth() const { return (blocks - 1) * x_width + x_width_of(blocks - 1); }
  int64_t h_depth() const { return (blocks - 1) * h_width + h_width_of(blocks - 1); }

  // ---- packed weights of one layer and direction
  int64_t packed_offset(int64_t layer, int64_t direction) const;
  int64_t packed_total() const { return packed_offset(layers, 0); }
  /// Block: bias [width], peepholes of i, f and o [peephole_width], Wx [words(in)][x_width_of(j)]
  /// if there is one, Wh [words(H)][h_width_of(j)].
  int64_t block_size(int64_t layer) const;
  int64_t block_peepholes() const { return width; }
  int64_t block_x() const { return width + peephole_width; }
  int64_t block_h(int64_t layer, int64_t j) const {
    return block_x() + words(weighted_input(layer)) * x_width_of(j);
  }
  /// Panels of Wh transposed, for dh: [blocks*unit_vectors][words(h_depth)][lanes].
  int64_t dh_panels(int64_t layer) const { return blocks * block_size(layer); }
  int64_t dh_panel_size() const { return words(h_depth()) * lanes; }
  /// Panels of Wx transposed, for dx: [panels_of(in)][words(x_depth)][lanes]; none without.
  int64_t dx_panels(int64_t layer) const;
  int64_t dx_panel_size() const { return words(x_depth()) * lanes; }

  // ---- reserve
  /// Gates [blocks][T][B][width], of one layer and direction; none when recomputing.
  int64_t reserve_gates(int64_t layer, int64_t direction) const;
  /// Cell states [blocks][T][B][block_units]; none when recomputing or without cell state.
  int64_t reserve_cells(int64_t layer, int64_t direction) const;
  /// Cell states before each segment [recompute ? segments : 1][blocks][B][block_units].
  int64_t reserve_borders(int64_t layer, int64_t direction) const;
  /// Output [T,B,D*H] of a layer below the last.
  int64_t reserve_output(int64_t layer) const;
  /// The same after dropout; equal to reserve_output without.
  int64_t reserve_dropped(int64_t layer) const;
  int64_t reserve_total() const;
  int64_t gates_size(int64_t time) const { return blocks * gates_block(time); }
  int64_t cells_size(int64_t time) const {
    return order.cell_state ? blocks * cells_block(time) : 0;
  }
  /// Distance between the blocks of a gate buffer over `time` steps. Odd in cache lines, so that
  /// the same row of many blocks does not fall into one cache set.
  int64_t gates_block(int64_t time) const { return time * batch * width + 16; }
  int64_t cells_block(int64_t time) const { return time * batch * block_units + 16; }
  int64_t state_size() const { return blocks * batch * block_units; }
  int64_t border_count() const { return recompute ? segments : 1; }

  // ---- workspace of a forward pass
  int64_t zero_row() const { return 0; }
  /// Scales of h where it enters the recurrent product [B][mask_row()]; none unless masked_h.
  int64_t h_mask(int64_t direction) const;
  int64_t mask_row() const { return (hidden + lanes - 1) / lanes * lanes; }
  int64_t forward_state(int64_t direction) const;
  /// Input products of some steps ahead [blocks][ahead][B][width].
  int64_t forward_ahead(int64_t direction) const;
  int64_t forward_output(int64_t parity) const;
  /// Operands that are not what they are made of: in bfloat16 a layer's input [T*B][words(in)], and
  /// if copied_h() h before a step and before the next, which take turns [2][B][words(H)].
  int64_t forward_x_words() const;
  int64_t forward_h_words(int64_t direction) const;
  int64_t forward_total() const;
  /// Steps whose input product is computed at once; 1: together with the recurrent product, unless
  /// the input skips it.
  int64_t ahead;
  bool keeps_ahead() const { return ahead > 1 || skip_input; }

  // ---- workspace of a backward pass (its zero row and masks stand where forward has them)
  int64_t backward_carry(int64_t direction) const;
  /// What of dh passes the products by, of an LSTM; none unless h_carry.
  int64_t backward_h_carry(int64_t direction) const;
  bool h_carry;  ///< an LSTM's units may keep their h
  int64_t backward_ahead(int64_t direction) const;
  /// Recomputed gates and cell states of two segments.
  int64_t backward_gates(int64_t direction, int64_t parity) const;
  int64_t backward_cells(int64_t direction, int64_t parity) const;
  /// Sums of dWx [sum_parts][blocks*x_width][columns] and dWh over the segments so far, whose parts
  /// are: of the runs since the last fold; of a run that goes on in the next segment, if there are
  /// such; high and low of the pair, if there is one. Of db [3][blocks][width] and
  /// dp [3][blocks][peephole_width]: of a run; the pair.
  int64_t backward_dwx(int64_t direction) const;
  int64_t backward_dwh(int64_t direction) const;
  int64_t backward_db(int64_t direction) const;
  int64_t backward_dp(int64_t direction) const;
  bool open_runs;  ///< segments end within runs
  int64_t sum_parts() const { return 1 + (open_runs ? 1 : 0) + (runs > kRunsPerFold ? 2 : 0); }
  int64_t dwx_part() const { return blocks * x_width * panels_of(widest_input()) * lanes; }
  int64_t dwh_part() const { return blocks * h_width * panels_of(hidden) * lanes; }
  /// x and h of a segment as panels [panels][words(rows of the segment)][lanes].
  int64_t backward_x_panels(int64_t direction) const;
  int64_t backward_h_panels(int64_t direction) const;
  /// With bfloat16, the gates' gradients of a segment as words
  /// [blocks][words(rows of the segment)][width]; none otherwise.
  int64_t backward_pairs(int64_t direction) const;
  int64_t pairs_block() const { return words(segment * batch) * width + 16; }
  /// When recomputing, x and h before each step of a segment as operands [rows of the segment]
  /// [words(in)] and [words(H)]; none where products take these as they are.
  int64_t backward_x_words(int64_t direction) const;
  int64_t backward_h_words(int64_t direction) const;
  /// The gates' gradients of a segment once more, row by row [rows of the segment][blocks][width]:
  /// products over all gates of a row would find them far apart in the gates' own layout. None
  /// unless by_rows.
  int64_t backward_gradient_rows(int64_t direction) const;
  bool by_rows;  ///< rows are long enough for that to pay
  /// From one of these rows to the next; odd in cache lines.
  int64_t gradient_row() const { return blocks * width + 16; }
  int64_t backward_dy(int64_t parity) const;
  int64_t backward_total() const;

  int64_t workspace_total() const;

 private:
  int64_t runs_per_steps() const { return (run_steps * batch + run_rows - 1) / run_rows; }
  int64_t zero_row_size() const;
  int64_t widest_input() const;
  int64_t output_size() const { return rows() * directions * hidden; }
  int64_t reserve_layer(int64_t layer) const;
  int64_t backward_direction_size() const;
  int64_t backward_direction(int64_t direction) const;
  int64_t segment_buffer() const { return recompute ? gates_size(segment) : 0; }
  int64_t segment_words(bool copied, int64_t values) const {
    return copied && recompute ? segment * batch * words(values) : 0;
  }
  int64_t segment_cells() const { return recompute ? cells_size(segment) : 0; }
};

/// How the threads of a region share the work of a time step: by direction, then rows of the batch,
/// then blocks of units. Threads that share rows and direction meet at a barrier after every step.
struct Grid {
  int directions;
  int rows;
  int blocks;
  int threads() const { return directions * rows * blocks; }
};

Grid plan_grid(const RecurrentLayout& layout, int64_t layer, int threads, int tile_rows);

}  // namespace gatefold

#endif  // GATEFOLD_RECURRENT_LAYOUT_H
