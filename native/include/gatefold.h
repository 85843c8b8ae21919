/// Gatefold's native CPU engine: the one C ABI, a header for each family of functions.
///
/// Conventions, valid for every function:
///  - All memory belongs to the caller; the engine keeps no pointer after a call returns.
///  - Tensors are contiguous, row-major f32; sequences are time-major [T, B, features].
///  - "written": every element is overwritten. "accumulated": the result is added (+=).
///    Outputs must not alias inputs unless a comment says "may alias".
///  - Functions return GF_OK or a gf_status; size queries return a byte count, or minus a
///  gf_status.
///  - No exception crosses the boundary, and every function may be called from several threads at
///    once (each call with its own outputs). Only the linear functions allocate while computing: a
///    scratch buffer per calling thread, which grows to the largest size seen.
///  - Results depend neither on the number of threads nor on the load of the machine: every output
///    element is summed in one fixed order.
///  - Buffers named `packed`, `workspace`, `reserve` must be 64-byte aligned (gf_alloc is).
#ifndef GATEFOLD_H
#define GATEFOLD_H

#include "gatefold/attention.h"
#include "gatefold/convolution.h"
#include "gatefold/crf.h"
#include "gatefold/ctc.h"
#include "gatefold/elementwise.h"
#include "gatefold/embedding.h"
#include "gatefold/engine.h"
#include "gatefold/linear.h"
#include "gatefold/loss.h"
#include "gatefold/norm.h"
#include "gatefold/optimizer.h"
#include "gatefold/pooling.h"
#include "gatefold/recurrent.h"
#include "gatefold/sequence.h"

#endif  // GATEFOLD_H
