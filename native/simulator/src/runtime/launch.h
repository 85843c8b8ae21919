// The run of one kernel over its grid.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "counters.h"
#include "detector/block_order.h"
#include "image/image.h"

namespace sim {

class Cluster;

struct Index3 {
  unsigned x, y, z;
};

// The values of a kernel's parameters, copied when it is launched.
class Arguments {
 public:
  Arguments(const SimKernel& kernel, void** values);
  // From one buffer with every value at its alignment; `fits` says whether it was long enough.
  Arguments(const SimKernel& kernel, const char* buffer, size_t size, bool* fits);
  void** pointers() { return pointers_.data(); }

 private:
  void place(const SimKernel& kernel);
  std::vector<uint64_t> storage_;  // 8-byte words: values of up to 16-byte alignment, see place()
  std::vector<void*> pointers_;
};

// Shared by the operating-system threads that run its blocks.
struct Launch {
  std::shared_ptr<const Image> image;
  const SimKernel* kernel = nullptr;
  Index3 grid{1, 1, 1};
  Index3 block{1, 1, 1};
  unsigned dynamicShared = 0;  // bytes
  std::shared_ptr<Arguments> arguments;
  bool cooperative = false;
  Cluster* cluster = nullptr;  // under way; null where a kernel has none
  bool inGraph = false;

  uint64_t firstBlock = 0;  // number of block 0 over all launches
  unsigned blocks = 0;
  std::atomic<unsigned> next{0};  // in the order in which blocks are run
  unsigned end = 0;               // of those that are run now
  std::atomic<bool> aborted{false};
  std::atomic<int> status{0};
  WordClocks wordClocks;

  // Blocks of a cluster; 1 where a kernel has none.
  unsigned clusterSize() const;
  // The number of the block that is run after `place` others: those of a cluster together.
  unsigned blockAt(unsigned place) const;
};

// Runs every block and returns CUDA_SUCCESS or the launch error of the first finding. Blocks of a
// cooperative launch or of a cluster run side by side, clusters one after the other. Callable from
// several threads at once.
int runLaunch(Launch& launch);

}  // namespace sim
