// A recurrent layer in the simulated cuDNN, set up and run as an application does, for its tests.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "../src/runtime/number_formats.h"
#include "test_support.h"

extern "C" {
int cudnnCreate(void** handle);
int cudnnDestroy(void* handle);
int cudnnSetStream(void* handle, void* stream);
void cudnnGetLastErrorString(char* message, size_t size);
int cudnnCreateTensorDescriptor(void** tensor);
int cudnnDestroyTensorDescriptor(void* tensor);
int cudnnSetTensorNdDescriptor(void* tensor, int type, int count, const int* sizes,
                               const int* strides);
int cudnnGetTensorNdDescriptor(void* tensor, int requested, int* type, int* count, int* sizes,
                               int* strides);
int cudnnCreateDropoutDescriptor(void** dropout);
int cudnnDestroyDropoutDescriptor(void* dropout);
int cudnnDropoutGetStatesSize(void* handle, size_t* bytes);
int cudnnSetDropoutDescriptor(void* dropout, void* handle, float rate, void* states, size_t size,
                              unsigned long long seed);
int cudnnRestoreDropoutDescriptor(void* dropout, void* handle, float rate, void* states,
                                  size_t size, unsigned long long seed);
int cudnnCreateRNNDescriptor(void** rnn);
int cudnnDestroyRNNDescriptor(void* rnn);
int cudnnSetRNNDescriptor_v8(void* rnn, int algorithm, int cell, int bias, int direction,
                             int inputMode, int dataType, int mathPrecision, int mathType,
                             int inputSize, int hiddenSize, int projSize, int numLayers,
                             void* dropout, unsigned auxFlags);
int cudnnBuildRNNDynamic(void* handle, void* rnn, int batch);
int cudnnCreateRNNDataDescriptor(void** data);
int cudnnDestroyRNNDataDescriptor(void* data);
int cudnnSetRNNDataDescriptor(void* data, int type, int layout, int maxLength, int batch,
                              int vectorSize, const int* lengths, const void* fill);
int cudnnGetRNNWeightSpaceSize(void* handle, void* rnn, size_t* bytes);
int cudnnGetRNNTempSpaceSizes(void* handle, void* rnn, int mode, void* x, size_t* workspace,
                              size_t* reserve);
int cudnnGetRNNWeightParams(void* handle, void* rnn, int pseudoLayer, size_t bytes,
                            const void* space, int id, void* matrixTensor, void** matrix,
                            void* biasTensor, void** bias);
int cudnnRNNForward(void* handle, void* rnn, int mode, const int* deviceLengths, void* xData,
                    const void* x, void* yData, void* y, void* hTensor, const void* hx, void* hy,
                    void* cTensor, const void* cx, void* cy, size_t weightBytes,
                    const void* weights, size_t workspaceBytes, void* workspace,
                    size_t reserveBytes, void* reserve);
int cudnnRNNBackwardData_v8(void* handle, void* rnn, const int* deviceLengths, void* yData,
                            const void* y, const void* dy, void* xData, void* dx, void* hTensor,
                            const void* hx, const void* dhy, void* dhx, void* cTensor,
                            const void* cx, const void* dcy, void* dcx, size_t weightBytes,
                            const void* weights, size_t workspaceBytes, void* workspace,
                            size_t reserveBytes, void* reserve);
int cudnnRNNBackwardWeights_v8(void* handle, void* rnn, int mode, const int* deviceLengths,
                               void* xData, const void* x, void* hTensor, const void* hx,
                               void* yData, const void* y, size_t weightBytes, void* gradients,
                               size_t workspaceBytes, void* workspace, size_t reserveBytes,
                               void* reserve);
int cudnnSoftmaxForward(void* handle, int algorithm, int mode, const void* alpha, void* xTensor,
                        const void* x, const void* beta, void* yTensor, void* y);
int cudnnSoftmaxBackward(void* handle, int algorithm, int mode, const void* alpha, void* yTensor,
                         const void* y, void* dyTensor, const void* dy, const void* beta,
                         void* dxTensor, void* dx);
}

namespace test {

using Numbers = std::vector<double>;

constexpr int kBadParam = 2000;
constexpr int kUnsupported = 3000;
constexpr int kFloat = 0;
constexpr int kDouble = 1;
constexpr int kHalf = 2;

inline Numbers numbers(size_t count, unsigned seed, double scale = 1) {
  Numbers values(count);
  for (double& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = scale * (static_cast<double>(seed >> 8) / 8388608.0 - 1);
  }
  return values;
}

struct RnnCase {
  int algorithm = 0;
  int cell = 2;  // relu, tanh, LSTM, GRU
  int bias = 2;  // none, input, double, recurrent
  bool bidirectional = false;
  bool skipInput = false;
  int type = kDouble;
  int precision = kDouble;
  int math = 3;  // default, tensor op, with conversion, FMA
  int input = 3;
  int hidden = 4;
  int proj = 4;
  int layers = 1;
  int layout = 0;  // time-major, packed, batch-major
  std::vector<int> lengths = {5, 5};
  int maxLength = 5;
  bool hasFill = false;

  int directions() const { return bidirectional ? 2 : 1; }
  int gates() const { return cell == 2 ? 4 : cell == 3 ? 3 : 1; }
  int ids() const { return 2 * gates() + (proj != hidden ? 1 : 0); }
  int batch() const { return static_cast<int>(lengths.size()); }
  int inputOf(int layer) const { return layer == 0 ? input : proj * directions(); }
  size_t states() const { return static_cast<size_t>(layers * directions() * batch()); }
  // Where a step of a sequence lies, in vectors.
  size_t row(int t, int b) const {
    if (layout == 2) return static_cast<size_t>(b * maxLength + t);
    if (layout == 0) return static_cast<size_t>(t * batch() + b);
    size_t at = 0;
    for (int s = 0; s < t; ++s) {
      for (int length : lengths) at += s < length;
    }
    return at + static_cast<size_t>(b);
  }
  size_t rows() const {
    if (layout != 1) return static_cast<size_t>(maxLength * batch());
    size_t sum = 0;
    for (int length : lengths) sum += static_cast<size_t>(length);
    return sum;
  }
};

// Matrices and biases by pseudo-layer and id.
using Key = std::pair<int, int>;
struct Parameters {
  std::map<Key, Numbers> matrices;
  std::map<Key, Numbers> biases;
};

inline size_t sizeOf(int type) { return type == kDouble ? 8 : type == kHalf ? 2 : 4; }

inline void* at(DevicePointer p) { return reinterpret_cast<void*>(p); }

// Owns descriptors; device memory is the Device's.
class Rnn {
 public:
  Rnn(Device& device, const RnnCase& rnnCase, void* dropout = nullptr)
      : device(device), c(rnnCase) {
    need(cudnnCreate(&handle), "cudnnCreate");
    need(cudnnCreateRNNDescriptor(&rnn), "RNN descriptor");
    need(cudnnSetRNNDescriptor_v8(rnn, c.algorithm, c.cell, c.bias, c.bidirectional, c.skipInput,
                                  c.type, c.precision, c.math, c.input, c.hidden, c.proj, c.layers,
                                  dropout, 1),
         "set RNN descriptor");
    if (c.algorithm == 2) need(cudnnBuildRNNDynamic(handle, rnn, c.batch()), "dynamic");
    xData = data(c.input);
    yData = data(c.proj * c.directions());
    hTensor = tensor(c.proj);
    cTensor = tensor(c.hidden);
    need(cudnnCreateTensorDescriptor(&matrixTensor), "tensor");
    need(cudnnCreateTensorDescriptor(&biasTensor), "tensor");
    need(cudnnGetRNNWeightSpaceSize(handle, rnn, &weightBytes), "weight space size");
    need(cudnnGetRNNTempSpaceSizes(handle, rnn, 1, xData, &workspaceBytes, &reserveBytes),
         "temporary sizes");
    weights = device.allocate(weightBytes);
    gradients = device.allocate(weightBytes);
    need(cuMemsetD32_v2(gradients, 0, weightBytes / 4), "zero the gradients");
    workspace = device.allocate(workspaceBytes);
    reserve = device.allocate(reserveBytes);
    auto h = static_cast<size_t>(c.proj);
    auto cell = static_cast<size_t>(c.hidden);
    auto width = static_cast<size_t>(c.proj * c.directions());
    for (DevicePointer* p : {&hx, &hy, &dhx, &dhy}) *p = numbersAt(c.states() * h);
    for (DevicePointer* p : {&cx, &cy, &dcx, &dcy}) *p = numbersAt(c.states() * cell);
    for (DevicePointer* p : {&x, &dx}) *p = numbersAt(c.rows() * static_cast<size_t>(c.input));
    for (DevicePointer* p : {&y, &dy}) *p = numbersAt(c.rows() * width);
  }
  ~Rnn() {
    for (void* t : {hTensor, cTensor, matrixTensor, biasTensor}) cudnnDestroyTensorDescriptor(t);
    cudnnDestroyRNNDataDescriptor(xData);
    cudnnDestroyRNNDataDescriptor(yData);
    cudnnDestroyRNNDescriptor(rnn);
    cudnnDestroy(handle);
  }
  Rnn(const Rnn&) = delete;
  Rnn& operator=(const Rnn&) = delete;

  void put(DevicePointer to, const Numbers& values) {
    std::vector<uint8_t> bytes(values.size() * sizeOf(c.type));
    for (size_t i = 0; i < values.size(); ++i) {
      auto single = static_cast<float>(values[i]);
      if (c.type == kDouble) reinterpret_cast<double*>(bytes.data())[i] = values[i];
      if (c.type == kFloat) reinterpret_cast<float*>(bytes.data())[i] = single;
      if (c.type == kHalf) reinterpret_cast<uint16_t*>(bytes.data())[i] = sim::floatToF16(single);
    }
    need(cuMemcpyHtoD_v2(to, bytes.data(), bytes.size()), "upload");
  }
  Numbers get(DevicePointer from, size_t count) {
    std::vector<uint8_t> bytes(count * sizeOf(c.type));
    need(cuMemcpyDtoH_v2(bytes.data(), from, bytes.size()), "download");
    Numbers values(count);
    for (size_t i = 0; i < count; ++i) {
      if (c.type == kDouble) values[i] = reinterpret_cast<double*>(bytes.data())[i];
      if (c.type == kFloat) values[i] = reinterpret_cast<float*>(bytes.data())[i];
      if (c.type == kHalf)
        values[i] = sim::f16ToFloat(reinterpret_cast<uint16_t*>(bytes.data())[i]);
    }
    return values;
  }

  // The addresses of a block in a weight space; 0 where it does not exist.
  std::pair<DevicePointer, DevicePointer> find(DevicePointer space, Key key, size_t* matrixSize,
                                               size_t* biasSize) {
    void* matrix = nullptr;
    void* bias = nullptr;
    need(cudnnGetRNNWeightParams(handle, rnn, key.first, weightBytes, at(space), key.second,
                                 matrixTensor, &matrix, biasTensor, &bias),
         "weight params");
    *matrixSize = elements(matrixTensor);
    *biasSize = elements(biasTensor);
    return {reinterpret_cast<DevicePointer>(matrix), reinterpret_cast<DevicePointer>(bias)};
  }
  Parameters random(unsigned seed) {
    Parameters p;
    forEachBlock(
        [&](Key key, DevicePointer, size_t matrix, DevicePointer, size_t bias) {
          if (matrix) p.matrices[key] = numbers(matrix, seed++, 0.7);
          if (bias) p.biases[key] = numbers(bias, seed++, 0.7);
        },
        weights);
    return p;
  }
  void putParameters(const Parameters& p) {
    forEachBlock(
        [&](Key key, DevicePointer matrix, size_t matrixSize, DevicePointer bias, size_t biasSize) {
          if (matrixSize) put(matrix, p.matrices.at(key));
          if (biasSize) put(bias, p.biases.at(key));
        },
        weights);
  }
  Parameters getGradients() {
    Parameters p;
    forEachBlock(
        [&](Key key, DevicePointer matrix, size_t matrixSize, DevicePointer bias, size_t biasSize) {
          if (matrixSize) p.matrices[key] = get(matrix, matrixSize);
          if (biasSize) p.biases[key] = get(bias, biasSize);
        },
        gradients);
    return p;
  }

  int forward(bool training = true) {
    return cudnnRNNForward(handle, rnn, training, nullptr, xData, at(x), yData, at(y), hTensor,
                           at(hx), at(hy), cTensor, at(cx), at(cy), weightBytes, at(weights),
                           workspaceBytes, at(workspace), training ? reserveBytes : 0,
                           training ? at(reserve) : nullptr);
  }
  int backwardData() {
    return cudnnRNNBackwardData_v8(handle, rnn, nullptr, yData, at(y), at(dy), xData, at(dx),
                                   hTensor, at(hx), at(dhy), at(dhx), cTensor, at(cx), at(dcy),
                                   at(dcx), weightBytes, at(weights), workspaceBytes, at(workspace),
                                   reserveBytes, at(reserve));
  }
  int backwardWeights() {
    return cudnnRNNBackwardWeights_v8(handle, rnn, 0, nullptr, xData, at(x), hTensor, at(hx), yData,
                                      at(y), weightBytes, at(gradients), workspaceBytes,
                                      at(workspace), reserveBytes, at(reserve));
  }

  Device& device;
  RnnCase c;
  void* handle = nullptr;
  void* rnn = nullptr;
  void* xData = nullptr;
  void* yData = nullptr;
  void* hTensor = nullptr;
  void* cTensor = nullptr;
  void* matrixTensor = nullptr;
  void* biasTensor = nullptr;
  size_t weightBytes = 0, workspaceBytes = 0, reserveBytes = 0;
  DevicePointer weights, gradients, workspace, reserve;
  DevicePointer x, dx, y, dy, hx, hy, dhx, dhy, cx, cy, dcx, dcy;

 private:
  void* data(int width) {
    void* d = nullptr;
    need(cudnnCreateRNNDataDescriptor(&d), "data descriptor");
    double fillDouble = -3;
    float fillFloat = -3;
    uint16_t fillHalf = sim::floatToF16(-3);
    const void* fill = c.type == kDouble ? static_cast<const void*>(&fillDouble)
                       : c.type == kHalf ? static_cast<const void*>(&fillHalf)
                                         : static_cast<const void*>(&fillFloat);
    need(cudnnSetRNNDataDescriptor(d, c.type, c.layout, c.maxLength, c.batch(), width,
                                   c.lengths.data(), c.hasFill ? fill : nullptr),
         "set data descriptor");
    return d;
  }
  void* tensor(int width) {
    void* t = nullptr;
    int sizes[] = {c.layers * c.directions(), c.batch(), width};
    int strides[] = {c.batch() * width, width, 1};
    need(cudnnCreateTensorDescriptor(&t), "tensor");
    need(cudnnSetTensorNdDescriptor(t, c.type, 3, sizes, strides), "set tensor");
    return t;
  }
  size_t elements(void* t) {
    int type, count, sizes[8], strides[8];
    need(cudnnGetTensorNdDescriptor(t, 8, &type, &count, sizes, strides), "get tensor");
    size_t product = count == 3 ? 1 : 0;
    for (int i = 0; i < count; ++i) product *= static_cast<size_t>(sizes[i]);
    return product;
  }
  DevicePointer numbersAt(size_t count) {
    DevicePointer p = device.allocate(count * sizeOf(c.type));
    put(p, numbers(count, ++seed_));
    return p;
  }
  template <class F>
  void forEachBlock(F f, DevicePointer space) {
    for (int layer = 0; layer < c.layers * c.directions(); ++layer) {
      for (int id = 0; id < c.ids(); ++id) {
        size_t matrixSize, biasSize;
        auto [matrix, bias] = find(space, {layer, id}, &matrixSize, &biasSize);
        f(Key{layer, id}, matrix, matrixSize, bias, biasSize);
      }
    }
  }

  unsigned seed_ = 100;
};

}  // namespace test
