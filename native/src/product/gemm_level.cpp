#include "engine/level.h"
#include "engine/scratch.h"
#include "product/image_rows_call.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "product/product.h"
using Product = SingleProduct;
#include "product/gemm_kernels.h"

const GemmKernels kGemm = {GATEFOLD_GEMM_KERNELS(GATEFOLD_ENTRY)};

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
