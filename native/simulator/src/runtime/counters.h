// Counts of what the simulated device did, per kernel and for copies.
#pragma once

#include <cstdint>
#include <string>

namespace sim {

// Sums over all launches of one kernel. "Distinct" bytes count each 4-byte word once per launch:
// the least that has to come from or go to memory outside the block's own registers.
struct KernelCounts {
  uint64_t launches = 0;
  uint64_t graphLaunches = 0;  // of the launches, those as nodes of a graph
  uint64_t blocks = 0;
  uint64_t threads = 0;
  uint64_t globalReadBytes = 0;
  uint64_t globalWriteBytes = 0;
  uint64_t globalReadDistinctBytes = 0;
  uint64_t globalWriteDistinctBytes = 0;
  uint64_t sharedReadBytes = 0;
  uint64_t sharedWriteBytes = 0;
  uint64_t clusterWriteBytes = 0;  // to shared memory of blocks of the cluster, by st.async
  uint64_t atomics = 0;
  uint64_t blockBarriers = 0;  // once per block and barrier
  uint64_t warpOperations = 0;
  uint64_t mmaFlops = 0;
  uint64_t otherFlops = 0;  // of the matrix library
  double milliseconds = 0;

  void add(const KernelCounts& other);
};

enum class CopyKind { kHostToDevice, kDeviceToHost, kDeviceToDevice, kPeer, kFill };

void countKernel(const std::string& kernel, const KernelCounts& counts);
void countCopy(CopyKind kind, uint64_t bytes, bool inGraph);
void countSubmission();
void countGraphMade();
void countGraphLaunch(uint64_t nodes);
void resetCounts();

// Launches of kernels since the process began, whatever was reset.
uint64_t launchesSoFar();

// {"kernels":{"name":{"launches":1,…},…},"copies":{"hostToDevice":{"count":…,"bytes":…},…},
//  "graphs":{"made":…,"launches":…,"nodes":…},"submissions":…}
std::string countsAsJson();

}  // namespace sim
