// Entry points for the sizes of weight, work and reserve space and for what lies where in the
// weight space.
#include "rnn_call.h"

using sim::DnnHandle;
using sim::RnnDataDescriptor;
using sim::RnnDescriptor;
using sim::TensorDescriptor;

namespace sim {
namespace {

// A block as the application sees it: a tensor [1, rows, columns] and an address; neither where
// there is no such block.
void describe(const WeightBlock& block, const RnnDescriptor& rnn, const void* space,
              TensorDescriptor* tensor, const void** address) {
  *address = nullptr;
  *tensor = TensorDescriptor();
  if (!block.exists) return;
  setPacked(tensor, rnn.dataType, {1, block.rows, block.columns});
  *address = static_cast<const char*>(space) + block.offset;
}

}  // namespace
}  // namespace sim

SIM_API cudnnGetRNNWeightSpaceSize(DnnHandle* handle, RnnDescriptor* rnn, size_t* bytes) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !sim::isLive(rnn) || !bytes);
  DNN_REFUSE_IF(sim::kDnnNotInitialized, !rnn->isSet);
  *bytes = sim::WeightSpace(*rnn).bytes();
  return sim::kDnnSuccess;
}

SIM_API cudnnGetRNNWeightParams(DnnHandle* handle, RnnDescriptor* rnn, int pseudoLayer,
                                size_t bytes, const void* space, int id,
                                TensorDescriptor* matrixTensor, const void** matrix,
                                TensorDescriptor* biasTensor, const void** bias) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !sim::isLive(rnn));
  DNN_REFUSE_IF(sim::kDnnNotInitialized, !rnn->isSet);
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(matrixTensor) || !matrix);
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(biasTensor) || !bias);
  DNN_REFUSE_IF(sim::kDnnBadParam, pseudoLayer < 0 || pseudoLayer >= rnn->pseudoLayers());
  sim::WeightSpace layout(*rnn);
  DNN_REFUSE_IF(sim::kDnnBadParam, id < 0 || id >= layout.ids());
  DNN_REFUSE_IF(sim::kDnnBadParam, bytes < layout.bytes());
  bool aligned = reinterpret_cast<size_t>(space) % sim::typeSize(rnn->dataType) == 0;
  DNN_REFUSE_IF(sim::kDnnBadParam, !aligned);
  sim::describe(layout.matrix(pseudoLayer, id), *rnn, space, matrixTensor, matrix);
  sim::describe(layout.bias(pseudoLayer, id), *rnn, space, biasTensor, bias);
  return sim::kDnnSuccess;
}

SIM_API cudnnGetRNNTempSpaceSizes(DnnHandle* handle, RnnDescriptor* rnn, int mode,
                                  RnnDataDescriptor* x, size_t* workspace, size_t* reserve) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !sim::isLive(rnn) || !sim::isLive(x));
  DNN_REFUSE_IF(sim::kDnnNotInitialized, !rnn->isSet);
  DNN_REFUSE_IF(sim::kDnnBadParam, mode != 0 && mode != 1);
  DNN_REFUSE_IF(sim::kDnnBadParam, !x->isSet);
  DNN_REFUSE_IF(sim::kDnnBadParam, rnn->dataType != x->type || rnn->inputSize != x->vectorSize);
  bool training = mode == 1;
  if (int status = sim::checkAlgorithm(*rnn, training)) return status;
  sim::RnnCall call("cudnn sizes", *rnn, *x, *x, training);
  if (workspace) *workspace = call.workspaceBytes();
  if (reserve) *reserve = call.reserveBytes();
  return sim::kDnnSuccess;
}

SIM_API cudnnBuildRNNDynamic(DnnHandle* handle, RnnDescriptor* rnn, int batch) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !sim::isLive(rnn));
  DNN_REFUSE_IF(sim::kDnnBadParam, batch <= 0);
  DNN_REFUSE_IF(sim::kDnnBadParam, rnn->algorithm != sim::RnnAlgorithm::kPersistDynamic);
  if (int status = sim::checkAlgorithm(*rnn, true)) return status;
  rnn->dynamicBatch = batch;
  return sim::kDnnSuccess;
}
