#include "cluster.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "../../device/simulated_abi.h"
#include "block.h"
#include "detector/access_history.h"

namespace sim {

namespace {

// PTX ISA, "Contents of the mbarrier object".
constexpr unsigned kMostArrivals = (1u << 20) - 1;
constexpr int64_t kMostBytes = (1 << 20) - 1;

// Nothing is under way for so long, in nanoseconds of the device's timer.
constexpr uint64_t kArrivedBy = 1000000;

}  // namespace

void Mbarrier::advance() {
  if (pending != 0 || bytes != 0) return;
  pending = count;
  ++phase;
  completed = std::make_shared<const BlockClock>(current);
}

Cluster::Cluster(unsigned size, size_t blocks)
    : size_(size), blocks_(size), current_(blocks), inboxes_(size) {}

void Cluster::arrive(const BlockClock& clock) {
  std::lock_guard<std::mutex> guard(mutex_);
  current_.join(clock);
  ++arrived_;
  advance();
}

void Cluster::advance() {
  if (arrived_ == 0 || arrived_ < blocks_) return;
  arrived_ = 0;
  completed_ = std::make_shared<const BlockClock>(current_);
  ++phases_;
  for (Inbox& inbox : inboxes_) inbox.news.notify_one();
}

unsigned Cluster::phases(unsigned known, SharedClock* clock) {
  if (phases_ == known) return known;
  std::lock_guard<std::mutex> guard(mutex_);
  *clock = completed_;
  return phases_;
}

void Cluster::leave(const BlockClock& clock) {
  std::lock_guard<std::mutex> guard(mutex_);
  current_.join(clock);
  --blocks_;
  advance();
}

bool Cluster::send(unsigned rank, const RemoteWrite& write) {
  std::lock_guard<std::mutex> guard(mutex_);
  Inbox& inbox = inboxes_[rank];
  if (inbox.closed) return false;
  inbox.writes.push_back(write);
  inbox.any = true;
  inbox.bytes += write.size;
  if (inbox.wanted > 0 && inbox.bytes >= inbox.wanted) inbox.news.notify_one();
  return true;
}

void Cluster::awaitNews(unsigned rank, int64_t bytes, unsigned phases) {
  constexpr std::chrono::milliseconds kMost(1);
  std::unique_lock<std::mutex> guard(mutex_);
  Inbox& inbox = inboxes_[rank];
  inbox.wanted = bytes;
  inbox.news.wait_for(guard, kMost, [&] {
    return (bytes > 0 && inbox.bytes >= bytes) || (phases != kNoPhases && phases_ > phases);
  });
  inbox.wanted = 0;
}

std::vector<RemoteWrite> Cluster::receive(unsigned rank,
                                          const std::function<bool(const RemoteWrite&)>& now) {
  Inbox& inbox = inboxes_[rank];
  std::vector<RemoteWrite> taken;
  if (!inbox.any) return taken;
  std::lock_guard<std::mutex> guard(mutex_);
  size_t kept = 0;
  for (RemoteWrite& w : inbox.writes) {
    if (now(w)) {
      inbox.bytes -= w.size;
      taken.push_back(std::move(w));
    } else {
      if (&inbox.writes[kept] != &w) inbox.writes[kept] = std::move(w);
      ++kept;
    }
  }
  inbox.writes.erase(inbox.writes.begin() + static_cast<ptrdiff_t>(kept), inbox.writes.end());
  inbox.any = kept > 0;
  return taken;
}

std::vector<RemoteWrite> Cluster::close(unsigned rank) {
  std::lock_guard<std::mutex> guard(mutex_);
  inboxes_[rank].closed = true;
  return std::move(inboxes_[rank].writes);
}

void Block::beginCluster() {
  cluster_ = launch->cluster;
  arrived_ = clusterPhase_ = joinedPhases_ = 0;
  arriving_ = BlockClock(clockSize());
  clusterClock_.reset();
  mbarriers_.clear();
  if (!cluster_) return;
  const unsigned* c = launch->kernel->cluster;
  rank_ = index_.x % c[0] + c[0] * (index_.y % c[1] + c[1] * (index_.z % c[2]));
  forgetShared();  // blocks of this launch may have run on this thread before
}

void Block::endCluster() {
  if (!cluster_) return;
  std::vector<RemoteWrite> writes = cluster_->close(rank_);
  uint64_t now = sim_global_timer();
  writes.erase(std::remove_if(writes.begin(), writes.end(),
                              [&](const RemoteWrite& w) { return now - w.sentAt >= kArrivedBy; }),
               writes.end());
  if (!writes.empty() && !failed_ && !launch->aborted) {
    failOutside(FindingKind::kCluster, std::string("kernel ") + launch->kernel->name + ", " +
                                           blockName() + " has exited while " +
                                           std::to_string(writes.size()) +
                                           " writes to its shared memory were under way, one by " +
                                           sender(writes.front()));
  }
}

// The block only looks at an mbarrier and at the cluster's barrier, or at what other clusters do.
void Block::leaveProcessor() {
  auto barrier = mbarriers_.find(lookedAt_);
  cluster_->awaitNews(rank_, barrier == mbarriers_.end() ? 0 : barrier->second.bytes,
                      atCluster_ > 0 ? joinedPhases_ : Cluster::kNoPhases);
}

unsigned Block::clusterSize() const { return cluster_ ? cluster_->size() : 1; }

std::string Block::sender(const RemoteWrite& write) {
  return "block " + std::to_string(write.sender) + ", thread " +
         std::to_string(stamp::thread(write.stamp));
}

void Block::clusterArrive() {
  DeviceThread& me = *running_;
  if (!cluster_) return;
  if (me.atClusterBarrier) fail(FindingKind::kCluster, "arrives at the cluster's barrier twice");
  if (me.number == 0) linger();
  handOn(arriving_);
  endEpoch();
  me.atClusterBarrier = true;
  me.clusterPhase = clusterPhase_;
  ++arrived_;
  arriveTogether();
}

// The block's arrival, when the last of its threads has arrived: the others wait for that anyway.
void Block::arriveTogether() {
  if (arrived_ == 0 || arrived_ < live_) return;
  arrived_ = 0;
  ++clusterPhase_;
  cluster_->arrive(arriving_);
}

void Block::clusterWait() {
  DeviceThread& me = *running_;
  if (!cluster_) return;
  if (!me.atClusterBarrier) {
    fail(FindingKind::kCluster, "waits at the cluster's barrier without having arrived");
  }
  if (joinedPhases_ <= me.clusterPhase) {
    me.state = ThreadState::kAtCluster;
    ++atCluster_;
    suspend();
  }
  me.atClusterBarrier = false;
  acquire(me, clusterClock_);
}

// Lets threads go on that wait at the cluster's barrier for a phase that is over.
void Block::releaseCluster() {
  joinedPhases_ = cluster_->phases(joinedPhases_, &clusterClock_);
  for (unsigned i = 0; i < count_; ++i) {
    DeviceThread& t = threads_[i];
    if (t.state != ThreadState::kAtCluster || t.clusterPhase >= joinedPhases_) continue;
    t.state = ThreadState::kReady;
    --atCluster_;
  }
}

// The others no longer wait for a thread that has exited.
void Block::leaveCluster(const DeviceThread& thread) {
  if (thread.atClusterBarrier && thread.clusterPhase == clusterPhase_) --arrived_;
  if (live_ > 0) {
    arriveTogether();
  } else {
    cluster_->leave(arriving_);
  }
}

Mbarrier& Block::mbarrier(uintptr_t address) {
  auto found = mbarriers_.find(address - sharedBase_);
  if (found == mbarriers_.end()) {
    fail(FindingKind::kCluster, "no mbarrier was initialised there");
  }
  return found->second;
}

void Block::initialiseMbarrier(uintptr_t address, unsigned count) {
  if (address - sharedBase_ >= sharedSize_ || address % 8 != 0) {
    fail(FindingKind::kCluster, "an mbarrier is 8 aligned bytes of shared memory");
  }
  if (count == 0 || count > kMostArrivals) {
    fail(FindingKind::kCluster, "an mbarrier for " + std::to_string(count) + " arrivals");
  }
  uintptr_t offset = address - sharedBase_;
  mbarriers_.insert_or_assign(offset, Mbarrier(count, clockSize(), interval_));
  // Nothing but its own operations may touch it: others find that nothing was written there.
  for (unsigned i = 0; i < 2; ++i) sharedState_[offset / 4 + i] = 0x0f;
}

void Block::arriveExpecting(uintptr_t address, unsigned bytes) {
  Mbarrier& barrier = mbarrier(address);
  checkMbarrier(address, true);
  linger();
  if (barrier.pending == 0) {
    fail(FindingKind::kCluster, "arrives at an mbarrier more often than the " +
                                    std::to_string(barrier.count) +
                                    " times of a phase, which still waits for " +
                                    std::to_string(barrier.bytes) + " bytes");
  }
  barrier.bytes += bytes;
  if (barrier.bytes > kMostBytes) {
    fail(FindingKind::kCluster, "an mbarrier waits for " + std::to_string(barrier.bytes) +
                                    " bytes, at most " + std::to_string(kMostBytes) + " can be");
  }
  --barrier.pending;
  handOn(barrier.current);
  endEpoch();
  barrier.advance();
}

bool Block::tryWait(uintptr_t address, unsigned parity) {
  lookedAt_ = address - sharedBase_;
  receiveWrites(lookedAt_);
  Mbarrier& barrier = mbarrier(address);
  checkMbarrier(address, false);
  if (barrier.phase % 2 == parity) return false;
  acquire(*running_, barrier.completed);
  return true;
}

void Block::storeAsync(uintptr_t to, const void* value, unsigned size, uintptr_t barrier,
                       unsigned rank) {
  if (rank >= clusterSize() || !cluster_) {
    fail(FindingKind::kCluster,
         "block " + std::to_string(rank) + " of a cluster of " + std::to_string(clusterSize()));
  }
  if (to - sharedBase_ >= sharedSize_ || barrier - sharedBase_ >= sharedSize_) {
    fail(FindingKind::kOutOfBounds, "st.async to what is not shared memory");
  }
  if (to % size != 0) {
    fail(FindingKind::kMisaligned,
         "st.async of " + std::to_string(size) + " bytes: the address is not a multiple of it");
  }
  counts.clusterWriteBytes += size;
  // The write is among what it hands on itself. Of many in a row the later ones count as made
  // together, lest none of the thread's releases is left for what it does behind them.
  DeviceThread& me = *running_;
  if (me.releases + 1 < stamp::kMostReleases) me.accessed = true;
  uint64_t stamp = me.accessed ? stamp_ : stamp_ - (uint64_t{1} << stamp::kReleasesShift);
  RemoteWrite write{
      to - sharedBase_, barrier - sharedBase_, size, {}, linearIndex_, stamp, sharedClock(),
      seenOfOwn(),      sim_global_timer()};
  std::memcpy(write.value, value, size);
  if (!cluster_->send(rank, write)) {
    fail(FindingKind::kCluster,
         "st.async to block " + std::to_string(rank) + " of the cluster, which has exited");
  }
  endEpoch();
}

// Writes complete as late as they can, when the block looks at their mbarrier; with random
// schedules some of all, in any order.
void Block::receiveWrites(uintptr_t barrier) {
  if (!cluster_) return;
  Schedule schedule = options().schedule;
  std::vector<RemoteWrite> writes = cluster_->receive(rank_, [&](const RemoteWrite& w) {
    return schedule == Schedule::kRandom ? draw() % 2 == 0 : w.barrier == barrier;
  });
  if (schedule == Schedule::kReverse) std::reverse(writes.begin(), writes.end());
  for (size_t i = writes.size(); schedule == Schedule::kRandom && i > 1; --i) {
    std::swap(writes[i - 1], writes[draw() % i]);
  }
  for (const RemoteWrite& w : writes) complete(w);
}

void Block::complete(const RemoteWrite& write) {
  auto failOf = [&](FindingKind kind, const std::string& text) {
    failOutside(kind, std::string("kernel ") + launch->kernel->name + ", " + sender(write) +
                          ": st.async to byte " + std::to_string(write.to) +
                          " of the shared memory of " + blockName() + text);
    for (;;) suspend();
  };
  auto found = mbarriers_.find(write.barrier);
  auto isKnown = [&](uint64_t interval) {
    if (!ordered_) return true;
    const Seen& seen = write.of(linearIndex_);
    return seen.any && seen.interval > interval;
  };
  if (found == mbarriers_.end() || !isKnown(found->second.initialised)) {
    failOf(FindingKind::kCluster,
           " completes on an mbarrier that it does not know to be initialised");
  }
  for (uintptr_t offset = write.to; offset < write.to + write.size; offset += 4) {
    uint8_t& state = sharedState_[offset / 4];
    if ((state & 15) != 15 && (checks & kCheckBounds)) {
      failOf(FindingKind::kOutOfBounds, ", where no variable is");
    }
    if (state != 0xff && isMbarrier(offset)) {
      failOf(FindingKind::kCluster, ", where an mbarrier is");
    }
    state = 0xff;
    if (!(checks & kCheckRaces) || !ordered_) continue;
    WordHistory& word = sharedHistory_[offset / 4];
    for (auto* last : {&word.write, &word.read}) {
      uint64_t record = last->load(std::memory_order_relaxed);
      if (!inLaunch(record) || write.isAfter(record, blockOf(record))) continue;
      failOf(FindingKind::kRace, std::string(" races with a ") +
                                     (last == &word.write ? "write" : "read") + " by block " +
                                     std::to_string(blockOf(record)) + ", thread " +
                                     std::to_string(stamp::thread(record)));
    }
    word.write.store(write.stamp | uint64_t{15} << stamp::kMaskShift, std::memory_order_relaxed);
  }
  std::memcpy(reinterpret_cast<void*>(sharedBase_ + write.to), write.value, write.size);
  Mbarrier& barrier = found->second;
  barrier.bytes -= write.size;
  if (barrier.bytes < -kMostBytes) {
    failOf(FindingKind::kCluster, " is more than its mbarrier can count");
  }
  if (ordered_) {
    if (write.seen != barrier.joined) barrier.current.join(*write.seen);
    barrier.joined = write.seen;
    barrier.current.of(write.sender).join(write.own);
  }
  barrier.advance();
}

}  // namespace sim

using sim::currentBlock;

extern "C" {

unsigned sim_cluster_rank() { return currentBlock()->clusterRank(); }
void sim_cluster_arrive() { currentBlock()->clusterArrive(); }
void sim_cluster_wait() { currentBlock()->clusterWait(); }

void sim_mbarrier_init(void* barrier, unsigned count) {
  sim_check_write(barrier, 8);
  currentBlock()->initialiseMbarrier(reinterpret_cast<uintptr_t>(barrier), count);
}

void sim_mbarrier_arrive_expect(void* barrier, unsigned bytes) {
  currentBlock()->arriveExpecting(reinterpret_cast<uintptr_t>(barrier), bytes);
}

int sim_mbarrier_try_wait(void* barrier, unsigned parity) {
  return currentBlock()->tryWait(reinterpret_cast<uintptr_t>(barrier), parity);
}

void sim_store_async(void* to, const void* value, unsigned size, void* barrier, unsigned rank) {
  currentBlock()->storeAsync(reinterpret_cast<uintptr_t>(to), value, size,
                             reinterpret_cast<uintptr_t>(barrier), rank);
}

}  // extern "C"
