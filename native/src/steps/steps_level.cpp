#include "engine/level.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "product/product.h"
using Product = SingleProduct;
namespace steps {
#include "steps/normed_gru.h"
#include "steps/normed_lstm.h"
#include "steps/normed_rnn.h"
#include "steps/projected_lstm.h"
#include "steps/reset_before_gru.h"
#include "steps/stepped_backward.h"
#include "steps/stepped_pack.h"

static void pack_weights(const PackCall& call, const Team& team) { pack_stepped(call, team); }

/// Calls body with the cell of a call's layers.
template <class Body>
static void with_cell(const RecurrentCall& call, const Body& body) {
  const SteppedLayout& l = *call.steps;
  if (!l.normalises) {
    l.projects ? body(ProjectedLstm()) : body(ResetBeforeGru());
  } else if (l.cells) {
    body(NormedLstm());
  } else if (l.gates == NormedRnn::kGates) {
    body(NormedRnn());
  } else {
    l.late_gates() > 0 ? body(NormedResetBeforeGru()) : body(NormedGru());
  }
}

static void recurrent_forward(const RecurrentCall& call, const Team& team) {
  with_cell(call, [&](auto cell) { forward_stepped_stack<decltype(cell)>(call, team); });
}

static void recurrent_backward(const RecurrentCall& call, const Team& team) {
  with_cell(call, [&](auto cell) { backward_stepped_stack<decltype(cell)>(call, team); });
}

const RecurrentKernels kTable = {GATEFOLD_RECURRENT_KERNELS(GATEFOLD_ENTRY) Simd::kLanes, kTileRows,
                                 1};
}  // namespace steps

const RecurrentKernels kSteps = steps::kTable;

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
