#include "device_properties.h"

#include <algorithm>

#include "../runtime/options.h"

namespace sim {

// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
Multiprocessor multiprocessor() {
  int capability = options().capabilityMajor * 10 + options().capabilityMinor;
  switch (capability) {
    case 75:
      return {1024, 16, 64 << 10, 64 << 10};
    case 80:
    case 87:
      return {2048, 32, 164 << 10, 163 << 10};
    case 86:
      return {1536, 16, 100 << 10, 99 << 10};
    case 89:
      return {1536, 24, 100 << 10, 99 << 10};
    case 120:
      return {1536, 24, 100 << 10, 99 << 10};
    default:
      return {2048, 32, 228 << 10, 227 << 10};
  }
}

int residentBlocks(int threadsPerBlock, size_t sharedPerBlock) {
  Multiprocessor m = multiprocessor();
  int byThreads = m.threads / std::max(1, (threadsPerBlock + 31) / 32 * 32);
  int byShared = static_cast<int>(static_cast<size_t>(m.sharedBytes) / (sharedPerBlock + 1024));
  return std::min({byThreads, byShared, m.blocks});
}

int deviceAttribute(int attribute) {
  Multiprocessor m = multiprocessor();
  switch (attribute) {
    case 1:  // MAX_THREADS_PER_BLOCK
    case 2:  // MAX_BLOCK_DIM_X
    case 3:  // MAX_BLOCK_DIM_Y
      return kMaxThreadsPerBlock;
    case 4:  // MAX_BLOCK_DIM_Z
      return 64;
    case 5:  // MAX_GRID_DIM_X
      return 2147483647;
    case 6:  // MAX_GRID_DIM_Y
    case 7:  // MAX_GRID_DIM_Z
      return 65535;
    case 8:  // MAX_SHARED_MEMORY_PER_BLOCK
      return kDefaultDynamicShared;
    case 9:  // TOTAL_CONSTANT_MEMORY
      return 65536;
    case 10:  // WARP_SIZE
      return 32;
    case 12:  // MAX_REGISTERS_PER_BLOCK
    case 82:  // MAX_REGISTERS_PER_MULTIPROCESSOR
      return 65536;
    case 13:  // CLOCK_RATE, kHz
      return 1000000;
    case 14:  // TEXTURE_ALIGNMENT
      return 512;
    case 16:  // MULTIPROCESSOR_COUNT
      return options().multiprocessors;
    case 19:  // CAN_MAP_HOST_MEMORY
    case 31:  // CONCURRENT_KERNELS
    case 40:  // ASYNC_ENGINE_COUNT
    case 41:  // UNIFIED_ADDRESSING
    case 78:  // STREAM_PRIORITIES_SUPPORTED
    case 95:  // COOPERATIVE_LAUNCH
      return 1;
    case 36:  // MEMORY_CLOCK_RATE, kHz
      return 1000000;
    case 37:  // GLOBAL_MEMORY_BUS_WIDTH, bits
      return 1024;
    case 38:  // L2_CACHE_SIZE
      return 4 << 20;
    case 39:  // MAX_THREADS_PER_MULTIPROCESSOR
      return m.threads;
    case 75:  // COMPUTE_CAPABILITY_MAJOR
      return options().capabilityMajor;
    case 76:  // COMPUTE_CAPABILITY_MINOR
      return options().capabilityMinor;
    case 81:  // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
      return m.sharedBytes;
    case 97:  // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
      return m.sharedOptInBytes;
    case 106:  // MAX_BLOCKS_PER_MULTIPROCESSOR
      return m.blocks;
    case 111:  // RESERVED_SHARED_MEMORY_PER_BLOCK
      return 1024;
    default:
      return 0;
  }
}

}  // namespace sim
