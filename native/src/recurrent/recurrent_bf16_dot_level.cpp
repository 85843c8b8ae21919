#include "engine/level.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
namespace bf16dot {
#include "product/product.h"
using Product = Bf16DotProduct<PairDot>;
#include "recurrent/recurrent_kernels.h"

const RecurrentKernels kTable = {GATEFOLD_RECURRENT_KERNELS(GATEFOLD_ENTRY) Simd::kLanes, kTileRows,
                                 1};

}  // namespace bf16dot

const RecurrentKernels kRecurrentBf16Dot = bf16dot::kTable;

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
