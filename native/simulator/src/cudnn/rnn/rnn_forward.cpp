// cudnnRNNForward: checks at once, the pass itself on the handle's stream.
#include <algorithm>

#include "../../runtime/status.h"
#include "rnn_call.h"
#include "rnn_memory.h"
#include "rnn_reserve.h"

namespace sim {
namespace {

struct ForwardArguments {
  const void* x;
  void* y;
  const void* hx;
  void* hy;
  const void* cx;
  void* cy;
  const void* weights;
  void* workspace;
  void* reserve;
};

int drawMasks(const RnnCall& call, RnnTrace* trace) {
  for (LayerTrace& layer : trace->layers) {
    if (layer.mask.empty()) continue;
    if (int status = drawDropoutMask(call.dropout, layer.mask.size(), layer.mask.data())) {
      return status;
    }
  }
  return kSuccess;
}

int forward(const RnnCall& call, const ForwardArguments& a, bool inGraph) {
  const RnnDescriptor& rnn = call.problem.rnn;
  const std::string& name = call.name;
  int type = rnn.dataType;
  Values x;
  Values y;
  RnnStates initial(call.problem);
  RnnStates final(call.problem);
  std::vector<RnnWeights> weights;
  if (int s = checkDeviceLengths(call)) return s;
  if (int s = loadSequences(name + " x", a.x, call.x, &x)) return s;
  if (int s = loadTensor(name + " hx", a.hx, type, &initial.h)) return s;
  if (int s = loadTensor(name + " cx", a.cx, type, &initial.c)) return s;
  if (int s = loadWeights(name + " weights", a.weights, call.layout, rnn, &weights)) return s;
  RnnTrace trace(call.problem, call.hasDropout());
  if (int s = drawMasks(call, &trace)) return s;
  runForward(call.problem, weights, x, initial, &trace, &y, &final);
  if (int s = storeSequences(name + " y", a.y, call.y, y)) return s;
  if (int s = storeTensor(name + " hy", a.hy, type, final.h)) return s;
  if (rnn.hasCellState()) {
    if (int s = storeTensor(name + " cy", a.cy, type, final.c)) return s;
  }
  if (int s = spoil(name + " workspace", a.workspace, call.workspaceBytes())) return s;
  if (call.training) {
    // What is stored may be rounded: backward calls compare what they read back.
    for (double& v : y) v = call.problem.precision.stored(v);
    ReserveStamp stamp;
    stamp.x = fingerprint(x);
    stamp.hx = fingerprint(initial.h);
    stamp.cx = fingerprint(initial.c);
    stamp.y = fingerprint(y);
    stamp.weights = fingerprint(weights);
    if (int s = writeReserve(name, a.reserve, call.problem, stamp, ReserveStage::kForwardDone,
                             &trace)) {
      return s;
    }
  }
  size_t size = typeSize(type);
  call.count(call.layout.bytes() + (x.size() + initial.h.size() + initial.c.size()) * size,
             (y.size() + final.h.size() + final.c.size()) * size + call.reserveBytes(), inGraph);
  return kSuccess;
}

}  // namespace

SIM_API cudnnRNNForward(DnnHandle* handle, RnnDescriptor* rnn, int mode, const int* deviceLengths,
                        RnnDataDescriptor* xDescriptor, const void* x,
                        RnnDataDescriptor* yDescriptor, void* y, TensorDescriptor* hDescriptor,
                        const void* hx, void* hy, TensorDescriptor* cDescriptor, const void* cx,
                        void* cy, size_t weightBytes, const void* weights, size_t workspaceBytes,
                        void* workspace, size_t reserveBytes, void* reserve) {
  DNN_REFUSE_IF(kDnnBadParam, mode != 0 && mode != 1);
  bool training = mode == 1;
  if (int status = checkDescriptors(handle, rnn, xDescriptor, yDescriptor, hDescriptor, cDescriptor,
                                    training)) {
    return status;
  }
  DNN_REFUSE_IF(kDnnBadParam, !x || !y);
  RnnCall call(training ? "cudnn rnn forward" : "cudnn rnn inference", *rnn, *xDescriptor,
               *yDescriptor, training);
  call.deviceLengths = deviceLengths;
  if (int status = checkBuffers(
          call, {weightBytes, weights, workspaceBytes, workspace, reserveBytes, reserve})) {
    return status;
  }
  ForwardArguments arguments{x, y, hx, hy, cx, cy, weights, workspace, reserve};
  return submitDnn(handle,
                   [call, arguments](bool inGraph) { return forward(call, arguments, inGraph); });
}

}  // namespace sim
