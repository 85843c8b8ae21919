// A module's code: the shared object an image consists of, loaded into the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../../../device/simulated_abi.h"

namespace sim {

struct SharedVariable {
  size_t offset;  // in the module's block of thread-local storage
  size_t size;
};

// Owns the loaded object; unloaded by the destructor. Immutable, so any thread may use it.
class Image {
 public:
  // Of the bytes of a shared object, or of the text that stands for PTX. Null and a reason on
  // error.
  static std::unique_ptr<Image> load(const void* bytes, std::string* error);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  const SimKernel* kernel(const std::string& name) const;
  // Bytes of static shared memory: of the kernel's own variables and those of no particular kernel.
  size_t staticShared(const std::string& kernelName) const;

  // The calling thread's copy of the module's shared memory; null where it has none.
  char* sharedBase() const;
  size_t sharedSize() const { return tlsSize_; }
  const std::vector<SharedVariable>& sharedVariables() const { return shared_; }
  bool hasDynamicShared() const { return hasDynamic_; }
  size_t dynamicSharedOffset() const { return dynamicOffset_; }

  bool ownsData(uintptr_t address) const { return address - low_ < high_ - low_; }

  void add(const SimKernel* kernel) { kernels_[kernel->name] = kernel; }

 private:
  Image() = default;
  void readSymbols(const char* bytes);
  bool locate();

  struct NamedVariable {
    std::string name;
    size_t offset;
    size_t size;
  };

  int file_ = -1;
  void* handle_ = nullptr;
  std::map<std::string, const SimKernel*> kernels_;
  std::vector<NamedVariable> tlsNames_;
  std::vector<SharedVariable> shared_;
  size_t tlsModule_ = 0;
  size_t tlsSize_ = 0;
  bool hasDynamic_ = false;
  size_t dynamicOffset_ = 0;
  uintptr_t low_ = 0;
  uintptr_t high_ = 0;
};

}  // namespace sim
