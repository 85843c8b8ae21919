#include "rnn_call.h"

#include <algorithm>

#include "../../driver/library.h"
#include "../../runtime/counters.h"
#include "../../runtime/detector/findings.h"
#include "../../runtime/options.h"
#include "../../runtime/status.h"
#include "rnn_reserve.h"

namespace sim {
namespace {

constexpr int kTuringAndBefore = 7;

bool isState(const TensorDescriptor& t, const RnnDescriptor& rnn, int batch, int size) {
  return t.sizes.size() == 3 && t.sizes[0] == rnn.pseudoLayers() && t.sizes[1] == batch &&
         t.sizes[2] == size;
}

int checkState(const TensorDescriptor* t, const RnnDescriptor& rnn, int batch, int size) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(t));
  DNN_REFUSE_IF(kDnnBadParam, t->type != rnn.dataType);
  DNN_REFUSE_IF(kDnnBadParam, !t->isFullyPacked());
  DNN_REFUSE_IF(kDnnBadParam, !isState(*t, rnn, batch, size));
  return kDnnSuccess;
}

int hiddenLimit(const RnnDescriptor& rnn, bool training) {
  bool gated = rnn.gates() > 1;
  switch (rnn.algorithm) {
    case RnnAlgorithm::kPersistStatic:
      return gated ? 512 : 1024;
    case RnnAlgorithm::kPersistDynamic:
      return gated ? 896 : 1792;
    case RnnAlgorithm::kSmallH:
      return training ? (gated ? 192 : 384) : (gated ? 256 : 512);
    default:
      return std::max(1, rnn.hiddenSize);
  }
}

int checkShared(const DnnHandle* handle, const RnnDescriptor* rnn, const RnnDataDescriptor* x,
                const RnnDataDescriptor* y, const TensorDescriptor* h, bool training) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(handle) || !isLive(rnn) || !isLive(x) || !isLive(y));
  DNN_REFUSE_IF(kDnnBadParam, !rnn->isSet || !x->isSet || !y->isSet);
  bool standard = rnn->algorithm == RnnAlgorithm::kStandard;
  DNN_REFUSE_IF(kDnnNotSupported, !x->hasEqualLengths() && !standard);
  if (int status = checkAlgorithm(*rnn, training)) return status;
  DNN_REFUSE_IF(kDnnBadParam, rnn->skipInput && rnn->hiddenSize != x->vectorSize);
  DNN_REFUSE_IF(kDnnBadParam, x->layout != y->layout);
  DNN_REFUSE_IF(kDnnBadParam, !x->isPacked() && !rnn->paddedIo());
  DNN_REFUSE_IF(kDnnBadParam, x->type != y->type || x->type != rnn->dataType);
  DNN_REFUSE_IF(kDnnBadParam, x->vectorSize != rnn->inputSize);
  DNN_REFUSE_IF(kDnnBadParam, y->vectorSize != rnn->directions() * rnn->projSize);
  DNN_REFUSE_IF(kDnnBadParam, x->maxLength != y->maxLength || x->batch != y->batch);
  DNN_REFUSE_IF(kDnnBadParam, x->lengths != y->lengths);
  if (int status = checkState(h, *rnn, x->batch, rnn->projSize)) return status;
  bool dynamic = rnn->algorithm == RnnAlgorithm::kPersistDynamic;
  // cudnnBuildRNNDynamic comes first, for this batch.
  DNN_REFUSE_IF(kDnnBadParam, dynamic && rnn->dynamicBatch != x->batch);
  DNN_REFUSE_IF(kDnnBadParam, rnn->dropout && !isLive(rnn->dropout));
  bool draws = training && rnn->numLayers > 1 && rnn->dropout && rnn->dropout->rate > 0;
  DNN_REFUSE_IF(kDnnBadParam, draws && !rnn->dropout->states);
  return kDnnSuccess;
}

}  // namespace

RnnCall::RnnCall(std::string name, const RnnDescriptor& rnn, const RnnDataDescriptor& x,
                 const RnnDataDescriptor& y, bool training)
    : name(std::move(name)),
      problem{rnn, RnnPrecision::of(rnn, options().capabilityMajor > kTuringAndBefore), x.maxLength,
              x.batch, x.lengths},
      layout(rnn),
      x(x),
      y(y),
      training(training) {
  if (training && rnn.numLayers > 1 && isLive(rnn.dropout)) dropout = *rnn.dropout;
  if (training) reserveBytes_ = sim::reserveBytes(problem, hasDropout());
}

size_t RnnCall::workspaceBytes() const {
  size_t element = problem.rnn.dataType == kDnnDouble ? 8 : 4;
  size_t gates = static_cast<size_t>(problem.rnn.gates() * problem.rnn.hiddenSize);
  return (problem.rows() * gates * (training ? 2 : 1) * element + 255) / 256 * 256;
}

void RnnCall::count(uint64_t readBytes, uint64_t writtenBytes, bool inGraph) const {
  uint64_t rows = 0;
  for (int length : problem.lengths) rows += static_cast<uint64_t>(length);
  uint64_t weights = 0;
  for (int layer = 0; layer < problem.rnn.pseudoLayers(); ++layer) {
    for (int id = 0; id < layout.ids(); ++id) weights += layout.matrix(layer, id).elements();
  }
  KernelCounts c;
  c.launches = 1;
  c.graphLaunches = inGraph;
  c.globalReadBytes = c.globalReadDistinctBytes = readBytes;
  c.globalWriteBytes = c.globalWriteDistinctBytes = writtenBytes;
  c.otherFlops = 2 * rows * weights;
  countKernel(name, c);
}

int checkAlgorithm(const RnnDescriptor& rnn, bool training) {
  bool oldDevice = options().capabilityMajor < 6;
  bool persistent = rnn.algorithm != RnnAlgorithm::kStandard;
  DNN_REFUSE_IF(kDnnNotSupported, persistent && oldDevice);
  DNN_REFUSE_IF(kDnnNotSupported, rnn.hiddenSize > hiddenLimit(rnn, training));
  return kDnnSuccess;
}

int checkDescriptors(const DnnHandle* handle, const RnnDescriptor* rnn, const RnnDataDescriptor* x,
                     const RnnDataDescriptor* y, const TensorDescriptor* h,
                     const TensorDescriptor* c, bool training) {
  if (int status = checkShared(handle, rnn, x, y, h, training)) return status;
  if (!rnn->hasCellState()) return kDnnSuccess;
  return checkState(c, *rnn, x->batch, rnn->hiddenSize);
}

int checkWeightsDescriptors(const DnnHandle* handle, const RnnDescriptor* rnn,
                            const RnnDataDescriptor* x, const RnnDataDescriptor* y,
                            const TensorDescriptor* h) {
  return checkShared(handle, rnn, x, y, h, true);
}

int checkBuffers(const RnnCall& call, const RnnBuffers& buffers) {
  size_t requiredWeights = call.layout.bytes();
  size_t requiredWorkspace = call.workspaceBytes();
  size_t requiredReserve = call.reserveBytes();
  DNN_REFUSE_IF(kDnnBadParam, !buffers.weights || buffers.weightBytes < requiredWeights);
  DNN_REFUSE_IF(kDnnBadParam, !buffers.workspace || buffers.workspaceBytes < requiredWorkspace);
  DNN_REFUSE_IF(kDnnBadParam,
                call.training && (!buffers.reserve || buffers.reserveBytes < requiredReserve));
  return kDnnSuccess;
}

int checkDeviceLengths(const RnnCall& call) {
  // On a card such sequences read and write what is not theirs.
  if (call.x.hasEmptySequence()) {
    recordFinding(FindingKind::kMisuse, call.name + ": a sequence of length 0");
    return findingStatus(FindingKind::kMisuse);
  }
  if (!call.deviceLengths) return kSuccess;
  if (int status = checkLibraryRead(call.name + " devSeqLengths", call.deviceLengths,
                                    call.x.lengths.size() * sizeof(int))) {
    return status;
  }
  if (std::equal(call.x.lengths.begin(), call.x.lengths.end(), call.deviceLengths)) return kSuccess;
  recordFinding(FindingKind::kMisuse,
                call.name + ": devSeqLengths are not the lengths of the descriptors");
  return findingStatus(FindingKind::kMisuse);
}

}  // namespace sim
