// What the kernels of layer normalisation inside cells share (Ba et al. 2016): moments of a row,
// and the gradient through them.
//
// Thread mapping: one block a row, for moments need all of it; its threads take quads of units in
// turns. Every thread reads and writes the same units in every pass over a row, so that barriers
// are needed in sums only, and where a thread reads what another one made.
#pragma once

#include "common/recurrent/step.cuh"
#include "common/reduce.cuh"

namespace gatefold {

constexpr int kRowThreads = 128;
constexpr float kNormEpsilon = 1e-5f;

// Mean, and 1 / deviation, of so many numbers.
struct Moments {
  float mean;
  float inverse;
};

// Two sums over the block; valid in all threads.
struct BlockSums {
  float first;
  float second;
};

__device__ __forceinline__ BlockSums block_sums(float a, float b, double* shared) {
  const double first = block_sum(static_cast<double>(a), shared);
  const double second = block_sum(static_cast<double>(b), shared);
  return {static_cast<float>(first), static_cast<float>(second)};
}

// value(i), of elements [0, count) that a thread of the block has for itself, is the same every
// time.
template <class Value>
__device__ __forceinline__ Moments row_moments(int count, const Value& value, double* shared) {
  double sum = 0.0;
  for (int i = threadIdx.x; i < count; i += kRowThreads) sum += static_cast<double>(value(i));
  const double mean = block_sum(sum, shared) / count;
  double squares = 0.0;
  for (int i = threadIdx.x; i < count; i += kRowThreads) {
    const double centred = static_cast<double>(value(i)) - mean;
    squares += centred * centred;
  }
  const double variance = block_sum(squares, shared) / count;
  return {static_cast<float>(mean),
          static_cast<float>(1.0 / sqrt(variance + static_cast<double>(kNormEpsilon)))};
}

__device__ __forceinline__ Quad normal_quad(const float* p, const StepItem& it, const Moments& m) {
  Quad q = load_quad(p, it.count, it.vector);
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = (q.v[k] - m.mean) * m.inverse;
  return q;
}

// q times the gains at p.
__device__ __forceinline__ Quad scaled(Quad q, const float* p, const StepItem& it) {
  const Quad by = load_quad(p, it.count, it.vector);
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] *= by.v[k];
  return q;
}

// A gate's sum, of the normal product with x at `x` and of `normal`, that with h.
__device__ __forceinline__ Quad gate_sum(const float* x, const float* gains_x, const Quad& normal,
                                         const float* gains_h, const float* bias,
                                         const StepItem& it) {
  Quad q = scaled(load_quad(x, it.count, it.vector), gains_x, it);
  add_quad(q, scaled(normal, gains_h, it));
  add_quad(q, load_quad(bias, it.count, it.vector));
  return q;
}

__device__ __forceinline__ float* step_normal_h(const StepFrame& f, int j) {
  return f.normal_h + j * f.gates_stride;
}

__device__ __forceinline__ float* step_h_gradients(const StepFrame& f, int j) {
  return f.h_gradients + j * f.gates_stride;
}

// Rows of all batches from step 0 to step j, in the order of time.
__device__ __forceinline__ long long step_rows(const StepFrame& f, int j, int batch) {
  return static_cast<long long>(j) * f.time_stride * batch;
}

// Of step j: 1 / deviation of so many products of every row, the first with x.
__device__ __forceinline__ float* step_inverses(const StepFrame& f, int j, int batch,
                                                int products) {
  return f.inverses + step_rows(f, j, batch) * products;
}

__device__ __forceinline__ void add_up(const Quad& u, const Quad& normal, const StepItem& it,
                                       float& sum, float& inner) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (k < it.count) {
      sum += u.v[k];
      inner = fmaf(u.v[k], normal.v[k], inner);
    }
  }
}

// u, gradients of normal values, becomes that of what they were made of.
__device__ __forceinline__ void through_moments(Quad& u, const Quad& normal, float mean,
                                                float inner, float inverse) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    u.v[k] = inverse * (u.v[k] - mean - normal.v[k] * inner);
  }
}

}  // namespace gatefold
