// Conversions between single and half precision.
//
// Thread mapping: grid-stride loops in which a thread handles four consecutive numbers, by 16-byte
// and 8-byte accesses where both sides are aligned. No shared memory, no synchronisation.

#include "common/grid.cuh"
#include "common/operand.cuh"

using namespace gatefold;

namespace gatefold {

__device__ __forceinline__ bool aligned(const void* p, unsigned bytes) {
  return reinterpret_cast<unsigned long long>(p) % bytes == 0;
}

}  // namespace gatefold

// operands [n] = x [n], rounded to nearest, ties to even. type: OperandType.
extern "C" __global__ void __launch_bounds__(256)
    operand_from_f32(const float* __restrict__ x, void* __restrict__ operands, long long n,
                     int type) {
  const bool vector = aligned(x, 16) && aligned(operands, type == kOperandF32 ? 16 : 8);
  for (long long i = first_element() * 4; i < n; i += grid_size() * 4) {
    const int count = n - i < 4 ? static_cast<int>(n - i) : 4;
    const bool whole = vector && count == 4;
    store_operand(operands, static_cast<size_t>(i), load_quad(x + i, count, whole), count, whole,
                  type);
  }
}

// x [n] = halves [n], which are f16; exact.
extern "C" __global__ void __launch_bounds__(256)
    f32_from_f16(const unsigned short* __restrict__ halves, float* __restrict__ x, long long n) {
  const bool vector = aligned(x, 16) && aligned(halves, 8);
  for (long long i = first_element() * 4; i < n; i += grid_size() * 4) {
    const int count = n - i < 4 ? static_cast<int>(n - i) : 4;
    Quad q;
    if (vector && count == 4) {
      const uint2 pairs = *reinterpret_cast<const uint2*>(halves + i);
      q.v[0] = ptx::float_from_f16(static_cast<unsigned short>(pairs.x));
      q.v[1] = ptx::float_from_f16(static_cast<unsigned short>(pairs.x >> 16));
      q.v[2] = ptx::float_from_f16(static_cast<unsigned short>(pairs.y));
      q.v[3] = ptx::float_from_f16(static_cast<unsigned short>(pairs.y >> 16));
      store_quad(x + i, q, count, true);
    } else {
      for (int k = 0; k < count; ++k) x[i + k] = ptx::float_from_f16(halves[i + k]);
    }
  }
}
