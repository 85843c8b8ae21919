#include "engine/kernels.h"
#include "tiles_emulated.h"

namespace gatefold {
namespace emulated {
namespace bf16tiles {
#include "product/product.h"
using Product = Bf16TileProduct<EmulatedTiles>;
#include "recurrent/recurrent_tiles.h"
}  // namespace bf16tiles
}  // namespace emulated

extern const RecurrentKernels kRecurrentBf16TilesEmulated;
const RecurrentKernels kRecurrentBf16TilesEmulated = {
    emulated::bf16tiles::pack_weights, emulated::bf16tiles::recurrent_forward_on_tiles,
    emulated::bf16tiles::recurrent_backward_on_tiles, emulated::bf16tiles::kTileSide,
    emulated::bf16tiles::kTileSide};

}  // namespace gatefold
