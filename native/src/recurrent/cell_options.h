/// In what the cells of a spec depart from their equations.
#ifndef GATEFOLD_CELL_OPTIONS_H
#define GATEFOLD_CELL_OPTIONS_H

#include <cstdint>

#include "gatefold/recurrent.h"

namespace gatefold {

/// False if an option is out of bounds, belongs to another cell, or is one that is refused.
bool valid_options(const gf_recurrent_spec& spec);

/// True if anything but perhaps the bound on c departs.
bool has_options(const gf_recurrent_spec& spec);

/// Those of a direction's cells: given, or the cell's own.
gf_cell_functions functions_of(const gf_recurrent_spec& spec, int64_t direction);

}  // namespace gatefold

#endif  // GATEFOLD_CELL_OPTIONS_H
