// The properties of the simulated device, by its compute capability.
#pragma once

#include <cstddef>

namespace sim {

constexpr int kLastDeviceAttribute = 140;
constexpr int kMaxThreadsPerBlock = 1024;
constexpr unsigned kDefaultDynamicShared = 49152;

// Value of a CUdevice_attribute; 0 for one that says nothing about this device.
int deviceAttribute(int attribute);

struct Multiprocessor {
  int threads;
  int blocks;
  int sharedBytes;       // of all blocks on it, 1 KiB of each block reserved
  int sharedOptInBytes;  // most that one block can have
};

Multiprocessor multiprocessor();

// Blocks of one kernel that fit on a multiprocessor.
int residentBlocks(int threadsPerBlock, size_t sharedPerBlock);

}  // namespace sim
