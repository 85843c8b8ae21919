// cudnnSoftmaxForward and cudnnSoftmaxBackward.
#include <algorithm>
#include <cmath>
#include <string>

#include "../driver/library.h"
#include "../runtime/counters.h"
#include "../runtime/status.h"
#include "descriptor/tensor_descriptor.h"
#include "dnn_handle.h"
#include "rnn/rnn_memory.h"

using sim::DnnHandle;
using sim::TensorDescriptor;

namespace sim {
namespace {

// Values of cudnnSoftmaxAlgorithm_t and cudnnSoftmaxMode_t.
enum SoftmaxAlgorithm { kFast = 0, kAccurate = 1, kLog = 2 };
constexpr int kModeInstance = 0;

struct Softmax {
  int algorithm;
  bool overInstance;  // over all of an instance, or over its channels at every place
  double alpha;
  double beta;
};

struct Operand {
  TensorDescriptor tensor;
  void* data;
};

// Numbers each element of a tensor of any strides in the order of its dimensions.
std::vector<size_t> places(const TensorDescriptor& tensor) {
  std::vector<size_t> result(tensor.elements());
  for (size_t i = 0; i < result.size(); ++i) {
    size_t rest = i;
    for (size_t d = tensor.sizes.size(); d-- > 0;) {
      auto size = static_cast<size_t>(tensor.sizes[d]);
      result[i] += rest % size * static_cast<size_t>(tensor.strides[d]);
      rest /= size;
    }
  }
  return result;
}

int load(const std::string& name, const Operand& operand, Values* to) {
  std::vector<size_t> at = places(operand.tensor);
  int type = operand.tensor.type;
  to->resize(at.size());
  for (size_t i = 0; i < at.size(); ++i) {
    const char* element = static_cast<const char*>(operand.data) + at[i] * typeSize(type);
    if (int status = checkLibraryRead(name, element, typeSize(type))) return status;
    (*to)[i] = loadElement(element, type, 0);
  }
  return kSuccess;
}

// to = alpha values + beta to; with beta = 0 the old contents may be anything, NaN too.
int blend(const std::string& name, const Softmax& s, const Values& values, const Operand& to) {
  Values old;
  if (s.beta != 0) {
    if (int status = load(name, to, &old)) return status;
  }
  std::vector<size_t> at = places(to.tensor);
  int type = to.tensor.type;
  for (size_t i = 0; i < at.size(); ++i) {
    char* element = static_cast<char*>(to.data) + at[i] * typeSize(type);
    if (int status = checkLibraryWrite(name, element, typeSize(type))) return status;
    storeElement(element, type, 0, s.alpha * values[i] + (s.beta != 0 ? s.beta * old[i] : 0));
  }
  return kSuccess;
}

// Calls f(first element, step, count) for every group that is normalised together.
template <class F>
void forEachGroup(const TensorDescriptor& tensor, bool overInstance, F f) {
  auto instances = static_cast<size_t>(tensor.sizes[0]);
  auto channels = static_cast<size_t>(tensor.sizes[1]);
  size_t perInstance = tensor.elements() / instances;
  size_t places = perInstance / channels;
  for (size_t n = 0; n < instances; ++n) {
    if (overInstance) {
      f(n * perInstance, size_t{1}, perInstance);
    } else {
      for (size_t p = 0; p < places; ++p) f(n * perInstance + p, places, channels);
    }
  }
}

void forward(const Softmax& s, const TensorDescriptor& tensor, Values* values) {
  forEachGroup(tensor, s.overInstance, [&](size_t first, size_t step, size_t count) {
    double most = 0;  // the fast algorithm does without
    if (s.algorithm != kFast) {
      most = -INFINITY;
      for (size_t i = 0; i < count; ++i) most = std::max(most, (*values)[first + i * step]);
    }
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += std::exp((*values)[first + i * step] - most);
    for (size_t i = 0; i < count; ++i) {
      double& v = (*values)[first + i * step];
      v = s.algorithm == kLog ? v - most - std::log(sum) : std::exp(v - most) / sum;
    }
  });
}

void backward(const Softmax& s, const TensorDescriptor& tensor, const Values& y, Values* gradient) {
  forEachGroup(tensor, s.overInstance, [&](size_t first, size_t step, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) {
      size_t at = first + i * step;
      sum += s.algorithm == kLog ? (*gradient)[at] : (*gradient)[at] * y[at];
    }
    for (size_t i = 0; i < count; ++i) {
      size_t at = first + i * step;
      double& g = (*gradient)[at];
      g = s.algorithm == kLog ? g - std::exp(y[at]) * sum : y[at] * (g - sum);
    }
  });
}

int readSoftmax(int algorithm, int mode, const void* alpha, const void* beta, int type,
                Softmax* softmax) {
  DNN_REFUSE_IF(kDnnBadParam, algorithm < kFast || algorithm > kLog);
  DNN_REFUSE_IF(kDnnBadParam, mode < 0 || mode > 1);
  DNN_REFUSE_IF(kDnnBadParam, !alpha || !beta);
  int scalars = type == kDnnDouble ? kDnnDouble : kDnnFloat;
  *softmax = {algorithm, mode == kModeInstance, loadElement(alpha, scalars, 0),
              loadElement(beta, scalars, 0)};
  return kDnnSuccess;
}

int checkTensors(const TensorDescriptor* a, const TensorDescriptor* b) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(a) || !isLive(b));
  DNN_REFUSE_IF(kDnnBadParam, a->sizes != b->sizes || a->type != b->type);
  DNN_REFUSE_IF(kDnnNotSupported, a->sizes.size() < 4 || a->sizes.size() > 5);
  DNN_REFUSE_IF(kDnnNotSupported, a->type > kDnnHalf);
  return kDnnSuccess;
}

void count(const std::string& name, const TensorDescriptor& tensor, int read, bool inGraph) {
  KernelCounts c;
  c.launches = 1;
  c.graphLaunches = inGraph;
  uint64_t bytes = tensor.elements() * typeSize(tensor.type);
  c.globalReadBytes = c.globalReadDistinctBytes = bytes * static_cast<uint64_t>(read);
  c.globalWriteBytes = c.globalWriteDistinctBytes = bytes;
  countKernel(name, c);
}

}  // namespace
}  // namespace sim

SIM_API cudnnSoftmaxForward(DnnHandle* handle, int algorithm, int mode, const void* alpha,
                            TensorDescriptor* xTensor, const void* x, const void* beta,
                            TensorDescriptor* yTensor, void* y) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !x || !y);
  if (int status = sim::checkTensors(xTensor, yTensor)) return status;
  sim::Softmax s;
  if (int status = sim::readSoftmax(algorithm, mode, alpha, beta, xTensor->type, &s)) return status;
  sim::Operand from{*xTensor, const_cast<void*>(x)};
  sim::Operand to{*yTensor, y};
  return sim::submitDnn(handle, [s, from, to](bool inGraph) {
    const std::string name = "cudnn softmax forward";
    sim::Values values;
    if (int status = sim::load(name + " x", from, &values)) return status;
    sim::forward(s, from.tensor, &values);
    sim::count(name, from.tensor, 1, inGraph);
    return sim::blend(name + " y", s, values, to);
  });
}

SIM_API cudnnSoftmaxBackward(DnnHandle* handle, int algorithm, int mode, const void* alpha,
                             TensorDescriptor* yTensor, const void* y, TensorDescriptor* dyTensor,
                             const void* dy, const void* beta, TensorDescriptor* dxTensor,
                             void* dx) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !y || !dy || !dx);
  if (int status = sim::checkTensors(yTensor, dyTensor)) return status;
  if (int status = sim::checkTensors(yTensor, dxTensor)) return status;
  sim::Softmax s;
  if (int status = sim::readSoftmax(algorithm, mode, alpha, beta, yTensor->type, &s)) return status;
  sim::Operand result{*yTensor, const_cast<void*>(y)};
  sim::Operand from{*dyTensor, const_cast<void*>(dy)};
  sim::Operand to{*dxTensor, dx};
  return sim::submitDnn(handle, [s, result, from, to](bool inGraph) {
    const std::string name = "cudnn softmax backward";
    sim::Values values;
    sim::Values gradient;
    if (int status = sim::load(name + " y", result, &values)) return status;
    if (int status = sim::load(name + " dy", from, &gradient)) return status;
    sim::backward(s, result.tensor, values, &gradient);
    sim::count(name, result.tensor, 2, inGraph);
    return sim::blend(name + " dx", s, gradient, to);
  });
}
