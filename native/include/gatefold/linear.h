/// Dense products; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_LINEAR_H
#define GATEFOLD_ABI_LINEAR_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/// y [N,O] = x [N,I] * w [O,I]^T + b [O]; b may be null. y written.
GF_API int gf_linear_forward(gf_engine* engine, int64_t rows, int64_t inputs, int64_t outputs,
                             const float* x, const float* w, const float* b, float* y);

/// dx [N,I] written or null; dw [O,I], db [O] accumulated or null. x is read for dw, w for dx.
GF_API int gf_linear_backward(gf_engine* engine, int64_t rows, int64_t inputs, int64_t outputs,
                              const float* x, const float* w, const float* dy, float* dx, float* dw,
                              float* db);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_LINEAR_H
