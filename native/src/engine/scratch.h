/// Memory of a thread that outlives its calls, so that operations need not ask for it every time.
#ifndef GATEFOLD_SCRATCH_H
#define GATEFOLD_SCRATCH_H

#include <cstdint>

namespace gatefold {

/// What a thread needs memory for at the same time.
enum class ScratchUse {
  kPanels,   ///< packed operands of a product
  kCall,     ///< what all threads of an operation read
  kPart,     ///< a thread's own part of it
  kColumns,  ///< copied columns of an operand of a product
};

/// So many floats, at a multiple of 64 bytes, until the thread asks again for the same use; null
/// without memory. The contents are undefined.
float* scratch(ScratchUse use, int64_t floats);

}  // namespace gatefold

#endif  // GATEFOLD_SCRATCH_H
