// An input that skips the product of a recurrent layer: it goes to all gates as it is, and its
// gradient is the sum of theirs.
//
// Thread mapping: grid-stride loops over the elements of x or dx. No shared memory, no
// synchronisation.

#include "common/grid.cuh"
#include "common/operand.cuh"

using namespace gatefold;

namespace gatefold {

// Element i of operands of products as a float.
__device__ __forceinline__ float operand_at(const void* operands, long long i, int type) {
  if (type == kOperandF32) return static_cast<const float*>(operands)[i];
  const unsigned short half = static_cast<const unsigned short*>(operands)[i];
  return type == kOperandF16 ? ptx::float_from_f16(half) : ptx::float_from_bf16(half);
}

}  // namespace gatefold

// gates [N,G*H] written: x [N,H], an operand of products, once for every gate. type: OperandType.
extern "C" __global__ void __launch_bounds__(256)
    skip_input_f32(const void* __restrict__ x, float* __restrict__ gates, long long rows,
                   int hidden, int count, int type) {
  for (long long i = first_element(); i < rows * hidden; i += grid_size()) {
    const float value = operand_at(x, i, type);
    float* to = gates + i / hidden * count * hidden + i % hidden;
    for (int g = 0; g < count; ++g) to[static_cast<long long>(g) * hidden] = value;
  }
}

// dx [N,H]: written, or where `add` added to: the sums over the gates of gradients [N,G*H], which
// are operands of products. type: OperandType.
extern "C" __global__ void __launch_bounds__(256)
    skipped_input_gradient_f32(const void* __restrict__ gates, float* __restrict__ dx,
                               long long rows, int hidden, int count, int add, int type) {
  for (long long i = first_element(); i < rows * hidden; i += grid_size()) {
    const long long first = i / hidden * count * hidden + i % hidden;
    float sum = 0.0f;
    for (int g = 0; g < count; ++g) {
      sum += operand_at(gates, first + static_cast<long long>(g) * hidden, type);
    }
    dx[i] = add ? dx[i] + sum : sum;
  }
}
