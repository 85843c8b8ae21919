#include "engine/kernels.h"
#include "simd/simd_avx2.h"

namespace gatefold {
namespace avx2 {
namespace bf16 {
#include "product/product.h"
using Product = Bf16Product;
#include "recurrent/recurrent_kernels.h"
}  // namespace bf16
}  // namespace avx2

const RecurrentKernels kRecurrentBf16Avx2 = {avx2::bf16::pack_weights,
                                             avx2::bf16::recurrent_forward,
                                             avx2::bf16::recurrent_backward, avx2::bf16::kTileRows};

}  // namespace gatefold
