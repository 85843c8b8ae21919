// What the blocks of a thread-block cluster have in common: its barrier, and writes to each other's
// shared memory that are under way.
//
// Shared memory is the storage of the operating-system thread that runs the block, and only that
// thread touches it: what a peer writes waits in an inbox until the block looks at the mbarrier on
// which it completes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "detector/block_order.h"

namespace sim {

// A write to another block's shared memory, as st.async makes it. Offsets are those in the module's
// shared memory, which is laid out alike in all blocks.
struct RemoteWrite {
  uintptr_t to;
  uintptr_t barrier;
  unsigned size;
  unsigned char value[16];
  unsigned sender;   // number of its block
  uint64_t stamp;    // of the access, without its bytes
  SharedClock seen;  // by the sending thread, but for its own block
  Seen own;          // of that
  uint64_t sentAt;   // on the device's timer

  // Whether the access that a stamp of another block's record tells of comes before.
  bool isAfter(uint64_t record, size_t block) const { return of(block).covers(record); }
  const Seen& of(size_t block) const { return block == sender ? own : seen->of(block); }
};

// An mbarrier in shared memory.
struct Mbarrier {
  unsigned count;     // arrivals of a phase
  unsigned pending;   // of these, those still to come
  int64_t bytes = 0;  // expected and not yet written; below 0 where writes come first
  unsigned phase = 0;
  SharedClock completed;  // of all that the last complete phase waited for
  BlockClock current;
  SharedClock joined;    // the last of those that went into it
  uint64_t initialised;  // the barrier interval of the block in which it was

  Mbarrier(unsigned arrivals, size_t blocks, uint64_t interval)
      : count(arrivals),
        pending(arrivals),
        completed(std::make_shared<const BlockClock>(blocks)),
        current(blocks),
        initialised(interval) {}

  // Ends the phase if nothing is awaited in it any more.
  void advance();
};

// Thread-safe.
class Cluster {
 public:
  // size: blocks; blocks: of the launch.
  Cluster(unsigned size, size_t blocks);

  unsigned size() const { return size_; }

  // All threads of a block have arrived at the barrier, which know of what is in the clock.
  void arrive(const BlockClock& clock);
  // The phases of the barrier that are over; if more are than `known`, `clock` is of what all had
  // seen in the last of them.
  unsigned phases(unsigned known, SharedClock* clock);
  // A block has exited: the barrier does not wait for it. The clock is of its threads that arrived
  // at it and exited then.
  void leave(const BlockClock& clock);

  // False if the block with that rank has exited.
  bool send(unsigned rank, const RemoteWrite& write);
  // Leaves the processor to others, but not for long, until so many bytes are under way to a block,
  // or more than so many phases of the barrier are over; 0 and kNoPhases: not for that.
  static constexpr unsigned kNoPhases = ~0u;
  void awaitNews(unsigned rank, int64_t bytes, unsigned phases);
  // Takes those of a block's writes under way that `now` picks.
  std::vector<RemoteWrite> receive(unsigned rank,
                                   const std::function<bool(const RemoteWrite&)>& now);
  // The block exits. Writes to it that are still under way.
  std::vector<RemoteWrite> close(unsigned rank);

 private:
  void advance();

  struct Inbox {
    bool closed = false;
    std::vector<RemoteWrite> writes;
    std::atomic<bool> any{false};  // of these
    int64_t bytes = 0;             // of these
    int64_t wanted = 0;            // by who waits
    std::condition_variable news;
  };

  const unsigned size_;
  std::mutex mutex_;
  unsigned blocks_;  // that have not exited
  unsigned arrived_ = 0;
  std::atomic<unsigned> phases_{0};  // that are over
  SharedClock completed_;
  BlockClock current_;
  std::vector<Inbox> inboxes_;
};

}  // namespace sim
