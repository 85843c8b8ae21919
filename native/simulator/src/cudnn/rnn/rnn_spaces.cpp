// Entry points for the sizes of weight, work and reserve space and for what lies where in the
// weight space.
#include "rnn_call.h"

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

SIM_API cudnnGetRNNWeightSpaceSize(DnnHandle* handle, RnnDescriptor* rnn, size_t* bytes) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(handle) || !isLive(rnn) || !bytes);
  DNN_REFUSE_IF(kDnnNotInitialized, !rnn->isSet);
  *bytes = WeightSpace(*rnn).bytes();
  return kDnnSuccess;
}

SIM_API cudnnGetRNNWeightParams(DnnHandle* handle, RnnDescriptor* rnn, int pseudoLayer,
                                size_t bytes, const void* space, int id,
                                TensorDescriptor* matrixTensor, const void** matrix,
                                TensorDescriptor* biasTensor, const void** bias) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(handle) || !isLive(rnn));
  DNN_REFUSE_IF(kDnnNotInitialized, !rnn->isSet);
  DNN_REFUSE_IF(kDnnBadParam, !isLive(matrixTensor) || !matrix);
  DNN_REFUSE_IF(kDnnBadParam, !isLive(biasTensor) || !bias);
  DNN_REFUSE_IF(kDnnBadParam, pseudoLayer < 0 || pseudoLayer >= rnn->pseudoLayers());
  WeightSpace layout(*rnn);
  DNN_REFUSE_IF(kDnnBadParam, id < 0 || id >= layout.ids());
  DNN_REFUSE_IF(kDnnBadParam, bytes < layout.bytes());
  bool aligned = reinterpret_cast<size_t>(space) % typeSize(rnn->dataType) == 0;
  DNN_REFUSE_IF(kDnnBadParam, !aligned);
  describe(layout.matrix(pseudoLayer, id), *rnn, space, matrixTensor, matrix);
  describe(layout.bias(pseudoLayer, id), *rnn, space, biasTensor, bias);
  return kDnnSuccess;
}

SIM_API cudnnGetRNNTempSpaceSizes(DnnHandle* handle, RnnDescriptor* rnn, int mode,
                                  RnnDataDescriptor* x, size_t* workspace, size_t* reserve) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(handle) || !isLive(rnn) || !isLive(x));
  DNN_REFUSE_IF(kDnnNotInitialized, !rnn->isSet);
  DNN_REFUSE_IF(kDnnBadParam, mode != 0 && mode != 1);
  DNN_REFUSE_IF(kDnnBadParam, !x->isSet);
  DNN_REFUSE_IF(kDnnBadParam, rnn->dataType != x->type || rnn->inputSize != x->vectorSize);
  bool training = mode == 1;
  if (int status = checkAlgorithm(*rnn, training)) return status;
  RnnCall call("cudnn sizes", *rnn, *x, *x, training);
  if (workspace) *workspace = call.workspaceBytes();
  if (reserve) *reserve = call.reserveBytes();
  return kDnnSuccess;
}

SIM_API cudnnBuildRNNDynamic(DnnHandle* handle, RnnDescriptor* rnn, int batch) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(handle) || !isLive(rnn));
  DNN_REFUSE_IF(kDnnBadParam, batch <= 0);
  DNN_REFUSE_IF(kDnnBadParam, rnn->algorithm != RnnAlgorithm::kPersistDynamic);
  if (int status = checkAlgorithm(*rnn, true)) return status;
  rnn->dynamicBatch = batch;
  return kDnnSuccess;
}

}  // namespace sim
