#include "engine/kernels.h"
#include "simd/simd_generic.h"

namespace gatefold {
namespace generic {
#include "product/product.h"
using Product = SingleProduct;
#include "product/gemm_kernels.h"
}  // namespace generic

const GemmKernels kGemmGeneric = {generic::gemm_scratch, generic::gemm, generic::column_sums};

}  // namespace gatefold
