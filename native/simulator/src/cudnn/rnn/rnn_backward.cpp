// cudnnRNNBackwardData_v8 and cudnnRNNBackwardWeights_v8: checks at once, the pass itself on the
// handle's stream.
#include "../../runtime/status.h"
#include "rnn_call.h"
#include "rnn_memory.h"
#include "rnn_reserve.h"

namespace sim {
namespace {

struct DataArguments {
  const void* y;
  const void* dy;
  void* dx;
  const void* hx;
  const void* dhy;
  void* dhx;
  const void* cx;
  const void* dcy;
  void* dcx;
  const void* weights;
  void* workspace;
  void* reserve;
};

struct WeightsArguments {
  const void* x;
  const void* hx;
  const void* y;
  void* gradients;
  void* workspace;
  void* reserve;
};

int backwardData(const RnnCall& call, const DataArguments& a, bool inGraph) {
  const RnnDescriptor& rnn = call.problem.rnn;
  const std::string& name = call.name;
  int type = rnn.dataType;
  if (int s = checkDeviceLengths(call)) return s;
  ReserveStamp stamp;
  RnnTrace trace(call.problem, call.hasDropout());
  if (int s =
          readReserve(name, a.reserve, call.problem, ReserveStage::kForwardDone, &stamp, &trace)) {
    return s;
  }
  Values y;
  Values dy;
  Values dx;
  RnnStates initial(call.problem);
  RnnStates gradFinal(call.problem);
  RnnStates gradInitial(call.problem);
  std::vector<RnnWeights> weights;
  if (int s = loadSequences(name + " y", a.y, call.y, &y)) return s;
  if (int s = loadSequences(name + " dy", a.dy, call.y, &dy)) return s;
  if (int s = loadTensor(name + " hx", a.hx, type, &initial.h)) return s;
  if (int s = loadTensor(name + " cx", a.cx, type, &initial.c)) return s;
  if (int s = loadTensor(name + " dhy", a.dhy, type, &gradFinal.h)) return s;
  if (int s = loadTensor(name + " dcy", a.dcy, type, &gradFinal.c)) return s;
  if (int s = loadWeights(name + " weights", a.weights, call.layout, rnn, &weights)) return s;
  if (int s = requireSame(name, "y", fingerprint(y), stamp.y)) return s;
  if (int s = requireSame(name, "hx", fingerprint(initial.h), stamp.hx)) return s;
  if (int s = requireSame(name, "cx", fingerprint(initial.c), stamp.cx)) return s;
  if (int s = requireSame(name, "weights", fingerprint(weights), stamp.weights)) return s;
  runBackwardData(call.problem, weights, dy, initial, gradFinal, &trace, &dx, &gradInitial);
  if (int s = storeSequences(name + " dx", a.dx, call.x, dx)) return s;
  if (int s = storeTensor(name + " dhx", a.dhx, type, gradInitial.h)) return s;
  if (rnn.hasCellState()) {
    if (int s = storeTensor(name + " dcx", a.dcx, type, gradInitial.c)) return s;
  }
  if (int s = spoil(name + " workspace", a.workspace, call.workspaceBytes())) return s;
  if (int s = writeReserve(name, a.reserve, call.problem, stamp, ReserveStage::kDataDone, &trace)) {
    return s;
  }
  size_t size = typeSize(type);
  uint64_t states = (initial.h.size() + initial.c.size()) * size;
  call.count(call.layout.bytes() + call.reserveBytes() + dy.size() * size + 2 * states,
             dx.size() * size + states + call.reserveBytes(), inGraph);
  return kSuccess;
}

int backwardWeights(const RnnCall& call, const WeightsArguments& a, bool inGraph) {
  const std::string& name = call.name;
  if (int s = checkDeviceLengths(call)) return s;
  ReserveStamp stamp;
  RnnTrace trace(call.problem, call.hasDropout());
  if (int s = readReserve(name, a.reserve, call.problem, ReserveStage::kDataDone, &stamp, &trace)) {
    return s;
  }
  Values x;
  Values y;
  RnnStates initial(call.problem);
  std::vector<RnnWeights> gradients;
  if (int s = loadSequences(name + " x", a.x, call.x, &x)) return s;
  if (int s = loadSequences(name + " y", a.y, call.y, &y)) return s;
  if (int s = loadTensor(name + " hx", a.hx, call.problem.rnn.dataType, &initial.h)) return s;
  if (int s = requireSame(name, "x", fingerprint(x), stamp.x)) return s;
  if (int s = requireSame(name, "y", fingerprint(y), stamp.y)) return s;
  if (int s = requireSame(name, "hx", fingerprint(initial.h), stamp.hx)) return s;
  runBackwardWeights(call.problem, x, initial, trace, &gradients);
  if (int s =
          addWeights(name + " gradients", a.gradients, call.layout, call.problem.rnn, gradients)) {
    return s;
  }
  if (int s = spoil(name + " workspace", a.workspace, call.workspaceBytes())) return s;
  call.count(call.layout.bytes() + call.reserveBytes() + x.size() * typeSize(call.x.type),
             call.layout.bytes(), inGraph);
  return kSuccess;
}

}  // namespace

SIM_API cudnnRNNBackwardData_v8(DnnHandle* handle, RnnDescriptor* rnn, const int* deviceLengths,
                                RnnDataDescriptor* yDescriptor, const void* y, const void* dy,
                                RnnDataDescriptor* xDescriptor, void* dx,
                                TensorDescriptor* hDescriptor, const void* hx, const void* dhy,
                                void* dhx, TensorDescriptor* cDescriptor, const void* cx,
                                const void* dcy, void* dcx, size_t weightBytes, const void* weights,
                                size_t workspaceBytes, void* workspace, size_t reserveBytes,
                                void* reserve) {
  if (int status =
          checkDescriptors(handle, rnn, xDescriptor, yDescriptor, hDescriptor, cDescriptor, true)) {
    return status;
  }
  DNN_REFUSE_IF(kDnnBadParam, !y || !dy || !dx);
  RnnCall call("cudnn rnn backward data", *rnn, *xDescriptor, *yDescriptor, true);
  call.deviceLengths = deviceLengths;
  if (int status = checkBuffers(
          call, {weightBytes, weights, workspaceBytes, workspace, reserveBytes, reserve})) {
    return status;
  }
  DataArguments arguments{y, dy, dx, hx, dhy, dhx, cx, dcy, dcx, weights, workspace, reserve};
  return submitDnn(
      handle, [call, arguments](bool inGraph) { return backwardData(call, arguments, inGraph); });
}

SIM_API cudnnRNNBackwardWeights_v8(DnnHandle* handle, RnnDescriptor* rnn, int mode,
                                   const int* deviceLengths, RnnDataDescriptor* xDescriptor,
                                   const void* x, TensorDescriptor* hDescriptor, const void* hx,
                                   RnnDataDescriptor* yDescriptor, const void* y,
                                   size_t weightBytes, void* gradients, size_t workspaceBytes,
                                   void* workspace, size_t reserveBytes, void* reserve) {
  constexpr int kAdd = 0;
  constexpr int kSet = 1;
  if (int status = checkWeightsDescriptors(handle, rnn, xDescriptor, yDescriptor, hDescriptor)) {
    return status;
  }
  DNN_REFUSE_IF(kDnnBadParam, mode != kAdd && mode != kSet);
  DNN_REFUSE_IF(kDnnNotSupported, mode == kSet);  // as its documentation says
  DNN_REFUSE_IF(kDnnBadParam, !x || !y);
  RnnCall call("cudnn rnn backward weights", *rnn, *xDescriptor, *yDescriptor, true);
  call.deviceLengths = deviceLengths;
  if (int status = checkBuffers(
          call, {weightBytes, gradients, workspaceBytes, workspace, reserveBytes, reserve})) {
    return status;
  }
  WeightsArguments arguments{x, hx, y, gradients, workspace, reserve};
  return submitDnn(handle, [call, arguments](bool inGraph) {
    return backwardWeights(call, arguments, inGraph);
  });
}

}  // namespace sim
