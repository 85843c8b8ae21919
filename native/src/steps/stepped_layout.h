/// Where everything lies inside the packed weights, workspace and reserve of recurrent layers that
/// are computed step by step (steps.h). Offsets and sizes are in floats.
///
/// A row of gates holds them one after the other, each `units` wide: hidden units filled up to
/// whole vectors. h has P features, filled up to `places`: all units, or what they are projected
/// to. A panel is a vector's columns of a matrix, [depth][lanes].
#ifndef GATEFOLD_STEPPED_LAYOUT_H
#define GATEFOLD_STEPPED_LAYOUT_H

#include <cstdint>

#include "engine/thread_team.h"
#include "gatefold/recurrent.h"

namespace gatefold {

/// True if what a spec asks for changes the structure of a step: then its layers are stepped.
bool is_stepped(const gf_recurrent_spec& spec);

struct SteppedLayout {
  SteppedLayout(const gf_recurrent_spec& spec, int lanes);

  int64_t gates;        ///< of a cell
  int64_t early_gates;  ///< of these, those whose recurrent product comes first in a step
  int64_t biases;       ///< blocks of H of a bias
  int64_t lanes;
  int64_t steps, batch, input, hidden, layers, directions;
  int64_t features;  ///< P, of h
  int64_t units;     ///< of a gate in a row
  int64_t places;    ///< of h in a row
  int64_t width;     ///< of a row of gates
  bool training;
  bool dropout;
  bool bf16;  ///< operands of products are rounded to bfloat16, and kept as floats
  bool recompute;
  bool projects;      ///< cells give their units to a projection
  bool normalises;    ///< cells normalise their products, and LSTMs their state
  bool cells;         ///< they are of LSTMs, which have a cell state
  bool masked_h;      ///< recurrent products may be of masked h
  bool skip_input;    ///< the first layer has no Wx
  int64_t run_steps;  ///< steps that one float sums up, unless they have more than kRunRows rows
  int64_t segment;    ///< steps whose input products, and whose gradients, are computed at once

  /// Rows that one float sums up at most; the sums of such runs are added to pairs of floats.
  static constexpr int64_t kRunRows = 512;
  /// The run with a row of [T*B]: it does not depend on where segments end.
  Range run_of(int64_t row) const;

  int64_t input_of(int64_t layer) const { return layer == 0 ? input : directions * features; }
  /// True if a layer's input goes to all gates as it is.
  bool skips(int64_t layer) const { return skip_input && layer == 0; }
  /// Columns of a layer's Wx; 0 if there is none.
  int64_t weighted_input(int64_t layer) const { return skips(layer) ? 0 : input_of(layer); }
  int64_t rows() const { return steps * batch; }
  int64_t late_gates() const { return gates - early_gates; }
  int64_t bias_width() const { return biases * units; }
  /// Blocks of H of what layer normalisation has: gains of products with x and with h, and of LSTMs
  /// gain and shift of c.
  int64_t norm_blocks() const { return normalises ? 2 * gates + (cells ? 2 : 0) : 0; }
  /// Products of a row that are normalised by themselves: with x, with h, and of late gates.
  int64_t products() const { return normalises ? (late_gates() > 0 ? 3 : 2) : 0; }
  /// Blocks of gradients of a row beside those of gates' sums: of LSTMs that normalise, those of
  /// the shift of c and of its gain, of GRUs that of the candidate's recurrent part.
  int64_t side_blocks() const { return normalises ? (cells ? 2 : biases - gates) : 0; }
  int64_t panels_of(int64_t columns) const { return (columns + lanes - 1) / lanes; }
  int64_t padded(int64_t columns) const { return panels_of(columns) * lanes; }
  int64_t output_size() const { return rows() * directions * features; }

  // ---- packed weights of a layer and direction: bias [biases][units], panels of Wx
  // [width/lanes][in] and of Wh [width/lanes][P]; of LSTMs peepholes [3][units]; with a projection
  // panels of Wr [places/lanes][H]; with layer normalisation gains and shift [norm_blocks][units];
  // then, for backward, panels of Wh transposed, of the early gates [places/lanes][early*units] and
  // of the late ones, of Wx transposed [panels of in][width] and of Wr transposed [units/lanes][P].
  int64_t packed_offset(int64_t layer, int64_t direction) const;
  int64_t packed_total() const { return packed_offset(layers, 0); }
  int64_t packed_wx() const { return bias_width(); }
  int64_t packed_wh(int64_t layer) const { return packed_wx() + width * weighted_input(layer); }
  int64_t packed_peepholes(int64_t layer) const { return packed_wh(layer) + width * features; }
  int64_t packed_wr(int64_t layer) const {
    return packed_peepholes(layer) + (cells ? 3 * units : 0);
  }
  int64_t packed_norm(int64_t layer) const {
    return packed_wr(layer) + (projects ? places * hidden : 0);
  }
  int64_t packed_early(int64_t layer) const { return packed_norm(layer) + norm_blocks() * units; }
  int64_t packed_late(int64_t layer) const {
    return packed_early(layer) + places * early_gates * units;
  }
  int64_t packed_dx(int64_t layer) const {
    return packed_late(layer) + units * late_gates() * units;
  }
  int64_t packed_unprojected(int64_t layer) const {
    return packed_dx(layer) + padded(weighted_input(layer)) * width;
  }
  int64_t packed_end(int64_t layer) const {
    return training ? packed_unprojected(layer) + (projects ? units * features : 0)
                    : packed_early(layer);
  }

  // ---- reserve: gates [T,B,width] unless recomputing; likewise, with layer normalisation, the
  // products with x and with h [T,B,width] and, of each row and product, mean and 1 / deviation
  // [T,B,products,2]; of LSTMs c [T,B,units], or where segments begin when recomputing; outputs
  // [T,B,D*P] below the last layer, and the same after dropout, which are those before it without
  // dropout
  int64_t reserve_gates(int64_t layer, int64_t direction) const;
  int64_t reserve_product_x(int64_t layer, int64_t direction) const;
  int64_t reserve_product_h(int64_t layer, int64_t direction) const;
  int64_t reserve_moments(int64_t layer, int64_t direction) const;
  int64_t reserve_cells(int64_t layer, int64_t direction) const;
  int64_t reserve_output(int64_t layer) const { return reserve_gates(layer, directions); }
  int64_t reserve_dropped(int64_t layer) const;
  int64_t reserve_total() const { return training ? reserve_gates(layers, 0) : 0; }

  // ---- workspace; all offsets but the first are those of a backward pass where they differ
  int64_t zero_row() const { return 0; }
  int64_t state() const;              ///< h of every row [B][places]
  int64_t operand() const;            ///< the same as the product takes it, masked or rounded
  int64_t h_mask() const;             ///< scales of h in products [B][places]; none unless masked_h
  int64_t late_operand() const;       ///< what late gates' product, or a projection, takes, or what
                                      ///< is normalised of c [B][units]
  int64_t cell_state() const;         ///< c of every row [B][units]; of LSTMs only
  int64_t segment_gates() const;      ///< [segment][B][width]
  int64_t segment_product_x() const;  ///< the same; none without layer normalisation
  int64_t segment_product_h() const;
  int64_t segment_moments() const;       ///< [segment][B][products][2]
  int64_t segment_x() const;             ///< rounded, [segment][B][in]; none without bfloat16
  int64_t segment_cells() const;         ///< [segment][B][units]; of LSTMs only
  int64_t output(int64_t parity) const;  ///< or its gradient, [T,B,D*P]
  int64_t gradient() const;              ///< of h, [B][places]
  int64_t cell_gradient() const;         ///< of c, [B][units]; of LSTMs only
  int64_t projected() const;  ///< gradients of projections [segment][B][places]; none without
  int64_t x_panels() const;   ///< operands of a segment [panels][segment*B][lanes]
  int64_t h_panels() const;
  int64_t late_panels() const;
  /// Sums over runs: of the one at hand, then high and low of the pair, each [gates*H][columns].
  int64_t x_sums() const;
  int64_t h_sums() const;
  int64_t bias_sums() const;      ///< the same of [biases][units]
  int64_t peephole_sums() const;  ///< the same of [3][units]; of LSTMs only
  int64_t wr_sums() const;        ///< the same of [P][H]; none without a projection
  int64_t norm_sums() const;      ///< the same of [norm_blocks][units]
  /// Of a segment, with layer normalisation: gradients of products with h [segment][B][width], and
  /// [segment][B][side_blocks][units].
  int64_t h_gradients() const;
  int64_t side_gradients() const;
  int64_t x_sums_part() const { return gates * hidden * padded(widest_input()); }
  int64_t h_sums_part() const { return gates * hidden * places; }
  int64_t wr_sums_part() const { return projects ? features * units : 0; }
  int64_t workspace_total() const;

 private:
  int64_t widest_input() const;
  int64_t reserve_layer(int64_t layer) const;
  int64_t reserve_direction() const;
  int64_t kept_rows() const;  ///< of a layer and direction: gates and what stands beside them
};

}  // namespace gatefold

#endif  // GATEFOLD_STEPPED_LAYOUT_H
