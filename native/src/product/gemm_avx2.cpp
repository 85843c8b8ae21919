#include "engine/kernels.h"
#include "simd/simd_avx2.h"

namespace gatefold {
namespace avx2 {
#include "product/product.h"
using Product = SingleProduct;
#include "product/gemm_kernels.h"
}  // namespace avx2

const GemmKernels kGemmAvx2 = {avx2::gemm_scratch, avx2::gemm, avx2::column_sums};

}  // namespace gatefold
