#include <cmath>

#include "engine/level.h"
#include "operations/update_call.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "operations/pointwise_kernels.h"
// After it: what goes through vectors, or sums up rows, as it does.
#include "operations/activation_kernels.h"
#include "operations/norm_kernels.h"
#include "operations/update_kernels.h"

const PointwiseKernels kPointwise = {GATEFOLD_POINTWISE_KERNELS(GATEFOLD_ENTRY)};

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
