// Grid-stride loops: a thread handles elements first_element(), first_element() + grid_size(), ...
#pragma once

namespace gatefold {

__device__ __forceinline__ long long first_element() {
  return static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ long long grid_size() {
  return static_cast<long long>(gridDim.x) * blockDim.x;
}

}  // namespace gatefold
