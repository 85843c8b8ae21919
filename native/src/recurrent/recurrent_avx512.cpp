#include "engine/kernels.h"
#include "simd/simd_avx512.h"

namespace gatefold {
namespace avx512 {
#include "product/product.h"
using Product = SingleProduct;
#include "recurrent/recurrent_kernels.h"
}  // namespace avx512

const RecurrentKernels kRecurrentAvx512 = {avx512::pack_weights, avx512::recurrent_forward,
                                           avx512::recurrent_backward, avx512::kTileRows};

}  // namespace gatefold
