#include "engine/level.h"
#include "operations/windows/channels_call.h"
#include "operations/windows/pooling_call.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "operations/row_kernels.h"
#include "operations/windows/channel_kernels.h"
#include "operations/windows/pooling_kernels.h"

const WindowKernels kWindows = {GATEFOLD_WINDOW_KERNELS(GATEFOLD_ENTRY)};

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
