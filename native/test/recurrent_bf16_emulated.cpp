#include "engine/kernels.h"
#include "simd_emulated.h"

namespace gatefold {
namespace emulated {
namespace bf16dot {
#include "product/product.h"
using Product = Bf16DotProduct<PairDot>;
#include "recurrent/recurrent_kernels.h"
}  // namespace bf16dot
}  // namespace emulated

extern const RecurrentKernels kRecurrentBf16Emulated;
const RecurrentKernels kRecurrentBf16Emulated = {
    emulated::bf16dot::pack_weights, emulated::bf16dot::recurrent_forward,
    emulated::bf16dot::recurrent_backward, emulated::bf16dot::kTileRows};

}  // namespace gatefold
