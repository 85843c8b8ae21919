#include "engine/kernels.h"
#include "simd/simd_generic.h"

namespace gatefold {
namespace generic {
namespace bf16 {
#include "product/product.h"
using Product = Bf16Product;
#include "recurrent/recurrent_kernels.h"
}  // namespace bf16
}  // namespace generic

const RecurrentKernels kRecurrentBf16Generic = {
    generic::bf16::pack_weights, generic::bf16::recurrent_forward,
    generic::bf16::recurrent_backward, generic::bf16::kTileRows};

}  // namespace gatefold
