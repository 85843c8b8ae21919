// Finds the kernels of a preprocessed source.
#pragma once

#include <string>
#include <vector>

namespace sim {

struct FoundKernel {
  std::string name;
  std::string maxThreads;  // expression of __launch_bounds__, "0" = none
  std::string cluster;     // arguments of __cluster_dims__ in parentheses, "()" = none
  bool isTemplate;
  bool isExternC;
};

// Lists the functions behind the marker of __global__ and blanks the markers of __global__,
// __launch_bounds__ and __cluster_dims__ in `text`, which stay on their lines.
std::vector<FoundKernel> scanKernels(std::string* text);

// The text that registers a kernel, to stand at the end of its source. `reference` names the
// function in an expression, `name` is what the driver calls it.
std::string registration(size_t number, const std::string& reference, const std::string& name,
                         const std::string& maxThreads, const std::string& cluster);

}  // namespace sim
