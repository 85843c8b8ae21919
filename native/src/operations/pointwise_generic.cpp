#include <cmath>

#include "engine/kernels.h"
#include "simd/simd_generic.h"

namespace gatefold {
namespace generic {
#include "operations/pointwise_kernels.h"
}  // namespace generic

const PointwiseKernels kPointwiseGeneric = {generic::exp_range,
                                            generic::sigmoid_range,
                                            generic::tanh_range,
                                            generic::activation_forward,
                                            generic::activation_backward,
                                            generic::binary,
                                            generic::scale,
                                            generic::scaled_add,
                                            generic::maximum,
                                            generic::exp_sum,
                                            generic::subtract,
                                            generic::softmax_backward,
                                            generic::square_sum,
                                            generic::clip,
                                            generic::update};

}  // namespace gatefold
