#include "engine/level.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
namespace bf16tiles {
#include "product/product.h"
using Product = Bf16TileProduct<TileRegisters>;
#include "recurrent/recurrent_tiles.h"

const RecurrentKernels kTable = {GATEFOLD_RECURRENT_KERNELS(GATEFOLD_ENTRY) Simd::kLanes, kTileSide,
                                 kTileSide};

}  // namespace bf16tiles

const RecurrentKernels kRecurrentBf16Tiles = bf16tiles::kTable;

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
