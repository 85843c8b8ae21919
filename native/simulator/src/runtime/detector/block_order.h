// What orders the blocks of a cooperative launch or of a cluster: atomic operations on words of
// global memory, and what cluster.h has.
//
// Every block has a vector clock: of every block of the launch, up to where its accesses come
// before what the own threads do now. A word that is released carries the clock of the releasing
// thread's block, a thread that acquires it takes that over, and hands it on to its block at the
// next barrier.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "access_history.h"

namespace sim {

// Up to where a block's accesses are seen: all before a barrier interval, and in it those that some
// threads had made before one of their releases, or their warps before one of their
// synchronisations.
struct Seen {
  struct Warp {
    unsigned number;
    unsigned phase;
    // Of the threads, by the releases before: what they did after so many is seen, too.
    std::array<uint32_t, stamp::kMostReleases + 1> lanes;
  };

  bool any = false;
  uint64_t interval = 0;
  std::vector<Warp> warps;

  void join(const Seen& other);
  // Whether the access that a stamp records is among these.
  bool covers(uint64_t record) const;
};

class BlockClock;
// As it stood when it was handed on: one for all that took it over.
using SharedClock = std::shared_ptr<const BlockClock>;

class BlockClock {
 public:
  explicit BlockClock(size_t blocks = 0) : seen_(blocks) {}

  void join(const BlockClock& other);
  // The join of two, without a copy where they are one.
  static SharedClock join(const SharedClock& a, const SharedClock& b);
  Seen& of(size_t block) { return seen_[block]; }
  const Seen& of(size_t block) const { return seen_[block]; }

 private:
  std::vector<Seen> seen_;
};

// The clocks of a launch's words. Held while an atomic operation and its effect on clocks happen,
// lest another comes between them.
class WordClocks {
 public:
  std::mutex& mutex() { return mutex_; }
  SharedClock& of(uintptr_t address, size_t blocks) {
    SharedClock& clock = clocks_[address];
    if (!clock) clock = std::make_shared<const BlockClock>(blocks);
    return clock;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<uintptr_t, SharedClock> clocks_;
};

// What an atomic operation does for the order of blocks.
enum class Effect { kAcquire, kRelease, kReleaseMore, kBoth };

}  // namespace sim
