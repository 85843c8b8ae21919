/// One layer and direction of stepped layers, and the products of its rows. Included inside an
/// instruction set's namespace, after its Product.
#ifndef GATEFOLD_STEPPED_LAYER_H
#define GATEFOLD_STEPPED_LAYER_H

#include "product/tile_product.h"
#include "recurrent/cell_functions.h"
#include "simd/simd_lanes.h"

/// Rows of a step that are described at a time.
constexpr int kRowsAtOnce = 16 * kTileRows;

/// A thread's rows of the batch and panels of units. Threads with the same rows are a group.
struct StepShare {
  bool works;
  int group, members;
  int member;  ///< number of this thread in its group
  Range rows, panels;
  Range places;  ///< panels of h

  StepShare(const SteppedLayout& l, const Team& team) {
    // A tile wants some rows; what threads are left share the units of the same rows.
    const int64_t most = l.batch / 4 < 1 ? 1 : l.batch / 4;
    const int64_t by_rows = team.size < most ? team.size : most;
    const int64_t left = team.size / by_rows, panels_of_row = l.units / l.lanes;
    const int64_t by_panels = left < panels_of_row ? left : panels_of_row;
    works = team.rank < by_rows * by_panels;
    const int64_t row = team.rank / by_panels;
    group = 1 + static_cast<int>(works ? row : 0);
    members = static_cast<int>(by_panels);
    member = static_cast<int>(works ? team.rank % by_panels : 0);
    rows = works ? part_of(l.batch, row, by_rows) : Range{0, 0};
    panels = works ? part_of(panels_of_row, team.rank % by_panels, by_panels) : Range{0, 0};
    places = works ? part_of(l.places / l.lanes, team.rank % by_panels, by_panels) : Range{0, 0};
  }

  /// This thread's own of the group's rows, where it takes all units of a row.
  Range whole_rows() const {
    const Range part = part_of(rows.end - rows.begin, member, members);
    return {rows.begin + part.begin, rows.begin + part.end};
  }
};

struct SteppedLayer {
  const SteppedLayout* layout;
  CellFunctions functions;
  float cell_clip;
  bool reverse;
  const int32_t* lengths;  ///< null = all T
  const float* packed;
  int64_t layer;
  int64_t input;
  const float* x;  ///< [T,B,input]
  const float* h0;
  const float* c0;  ///< of LSTMs only, as is what follows of cells
  float* y;         ///< [T,B,D*P] at this direction's columns
  const float* zeros;
  float* state;
  float* operand;       ///< may be state
  const float* h_mask;  ///< scales of h in products, or null
  float* late;
  float* cell_state;
  float* cells;    ///< [.][B][units] after steps, from time_origin on; null: not kept
  float* borders;  ///< [segments][B][units] before segments; null: not kept
  float* x_rounded;
  float* gates;  ///< [.][B][width]
  /// With layer normalisation: the same, and [.][B][products][2], mean and 1 / deviation.
  float *product_x, *product_h, *moments;
  int64_t time_origin;  ///< step of row 0 of gates
  int64_t time_begin, time_end;

  GF_INLINE int64_t length(int64_t b) const {
    return lengths == nullptr ? layout->steps : lengths[b];
  }
  GF_INLINE bool active(int64_t t, int64_t b) const { return t < length(b); }
  GF_INLINE int64_t time_of(int64_t index) const {
    return reverse ? time_end - 1 - index : time_begin + index;
  }
  /// h before step t, or null where it is zero.
  GF_INLINE const float* h_before(int64_t t, int64_t b) const {
    if (reverse ? t == length(b) - 1 : t == 0) {
      return h0 == nullptr ? nullptr : h0 + b * layout->features;
    }
    return y_row(reverse ? t + 1 : t - 1, b);
  }
  GF_INLINE float* y_row(int64_t t, int64_t b) const {
    return y + (t * layout->batch + b) * layout->directions * layout->features;
  }
  GF_INLINE float* gates_row(int64_t t, int64_t b) const {
    return gates + ((t - time_origin) * layout->batch + b) * layout->width;
  }
  /// Where what is made of x stands, to which the gates' sums add.
  GF_INLINE float* input_row(int64_t t, int64_t b) const {
    return layout->normalises ? product_x_row(t, b) : gates_row(t, b);
  }
  GF_INLINE float* product_x_row(int64_t t, int64_t b) const {
    return product_x + ((t - time_origin) * layout->batch + b) * layout->width;
  }
  GF_INLINE float* product_h_row(int64_t t, int64_t b) const {
    return product_h + ((t - time_origin) * layout->batch + b) * layout->width;
  }
  /// Mean and 1 / deviation of a product: 0 with x, 1 with h, 2 that of late gates.
  GF_INLINE float* moments_of(int64_t t, int64_t b, int64_t product) const {
    return moments + (((t - time_origin) * layout->batch + b) * layout->products() + product) * 2;
  }
  GF_INLINE float* cells_row(int64_t t, int64_t b) const {
    return cells + ((t - time_origin) * layout->batch + b) * layout->units;
  }
  /// c before step t of a segment, whose cells are kept; null where it is zero.
  GF_INLINE const float* c_before(int64_t t, int64_t b) const {
    if (reverse ? t == length(b) - 1 : t == 0) {
      return c0 == nullptr ? nullptr : c0 + b * layout->hidden;
    }
    if (borders != nullptr && t == (reverse ? time_end - 1 : time_begin)) {
      return borders + (time_begin / layout->segment * layout->batch + b) * layout->units;
    }
    return cells_row(reverse ? t + 1 : t - 1, b);
  }
  /// What noise does to the units of panel p at step t.
  GF_INLINE NoiseLanes noise(int64_t t, int64_t b, int64_t p) const {
    return noise_lanes(functions.noise,
                       (t * layout->batch + b) * layout->hidden + p * Simd::kLanes);
  }
  /// Units of panel p.
  GF_INLINE int valid(int64_t p) const {
    const int64_t left = layout->hidden - p * Simd::kLanes;
    return static_cast<int>(left < Simd::kLanes ? left : Simd::kLanes);
  }
  /// Features of h in panel p.
  GF_INLINE int valid_features(int64_t p) const {
    const int64_t left = layout->features - p * Simd::kLanes;
    return static_cast<int>(left < Simd::kLanes ? left : Simd::kLanes);
  }
  /// Features of row b from u on, times their mask if there is one.
  GF_INLINE Simd::F masked(Simd::F h, int64_t b, int64_t u) const {
    return h_mask == nullptr ? h : Simd::mul(h, Simd::load(h_mask + b * layout->places + u));
  }
  GF_INLINE Simd::F as_operand(Simd::F v) const { return layout->bf16 ? to_bf16(v) : v; }
};

/// Some columns of a row (null = zeros).
static GF_INLINE Simd::F load_part(const float* row, int64_t column, int lanes) {
  return row == nullptr ? Simd::zero() : load_lanes(row + column, lanes);
}

/// Columns [c, c + lanes) of so many: how many lanes there are.
static GF_INLINE int lanes_at(int64_t c, int64_t columns) {
  return static_cast<int>(columns - c < Simd::kLanes ? columns - c : Simd::kLanes);
}

/// Calls body(rows, count) for the rows of a share that are valid at step t, some at a time.
template <class Body>
static GF_INLINE void for_valid_rows(const SteppedLayer& f, Range share, int64_t t,
                                     const Body& body) {
  int64_t rows[kRowsAtOnce];
  for (int64_t b = share.begin; b < share.end;) {
    int count = 0;
    for (; b < share.end && count < kRowsAtOnce; b++) {
      if (f.active(t, b)) {
        rows[count++] = b;
      }
    }
    if (count > 0) {
      body(rows, count);
    }
  }
}

/// Calls body(tile rows, height, first panel, vectors) for the tiles of some rows and panels.
template <class Body>
static GF_INLINE void for_tiles(const int64_t* rows, int count, Range panels, const Body& body) {
  TileCut cut(count);
  for (int64_t p = panels.begin; p < panels.end; p += kTileVectors) {
    const int vectors =
        static_cast<int>(panels.end - p < kTileVectors ? panels.end - p : kTileVectors);
    for (int64_t i = 0; i < cut.tiles; i++) {
      body(rows + cut.begin(i), cut.height(i), p, vectors);
    }
  }
}

/// The panels after [p, p + vectors) of some, from panel 0 at `w`, whose products come next: what
/// of them a tile fetches, which is rows [begin, begin + height) of `count`. The last are followed
/// by the first, those of the next step.
static GF_INLINE Upcoming next_panels(const float* w, int64_t depth, Range panels, int64_t p,
                                      int vectors, int64_t begin, int height, int64_t count) {
  const int64_t next = p + vectors < panels.end ? p + vectors : panels.begin;
  const int64_t left = panels.end - next;
  const int64_t size = (left < kTileVectors ? left : kTileVectors) * depth * Simd::kLanes;
  return Upcoming::spread(w + next * depth * Simd::kLanes + size * begin / count,
                          size * height / count, depth);
}

/// to = from + rows * panels, whose first is `w`, for a tile; from: the same for all rows.
static void product_tile(const float* const* rows, int height, int64_t depth, const float* w,
                         int vectors, const float* from, float* to, int64_t to_distance,
                         Upcoming next) {
  RowsTile tile;
  tile.rows = rows;
  tile.segments = 1;
  tile.run = tile.last_run = depth;
  tile.segment_distance = 0;
  tile.w = w;
  tile.panel = depth * Simd::kLanes;
  tile.from = from;
  tile.from_distance = 0;
  tile.plus = nullptr;
  tile.plus_distance = 0;
  tile.to = to;
  tile.to_distance = to_distance;
  tile.next = &next;
  run_tile(height, vectors, tile);
}

static void round_values(int64_t count, const float* from, float* to) {
  for (int64_t i = 0; i < count; i += Simd::kLanes) {
    const int lanes = lanes_at(i, count);
    store_lanes(to + i, to_bf16(load_lanes(from + i, lanes)), lanes);
  }
}

/// A row (null = zeros), times its scales if there are any, as depth k of panels that are `depth`
/// deep.
static void row_to_panels(const float* row, const float* scales, int64_t columns, bool round,
                          float* panels, int64_t k, int64_t depth) {
  for (int64_t c = 0; c < columns; c += Simd::kLanes) {
    Simd::F v = load_part(row, c, lanes_at(c, columns));
    if (scales != nullptr) {
      v = Simd::mul(v, Simd::load(scales + c));
    }
    Simd::store(panels + c * depth + k * Simd::kLanes, round ? to_bf16(v) : v);
  }
}

static void describe_stepped(const RecurrentCall& call, int64_t layer, int64_t direction,
                             const float* x, float* y, SteppedLayer& f) {
  const SteppedLayout& l = *call.steps;
  const int64_t index = layer * l.directions + direction;
  f.layout = &l;
  describe_functions(*call.spec, direction, f.functions);
  describe_noise(call, index, f.functions.noise);
  f.cell_clip = call.spec->cell_clip;
  f.reverse = direction == 1 || call.spec->reverse != 0;
  f.lengths = call.lengths;
  f.packed = call.packed + l.packed_offset(layer, direction);
  f.layer = layer;
  f.input = l.input_of(layer);
  f.x = x;
  f.h0 = call.h0 == nullptr ? nullptr : call.h0 + index * l.batch * l.features;
  f.c0 = call.c0 == nullptr ? nullptr : call.c0 + index * l.batch * l.hidden;
  f.y = y + direction * l.features;
  f.zeros = call.workspace + l.zero_row();
  f.state = call.workspace + l.state();
  f.operand = call.workspace + l.operand();
  f.h_mask = masks_h(f.functions.noise) ? call.workspace + l.h_mask() : nullptr;
  f.late = call.workspace + l.late_operand();
  f.cell_state = call.workspace + l.cell_state();
  f.cells = nullptr;
  f.borders = nullptr;
  f.x_rounded = call.workspace + l.segment_x();
  f.gates = call.workspace + l.segment_gates();
  f.product_x = call.workspace + l.segment_product_x();
  f.product_h = call.workspace + l.segment_product_h();
  f.moments = call.workspace + l.segment_moments();
  f.time_origin = 0;
  f.time_begin = 0;
  f.time_end = l.steps;
}

/// Lets gates, and what belongs to them, stand in the reserve; all steps do.
static void keep_gates(const RecurrentCall& call, int64_t layer, int64_t direction,
                       SteppedLayer& f) {
  const SteppedLayout& l = *call.steps;
  f.gates = call.reserve + l.reserve_gates(layer, direction);
  f.product_x = call.reserve + l.reserve_product_x(layer, direction);
  f.product_h = call.reserve + l.reserve_product_h(layer, direction);
  f.moments = call.reserve + l.reserve_moments(layer, direction);
}

/// Draws the mask of h, if there is one; all threads.
static void draw_h_mask(const RecurrentCall& call, const Team& team, const SteppedLayer& f) {
  const SteppedLayout& l = *f.layout;
  if (f.h_mask == nullptr) {
    return;
  }
  const Range rows = part_of(l.batch, team.rank, team.size);
  for (int64_t b = rows.begin; b < rows.end; b++) {
    recurrent_scales(f.functions.noise, b, l.features, call.workspace + l.h_mask() + b * l.places);
  }
  team_barrier(team);
}

static void clear_zero_row(const RecurrentCall& call, const Team& team) {
  const SteppedLayout& l = *call.steps;
  if (team.rank == 0) {
    for (int64_t i = l.zero_row(); i < l.state(); i++) {
      call.workspace[i] = 0.0f;
    }
  }
  team_barrier(team);
}

#endif  // GATEFOLD_STEPPED_LAYER_H
