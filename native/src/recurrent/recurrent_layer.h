/// One layer and direction while its steps run: its rows, states and operands. Included inside an
/// instruction set's namespace, after its Product is named.
#ifndef GATEFOLD_RECURRENT_LAYER_H
#define GATEFOLD_RECURRENT_LAYER_H

#include "recurrent/cell_functions.h"
#include "simd/simd_lanes.h"

/// The rows and blocks of units of a layer that one thread computes.
struct Part {
  int64_t row_begin, row_end;
  int64_t block_begin, block_end;
};

/// One layer and direction while its forward steps run. Also used by backward to compute a
/// segment's gates again.
struct ForwardLayer {
  const RecurrentLayout* layout;
  bool reverse;
  float clip;
  const int32_t* lengths;  ///< null = all T
  const float* blocks;     ///< packed: block j at blocks + j*block_size
  int64_t block_size;
  int64_t input;
  bool skips;      ///< x goes to all gates as it is
  const float* x;  ///< [T,B,input]
  /// x as rows of words, from step words_origin on: x itself, or rounded.
  const float* x_rows;
  int64_t x_words;
  /// h before some steps as operands, masked or rounded or both [.][B][h_words]: of all of the
  /// segment when recomputing, else of two that take turns. Null: products take h as it is.
  float* h_rows;
  int64_t h_words;
  int64_t words_origin;
  const float* h_mask;  ///< scales of h in products [B][mask_row()], or null
  const float* h0;      ///< [B,H] or null
  const float* zeros;   ///< a row of zeros
  float* y;             ///< [T,B,D*H], at this direction's columns
  int64_t y_distance;
  bool recompute;  ///< y holds the outputs already and is only read
  float* hn;       ///< [B,H] or null
  float* cn;       ///< [B,H] or null
  float* entry;    ///< cell states before the first step [blocks][B][units]; in place if !cells
  float* gates;    ///< kept gates, or null
  float* cells;    ///< kept cell states, or null
  int64_t gates_block, cells_block;
  int64_t time_origin;           ///< step of row 0 of gates and cells
  int64_t kept_begin, kept_end;  ///< steps whose gates and cells are kept
  int64_t time_begin, time_end;
  float* ahead;  ///< input products of some steps, or null
  int64_t ahead_block;
  CellFunctions functions;  ///< with options only

  /// The block whose weights a thread reads after those of block j.
  GF_INLINE int64_t block_after(const Part& part, int64_t j) const {
    return j + 1 < part.block_end ? j + 1 : part.block_begin;
  }
  /// Those of i, f and o of block j, layout->block_units apart.
  GF_INLINE const float* peepholes(int64_t j) const {
    return blocks + j * block_size + layout->block_peepholes();
  }
  /// Where the weights of h begin in block j.
  GF_INLINE int64_t block_h(int64_t j) const {
    return layout->block_x() + (skips ? 0 : x_words) * layout->x_width_of(j);
  }
  GF_INLINE int64_t length(int64_t b) const {
    return lengths == nullptr ? layout->steps : lengths[b];
  }
  GF_INLINE bool active(int64_t t, int64_t b) const { return t < length(b); }
  /// True if t is the first step of row b in this direction.
  GF_INLINE bool first(int64_t t, int64_t b) const { return reverse ? t == length(b) - 1 : t == 0; }
  GF_INLINE bool last(int64_t t, int64_t b) const { return reverse ? t == 0 : t == length(b) - 1; }
  GF_INLINE int64_t before(int64_t t) const { return reverse ? t + 1 : t - 1; }
  GF_INLINE int64_t after(int64_t t) const { return reverse ? t - 1 : t + 1; }
  /// The step in the order of this direction, counted from its first step in [begin, end).
  GF_INLINE int64_t time_of(int64_t index) const {
    return reverse ? time_end - 1 - index : time_begin + index;
  }
  /// h before step t, or null where it is zero.
  GF_INLINE const float* h_before(int64_t t, int64_t b) const {
    if (first(t, b)) {
      return h0 == nullptr ? nullptr : h0 + b * layout->hidden;
    }
    return y + (before(t) * layout->batch + b) * y_distance;
  }
  /// Where row b of step t begins among the elements of a mask.
  GF_INLINE int64_t noise_element(int64_t t, int64_t b) const {
    return (t * layout->batch + b) * layout->hidden;
  }
  GF_INLINE const float* x_row(int64_t t, int64_t b) const {
    return x_rows + ((t - words_origin) * layout->batch + b) * x_words;
  }
  /// Where h before step t stands as an operand, if not as it is.
  GF_INLINE float* h_row(int64_t t, int64_t b) const {
    int64_t slot = recompute ? t - time_begin : t & 1;
    return h_rows + (slot * layout->batch + b) * h_words;
  }
  /// h before step t as an operand; null where it is zero.
  GF_INLINE const float* h_operand(int64_t t, int64_t b) const {
    const float* h = h_before(t, b);
    return h_rows == nullptr || h == nullptr ? h : h_row(t, b);
  }
  /// The mask of row b, or null.
  GF_INLINE const float* mask_row(int64_t b) const {
    return h_mask == nullptr ? nullptr : h_mask + b * layout->mask_row();
  }
  GF_INLINE float* gates_row(int64_t j, int64_t t, int64_t b) const {
    return gates + j * gates_block + ((t - time_origin) * layout->batch + b) * layout->width;
  }
  GF_INLINE float* cells_row(int64_t j, int64_t t, int64_t b) const {
    return cells + j * cells_block + ((t - time_origin) * layout->batch + b) * layout->block_units;
  }
  GF_INLINE float* entry_row(int64_t j, int64_t b) const {
    return entry + (j * layout->batch + b) * layout->block_units;
  }
  /// From one block to the next in `entry`.
  GF_INLINE int64_t entry_block() const { return layout->batch * layout->block_units; }
  /// Cell states before step t of block 0; next: set to the distance to those of the next block.
  GF_INLINE const float* cell_before(int64_t t, int64_t b, int64_t& next) const {
    int64_t s = before(t);
    bool enters = cells == nullptr || first(t, b) || s < kept_begin || s >= kept_end;
    next = enters ? entry_block() : cells_block;
    return enters ? entry_row(0, b) : cells_row(0, s, b);
  }
  GF_INLINE float* ahead_row(int64_t j, int64_t slot, int64_t b) const {
    return ahead + j * ahead_block + (slot * layout->batch + b) * layout->width;
  }
};

/// Hands out the valid (step, row) pairs of some steps, step by step.
struct ValidRows {
  const ForwardLayer& f;
  int64_t row_begin, row_end, index_end;
  int64_t index, b;

  GF_INLINE ValidRows(const ForwardLayer& layer, const Part& part, int64_t first, int64_t end)
      : f(layer),
        row_begin(part.row_begin),
        row_end(part.row_end),
        index_end(end),
        index(first),
        b(part.row_begin) {}

  GF_INLINE int64_t count() const {
    if (f.lengths == nullptr) {
      return (index_end - index) * (row_end - row_begin);
    }
    int64_t total = 0;
    for (int64_t i = index; i < index_end; i++) {
      int64_t t = f.time_of(i);
      for (int64_t r = row_begin; r < row_end; r++) {
        total += f.active(t, r) ? 1 : 0;
      }
    }
    return total;
  }

  GF_INLINE void take(int count, int64_t* indices, int64_t* rows) {
    for (int n = 0; n < count;) {
      if (b == row_end) {
        b = row_begin;
        index++;
      }
      if (f.active(f.time_of(index), b)) {
        indices[n] = index;
        rows[n] = b;
        n++;
      }
      b++;
    }
  }
};

/// Copies states between [B,H] (null = zeros) and blocks [blocks][B][units], for a part.
static void load_state(const RecurrentLayout& l, const Part& part, const float* from, float* to) {
  for (int64_t j = part.block_begin; j < part.block_end; j++) {
    for (int64_t b = part.row_begin; b < part.row_end; b++) {
      float* row = to + (j * l.batch + b) * l.block_units;
      for (int64_t u = 0; u < l.block_units; u++) {
        int64_t unit = j * l.block_units + u;
        row[u] = from == nullptr || unit >= l.hidden ? 0.0f : from[b * l.hidden + unit];
      }
    }
  }
}

/// What multiplies where Product::kTiles: in recurrent_tiles.h.
template <class Cell>
struct TileSteps;

/// Some lanes of h, times those of a mask if there is one.
static GF_INLINE Simd::F masked_lanes(Simd::F h, const float* mask) {
  return mask == nullptr ? h : Simd::mul(h, Simd::load(mask));
}

/// Stores units of a row of h, from `unit` on, as an operand.
static GF_INLINE void store_h_operand(float* row, int64_t unit, Simd::F h, int lanes) {
  if constexpr (Product::kPerWord == 1) {
    store_lanes(row + unit, h, lanes);
  } else {
    store_halves(reinterpret_cast<uint16_t*>(row) + unit, to_bf16(h), lanes);
  }
}

/// Rounds a row of `count` values (null = zeros) to words, which are filled up with zeros.
static void round_row(const float* from, int64_t count, int64_t words, float* to) {
  uint16_t* halves = reinterpret_cast<uint16_t*>(to);
  int64_t i = 0;
  count = from == nullptr ? 0 : count;
  for (; i + Simd::kLanes <= count; i += Simd::kLanes) {
    store_halves(halves + i, to_bf16(Simd::load(from + i)), Simd::kLanes);
  }
  if (i < count) {
    int left = static_cast<int>(count - i);
    store_halves(halves + i, to_bf16(Simd::load_first(from + i, left)), left);
  }
  for (int64_t k = count; k < 2 * words; k++) {
    halves[k] = 0;
  }
}

/// A row of h (null = zeros), times its mask if there is one, as an operand.
static void copy_h(const float* from, const float* mask, int64_t count, int64_t words, float* to) {
  if (mask == nullptr && Product::kPerWord == 2) {
    round_row(from, count, words, to);
    return;
  }
  for (int64_t i = 0; i < count; i += Simd::kLanes) {
    int some = static_cast<int>(count - i < Simd::kLanes ? count - i : Simd::kLanes);
    Simd::F h = from == nullptr ? Simd::zero() : load_lanes(from + i, some);
    store_h_operand(to, i, masked_lanes(h, mask == nullptr ? nullptr : mask + i), some);
  }
  for (int64_t k = count; Product::kPerWord == 2 && k < 2 * words; k++) {
    reinterpret_cast<uint16_t*>(to)[k] = 0;
  }
}

/// Rounds the rows of x that are a thread's share of steps [begin, end).
static void round_input(const ForwardLayer& f, const Team& team, int64_t begin, int64_t end,
                        float* to) {
  int64_t batch = f.layout->batch;
  Range rows = part_of((end - begin) * batch, team.rank, team.size);
  for (int64_t row = rows.begin; row < rows.end; row++) {
    round_row(f.x + (begin * batch + row) * f.input, f.input, f.x_words, to + row * f.x_words);
  }
}

/// h0, or zeros, as an operand to where the first step of each row finds it, for the units of a
/// part.
static void enter_state(const ForwardLayer& f, const Part& part) {
  const RecurrentLayout& l = *f.layout;
  int64_t begin = part.block_begin * l.block_units;
  int64_t end =
      part.block_end * l.block_units < l.hidden ? part.block_end * l.block_units : l.hidden;
  for (int64_t b = part.row_begin; b < part.row_end; b++) {
    if (begin >= end || f.length(b) == 0) {
      continue;
    }
    int64_t t = f.reverse ? f.length(b) - 1 : 0;
    float* to = f.h_row(t, b);
    const float* mask = f.mask_row(b);
    for (int64_t u = begin; u < end; u += Simd::kLanes) {
      int some = static_cast<int>(end - u < Simd::kLanes ? end - u : Simd::kLanes);
      Simd::F h = f.h0 == nullptr ? Simd::zero() : Simd::load_first(f.h0 + b * l.hidden + u, some);
      store_h_operand(to, u, masked_lanes(h, mask == nullptr ? nullptr : mask + u), some);
    }
    if constexpr (Product::kPerWord == 2) {
      for (int64_t u = end; end == l.hidden && u < 2 * f.h_words; u++) {
        reinterpret_cast<uint16_t*>(to)[u] = 0;
        reinterpret_cast<uint16_t*>(f.h_row(f.after(t), b))[u] = 0;
      }
    }
  }
}

/// to = from (null = zeros) for the rows of length 0, whose states pass through.
static void pass_states(const ForwardLayer& f, const Part& part, const float* from, float* to) {
  const RecurrentLayout& l = *f.layout;
  if (to == nullptr || f.lengths == nullptr) {
    return;
  }
  int64_t begin = part.block_begin * l.block_units;
  int64_t end = part.block_end * l.block_units;
  end = end < l.hidden ? end : l.hidden;
  for (int64_t b = part.row_begin; b < part.row_end; b++) {
    if (f.lengths[b] == 0) {
      for (int64_t u = begin; u < end; u++) {
        to[b * l.hidden + u] = from == nullptr ? 0.0f : from[b * l.hidden + u];
      }
    }
  }
}

static void copy_part_states(const RecurrentLayout& l, const Part& part, const float* from,
                             float* to) {
  for (int64_t j = part.block_begin; j < part.block_end; j++) {
    int64_t begin = (j * l.batch + part.row_begin) * l.block_units;
    int64_t end = (j * l.batch + part.row_end) * l.block_units;
    for (int64_t i = begin; i < end; i++) {
      to[i] = from[i];
    }
  }
}

static Part part_of_grid(const RecurrentLayout& l, const Grid& grid, int rank) {
  int row = rank / grid.blocks % grid.rows;
  int block = rank % grid.blocks;
  Range rows = part_of(l.batch, row, grid.rows);
  Range blocks = part_of(l.blocks, block, grid.blocks);
  return {rows.begin, rows.end, blocks.begin, blocks.end};
}

/// The directions of a thread: all, or those of its share.
static Range directions_of_grid(const RecurrentLayout& l, const Grid& grid, int rank) {
  return part_of(l.directions, rank / (grid.rows * grid.blocks), grid.directions);
}

static void describe_layer(const RecurrentCall& call, int64_t layer, int64_t direction,
                           const float* x, float* y, ForwardLayer& f) {
  const RecurrentLayout& l = *call.layout;
  int64_t index = layer * l.directions + direction;
  int64_t state = index * l.batch * l.hidden;
  f.layout = &l;
  f.reverse = direction == 1 || call.spec->reverse != 0;
  f.clip = call.spec->cell_clip;
  if (call.options) {
    describe_functions(*call.spec, direction, f.functions);
    describe_noise(call, index, f.functions.noise);
  }
  f.lengths = call.lengths;
  f.blocks = call.packed + l.packed_offset(layer, direction);
  f.block_size = l.block_size(layer);
  f.input = l.input_of(layer);
  f.skips = l.skips(layer);
  f.x = x;
  f.x_rows = x;
  f.x_words = l.words(f.input);
  f.h_rows = nullptr;
  const bool masked = call.options && masks_h(f.functions.noise);
  f.h_mask = masked ? call.workspace + l.h_mask(direction) : nullptr;
  f.h_words = l.words(l.hidden);
  f.words_origin = 0;
  f.h0 = call.h0 == nullptr ? nullptr : call.h0 + state;
  f.zeros = call.workspace + l.zero_row();
  f.y = y + direction * l.hidden;
  f.y_distance = l.directions * l.hidden;
  f.recompute = false;
  f.hn = call.hn == nullptr ? nullptr : call.hn + state;
  f.cn = call.cn == nullptr ? nullptr : call.cn + state;
  f.time_origin = 0;
  f.kept_begin = 0;
  f.kept_end = l.steps;
  f.time_begin = 0;
  f.time_end = l.steps;
  f.gates = nullptr;
  f.cells = nullptr;
  f.gates_block = 0;
  f.cells_block = 0;
  f.ahead = nullptr;
  f.ahead_block = l.gates_block(l.ahead);
  f.entry = nullptr;
  if (call.reserve != nullptr) {
    f.entry = call.reserve + l.reserve_borders(layer, direction);
    if (!l.recompute) {
      f.gates = call.reserve + l.reserve_gates(layer, direction);
      f.gates_block = l.gates_block(l.steps);
      f.cells_block = l.cells_block(l.steps);
      f.cells = l.order.cell_state ? call.reserve + l.reserve_cells(layer, direction) : nullptr;
    }
  }
}

/// Draws the masks of h of a layer, if there are any; all threads.
static void draw_h_masks(const RecurrentCall& call, const Team& team, int64_t layer) {
  const RecurrentLayout& l = *call.layout;
  if (!l.masked_h || call.reserve == nullptr) {
    return;
  }
  Range rows = part_of(l.directions * l.batch, team.rank, team.size);
  for (int64_t i = rows.begin; i < rows.end; i++) {
    const int64_t direction = i / l.batch, b = i % l.batch;
    CellNoise noise;
    describe_noise(call, layer * l.directions + direction, noise);
    recurrent_scales(noise, b, l.hidden, call.workspace + l.h_mask(direction) + b * l.mask_row());
  }
  team_barrier(team);
}

/// The same while its steps are gone through backwards.
struct BackwardLayer {
  ForwardLayer f;            ///< gates and cells: of the segment at hand
  const float* later_gates;  ///< of the segment before in this loop, later in the direction's order
  int64_t later_origin;
  const float* dh_panels;
  const float* dx_panels;
  const float* dy;   ///< [T,B,D*H] at this direction's columns, or null
  const float* dhn;  ///< [B,H] or null, as the following
  const float* dcn;
  float* dh0;
  float* dc0;
  float* carry;     ///< of c, or of h in cells without c [blocks][B][units]
  float* h_carry;   ///< what of dh passes the products by [blocks][B][units]; null if nothing can
  float* dwx_sums;  ///< over the segments so far
  float* dwh_sums;
  float* db_sums;
  float* dp_sums;
  float* x_panels;
  float* h_panels;
  float* pairs;          ///< gradients of a segment as words, with bfloat16
  float* gradient_rows;  ///< gradients of the segment at hand row by row, or null
  float* dwx;            ///< [gates*H, in], or null with the two below
  float* dwh;
  float* db;
  float* dp;  ///< null without peepholes, too

  /// Gradients of the sums of row b at step t of the segment at hand; the next block's are
  /// gradient_distance() on.
  GF_INLINE const float* gradient_row(int64_t t, int64_t b) const {
    return gradient_rows == nullptr ? f.gates_row(0, t, b) : copied_row(t, b);
  }
  GF_INLINE int64_t gradient_distance() const {
    return gradient_rows == nullptr ? f.gates_block : f.layout->width;
  }
  /// Where gradient_rows has them.
  GF_INLINE float* copied_row(int64_t t, int64_t b) const {
    const RecurrentLayout& l = *f.layout;
    return gradient_rows + ((t - f.time_begin) * l.batch + b) * l.gradient_row();
  }
  GF_INLINE bool in_segment(int64_t t) const { return t >= f.time_begin && t < f.time_end; }
  /// The same at the step after t, which may be in the segment before in this loop.
  GF_INLINE const float* after_row(int64_t t, int64_t b) const {
    int64_t next = f.after(t);
    return in_segment(next)
               ? gradient_row(next, b)
               : later_gates + ((next - later_origin) * f.layout->batch + b) * f.layout->width;
  }
  GF_INLINE int64_t after_distance(int64_t t) const {
    return in_segment(f.after(t)) ? gradient_distance() : f.gates_block;
  }
};

#endif  // GATEFOLD_RECURRENT_LAYER_H
