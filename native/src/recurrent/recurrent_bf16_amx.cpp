#include "engine/kernels.h"
#include "product/tiles_amx.h"

namespace gatefold {
namespace avx512 {
namespace bf16tiles {
#include "product/product.h"
using Product = Bf16TileProduct<AmxTiles>;
#include "recurrent/recurrent_tiles.h"
}  // namespace bf16tiles
}  // namespace avx512

const RecurrentKernels kRecurrentBf16Amx = {
    avx512::bf16tiles::pack_weights, avx512::bf16tiles::recurrent_forward_on_tiles,
    avx512::bf16tiles::recurrent_backward_on_tiles, avx512::bf16tiles::kTileSide,
    avx512::bf16tiles::kTileSide};

}  // namespace gatefold
