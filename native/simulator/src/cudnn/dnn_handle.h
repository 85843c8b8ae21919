// The handle of the simulated cuDNN.
#pragma once

#include <functional>

#include "dnn_types.h"

namespace sim {

struct DnnHandle {
  void* stream = nullptr;
};

// Puts a body that returns a driver status on the handle's stream, or into its graph.
int submitDnn(const DnnHandle* handle, std::function<int(bool inGraph)> body);

}  // namespace sim
