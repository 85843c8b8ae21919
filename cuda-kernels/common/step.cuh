// What the pointwise kernels of all recurrent cells share: who handles what, padding, and dropout
// on the way out.
#pragma once

#include "common/math.cuh"
#include "common/philox.cuh"
#include "common/quad.cuh"

namespace gatefold {

// One step of one layer and direction. Rows of the batch b, hidden units u.
struct StepShape {
  int batch;          // B
  int hidden;         // H
  int step;           // t, the position in the sequence that this step handles
  int output_stride;  // floats between rows of y and dy: D*H
  int output_column;  // first column of this direction in y and dy: 0 or H
  int vector;         // not 0: H is a multiple of 4 and every row is 16-byte aligned
};

// Inverted dropout on the output of a layer; p = 0 switches it off. The seed stands in device
// memory, so that a recorded graph of launches can run again with another one.
struct StepDropout {
  const unsigned long long* seed;
  float p;
  float keep_scale;  // 1 / (1 - p)
  unsigned stream;   // the layer
  unsigned unused;
};

// The four (or, at the end of a row, fewer) units of one row that a thread handles.
struct StepItem {
  int row;
  int unit;
  int count;    // 1 to 4
  bool vector;  // 16-byte accesses are possible
  bool valid;   // the thread has work

  __device__ __forceinline__ explicit StepItem(const StepShape& s) {
    const int quads = (s.hidden + 3) / 4;
    const long long index = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
    valid = index < static_cast<long long>(s.batch) * quads;
    row = valid ? static_cast<int>(index / quads) : 0;
    unit = valid ? static_cast<int>(index % quads) * 4 : 0;
    count = s.hidden - unit < 4 ? s.hidden - unit : 4;
    vector = s.vector != 0;
  }
};

// True if step t of the row is data, not padding; null lengths mean no padding.
__device__ __forceinline__ bool is_data(const int* lengths, const StepShape& s, int row) {
  return lengths == nullptr || s.step < lengths[row];
}

// Where an item stands in the rows of y or dy of this step.
__device__ __forceinline__ size_t output_index(const StepShape& s, const StepItem& item) {
  return static_cast<size_t>(item.row) * s.output_stride + s.output_column + item.unit;
}

// Writes an item of y; a null y means that the output stands there already.
__device__ __forceinline__ void store_output(float* y, const Quad& q, const StepShape& s,
                                             const StepItem& item) {
  if (y != nullptr) store_quad(y + output_index(s, item), q, item.count, item.vector);
}

// Reads an item of dy.
__device__ __forceinline__ Quad load_output(const float* dy, const StepShape& s,
                                            const StepItem& item) {
  return load_quad(dy + output_index(s, item), item.count, item.vector);
}

// Multiplies the units of an item by the dropout scale of their place in [T, B, D*H].
__device__ __forceinline__ void apply_dropout(Quad& q, const StepDropout& d, const StepShape& s,
                                              const StepItem& item) {
  if (d.p == 0.0f) return;
  const unsigned long long e =
      (static_cast<unsigned long long>(s.step) * s.batch + item.row) * s.output_stride +
      s.output_column + item.unit;
  const unsigned long long seed = *d.seed;
  if (item.vector) {
    const Quad scale = dropout_scales(seed, d.stream, e, d.p, d.keep_scale);
#pragma unroll
    for (int k = 0; k < 4; ++k) q.v[k] = weighted(scale.v[k], q.v[k]);
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (k < item.count) {
        q.v[k] = weighted(dropout_scale_at(seed, d.stream, e + k, d.p, d.keep_scale), q.v[k]);
      }
    }
  }
}

}  // namespace gatefold
