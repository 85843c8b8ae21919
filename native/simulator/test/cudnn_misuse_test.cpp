// What the simulated cuDNN refuses, and the mistakes that it finds in what it runs.
#include <cstring>
#include <functional>

#include "cudnn_support.h"

namespace {

using test::at;
using test::check;
using test::Device;
using test::kBadParam;
using test::kUnsupported;
using test::need;
using test::Numbers;
using test::Rnn;
using test::RnnCase;

std::string image;

RnnCase ordinary() {
  RnnCase c;
  c.type = c.precision = test::kFloat;
  c.lengths = {5, 3};
  return c;
}

void refused(const std::string& what, int status, int expected) {
  check(status == expected, what + ": status " + std::to_string(status));
}

// Calls of the forward pass with one thing wrong.
void testRefusals() {
  Device device(image);
  Rnn rnn(device, ordinary());
  rnn.putParameters(rnn.random(1));
  need(rnn.forward(), "forward");
  auto with = [&](const std::string& what, auto* field, auto value, int expected) {
    auto kept = *field;
    *field = value;
    refused(what, rnn.forward(), expected);
    *field = kept;
    char message[200];
    cudnnGetLastErrorString(message, sizeof message);
    check(std::strlen(message) > 0, what + ": the condition can be asked for");
  };
  with("workspace a byte too small", &rnn.workspaceBytes, rnn.workspaceBytes - 1, kBadParam);
  with("no workspace", &rnn.workspace, DevicePointer{0}, kBadParam);
  with("reserve space a byte too small", &rnn.reserveBytes, rnn.reserveBytes - 1, kBadParam);
  with("no reserve space", &rnn.reserve, DevicePointer{0}, kBadParam);
  with("weight space a byte too small", &rnn.weightBytes, rnn.weightBytes - 1, kBadParam);
  with("no y", &rnn.y, DevicePointer{0}, kBadParam);
  with("no handle", &rnn.handle, static_cast<void*>(nullptr), kBadParam);
  with("a descriptor that is not one", &rnn.rnn, rnn.xData, kBadParam);
  with("x described as y", &rnn.yData, rnn.xData, kBadParam);
  with("states of another size", &rnn.hTensor, rnn.matrixTensor, kBadParam);
  int strides[] = {8, 1, 2};
  int sizes[] = {1, 2, 4};
  need(cudnnSetTensorNdDescriptor(rnn.biasTensor, test::kFloat, 3, sizes, strides), "tensor");
  with("states that are not packed", &rnn.cTensor, rnn.biasTensor, kBadParam);
  need(rnn.backwardData(), "backward data");
  refused("gradients to be overwritten",
          cudnnRNNBackwardWeights_v8(rnn.handle, rnn.rnn, 1, nullptr, rnn.xData, at(rnn.x),
                                     rnn.hTensor, at(rnn.hx), rnn.yData, at(rnn.y), rnn.weightBytes,
                                     at(rnn.gradients), rnn.workspaceBytes, at(rnn.workspace),
                                     rnn.reserveBytes, at(rnn.reserve)),
          kUnsupported);
  void* address = nullptr;
  auto params = [&](int layer, int id, size_t bytes) {
    return cudnnGetRNNWeightParams(rnn.handle, rnn.rnn, layer, bytes, at(rnn.weights), id,
                                   rnn.matrixTensor, &address, rnn.biasTensor, &address);
  };
  refused("weights of a layer too many", params(1, 0, rnn.weightBytes), kBadParam);
  refused("weights of an id too many", params(0, 8, rnn.weightBytes), kBadParam);
  refused("weights in too little space", params(0, 0, rnn.weightBytes - 1), kBadParam);
  // The same with the flag for padding missing.
  need(cudnnSetRNNDescriptor_v8(rnn.rnn, 0, 2, 2, 0, 0, 0, 0, 3, 3, 4, 4, 1, nullptr, 0), "set");
  refused("padding without its flag", rnn.forward(), kBadParam);
  need(cuCtxSynchronize(), "what was refused ran nothing");
}

void testAlgorithms() {
  Device device(image);
  for (int algorithm : {1, 2, 3}) {
    RnnCase c = ordinary();
    c.algorithm = algorithm;
    std::string name = "algorithm " + std::to_string(algorithm);
    Rnn lengths(device, c);
    lengths.putParameters(lengths.random(1));
    refused(name + " with lengths", lengths.forward(), kUnsupported);
    c.lengths = {5, 5};
    Rnn equal(device, c);
    equal.putParameters(equal.random(1));
    need(equal.forward(), name);
    c.algorithm = 0;
    Rnn standard(device, c);
    standard.putParameters(standard.random(1));
    need(standard.forward(), "standard");
    need(cuCtxSynchronize(), name);
    check(standard.get(standard.y, 40) == equal.get(equal.y, 40), name + " gives other numbers");
    // Too large for the algorithm.
    need(cudnnSetRNNDescriptor_v8(equal.rnn, algorithm, 2, 2, 0, 0, 0, 0, 3, 3, 2048, 2048, 1,
                                  nullptr, 1),
         "set");
    size_t work, reserve;
    refused(name + " with many units",
            cudnnGetRNNTempSpaceSizes(equal.handle, equal.rnn, 1, equal.xData, &work, &reserve),
            kUnsupported);
  }
  RnnCase c = ordinary();
  c.lengths = {5, 5};
  Rnn rnn(device, c);
  rnn.putParameters(rnn.random(1));
  need(cudnnSetRNNDescriptor_v8(rnn.rnn, 2, 2, 2, 0, 0, 0, 0, 3, 3, 4, 4, 1, nullptr, 1), "set");
  refused("a dynamic plan that was not built", rnn.forward(), kBadParam);
  need(cudnnBuildRNNDynamic(rnn.handle, rnn.rnn, 3), "build");
  refused("a dynamic plan for another batch", rnn.forward(), kBadParam);
}

// Runs the mistake on a device of its own, because what it finds ends the context.
void found(const std::string& text, const RnnCase& c, const std::function<int(Rnn&)>& mistake) {
  Device device(image);
  {
    Rnn rnn(device, c);
    rnn.putParameters(rnn.random(1));
    need(mistake(rnn), text);
    check(cuCtxSynchronize() == sim::kLaunchFailed, text + ": goes unnoticed");
    check(sim::lastFinding().find(text) != std::string::npos, text + ": " + sim::lastFinding());
  }
}

// Forward, something in between, backward.
std::function<int(Rnn&)> between(const std::function<void(Rnn&)>& act) {
  return [act](Rnn& rnn) {
    need(rnn.forward(), "forward");
    act(rnn);
    return rnn.backwardData();
  };
}

std::function<int(Rnn&)> beforeWeights(const std::function<void(Rnn&)>& act) {
  return [act](Rnn& rnn) {
    need(rnn.forward(), "forward");
    need(rnn.backwardData(), "backward data");
    act(rnn);
    return rnn.backwardWeights();
  };
}

void testFindings() {
  RnnCase c = ordinary();
  found("reserve space was altered", c,
        between([](Rnn& rnn) { need(cuMemsetD32_v2(rnn.reserve + 512, 1, 1), "set"); }));
  found("not one that a forward call in training wrote", c, between([](Rnn& rnn) {
          need(cuMemsetD32_v2(rnn.reserve, 0, rnn.reserveBytes / 4), "set");
        }));
  found("reserve space: read of", c, [](Rnn& rnn) { return rnn.backwardData(); });
  found("y are not those of the forward call", c,
        between([](Rnn& rnn) { need(cuMemsetD32_v2(rnn.y, 0, 1), "set"); }));
  found("hx are not those of the forward call", c,
        between([](Rnn& rnn) { need(cuMemsetD32_v2(rnn.hx, 0, 1), "set"); }));
  found("cx are not those of the forward call", c, between([](Rnn& rnn) { rnn.cx = 0; }));
  found("weights are not those of the forward call", c,
        between([](Rnn& rnn) { rnn.putParameters(rnn.random(2)); }));
  found("lengths are not those of the forward call", c, between([](Rnn& rnn) {
          int lengths[] = {5, 4};
          need(cudnnSetRNNDataDescriptor(rnn.xData, 0, 0, 5, 2, 3, lengths, nullptr), "set");
          need(cudnnSetRNNDataDescriptor(rnn.yData, 0, 0, 5, 2, 4, lengths, nullptr), "set");
        }));
  // The forward call of another batch in between, with the same reserve space.
  found("y are not those of the forward call", c, between([](Rnn& rnn) {
          DevicePointer first = rnn.y;
          rnn.y = rnn.dy;
          need(cuMemsetD32_v2(rnn.x, 0, 2), "set");
          need(rnn.forward(), "forward");
          rnn.y = first;
        }));
  found("been through this call already", c,
        between([](Rnn& rnn) { need(rnn.backwardData(), "backward data"); }));
  found("cudnnRNNBackwardData_v8 has to come before", c, [](Rnn& rnn) {
    need(rnn.forward(), "forward");
    return rnn.backwardWeights();
  });
  found("x are not those of the forward call", c,
        beforeWeights([](Rnn& rnn) { need(cuMemsetD32_v2(rnn.x, 0, 1), "set"); }));
  found("gradients (is added to)", c,
        beforeWeights([](Rnn& rnn) { rnn.gradients = rnn.device.allocate(rnn.weightBytes); }));
  // Weights by offsets of one's own instead of by cudnnGetRNNWeightParams.
  found("weights: read of", c, [](Rnn& rnn) {
    rnn.weights = rnn.device.allocate(rnn.weightBytes);
    need(cuMemsetD32_v2(rnn.weights, 0, 4 * (3 * 4 + 4 * 4 + 2 * 4)), "weights without gaps");
    return rnn.forward();
  });
  found("x: read of", c, [](Rnn& rnn) {
    rnn.x = rnn.device.allocate(5 * 2 * 3 * 4);
    return rnn.forward();
  });
  RnnCase empty = c;
  empty.lengths = {5, 0};
  found("a sequence of length 0", empty, [](Rnn& rnn) { return rnn.forward(); });
  found("devSeqLengths are not the lengths", c, [](Rnn& rnn) {
    DevicePointer lengths = rnn.device.upload(std::vector<int>{5, 4});
    return cudnnRNNForward(rnn.handle, rnn.rnn, 0, reinterpret_cast<const int*>(lengths), rnn.xData,
                           at(rnn.x), rnn.yData, at(rnn.y), rnn.hTensor, nullptr, nullptr,
                           rnn.cTensor, nullptr, nullptr, rnn.weightBytes, at(rnn.weights),
                           rnn.workspaceBytes, at(rnn.workspace), 0, nullptr);
  });
}

// A y that ends too early: the address after it is no one's.
void testBounds() {
  Device device(image);
  Rnn rnn(device, ordinary());
  rnn.putParameters(rnn.random(1));
  rnn.y = device.allocate(5 * 2 * 4 * 4 - 4);
  need(rnn.forward(), "forward");
  check(cuCtxSynchronize() == sim::kIllegalAddress, "y too small");
}

// Input that is copied on another stream, which nothing makes the handle's stream wait for.
void testStreams() {
  Device device(image);
  Rnn rnn(device, ordinary());
  rnn.putParameters(rnn.random(1));
  void* streams[2];
  for (void*& s : streams) need(cuStreamCreate(&s, 1), "stream");
  need(cudnnSetStream(rnn.handle, streams[0]), "set stream");
  rnn.x = device.allocate(5 * 2 * 3 * 4);
  void* host = nullptr;
  need(cuMemAllocHost_v2(&host, 5 * 2 * 3 * 4), "host memory");
  std::memset(host, 0, 5 * 2 * 3 * 4);
  sim::setOption("async", "delayed");
  need(cuMemcpyHtoDAsync_v2(rnn.x, host, 5 * 2 * 3 * 4, streams[1]), "copy");
  need(rnn.forward(), "forward");
  check(cuStreamSynchronize(streams[0]) == sim::kLaunchFailed, "a missing wait goes unnoticed");
  check(sim::lastFinding().find("x: read of") != std::string::npos, sim::lastFinding());
  sim::setOption("async", "thread");
  cuMemFreeHost(host);
}

// Where contents are undefined, they are NaN.
void testUndefined() {
  Device device(image);
  Rnn rnn(device, ordinary());
  rnn.putParameters(rnn.random(1));
  need(rnn.forward(), "forward");
  need(rnn.backwardData(), "backward data");
  need(rnn.backwardWeights(), "backward weights");
  need(cuCtxSynchronize(), "run");
  for (double v : rnn.get(rnn.workspace, rnn.workspaceBytes / 4)) {
    if (!std::isnan(v)) {
      check(false, "the workspace keeps something");
      break;
    }
  }
  check(std::isnan(rnn.get(rnn.gradients, 1)[0]), "no gap before the first gradient");
  // A second call adds to the gradients that are there.
  test::Parameters once = rnn.getGradients();
  need(rnn.backwardWeights(), "backward weights again");
  test::Parameters twice = rnn.getGradients();
  for (auto& [key, values] : once.matrices) {
    for (size_t i = 0; i < values.size(); ++i) {
      double error = std::abs(2 * values[i] - twice.matrices[key][i]);
      check(error < 1e-6, "gradients are not added to");
    }
  }
}

}  // namespace

int main() {
  sim::setOption("log_findings", "0");
  image = test::emptyImage();
  testRefusals();
  testAlgorithms();
  testFindings();
  testBounds();
  testStreams();
  testUndefined();
  return test::finish();
}
