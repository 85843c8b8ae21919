#include "engine/level.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
namespace bf16 {
#include "product/product.h"
using Product = Bf16Product;
#include "recurrent/recurrent_kernels.h"

const RecurrentKernels kTable = {GATEFOLD_RECURRENT_KERNELS(GATEFOLD_ENTRY) Simd::kLanes, kTileRows,
                                 1};

}  // namespace bf16

const RecurrentKernels kRecurrentBf16 = bf16::kTable;

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
