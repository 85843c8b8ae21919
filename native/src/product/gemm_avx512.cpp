#include "engine/kernels.h"
#include "simd/simd_avx512.h"

namespace gatefold {
namespace avx512 {
#include "product/product.h"
using Product = SingleProduct;
#include "product/gemm_kernels.h"
}  // namespace avx512

const GemmKernels kGemmAvx512 = {avx512::gemm_scratch, avx512::gemm, avx512::column_sums};

}  // namespace gatefold
