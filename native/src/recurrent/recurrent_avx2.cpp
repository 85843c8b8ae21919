#include "engine/kernels.h"
#include "simd/simd_avx2.h"

namespace gatefold {
namespace avx2 {
#include "product/product.h"
using Product = SingleProduct;
#include "recurrent/recurrent_kernels.h"
}  // namespace avx2

const RecurrentKernels kRecurrentAvx2 = {avx2::pack_weights, avx2::recurrent_forward,
                                         avx2::recurrent_backward, avx2::kTileRows};

}  // namespace gatefold
