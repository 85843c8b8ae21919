#include "kernels.h"
#include "simd_generic.h"

namespace gatefold {
namespace generic {
#include "product.h"
using Product = SingleProduct;
#include "gemm_kernels.h"
}  // namespace generic

const GemmKernels kGemmGeneric = {generic::gemm_scratch, generic::gemm, generic::column_sums};

}  // namespace gatefold
