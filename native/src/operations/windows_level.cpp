#include "engine/level.h"
#include "operations/channels_call.h"
#include "operations/pooling_call.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "operations/channel_kernels.h"
#include "operations/pooling_kernels.h"
#include "operations/row_kernels.h"

const WindowKernels kWindows = {GATEFOLD_WINDOW_KERNELS(GATEFOLD_ENTRY)};

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
