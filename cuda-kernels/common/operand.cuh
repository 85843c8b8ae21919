// Operands of matrix products in memory: single or half precision, four of a row at a time.
#pragma once

#include "common/ptx.cuh"
#include "common/quad.cuh"

namespace gatefold {

// How operands are stored. A launch-wide constant, so that branches on it cost no divergence.
enum OperandType { kOperandF32 = 0, kOperandF16 = 1, kOperandBf16 = 2 };

// Two numbers of half precision, the first in the lower half.
__device__ __forceinline__ unsigned half_pair(float low, float high, int type) {
  return type == kOperandF16 ? ptx::f16x2_from_floats(low, high)
                             : ptx::bf16x2_from_floats(low, high);
}

// Stores the first `count` numbers of q, rounded to nearest, ties to even, as elements `index` and
// following. `vector` says that count is 4 and that the place is aligned to four elements.
__device__ __forceinline__ void store_operand(void* operands, size_t index, const Quad& q,
                                              int count, bool vector, int type) {
  if (type == kOperandF32) {
    store_quad(static_cast<float*>(operands) + index, q, count, vector);
    return;
  }
  unsigned short* p = static_cast<unsigned short*>(operands) + index;
  const unsigned low = half_pair(q.v[0], q.v[1], type);
  const unsigned high = half_pair(q.v[2], q.v[3], type);
  if (vector) {
    *reinterpret_cast<uint2*>(p) = make_uint2(low, high);
  } else {
    if (count > 0) p[0] = static_cast<unsigned short>(low);
    if (count > 1) p[1] = static_cast<unsigned short>(low >> 16);
    if (count > 2) p[2] = static_cast<unsigned short>(high);
    if (count > 3) p[3] = static_cast<unsigned short>(high >> 16);
  }
}

}  // namespace gatefold
