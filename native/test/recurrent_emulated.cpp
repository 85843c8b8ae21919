#include "engine/kernels.h"
#include "simd_emulated.h"

namespace gatefold {
namespace emulated {
namespace single {
#include "product/product.h"
using Product = SingleProduct;
#include "recurrent/recurrent_kernels.h"
}  // namespace single
}  // namespace emulated

extern const RecurrentKernels kRecurrentEmulated;
const RecurrentKernels kRecurrentEmulated = {
    emulated::single::pack_weights, emulated::single::recurrent_forward,
    emulated::single::recurrent_backward, emulated::single::kTileRows};

}  // namespace gatefold
