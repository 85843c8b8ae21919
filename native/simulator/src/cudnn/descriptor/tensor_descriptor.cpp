#include "tensor_descriptor.h"

#include <cstdint>
#include <cstdlib>
#include <limits>

#include "../dnn_types.h"

namespace sim {
namespace {

constexpr int kMostDimensions = 8;
constexpr int kTensorTypes = 10;  // those above are not for plain tensors
constexpr int kFormatNchw = 0;
constexpr int kFormatNhwc = 1;

bool areSizes(const int* sizes, int count) {
  for (int i = 0; i < count; ++i) {
    if (sizes[i] <= 0) return false;
  }
  return true;
}

bool areStrides(const int* strides, int count) {
  for (int i = 0; i < count; ++i) {
    if (strides[i] == 0) return false;
  }
  return true;
}

// The real library numbers elements by 31 bits.
bool isAddressable(const int* sizes, const int* strides, int count) {
  int64_t last = 0;
  for (int i = 0; i < count; ++i) {
    last += static_cast<int64_t>(sizes[i] - 1) * std::abs(static_cast<int64_t>(strides[i]));
    if (last >= std::numeric_limits<int>::max()) return false;
  }
  return true;
}

int setStrided(TensorDescriptor* tensor, int type, int count, const int* sizes,
               const int* strides) {
  DNN_REFUSE_IF(kDnnBadParam, type < 0 || type >= kTensorTypes);
  DNN_REFUSE_IF(kDnnBadParam, !areSizes(sizes, count));
  DNN_REFUSE_IF(kDnnBadParam, !areStrides(strides, count));
  DNN_REFUSE_IF(kDnnNotSupported, !isAddressable(sizes, strides, count));
  tensor->isSet = true;
  tensor->type = type;
  tensor->sizes.assign(sizes, sizes + count);
  tensor->strides.assign(strides, strides + count);
  return kDnnSuccess;
}

// Strides of a packed tensor. NHWC: the second dimension is the fastest.
std::vector<int> stridesOf(const std::vector<int>& sizes, int format) {
  std::vector<int> strides(sizes.size());
  int stride = 1;
  if (format == kFormatNhwc) {
    strides[1] = 1;
    stride = sizes[1];
  }
  for (size_t i = sizes.size(); i-- > 0;) {
    if (format == kFormatNhwc && i == 1) continue;
    strides[i] = stride;
    stride *= sizes[i];
  }
  return strides;
}

int setFormatted(TensorDescriptor* tensor, int format, int type, const std::vector<int>& sizes) {
  DNN_REFUSE_IF(kDnnBadParam, format != kFormatNchw && format != kFormatNhwc);
  DNN_REFUSE_IF(kDnnBadParam, !areSizes(sizes.data(), static_cast<int>(sizes.size())));
  return setStrided(tensor, type, static_cast<int>(sizes.size()), sizes.data(),
                    stridesOf(sizes, format).data());
}

}  // namespace

size_t TensorDescriptor::elements() const {
  size_t count = sizes.empty() ? 0 : 1;
  for (int size : sizes) count *= static_cast<size_t>(size);
  return count;
}

bool TensorDescriptor::isFullyPacked() const { return strides == stridesOf(sizes, kFormatNchw); }

size_t typeSize(int type) {
  switch (type) {
    case 1:  // double
      return 8;
    case 2:  // half
    case 9:  // bfloat16
      return 2;
    case 3:  // int8
    case 6:  // uint8
      return 1;
    case 8:  // int8x32
      return 32;
    default:
      return 4;
  }
}

void setPacked(TensorDescriptor* tensor, int type, const std::vector<int>& sizes) {
  tensor->isSet = true;
  tensor->type = type;
  tensor->sizes = sizes;
  tensor->strides = stridesOf(sizes, kFormatNchw);
}

}  // namespace sim

using sim::TensorDescriptor;

SIM_API cudnnCreateTensorDescriptor(TensorDescriptor** tensor) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !tensor);
  *tensor = sim::Registry<TensorDescriptor>::instance().create();
  return sim::kDnnSuccess;
}

SIM_API cudnnDestroyTensorDescriptor(TensorDescriptor* tensor) {
  if (!tensor) return sim::kDnnSuccess;
  bool destroyed = sim::Registry<TensorDescriptor>::instance().destroy(tensor);
  DNN_REFUSE_IF(sim::kDnnBadParam, !destroyed);
  return sim::kDnnSuccess;
}

SIM_API cudnnSetTensorNdDescriptor(TensorDescriptor* tensor, int type, int count, const int* sizes,
                                   const int* strides) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(tensor));
  DNN_REFUSE_IF(sim::kDnnBadParam, !sizes || !strides || count < 2);
  DNN_REFUSE_IF(sim::kDnnNotSupported, count > sim::kMostDimensions);
  return sim::setStrided(tensor, type, count, sizes, strides);
}

SIM_API cudnnSetTensorNdDescriptorEx(TensorDescriptor* tensor, int format, int type, int count,
                                     const int* sizes) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(tensor));
  DNN_REFUSE_IF(sim::kDnnBadParam, !sizes || count < 2);
  DNN_REFUSE_IF(sim::kDnnNotSupported, count > sim::kMostDimensions);
  return sim::setFormatted(tensor, format, type, std::vector<int>(sizes, sizes + count));
}

SIM_API cudnnSetTensor4dDescriptor(TensorDescriptor* tensor, int format, int type, int n, int c,
                                   int h, int w) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(tensor));
  return sim::setFormatted(tensor, format, type, {n, c, h, w});
}

SIM_API cudnnSetTensor4dDescriptorEx(TensorDescriptor* tensor, int type, int n, int c, int h, int w,
                                     int strideN, int strideC, int strideH, int strideW) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(tensor));
  const int sizes[] = {n, c, h, w};
  const int strides[] = {strideN, strideC, strideH, strideW};
  return sim::setStrided(tensor, type, 4, sizes, strides);
}

SIM_API cudnnGetTensorNdDescriptor(TensorDescriptor* tensor, int requested, int* type, int* count,
                                   int* sizes, int* strides) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(tensor));
  DNN_REFUSE_IF(sim::kDnnBadParam, requested < 0);
  DNN_REFUSE_IF(sim::kDnnNotSupported, requested > sim::kMostDimensions);
  if (type) *type = tensor->type;
  if (count) *count = static_cast<int>(tensor->sizes.size());
  for (size_t i = 0; i < tensor->sizes.size() && i < static_cast<size_t>(requested); ++i) {
    if (sizes) sizes[i] = tensor->sizes[i];
    if (strides) strides[i] = tensor->strides[i];
  }
  return sim::kDnnSuccess;
}

SIM_API cudnnGetTensorSizeInBytes(TensorDescriptor* tensor, size_t* bytes) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(tensor) || !bytes);
  size_t last = tensor->sizes.empty() ? 0 : 1;
  for (size_t i = 0; i < tensor->sizes.size(); ++i) {
    last += static_cast<size_t>(tensor->sizes[i] - 1) *
            static_cast<size_t>(std::abs(tensor->strides[i]));
  }
  *bytes = last * sim::typeSize(tensor->type);
  return sim::kDnnSuccess;
}
