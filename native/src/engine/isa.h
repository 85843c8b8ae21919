/// Choice of the instruction set at run time.
#ifndef GATEFOLD_ISA_H
#define GATEFOLD_ISA_H

#include "engine/kernels.h"

namespace gatefold {

/// The kernels of a level, or of the best level of this machine if `name` is null or empty.
/// status: GF_OK, GF_UNKNOWN_ISA or GF_ISA_UNAVAILABLE (then the result is null).
const Kernels* find_kernels(const char* name, int& status);

}  // namespace gatefold

#endif  // GATEFOLD_ISA_H
