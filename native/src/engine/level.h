/// The beginning of a *_level.cpp, which CMakeLists.txt compiles once per instruction set: it names
/// the namespace, GATEFOLD_LEVEL, and the header with its vectors, GATEFOLD_LEVEL_VECTORS.
#ifndef GATEFOLD_LEVEL_H
#define GATEFOLD_LEVEL_H

#include "engine/kernels.h"
#include GATEFOLD_LEVEL_VECTORS

/// Names a kernel in a table.
#define GATEFOLD_ENTRY(result, name, parameters) name,

namespace gatefold {
GATEFOLD_TABLES(GATEFOLD_LEVEL)
}

#endif  // GATEFOLD_LEVEL_H
