// Softmax of the simulated cuDNN agrees with its definition, its gradients with central
// differences.
#include "cudnn_support.h"

namespace {

using test::at;
using test::check;
using test::kBadParam;
using test::kDouble;
using test::kUnsupported;
using test::need;
using test::Numbers;

// [2, 3, 2, 2]: over 12 elements of an instance, or over 3 channels 4 apart.
constexpr int kSizes[] = {2, 3, 2, 2};
constexpr size_t kCount = 24;

std::vector<size_t> groupOf(size_t element, bool overInstance) {
  size_t instance = element / 12;
  std::vector<size_t> group;
  for (size_t i = instance * 12; i < (instance + 1) * 12; ++i) {
    if (overInstance || i % 4 == element % 4) group.push_back(i);
  }
  return group;
}

Numbers expected(const Numbers& x, int algorithm, bool overInstance) {
  Numbers y(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    double sum = 0;
    for (size_t j : groupOf(i, overInstance)) sum += std::exp(x[j]);
    y[i] = algorithm == 2 ? x[i] - std::log(sum) : std::exp(x[i]) / sum;
  }
  return y;
}

class Tensors {
 public:
  explicit Tensors(test::Device& device) : device_(device) {
    need(cudnnCreate(&handle), "cudnnCreate");
    const int strides[] = {12, 4, 2, 1};
    const int channelsLast[] = {12, 1, 6, 3};
    need(cudnnCreateTensorDescriptor(&packed), "tensor");
    need(cudnnSetTensorNdDescriptor(packed, kDouble, 4, kSizes, strides), "set tensor");
    need(cudnnCreateTensorDescriptor(&last), "tensor");
    need(cudnnSetTensorNdDescriptor(last, kDouble, 4, kSizes, channelsLast), "set tensor");
  }
  ~Tensors() {
    cudnnDestroyTensorDescriptor(packed);
    cudnnDestroyTensorDescriptor(last);
    cudnnDestroy(handle);
  }
  Tensors(const Tensors&) = delete;
  Tensors& operator=(const Tensors&) = delete;

  DevicePointer put(const Numbers& values) { return device_.upload(values); }
  Numbers get(DevicePointer from) { return device_.download<double>(from, kCount); }

  void* handle = nullptr;
  void* packed = nullptr;
  void* last = nullptr;  // the same sizes with the channels last

 private:
  test::Device& device_;
};

double worst(const Numbers& a, const Numbers& b) {
  double error = 0;
  for (size_t i = 0; i < kCount; ++i) error = std::max(error, std::abs(a[i] - b[i]));
  return error;
}

void testValues(Tensors& t) {
  const double alpha = 1.5;
  const double beta = 0.5;
  const double one = 1;
  const double zero = 0;
  Numbers x = test::numbers(kCount, 1, 3);
  Numbers dy = test::numbers(kCount, 2);
  for (int algorithm : {0, 1, 2}) {
    for (int mode : {0, 1}) {
      std::string name = "softmax " + std::to_string(algorithm) + ", " + std::to_string(mode);
      Numbers want = expected(x, algorithm, mode == 0);
      DevicePointer y = t.put(Numbers(kCount, 2));
      need(cudnnSoftmaxForward(t.handle, algorithm, mode, &alpha, t.packed, at(t.put(x)), &beta,
                               t.packed, at(y)),
           name);
      Numbers blended = want;
      for (double& v : blended) v = 1.5 * v + 0.5 * 2;
      check(worst(t.get(y), blended) < 1e-12, name + ": values");
      // The same read with the channels last: element (n, c, h, w) from another place.
      Numbers moved(kCount);
      for (size_t i = 0; i < kCount; ++i) {
        moved[i / 12 * 12 + i % 4 * 3 + i % 12 / 4] = x[i];
      }
      DevicePointer nan = t.put(Numbers(kCount, NAN));
      need(cudnnSoftmaxForward(t.handle, algorithm, mode, &one, t.last, at(t.put(moved)), &zero,
                               t.packed, at(nan)),
           name);
      check(worst(t.get(nan), want) < 1e-12, name + ": strides");
      DevicePointer dx = t.put(Numbers(kCount, NAN));
      need(cudnnSoftmaxBackward(t.handle, algorithm, mode, &one, t.packed, at(t.put(want)),
                                t.packed, at(t.put(dy)), &zero, t.packed, at(dx)),
           name);
      Numbers gradient = t.get(dx);
      for (size_t i = 0; i < kCount; ++i) {
        Numbers up = x;
        Numbers down = x;
        up[i] += 1e-5;
        down[i] -= 1e-5;
        up = expected(up, algorithm, mode == 0);
        down = expected(down, algorithm, mode == 0);
        double sum = 0;
        for (size_t j = 0; j < kCount; ++j) sum += dy[j] * (up[j] - down[j]) / 2e-5;
        check(std::abs(sum - gradient[i]) < 1e-8, name + ": gradient");
      }
    }
  }
}

void testRefusals(Tensors& t) {
  const double one = 1;
  DevicePointer x = t.put(Numbers(kCount, 1));
  auto run = [&](int algorithm, int mode, const void* alpha, void* from, void* to) {
    return cudnnSoftmaxForward(t.handle, algorithm, mode, alpha, from, at(x), &one, to, at(x));
  };
  check(run(3, 0, &one, t.packed, t.packed) == kBadParam, "no such algorithm");
  check(run(1, 2, &one, t.packed, t.packed) == kBadParam, "no such mode");
  check(run(1, 0, nullptr, t.packed, t.packed) == kBadParam, "no alpha");
  void* other = nullptr;
  const int sizes[] = {2, 3, 4};
  const int strides[] = {12, 4, 1};
  need(cudnnCreateTensorDescriptor(&other), "tensor");
  need(cudnnSetTensorNdDescriptor(other, kDouble, 3, sizes, strides), "set tensor");
  check(run(1, 0, &one, t.packed, other) == kBadParam, "other sizes");
  check(run(1, 0, &one, other, other) == kUnsupported, "three dimensions");
  cudnnDestroyTensorDescriptor(other);
}

}  // namespace

int main() {
  sim::setOption("log_findings", "0");
  test::Device device(test::emptyImage());
  Tensors tensors(device);
  testValues(tensors);
  testRefusals(tensors);
  return test::finish();
}
