#include "engine/level.h"

namespace gatefold {
namespace GATEFOLD_LEVEL {
#include "product/product.h"
using Product = SingleProduct;
namespace steps {
#include "steps/normed_lstm.h"
#include "steps/projected_lstm.h"
#include "steps/reset_before_gru.h"
#include "steps/stepped_backward.h"
#include "steps/stepped_pack.h"

static void pack_weights(const PackCall& call, const Team& team) { pack_stepped(call, team); }

static void recurrent_forward(const RecurrentCall& call, const Team& team) {
  if (call.steps->normalises) {
    forward_stepped_stack<NormedLstm>(call, team);
  } else if (call.steps->projects) {
    forward_stepped_stack<ProjectedLstm>(call, team);
  } else {
    forward_stepped_stack<ResetBeforeGru>(call, team);
  }
}

static void recurrent_backward(const RecurrentCall& call, const Team& team) {
  if (call.steps->normalises) {
    backward_stepped_stack<NormedLstm>(call, team);
  } else if (call.steps->projects) {
    backward_stepped_stack<ProjectedLstm>(call, team);
  } else {
    backward_stepped_stack<ResetBeforeGru>(call, team);
  }
}

const RecurrentKernels kTable = {GATEFOLD_RECURRENT_KERNELS(GATEFOLD_ENTRY) Simd::kLanes, kTileRows,
                                 1};
}  // namespace steps

const RecurrentKernels kSteps = steps::kTable;

}  // namespace GATEFOLD_LEVEL
}  // namespace gatefold
