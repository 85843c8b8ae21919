#include "device_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "options.h"

namespace sim {
namespace {

constexpr size_t kAlignment = 256;
constexpr size_t kRedZone = 256;
constexpr size_t kPage = 4096;

// Bytes of memory of whose state a page tells.
constexpr size_t kSharedPage = 4 * kPage;

// Freed memory is given back to the system by so much at a time: each time takes as long as a small
// kernel.
constexpr size_t kMostUnreleased = size_t{4} << 20;

size_t roundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

void* reserve(size_t size) {
  void* result = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (result == MAP_FAILED) {
    std::perror("simulated device: cannot reserve address space");
    std::abort();
  }
  return result;
}

// Gives whole pages back to the system; they read as zero afterwards.
void release(void* start, size_t size) {
  uintptr_t low = roundUp(reinterpret_cast<uintptr_t>(start), kPage);
  uintptr_t high = (reinterpret_cast<uintptr_t>(start) + size) / kPage * kPage;
  if (low < high) madvise(reinterpret_cast<void*>(low), high - low, MADV_DONTNEED);
}

// Fills memory with zeros, of which the system provides whole pages when they are touched.
void clear(uintptr_t start, size_t size) {
  uintptr_t end = start + size;
  uintptr_t low = std::min(end, roundUp(start, kPage));
  uintptr_t high = std::max(low, end / kPage * kPage);
  std::memset(reinterpret_cast<void*>(start), 0, low - start);
  release(reinterpret_cast<void*>(low), high - low);
  std::memset(reinterpret_cast<void*>(high), 0, end - high);
}

/// Where the next allocation may begin.
uintptr_t end(const Allocation& a) { return a.address + roundUp(a.size, kAlignment) + kRedZone; }

std::string offsetText(uintptr_t address, const Allocation& a) {
  char text[160];
  if (address < a.address) {
    std::snprintf(text, sizeof text, "%zu bytes before", static_cast<size_t>(a.address - address));
  } else if (address >= a.address + a.size) {
    std::snprintf(text, sizeof text, "%zu bytes after the end of",
                  static_cast<size_t>(address - a.address - a.size));
  } else {
    std::snprintf(text, sizeof text, "byte %zu of", static_cast<size_t>(address - a.address));
  }
  return text;
}

std::atomic<bool> reserved{false};

}  // namespace

bool DeviceMemory::isReserved() { return reserved; }

DeviceMemory& DeviceMemory::instance() {
  static auto* memory = new DeviceMemory;
  return *memory;
}

DeviceMemory::DeviceMemory() {
  capacity_ = roundUp(options().memoryBytes * 4, size_t{1} << 20);
  base_ = roundUp(reinterpret_cast<uintptr_t>(reserve(capacity_ + kAlignment)), kAlignment);
  state_ = static_cast<uint8_t*>(reserve(capacity_ / 4));
  history_ = static_cast<WordHistory*>(reserve(capacity_ / 4 * sizeof(WordHistory)));
  cursor_ = base_ + kRedZone;
  reserved = true;
}

uintptr_t DeviceMemory::allocate(size_t size, bool host, const void* context) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (size == 0 || size > options().memoryBytes ||
      (!host && inUse_ + size > options().memoryBytes)) {
    return 0;
  }
  size_t room = roundUp(size, kAlignment) + kRedZone;
  bool wrapped = false;
  uintptr_t place = cursor_;
  for (;;) {
    if (place + room > base_ + capacity_) {
      if (wrapped) return 0;
      wrapped = true;
      place = base_ + kRedZone;
      continue;
    }
    auto next = live_.lower_bound(place);
    if (next != live_.begin()) {
      const Allocation& before = std::prev(next)->second;
      if (end(before) > place) {
        place = end(before);
        continue;
      }
    }
    if (next != live_.end() && next->second.address < place + room) {
      place = end(next->second);
      continue;
    }
    break;
  }
  cursor_ = place + room;
  auto unreleased = unreleased_.lower_bound(place + room);
  if (unreleased != unreleased_.begin()) {
    --unreleased;
    if (unreleased->first + unreleased->second > place) releaseFreed();
  }
  for (auto it = freed_.lower_bound(place); it != freed_.end() && it->first < place + room;) {
    it = freed_.erase(it);
  }
  live_[place] = {place, size, ++serial_, host, context};
  if (!host) {
    inUse_ += size;
    std::memset(reinterpret_cast<void*>(place), 0xff, size);
  } else {
    clear(place, size);
  }
  uint8_t* s = state(place);
  uint8_t whole = host ? 0xff : 0x0f;
  std::memset(s, whole, size / 4);
  if (size % 4 != 0) {
    auto tail = static_cast<uint8_t>((1u << (size % 4)) - 1);
    s[size / 4] = static_cast<uint8_t>(host ? tail | tail << 4 : tail);
  }
  return place;
}

bool DeviceMemory::free(uintptr_t address, bool host) {
  std::lock_guard<std::mutex> guard(mutex_);
  auto found = live_.find(address);
  if (found == live_.end() || found->second.host != host) return false;
  const Allocation& a = found->second;
  std::memset(state(a.address), 0, (a.size + 3) / 4);
  if (!host) inUse_ -= a.size;
  freed_[address] = a;
  unreleased_[address] = a.size;
  unreleasedBytes_ += roundUp(a.size, kAlignment) + kRedZone;
  live_.erase(found);
  if (unreleasedBytes_ >= kMostUnreleased) releaseFreed();
  return true;
}

void DeviceMemory::releaseFreed() {
  uintptr_t low = 0;
  uintptr_t high = 0;
  auto releaseRange = [&] {
    if (low == high) return;
    release(reinterpret_cast<void*>(low), high - low);
    release(state(low), (high - low) / 4);
    release(history(low), (high - low) / 4 * sizeof(WordHistory));
  };
  for (const auto& [address, size] : unreleased_) {
    // Small allocations share pages, which are free when the last of them is.
    auto after = live_.lower_bound(address);
    uintptr_t first = after == live_.begin() ? base_ : end(std::prev(after)->second);
    uintptr_t last = after == live_.end() ? base_ + capacity_ : after->second.address;
    first = std::max(first, address - std::min(address - base_, kSharedPage));
    last = std::min(last, roundUp(address + size + kSharedPage, kAlignment));
    if (first > high) {
      releaseRange();
      low = first;
    }
    high = last;
  }
  releaseRange();
  unreleased_.clear();
  unreleasedBytes_ = 0;
}

void DeviceMemory::freeAll(const void* context) {
  for (const Allocation& a : live(context)) free(a.address, a.host);
}

bool DeviceMemory::find(uintptr_t address, size_t size, Allocation* found) const {
  std::lock_guard<std::mutex> guard(mutex_);
  auto next = live_.upper_bound(address);
  if (next == live_.begin()) return false;
  const Allocation& a = std::prev(next)->second;
  if (address - a.address > a.size || size > a.size - (address - a.address)) return false;
  if (found) *found = a;
  return true;
}

std::vector<Allocation> DeviceMemory::live(const void* context) const {
  std::lock_guard<std::mutex> guard(mutex_);
  std::vector<Allocation> result;
  for (const auto& entry : live_) {
    if (!context || entry.second.context == context) result.push_back(entry.second);
  }
  return result;
}

std::string DeviceMemory::describe(uintptr_t address, bool* freed) const {
  std::lock_guard<std::mutex> guard(mutex_);
  *freed = false;
  const Allocation* nearest = nullptr;
  size_t least = ~size_t{0};
  auto consider = [&](const std::map<uintptr_t, Allocation>& map, bool isFreed) {
    auto next = map.upper_bound(address);
    auto test = [&](const Allocation& a) {
      size_t distance = address < a.address             ? a.address - address
                        : address >= a.address + a.size ? address - a.address - a.size + 1
                                                        : 0;
      if (distance < least) {
        least = distance;
        nearest = &a;
        *freed = isFreed && distance == 0;
      }
    };
    if (next != map.end()) test(next->second);
    if (next != map.begin()) test(std::prev(next)->second);
  };
  consider(live_, false);
  consider(freed_, true);
  if (!nearest) return "no allocation is near";
  char text[160];
  std::snprintf(text, sizeof text, " %sallocation #%llu of %zu bytes at 0x%llx",
                *freed ? "freed " : "", static_cast<unsigned long long>(nearest->serial),
                nearest->size, static_cast<unsigned long long>(nearest->address));
  return offsetText(address, *nearest) + text;
}

bool DeviceMemory::bytesHave(uintptr_t address, size_t size, int shift, uintptr_t* firstBad) const {
  auto wholeMask = static_cast<uint8_t>(0x0f << shift);
  for (uintptr_t a = address; a < address + size;) {
    uint8_t s = contains(a) ? *state(a) : 0;
    if (a % 4 == 0 && address + size - a >= 4 && (s & wholeMask) == wholeMask) {
      a += 4;
      continue;
    }
    if (!((s >> (shift + a % 4)) & 1)) {
      if (firstBad) *firstBad = a;
      return false;
    }
    ++a;
  }
  return true;
}

bool DeviceMemory::isAccessible(uintptr_t address, size_t size, uintptr_t* firstBad) const {
  return bytesHave(address, size, 0, firstBad);
}

bool DeviceMemory::isWritten(uintptr_t address, size_t size, uintptr_t* firstBad) const {
  return bytesHave(address, size, 4, firstBad);
}

void DeviceMemory::markWritten(uintptr_t address, size_t size) {
  uintptr_t end = address + size;
  while (address < end) {
    if (address % 4 == 0 && end - address >= 4) {
      size_t words = (end - address) / 4;
      std::memset(state(address), 0xff, words);
      address += words * 4;
    } else {
      *state(address) |= static_cast<uint8_t>(0x10u << address % 4);
      ++address;
    }
  }
}

void DeviceMemory::copyWritten(uintptr_t to, uintptr_t from, size_t size) {
  for (size_t i = 0; i < size;) {
    if (to % 4 == 0 && from % 4 == 0 && size - i >= 4) {
      *state(to + i) = *state(from + i);
      i += 4;
      continue;
    }
    uint8_t written = (*state(from + i) >> (4 + (from + i) % 4)) & 1;
    uint8_t bit = static_cast<uint8_t>(0x10u << (to + i) % 4);
    uint8_t* s = state(to + i);
    *s = static_cast<uint8_t>(written ? *s | bit : *s & ~bit);
    ++i;
  }
}

}  // namespace sim
