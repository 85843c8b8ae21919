/// The products of backward over a segment of stepped layers: the gradients of weights, biases and
/// input from those of the gates. Included inside an instruction set's namespace, after
/// stepped_layer.h.
#ifndef GATEFOLD_STEPPED_GRADIENTS_H
#define GATEFOLD_STEPPED_GRADIENTS_H

#include "simd/pair_sum.h"
#include "steps/stepped_layer.h"

/// A layer and direction while its steps are gone through backwards.
struct SteppedBackward {
  SteppedLayer f;
  const float* dy;       ///< [T,B,D*P] at this direction's columns, or null
  float* gradient;       ///< of h [B][places]
  float* cell_gradient;  ///< of c [B][units]; of LSTMs only
  float* projected;      ///< gradients of a segment's projections [segment][B][places]
  float *x_panels, *h_panels, *late_panels;
  float *x_sums, *h_sums, *bias_sums, *peephole_sums, *wr_sums, *norm_sums;
  float *h_gradients, *side_gradients;       ///< with layer normalisation
  float *dwx, *dwh, *db, *dp, *dwr, *dnorm;  ///< canonical, or null

  GF_INLINE int64_t segment_rows() const { return (f.time_end - f.time_begin) * f.layout->batch; }
  /// The row of [T*B] that comes k-th in the sums over a segment: the order in which steps are gone
  /// through, so that sums do not depend on where segments end.
  GF_INLINE int64_t row_at(int64_t k) const {
    return f.reverse ? f.time_begin * f.layout->batch + k : f.time_end * f.layout->batch - 1 - k;
  }
  /// Gradients of the products with x and with h, once the steps are undone, and while they are.
  GF_INLINE const float* x_gradient_row(int64_t t, int64_t b) const { return f.input_row(t, b); }
  GF_INLINE float* h_gradient_row(int64_t t, int64_t b) const {
    return f.layout->normalises
               ? h_gradients + ((t - f.time_begin) * f.layout->batch + b) * f.layout->width
               : f.gates_row(t, b);
  }
  /// Those beside the gradients of gates' sums.
  GF_INLINE float* side_gradient_row(int64_t t, int64_t b) const {
    const SteppedLayout& l = *f.layout;
    return side_gradients + ((t - f.time_begin) * l.batch + b) * l.side_blocks() * l.units;
  }
  GF_INLINE float* projected_row(int64_t t, int64_t b) const {
    return projected + ((t - f.time_begin) * f.layout->batch + b) * f.layout->places;
  }
  GF_INLINE int64_t place_of(int64_t t, int64_t b) const {
    const int64_t row = t * f.layout->batch + b;
    return f.reverse ? row - f.time_begin * f.layout->batch
                     : f.time_end * f.layout->batch - 1 - row;
  }
};

/// What of a run of rows lies in a segment: places [begin, end) of the segment's sums.
struct RunPart {
  int64_t begin, end;
  bool opens, closes;
  bool first, last;  ///< of all runs
};

/// The part with place k.
static GF_INLINE RunPart run_part(const SteppedBackward& g, int64_t k) {
  const SteppedLayout& l = *g.f.layout;
  const Range run = l.run_of(g.row_at(k));
  const int64_t begin = g.f.time_begin * l.batch, end = g.f.time_end * l.batch;
  const bool from_begin = run.begin >= begin, to_end = run.end <= end;
  const int64_t rows = (to_end ? run.end : end) - (from_begin ? run.begin : begin);
  const bool reverse = g.f.reverse;
  const bool at_begin = run.begin == 0, at_end = run.end == l.rows();
  return {k,
          k + rows,
          reverse ? from_begin : to_end,
          reverse ? to_end : from_begin,
          reverse ? at_begin : at_end,
          reverse ? at_end : at_begin};
}

/// Adds a run's sum to the pair, in place; at the last, the pair's total to `to`.
static GF_INLINE void close_run(const RunPart& run, const float* sum, int64_t part, float* high,
                                float* to, int lanes) {
  Simd::F v = Simd::load(sum), h = v, low = Simd::zero();
  if (!run.first) {
    h = Simd::load(high);
    low = Simd::load(high + part);
    add_to_pair(h, low, v);
  }
  if (run.last) {
    store_lanes(to, Simd::add(load_lanes(to, lanes), pair_total(h, low)), lanes);
  } else {
    Simd::store(high, h);
    Simd::store(high + part, low);
  }
}

/// Sums of some rows of a weight matrix over a part of a run.
struct GateSums {
  const float* panels;  ///< of the operand
  int64_t columns;
  float* sums;   ///< [rows][columns padded]
  int64_t part;  ///< from sums to high, and from high to low
  float* dw;     ///< canonical [rows][columns]
  /// Of gates: gradients of products at the first row of the segment.
  const float* gradients;
};

/// Rows of a weight matrix that are summed up at a time, and rows of gradients that are copied for
/// it: a step's rows lie so far apart that few of them fit into the L1 cache together.
constexpr int64_t kSummedColumns = 4 * Simd::kLanes;
constexpr int64_t kSummedRows = 128;

/// Those of matrix rows [begin, begin + count), whose gradients at the part's first row stand at
/// `a`, `distance_of_rows` from those of the row after it in time.
static void add_row_sums(const SteppedBackward& g, const GateSums& w, const RunPart& run,
                         const float* a, int64_t distance_of_rows, int64_t begin, int64_t count) {
  const SteppedLayout& l = *g.f.layout;
  constexpr int kLanes = Simd::kLanes;
  const int64_t panels = l.panels_of(w.columns), distance = panels * kLanes;
  const int64_t depth = g.segment_rows(),
                stride = g.f.reverse ? distance_of_rows : -distance_of_rows;
  alignas(64) float gradients[kSummedRows * kSummedColumns];
  TileCut cut(count);
  ColumnsTile tile;
  tile.a_stride = kSummedColumns;
  tile.panel = depth * kLanes;
  tile.from_distance = tile.plus_distance = tile.to_distance = distance;
  tile.plus = nullptr;
  for (int64_t k = run.begin; k < run.end; k += kSummedRows) {
    const bool opens = run.opens && k == run.begin, last = run.end - k <= kSummedRows;
    tile.count = last ? run.end - k : kSummedRows;
    for (int64_t i = 0; i < tile.count; i++) {
      const float* row = a + (k - run.begin + i) * stride;
      for (int64_t u = 0; u < count; u += kLanes) {
        Simd::store(gradients + i * kSummedColumns + u, Simd::load(row + u));
      }
    }
    for (int64_t p = 0; p < panels; p += kTileVectors) {
      const int vectors = static_cast<int>(panels - p < kTileVectors ? panels - p : kTileVectors);
      tile.w = w.panels + (p * depth + k) * kLanes;
      Upcoming next = Upcoming::none(tile.w);
      tile.next = &next;
      for (int64_t i = 0; i < cut.tiles; i++) {
        const int64_t row = begin + cut.begin(i);
        const int height = cut.height(i);
        float* sums = w.sums + row * distance + p * kLanes;
        tile.a = gradients + cut.begin(i);
        tile.from = opens ? nullptr : sums;
        tile.to = sums;
        run_tile(height, vectors, tile);
        for (int r = 0; last && run.closes && r < height; r++) {
          float* dw = w.dw + (row + r) * w.columns + p * kLanes;
          for (int v = 0; v < vectors; v++) {
            float* sum = sums + r * distance + v * kLanes;
            close_run(run, sum, w.part, sum + w.part, dw + v * kLanes,
                      lanes_at((p + v) * kLanes, w.columns));
          }
        }
      }
    }
  }
}

static void add_gate_sums(const SteppedBackward& g, const GateSums& w, const RunPart& run,
                          int64_t gate, int64_t unit, int64_t count) {
  const SteppedLayout& l = *g.f.layout;
  const int64_t row = g.row_at(run.begin) - g.f.time_begin * l.batch;
  const float* a = w.gradients + row * l.width + gate * l.units + unit;
  add_row_sums(g, w, run, a, l.width, gate * l.hidden + unit, count);
}

/// The operands x and h of a segment as panels; zeros in padding. Late operands' are there already.
static void operands_to_panels(const SteppedBackward& g, const Team& team) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const int64_t depth = g.segment_rows();
  const Range part = part_of(depth, team.rank, team.size);
  for (int64_t k = part.begin; k < part.end; k++) {
    const int64_t row = g.row_at(k), t = row / l.batch, b = row % l.batch;
    const bool valid = f.active(t, b);
    if (!l.skips(f.layer)) {
      row_to_panels(valid ? f.x + row * f.input : nullptr, nullptr, f.input, l.bf16, g.x_panels, k,
                    depth);
    }
    row_to_panels(valid ? f.h_before(t, b) : nullptr,
                  f.h_mask == nullptr ? nullptr : f.h_mask + b * l.places, l.features, l.bf16,
                  g.h_panels, k, depth);
  }
}

/// Adds body(t, b, v) of a run's rows to the sums of vectors v < N, and the whole of them to the
/// gradients of `left` columns.
template <int N, class Body>
static GF_INLINE void add_vectors(const SteppedBackward& g, const RunPart& run, float* sums,
                                  int64_t part, float* to, int64_t left, const Body& body) {
  const int64_t batch = g.f.layout->batch;
  Simd::F sum[N];
#pragma GCC unroll 8
  for (int v = 0; v < N; v++) {
    sum[v] = run.opens ? Simd::zero() : Simd::load(sums + v * Simd::kLanes);
  }
  const int64_t first = g.row_at(run.begin), to_next = g.f.reverse ? 1 : -1;
  int64_t t = first / batch, b = first % batch;
  for (int64_t k = run.begin; k < run.end; k++) {
#pragma GCC unroll 8
    for (int v = 0; v < N; v++) {
      sum[v] = Simd::add(sum[v], body(t, b, v));
    }
    b += to_next;
    if (b < 0 || b == batch) {
      t += to_next;
      b = b < 0 ? batch - 1 : 0;
    }
  }
#pragma GCC unroll 8
  for (int v = 0; v < N; v++) {
    float* at = sums + v * Simd::kLanes;
    Simd::store(at, sum[v]);
    if (run.closes) {
      close_run(run, at, part, at + part, to + v * Simd::kLanes, lanes_at(v * Simd::kLanes, left));
    }
  }
}

/// The same of up to kSummedColumns columns: body(t, b, vector).
template <class Body>
static GF_INLINE void add_run(const SteppedBackward& g, const RunPart& run, float* sums,
                              int64_t part, float* to, int64_t columns, const Body& body) {
  constexpr int kMost = kSummedColumns / Simd::kLanes;
  if (columns > kSummedColumns - Simd::kLanes) {
    add_vectors<kMost>(g, run, sums, part, to, columns, body);
    return;
  }
  for (int64_t u = 0; u < columns; u += Simd::kLanes) {
    add_vectors<1>(g, run, sums + u, part, to + u, columns - u, [&](int64_t t, int64_t b, int) {
      return body(t, b, static_cast<int>(u / Simd::kLanes));
    });
  }
}

static void bias_gradient(const SteppedBackward& g, const RunPart& run, int64_t gate, int64_t unit,
                          int64_t count) {
  const SteppedLayout& l = *g.f.layout;
  const int64_t part = (l.bias_width() + 15) / 16 * 16, column = gate * l.units + unit;
  add_run(g, run, g.bias_sums + column, part, g.db + gate * l.hidden + unit, count,
          [&](int64_t t, int64_t b, int v) {
            return Simd::load(g.f.gates_row(t, b) + column + v * Simd::kLanes);
          });
}

/// A thread's share of the gradients of weights and biases over a segment.
template <class Cell>
static void weight_gradients(const SteppedBackward& g, const Team& team) {
  const SteppedLayout& l = *g.f.layout;
  const int64_t tasks_of_gate = (l.hidden + kSummedColumns - 1) / kSummedColumns;
  const Range tasks = part_of(Cell::kGates * tasks_of_gate, team.rank, team.size);
  auto aligned = [](int64_t floats) { return (floats + 15) / 16 * 16; };
  const GateSums of_x{g.x_panels, g.f.input,
                      g.x_sums,   aligned(l.x_sums_part()),
                      g.dwx,      g.x_gradient_row(g.f.time_begin, 0)};
  GateSums of_h{g.h_panels, l.features,
                g.h_sums,   aligned(l.h_sums_part()),
                g.dwh,      g.h_gradient_row(g.f.time_begin, 0)};
  for (int64_t task = tasks.begin; task < tasks.end; task++) {
    const int64_t gate = task / tasks_of_gate, begin = task % tasks_of_gate * kSummedColumns;
    const int64_t left = l.hidden - begin, count = left < kSummedColumns ? left : kSummedColumns;
    of_h.panels = gate < Cell::kEarly ? g.h_panels : g.late_panels;
    for (int64_t k = 0; k < g.segment_rows();) {
      const RunPart run = run_part(g, k);
      if (!l.skips(g.f.layer)) {
        add_gate_sums(g, of_x, run, gate, begin, count);
      }
      add_gate_sums(g, of_h, run, gate, begin, count);
      bias_gradient(g, run, gate, begin, count);
      k = run.end;
    }
  }
}

/// A thread's share of the gradients of other weights over a segment.
template <class Cell>
static void other_gradients(const SteppedBackward&, const Team&) {}

/// The same where the input skips the product.
static void skipped_input_gradients(const SteppedBackward& g, const Team& team, float* dx,
                                    bool add) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  const Range part = part_of(g.segment_rows(), team.rank, team.size);
  const int64_t begin = f.time_begin * l.batch;
  for (int64_t row = begin + part.begin; row < begin + part.end; row++) {
    const float* gates = f.gates_row(row / l.batch, row % l.batch);
    for (int64_t u = 0; u < l.hidden; u += Simd::kLanes) {
      float* to = dx + row * f.input + u;
      const int lanes = lanes_at(u, l.hidden);
      Simd::F sum = Simd::load(gates + u);
      for (int64_t gate = 1; gate < l.gates; gate++) {
        sum = Simd::add(sum, Simd::load(gates + gate * l.units + u));
      }
      store_lanes(to, add ? Simd::add(load_lanes(to, lanes), sum) : sum, lanes);
    }
  }
}

/// A thread's share of dx over a segment; add: another direction has been there.
static void input_gradients(const SteppedBackward& g, const Team& team, float* dx, bool add) {
  const SteppedLayer& f = g.f;
  const SteppedLayout& l = *f.layout;
  if (l.skips(f.layer)) {
    skipped_input_gradients(g, team, dx, add);
    return;
  }
  constexpr int kLanes = Simd::kLanes;
  alignas(64) float sums[kTileRows * kTileVectors * kLanes];
  const float* operands[kTileRows];
  const Range part = part_of(g.segment_rows(), team.rank, team.size);
  const int64_t begin = f.time_begin * l.batch + part.begin, panels = l.panels_of(f.input);
  TileCut cut(part.end - part.begin);
  for (int64_t p = 0; p < panels; p += kTileVectors) {
    const int vectors = static_cast<int>(panels - p < kTileVectors ? panels - p : kTileVectors);
    for (int64_t i = 0; i < cut.tiles; i++) {
      const int height = cut.height(i);
      const int64_t first = begin + cut.begin(i);
      for (int r = 0; r < height; r++) {  // zeros in padding
        operands[r] = g.x_gradient_row((first + r) / l.batch, (first + r) % l.batch);
      }
      const float* wx = f.packed + l.packed_dx(f.layer);
      product_tile(
          operands, height, l.width, wx + p * kLanes * l.width, vectors, nullptr, sums,
          vectors * kLanes,
          next_panels(wx, l.width, {0, panels}, p, vectors, cut.begin(i), height, cut.rows));
      for (int r = 0; r < height; r++) {
        for (int v = 0; v < vectors; v++) {
          float* to = dx + (first + r) * f.input + (p + v) * kLanes;
          const int lanes = lanes_at((p + v) * kLanes, f.input);
          Simd::F sum = Simd::load(sums + (r * vectors + v) * kLanes);
          store_lanes(to, add ? Simd::add(load_lanes(to, lanes), sum) : sum, lanes);
        }
      }
    }
  }
}

#endif  // GATEFOLD_STEPPED_GRADIENTS_H
