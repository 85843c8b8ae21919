// One block of threads under way on the calling operating-system thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "cluster.h"
#include "counters.h"
#include "detector/access_history.h"
#include "detector/block_order.h"
#include "detector/findings.h"
#include "device_memory.h"
#include "fiber.h"
#include "launch.h"
#include "options.h"

namespace sim {

enum class ThreadState : uint8_t { kNew, kReady, kAtBarrier, kAtWarp, kAtCluster, kDone };

struct AsyncCopy {
  char* to;
  const char* from;
  unsigned size;
  unsigned sourceSize;
  unsigned group;
};

using WarpFunction = void (*)(void** lanes, unsigned mask);

// What a thread asked its warp for; compared between the lanes.
struct WarpRequest {
  int operation = 0;
  unsigned mask = 0;
  uint64_t value = 0;
  int argument = 0;
  int width = 32;
  WarpFunction function = nullptr;
};

constexpr uint64_t kNever = ~uint64_t{0};

struct DeviceThread {
  ThreadState state = ThreadState::kNew;
  bool yielded = false;
  Stack* stack = nullptr;
  Index3 index{};
  unsigned number = 0;
  const char* file = nullptr;  // of the barrier or warp operation it waits at
  int line = 0;
  int barrierKind = 0;
  int predicate = 0;
  int barrierResult = 0;
  WarpRequest warp;
  uint64_t acquiredIn = kNever;   // interval in which it took over another clock
  SharedClock acquired;           // of all that it took over then
  unsigned releases = 0;          // in this interval, see stamp::releases
  bool accessed = false;          // memory since the last of them
  bool atClusterBarrier = false;  // has arrived and not waited
  unsigned clusterPhase = 0;
  unsigned copyGroup = 0;
  std::vector<AsyncCopy> copies;
};

struct Warp {
  unsigned arrived = 0;  // lanes that wait in a warp operation
  unsigned phase = 0;    // warp synchronisations since the last barrier of the block
};

// One instance per operating-system thread, used again for block after block.
class Block {
 public:
  // Runs block `index` of the launch to its end, or to the first finding.
  void run(Launch& launch, unsigned linearIndex);

  DeviceThread& running() { return *running_; }
  // Leaves the running thread until the scheduler picks it again.
  void suspend();
  // Records a finding of the running thread and ends the launch; does not return.
  [[noreturn]] void fail(FindingKind kind, const std::string& text);
  // "kernel k, block (…), thread (…)"
  std::string where(const DeviceThread& thread) const;
  static std::string site(const DeviceThread& thread);

  int barrier(int kind, int predicate, const char* file, int line);
  uint64_t warp(const WarpRequest& request, const char* file, int line);
  unsigned activeMask() const;

  // Checks and counts one access of the running thread; on a finding it does not return.
  void access(uintptr_t address, unsigned size, bool write, bool atomic);
  // The same for a plain access of kWords aligned words; fast where the words are in order.
  template <bool kWrite, unsigned kWords>
  void accessWords(uintptr_t address);

  // Before the running thread releases: now and then the block is late, where the schedule is
  // random.
  void linger();
  // Held over an atomic operation of the running thread and order(), where blocks are ordered by
  // it.
  std::unique_lock<std::mutex> orderLock(uintptr_t address);
  void order(uintptr_t address, Effect effect);

  // Of a cluster, and mbarriers in its blocks' shared memory, as common/ptx.cuh explains them.
  unsigned clusterRank() const { return cluster_ ? rank_ : 0; }
  unsigned clusterSize() const;
  void clusterArrive();
  void clusterWait();
  void initialiseMbarrier(uintptr_t address, unsigned count);
  void arriveExpecting(uintptr_t address, unsigned bytes);
  bool tryWait(uintptr_t address, unsigned parity);
  void storeAsync(uintptr_t to, const void* value, unsigned size, uintptr_t barrier, unsigned rank);

  Launch* launch = nullptr;
  KernelCounts counts;
  unsigned checks = 0;

 private:
  static void threadMain();
  void begin(unsigned linearIndex);
  void prepareShared();
  void forgetShared();
  void schedule();
  bool pass(unsigned* ran, unsigned* spinning);
  uint64_t draw();
  void resume(DeviceThread& thread);
  bool releaseBarrier();
  void completeWarp(Warp& warp, DeviceThread& last);
  uint64_t lanesResult(const WarpRequest& request, unsigned lane, DeviceThread* lanes,
                       unsigned laneCount, unsigned votes, uint64_t reduced);
  void reportStuck();
  bool spinTooLong();
  void failOutside(FindingKind kind, const std::string& text);

  void checkGlobal(uintptr_t address, unsigned size, bool write, bool atomic);
  void checkShared(uintptr_t address, unsigned size, bool write, bool atomic);
  void checkElsewhere(uintptr_t address, unsigned size, bool write);
  // An operation on an mbarrier, which races with none of its kind.
  void checkMbarrier(uintptr_t address, bool write);
  void checkHistory(WordHistory& word, uint64_t mine, bool write, uintptr_t address, bool global);
  bool isOrdered(uint64_t record) const;
  // The number of an access's block in this launch; others have larger ones.
  size_t blockOf(uint64_t record) const {
    return (stamp::block(record) - launch->firstBlock) & (stamp::kBlockLimit - 1);
  }
  bool inLaunch(uint64_t record) const { return blockOf(record) < launch->blocks; }
  void beginOrder();
  size_t clockSize() const { return ordered_ ? launch->blocks : 0; }
  bool acquires(const DeviceThread& t) const { return t.acquiredIn == interval_; }
  void acquire(DeviceThread& thread, const SharedClock& clock);
  void endEpoch();
  Seen seenOfOwn() const;
  BlockClock clock() const;
  void handOn(BlockClock& clock) const;
  SharedClock sharedClock();
  void beginCluster();
  void endCluster();
  void arriveTogether();
  void releaseCluster();
  void leaveCluster(const DeviceThread& thread);
  void leaveProcessor();
  Mbarrier& mbarrier(uintptr_t address);
  // Whether the word at a place in shared memory is part of one.
  bool isMbarrier(uintptr_t offset) const {
    return !mbarriers_.empty() &&
           mbarriers_.count(((sharedBase_ + offset) & ~uintptr_t{7}) - sharedBase_) != 0;
  }
  void receiveWrites(uintptr_t barrier);
  void complete(const RemoteWrite& write);
  std::string blockName() const;
  static std::string sender(const RemoteWrite& write);
  void spreadOrder();
  void renewStamp();
  [[noreturn]] void failRace(uint64_t mine, uint64_t theirs, bool write, bool theirsWrite,
                             uintptr_t address, bool global);
  std::string describe(uintptr_t address, bool* freed) const;

  unsigned linearIndex_ = 0;
  uint64_t uid_ = 0;
  uint64_t interval_ = 0;
  Index3 index_{};
  unsigned count_ = 0;
  unsigned live_ = 0;
  unsigned atBarrier_ = 0;
  unsigned atCluster_ = 0;
  bool failed_ = false;
  bool communicates_ = false;  // has used an atomic on global memory
  bool ordered_ = false;       // its order with other blocks is known
  BlockClock seen_;            // by all threads since the last barrier
  SharedClock sharedSeen_;     // a copy of seen_, if it was needed since then
  Cluster* cluster_ = nullptr;
  unsigned rank_ = 0;
  unsigned arrived_ = 0;       // threads, in the block's phase of the cluster's barrier
  unsigned clusterPhase_ = 0;  // that they arrive in
  BlockClock arriving_;        // what those that have arrived know
  unsigned joinedPhases_ = 0;  // of the cluster's barrier, whose clocks are in clusterClock_
  SharedClock clusterClock_;
  uintptr_t lookedAt_ = 0;                             // the last mbarrier, by its place
  std::unordered_map<uintptr_t, Mbarrier> mbarriers_;  // by their place in shared memory
  std::vector<DeviceThread> threads_;
  std::vector<Warp> warps_;
  std::vector<unsigned> order_;
  uint64_t random_ = 0;
  DeviceThread* running_ = nullptr;
  void* schedulerStack_ = nullptr;
  double spinningSince_ = 0;
  uint64_t spins_ = 0;  // since then

  uint64_t stamp_ = 0;  // the running thread's record of an access, without the bytes

  uintptr_t memoryBase_ = 0;  // of the device's memory, with its shadows
  size_t memorySize_ = 0;
  uint8_t* memoryState_ = nullptr;
  WordHistory* memoryHistory_ = nullptr;

  uintptr_t sharedBase_ = 0;
  size_t sharedSize_ = 0;
  std::vector<uint8_t> sharedState_;
  std::unique_ptr<WordHistory[]> sharedHistory_;
  size_t sharedHistoryWords_ = 0;
};

// The block the calling operating-system thread runs; null outside of kernels.
extern __thread Block* currentBlockPointer __attribute__((tls_model("initial-exec")));
inline Block* currentBlock() { return currentBlockPointer; }

}  // namespace sim
