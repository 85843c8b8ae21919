/// A matrix product by the kernels of the engine's instruction set.
#ifndef GATEFOLD_GEMM_CALL_H
#define GATEFOLD_GEMM_CALL_H

#include "engine/engine.h"

namespace gatefold {

/// Runs the product on as many threads as it is worth; packed panels are kept by the calling
/// thread. GF_OK or GF_OUT_OF_MEMORY.
int run_gemm(gf_engine* engine, GemmCall call);

}  // namespace gatefold

#endif  // GATEFOLD_GEMM_CALL_H
