#include "engine/level.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "product/product.h"
using Product = SingleProduct;
#include "recurrent/recurrent_kernels.h"

const RecurrentKernels kRecurrent = {GATEFOLD_RECURRENT_KERNELS(GATEFOLD_ENTRY) Simd::kLanes,
                                     kTileRows, 1};

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
