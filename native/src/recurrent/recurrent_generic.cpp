#include "engine/kernels.h"
#include "simd/simd_generic.h"

namespace gatefold {
namespace generic {
#include "product/product.h"
using Product = SingleProduct;
#include "recurrent/recurrent_kernels.h"
}  // namespace generic

const RecurrentKernels kRecurrentGeneric = {generic::pack_weights, generic::recurrent_forward,
                                            generic::recurrent_backward, generic::kTileRows};

}  // namespace gatefold
