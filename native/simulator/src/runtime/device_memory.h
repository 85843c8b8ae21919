// The simulated device's memory: one reserved range of addresses with two shadows.
//
// State shadow: one byte per 4-byte word; bit i says that byte i of the word may be accessed, bit
// 4 + i that it has been written. Race shadow: one WordHistory per word.
// Allocations are 256-byte aligned, lie at least 256 bytes apart and are reused as late as the
// address range allows, so that use after free is seen. Thread-safe; lives as long as the process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sim {

// Who touched a word last; packed as access_history.h says.
struct WordHistory {
  std::atomic<uint64_t> write;
  std::atomic<uint64_t> read;
};

struct Allocation {
  uintptr_t address;
  size_t size;
  uint64_t serial;
  bool host;  // pinned host memory
  const void* context;
};

class DeviceMemory {
 public:
  static DeviceMemory& instance();
  // Whether anything has used it, and so reserved its addresses.
  static bool isReserved();

  // Memory of the device is filled with 0xff bytes (NaN) and counts as never written; pinned host
  // memory counts as written. Returns 0 when the device's memory is used up.
  uintptr_t allocate(size_t size, bool host, const void* context);
  bool free(uintptr_t address, bool host);
  void freeAll(const void* context);

  // The live allocation that holds all of [address, address + size).
  bool find(uintptr_t address, size_t size, Allocation* found) const;
  std::vector<Allocation> live(const void* context) const;
  size_t bytesInUse() const { return inUse_; }

  uintptr_t base() const { return base_; }
  size_t capacity() const { return capacity_; }
  bool contains(uintptr_t address) const { return address - base_ < capacity_; }
  // "12 bytes after allocation #3 of 400 bytes at 0x…"; whether that allocation has been freed.
  std::string describe(uintptr_t address, bool* freed) const;

  uint8_t* state(uintptr_t address) const { return state_ + ((address - base_) >> 2); }
  WordHistory* history(uintptr_t address) const { return history_ + ((address - base_) >> 2); }

  // False at the first byte that may not be accessed or, where asked, was never written.
  bool isAccessible(uintptr_t address, size_t size, uintptr_t* firstBad) const;
  bool isWritten(uintptr_t address, size_t size, uintptr_t* firstBad) const;
  void markWritten(uintptr_t address, size_t size);
  void copyWritten(uintptr_t to, uintptr_t from, size_t size);

 private:
  DeviceMemory();
  bool bytesHave(uintptr_t address, size_t size, int shift, uintptr_t* firstBad) const;
  void releaseFreed();

  mutable std::mutex mutex_;
  uintptr_t base_ = 0;
  size_t capacity_ = 0;
  uint8_t* state_ = nullptr;
  WordHistory* history_ = nullptr;
  std::map<uintptr_t, Allocation> live_;
  std::map<uintptr_t, Allocation> freed_;
  std::map<uintptr_t, size_t> unreleased_;  // freed, by address; the system has not got it back yet
  size_t unreleasedBytes_ = 0;
  uintptr_t cursor_ = 0;
  uint64_t serial_ = 0;
  std::atomic<size_t> inUse_{0};
};

}  // namespace sim
