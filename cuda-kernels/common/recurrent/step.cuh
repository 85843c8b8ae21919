// What the pointwise kernels of all recurrent cells share: where a step stands, who handles what,
// padding, and dropout on the way out.
#pragma once

#include "common/math.cuh"
#include "common/operand.cuh"
#include "common/philox.cuh"
#include "common/quad.cuh"

namespace gatefold {

// What a chunk of consecutive steps of one layer and direction works on. Stands in device memory
// and is read anew by every launch, so that one recorded graph serves every number of steps and
// every address; set_step_frame writes it before the graph is launched. Steps count in the order in
// which the direction reads the sequence; `stride` is the number of elements from a step to the
// next, negative where the direction runs back in time, 0 where a state is updated in place.
// backend/cuda's StepFrame.java writes the same layout.
struct StepFrame {
  float* gates;                    // [B, G*H] of step 0
  float* hidden;                   // [B, P], the state before step 0; P is H unless an LSTM's
                                   // units are projected to h
  float* extra;                    // LSTM: [B, H], the cell state before step 0; GRU: [B, H], the
                                   // recurrent part of the candidate of step 0, or where the
                                   // reset gate is before it what that is of; null if not kept
  float* output;                   // [B, D*P], y or dy of step 0; null if there is none
  const float* bias;               // of this layer and direction
  const float* peepholes;          // LSTM: [3H], of i, f and o; null without
  const int* lengths;              // [B]; null means no padding
  const unsigned long long* seed;  // of the dropout masks
  long long gates_stride;
  long long hidden_stride;
  long long extra_stride;
  long long output_stride;
  float* given;      // [B, H], what of step 0 is projected; this and the next only of projections,
                     // and only where a backward pass will follow
  float* projected;  // [B, P], the gradient of that projection
  long long given_stride;
  long long projected_stride;
  // With layer normalisation, of step 0; gates_stride is that of the rows of G*H, from which the
  // others follow. All but the first two only where a backward pass will follow.
  const float* norm;       // [2GH], gains of products with x and with h; LSTM: gain, shift of c
  const float* normal_x;   // [B, G*H], normal products with x; without backward they are the gates
  float* normal_h;         // [B, G*H], those with h
  float* inverses;         // [B, products], 1 / deviation of products, that with x first
  float* h_gradients;      // [B, G*H], gradients of products with h
  float* shift_gradients;  // LSTM: [B, 2, H], that of the shift of c, and times the normal c
  int time;                // t of step 0
  int time_stride;         // 1 or -1
  int output_width;        // D*P
  int output_column;       // first column of this direction in y and dy: 0 or P
  int keep;                // not 0: a backward pass will follow
  int vector;              // not 0: H and P are multiples of 4 and every row is 16-byte aligned
  float clip;              // bound of the cell state; 0 means none
  float drop;              // probability; 0 switches dropout off
  float keep_scale;        // 1 / (1 - drop)
  unsigned drop_stream;    // the layer
  unsigned set;            // layer*D + direction
};

__device__ __forceinline__ float* step_gates(const StepFrame& f, int j) {
  return f.gates + j * f.gates_stride;
}

// Hidden state before step j, which is that after step j - 1.
__device__ __forceinline__ float* step_hidden(const StepFrame& f, int j) {
  return f.hidden + j * f.hidden_stride;
}

// LSTM: cell state before step j. GRU: recurrent part of the candidate of step j, or what that is
// of.
__device__ __forceinline__ float* step_extra(const StepFrame& f, int j) {
  return f.extra + j * f.extra_stride;
}

// t, the position of step j in the sequence.
__device__ __forceinline__ int step_time(const StepFrame& f, int j) {
  return f.time + j * f.time_stride;
}

// The four (or, at the end of a row, fewer) units of one row that a thread handles.
struct StepItem {
  int row;
  int unit;
  int count;    // 1 to 4
  bool vector;  // 16-byte accesses are possible
  bool valid;   // the thread has work

  __device__ __forceinline__ StepItem(int batch, int hidden, bool aligned) {
    const int quads = (hidden + 3) / 4;
    const long long index = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
    valid = index < static_cast<long long>(batch) * quads;
    row = valid ? static_cast<int>(index / quads) : 0;
    unit = valid ? static_cast<int>(index % quads) * 4 : 0;
    count = hidden - unit < 4 ? hidden - unit : 4;
    vector = aligned;
  }

  // Four units of a row, which may lie beyond the batch or the units.
  __device__ __forceinline__ StepItem(int its_row, int its_unit, int batch, int hidden,
                                      bool aligned) {
    valid = its_row < batch && its_unit < hidden;
    row = valid ? its_row : 0;
    unit = valid ? its_unit : 0;
    count = hidden - unit < 4 ? hidden - unit : 4;
    vector = aligned;
  }
};

// True if step t of the row is data, not padding.
__device__ __forceinline__ bool is_data(const StepFrame& f, int t, int row) {
  return f.lengths == nullptr || t < f.lengths[row];
}

// Where an item stands in the rows of y or dy of one step.
template <class Item>
__device__ __forceinline__ size_t output_index(const StepFrame& f, const Item& item) {
  return static_cast<size_t>(item.row) * f.output_width + f.output_column + item.unit;
}

// Writes an item of y of step j; a null y means that the output stands there already.
__device__ __forceinline__ void store_output(const StepFrame& f, int j, const Quad& q,
                                             const StepItem& item) {
  if (f.output == nullptr) return;
  store_quad(f.output + j * f.output_stride + output_index(f, item), q, item.count, item.vector);
}

// Reads an item of dy of step j, which must not be null.
__device__ __forceinline__ Quad load_output(const StepFrame& f, int j, const StepItem& item) {
  return load_quad(f.output + j * f.output_stride + output_index(f, item), item.count, item.vector);
}

// Multiplies the units of an item by the (inverted) dropout scale of their place in [T, B, D*H].
__device__ __forceinline__ void apply_dropout(Quad& q, const StepFrame& f, int t, int batch,
                                              const StepItem& item) {
  if (f.drop == 0.0f) return;
  const unsigned long long e =
      (static_cast<unsigned long long>(t) * batch + item.row) * f.output_width + f.output_column +
      item.unit;
  const unsigned long long seed = *f.seed;
  if (item.vector) {
    const Quad scale = dropout_scales(seed, f.drop_stream, e, f.drop, f.keep_scale);
#pragma unroll
    for (int k = 0; k < 4; ++k) q.v[k] = weighted(scale.v[k], q.v[k]);
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (k < item.count) {
        q.v[k] =
            weighted(dropout_scale_at(seed, f.drop_stream, e + k, f.drop, f.keep_scale), q.v[k]);
      }
    }
  }
}

// Whether the units of an item fall out of a mask of the cell: those of the stream's elements
// (t*B + b)*H + j that dropout would drop. 0 where they do, keep_scale where not.
__device__ __forceinline__ Quad noise_scales(const StepFrame& f, unsigned mask, int t, int batch,
                                             int hidden, const StepItem& item, float p,
                                             float keep_scale) {
  const unsigned long long e =
      (static_cast<unsigned long long>(t) * batch + item.row) * hidden + item.unit;
  const unsigned stream = mask << 24 | f.set;
  const unsigned long long seed = *f.seed;
  if (item.vector) return dropout_scales(seed, stream, e, p, keep_scale);
  Quad q;
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = dropout_scale_at(seed, stream, e + k, p, keep_scale);
  return q;
}

// Adds the gradient of y, if there is one, to that of the hidden state.
__device__ __forceinline__ void add_output_gradient(Quad& d_h, const StepFrame& f, int j, int t,
                                                    int batch, const StepItem& item) {
  if (f.output == nullptr) return;
  Quad d_out = load_output(f, j, item);
  apply_dropout(d_out, f, t, batch, item);
  add_quad(d_h, d_out);
}

// Hands the hidden state after step j on: to the step after it, as an operand of its product, which
// stands at element `state`, and as y. operand: h, or what of it the product takes.
__device__ __forceinline__ void hand_on(Quad h, const Quad& operand, const StepFrame& f, int j,
                                        int t, int batch, const StepItem& item, void* operands,
                                        size_t state, int type) {
  store_quad(step_hidden(f, j + 1) + state, h, item.count, item.vector);
  store_operand(operands, state, operand, item.count, item.vector, type);
  apply_dropout(h, f, t, batch, item);
  store_output(f, j, h, item);
}

__device__ __forceinline__ void hand_on(const Quad& h, const StepFrame& f, int j, int t, int batch,
                                        const StepItem& item, void* operands, size_t state,
                                        int type) {
  hand_on(h, h, f, j, t, batch, item, operands, state, type);
}

// As hand_on where step j is padding: the state stays, y is 0.
__device__ __forceinline__ void pass_by(const Quad& h, const Quad& operand, const StepFrame& f,
                                        int j, const StepItem& item, void* operands, size_t state,
                                        int type) {
  store_quad(step_hidden(f, j + 1) + state, h, item.count, item.vector);
  store_operand(operands, state, operand, item.count, item.vector, type);
  store_output(f, j, zero_quad(), item);
}
__device__ __forceinline__ void pass_by(const Quad& h, const StepFrame& f, int j,
                                        const StepItem& item, void* operands, size_t state,
                                        int type) {
  pass_by(h, h, f, j, item, operands, state, type);
}

}  // namespace gatefold
