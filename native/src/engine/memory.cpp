#include <cstdlib>
#include <cstring>

#include "engine/engine.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <sys/sysinfo.h>
#endif

namespace {

constexpr int64_t kCacheLine = 64;
constexpr int64_t kHugePage = int64_t{2} << 20;

/// Memory and swap of this machine; INT64_MAX where the system does not say. Where it overcommits,
/// it grants more than that, and kills the process once it is used.
int64_t machine_memory() {
#if defined(__linux__)
  struct sysinfo info;
  if (sysinfo(&info) == 0) {
    return static_cast<int64_t>((info.totalram + info.totalswap) * info.mem_unit);
  }
#endif
  return INT64_MAX;
}

}  // namespace

extern "C" int gf_alloc(int64_t bytes, void** memory) {
  if (bytes <= 0 || memory == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  *memory = nullptr;
  bool huge = bytes >= kHugePage;
  int64_t alignment = huge ? kHugePage : kCacheLine;
  if (bytes > INT64_MAX - alignment || bytes > machine_memory()) {
    return GF_OUT_OF_MEMORY;
  }
  int64_t rounded = (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
  void* made = nullptr;
  if (posix_memalign(&made, static_cast<size_t>(alignment), static_cast<size_t>(rounded)) != 0) {
    return GF_OUT_OF_MEMORY;
  }
#if defined(__linux__)
  if (huge) {
    // A hint: fewer page faults and TLB misses where the system has huge pages.
    madvise(made, static_cast<size_t>(rounded / kHugePage * kHugePage), MADV_HUGEPAGE);
  }
#endif
  *memory = made;
  return GF_OK;
}

extern "C" int gf_free(void* memory) {
  std::free(memory);
  return GF_OK;
}

extern "C" int gf_copy(gf_engine* engine, void* destination, const void* source, int64_t bytes) {
  if (engine == nullptr || destination == nullptr || source == nullptr || bytes < 0) {
    return GF_INVALID_ARGUMENT;
  }
  char* to = static_cast<char*>(destination);
  const char* from = static_cast<const char*>(source);
  gatefold::parallel_for(engine, bytes, 256 << 10, kCacheLine, [=](int64_t begin, int64_t end) {
    std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin));
  });
  return GF_OK;
}

extern "C" int gf_fill(gf_engine* engine, float* destination, int64_t count, float value) {
  if (engine == nullptr || destination == nullptr || count < 0) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(engine, count, 64 << 10, 16, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      destination[i] = value;
    }
  });
  return GF_OK;
}
