// Dropout: its rate and the random state in device memory that its masks are drawn from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

struct DropoutDescriptor {
  bool isSet = false;
  float rate = 0;
  void* states = nullptr;
  size_t statesSize = 0;
  uint64_t seed = 0;
};

// Draws `count` factors, 0 or 1/(1-rate), and moves the state on. For a body on a stream: returns
// a driver status, an error where the state was never initialised.
int drawDropoutMask(const DropoutDescriptor& dropout, size_t count, double* factors);

}  // namespace sim
