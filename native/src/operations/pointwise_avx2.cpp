#include <cmath>

#include "engine/kernels.h"
#include "simd/simd_avx2.h"

namespace gatefold {
namespace avx2 {
#include "operations/pointwise_kernels.h"
}  // namespace avx2

const PointwiseKernels kPointwiseAvx2 = {avx2::exp_range,
                                         avx2::sigmoid_range,
                                         avx2::tanh_range,
                                         avx2::activation_forward,
                                         avx2::activation_backward,
                                         avx2::binary,
                                         avx2::scale,
                                         avx2::scaled_add,
                                         avx2::maximum,
                                         avx2::exp_sum,
                                         avx2::subtract,
                                         avx2::softmax_backward,
                                         avx2::square_sum,
                                         avx2::clip,
                                         avx2::update};

}  // namespace gatefold
