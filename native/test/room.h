/// Memory that tests use again and again: a fresh page for every buffer takes longer than filling
/// it.
#ifndef GATEFOLD_TEST_ROOM_H
#define GATEFOLD_TEST_ROOM_H

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace check {

/// Aligned to a cache line. Under the address sanitizer what was given back may not be touched
/// until it is taken again, as late as can be, and nor may what lies behind its bytes.
class Room {
 public:
  static constexpr size_t kAlignment = 64;

  static void* take(size_t bytes) {
    size_t capacity = capacity_of(bytes);
    void* memory = instance().unused(capacity);
    if (memory == nullptr) memory = ::operator new(capacity, std::align_val_t(kAlignment));
    allow(memory, bytes, capacity);
    return memory;
  }

  static void give(void* memory, size_t bytes) {
    size_t capacity = capacity_of(bytes);
    allow(memory, 0, capacity);
    Room& room = instance();
    std::lock_guard<std::mutex> guard(room.mutex_);
    room.unused_[capacity].push_back(memory);
  }

 private:
  static Room& instance() {
    static auto* room = new Room;
    return *room;
  }

  /// With some behind that is nobody's; few different ones, an eighth larger each.
  static size_t capacity_of(size_t bytes) {
    size_t wanted = bytes + kAlignment, step = kAlignment;
    while (step * 16 < wanted) step *= 2;
    return (wanted + step - 1) / step * step;
  }

  /// The first bytes, and none behind them.
  static void allow([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes,
                    [[maybe_unused]] size_t capacity) {
#if defined(__SANITIZE_ADDRESS__)
    ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
    ASAN_POISON_MEMORY_REGION(static_cast<char*>(memory) + bytes, capacity - bytes);
#endif
  }

  void* unused(size_t capacity) {
    std::lock_guard<std::mutex> guard(mutex_);
    std::deque<void*>& all = unused_[capacity];
    if (all.empty()) return nullptr;
    void* memory = all.front();
    all.pop_front();
    return memory;
  }

  std::mutex mutex_;
  std::map<size_t, std::deque<void*>> unused_;
};

}  // namespace check

#endif
