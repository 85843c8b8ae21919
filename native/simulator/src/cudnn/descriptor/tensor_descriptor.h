// Tensors: type, sizes and strides.
#pragma once

#include <cstddef>
#include <vector>

namespace sim {

struct TensorDescriptor {
  bool isSet = false;
  int type = 0;
  std::vector<int> sizes;
  std::vector<int> strides;

  size_t elements() const;
  // Whether the elements lie one after the other in the order of the dimensions.
  bool isFullyPacked() const;
};

size_t typeSize(int type);

// Sets strides for a packed tensor, the last dimension fastest.
void setPacked(TensorDescriptor* tensor, int type, const std::vector<int>& sizes);

}  // namespace sim
