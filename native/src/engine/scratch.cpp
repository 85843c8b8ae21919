#include "engine/scratch.h"

#include <cstdlib>

namespace gatefold {
namespace {

class Scratch {
 public:
  ~Scratch() { std::free(memory_); }

  float* get(int64_t floats) {
    if (floats > size_) {
      std::free(memory_);
      memory_ = nullptr;
      size_ = 0;
      void* made = nullptr;
      if (posix_memalign(&made, 64, static_cast<size_t>(floats) * sizeof(float)) != 0) {
        return nullptr;
      }
      memory_ = static_cast<float*>(made);
      size_ = floats;
    }
    return memory_;
  }

 private:
  float* memory_ = nullptr;
  int64_t size_ = 0;
};

thread_local Scratch kept[4];

}  // namespace

float* scratch(ScratchUse use, int64_t floats) { return kept[static_cast<int>(use)].get(floats); }

}  // namespace gatefold
