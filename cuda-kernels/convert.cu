// Conversion of floats to operands of matrix products.
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
