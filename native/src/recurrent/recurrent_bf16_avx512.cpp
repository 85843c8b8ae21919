#include "engine/kernels.h"
#include "simd/simd_avx512.h"

namespace gatefold {
namespace avx512 {
namespace bf16 {
#include "product/product.h"
using Product = Bf16Product;
#include "recurrent/recurrent_kernels.h"
}  // namespace bf16
}  // namespace avx512

const RecurrentKernels kRecurrentBf16Avx512 = {
    avx512::bf16::pack_weights, avx512::bf16::recurrent_forward, avx512::bf16::recurrent_backward,
    avx512::bf16::kTileRows};

}  // namespace gatefold
