#include "engine/kernels.h"
#include "simd/simd_avx512bf16.h"

namespace gatefold {
namespace avx512 {
namespace bf16dot {
#include "product/product.h"
using Product = Bf16DotProduct<PairDot>;
#include "recurrent/recurrent_kernels.h"
}  // namespace bf16dot
}  // namespace avx512

const RecurrentKernels kRecurrentBf16Avx512Bf16 = {
    avx512::bf16dot::pack_weights, avx512::bf16dot::recurrent_forward,
    avx512::bf16dot::recurrent_backward, avx512::bf16dot::kTileRows};

}  // namespace gatefold
