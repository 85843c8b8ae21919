#include <cmath>

#include "engine/kernels.h"
#include "simd/simd_avx512.h"

namespace gatefold {
namespace avx512 {
#include "operations/pointwise_kernels.h"
}  // namespace avx512

const PointwiseKernels kPointwiseAvx512 = {avx512::exp_range,
                                           avx512::sigmoid_range,
                                           avx512::tanh_range,
                                           avx512::activation_forward,
                                           avx512::activation_backward,
                                           avx512::binary,
                                           avx512::scale,
                                           avx512::scaled_add,
                                           avx512::maximum,
                                           avx512::exp_sum,
                                           avx512::subtract,
                                           avx512::softmax_backward,
                                           avx512::square_sum,
                                           avx512::clip,
                                           avx512::update};

}  // namespace gatefold
