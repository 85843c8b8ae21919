#include "block_order.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "../block.h"
#include "access_history.h"

namespace sim {

bool Seen::covers(uint64_t record) const {
  if (!any) return false;
  // Records hold the last bits of an interval's number.
  constexpr uint64_t kHalf = uint64_t{1} << (stamp::kBlockShift - stamp::kIntervalShift - 1);
  uint64_t later = stamp::interval(interval - (record >> stamp::kIntervalShift));
  if (later != 0) return later < kHalf;
  if (record & (stamp::kSeveralLanes | stamp::kSeveralWarps)) return false;
  for (const Warp& w : warps) {
    if (stamp::warp(record) != w.number) continue;
    if (stamp::phase(record) < w.phase) return true;
    if (stamp::phase(record) > w.phase) return false;
    return w.lanes[stamp::releases(record)] >> stamp::thread(record) % 32 & 1;
  }
  return false;
}

void Seen::join(const Seen& other) {
  if (!other.any || (any && other.interval < interval)) return;
  if (!any || other.interval > interval) {
    *this = other;
    return;
  }
  for (const Warp& theirs : other.warps) {
    auto known = std::find_if(warps.begin(), warps.end(),
                              [&](const Warp& w) { return w.number == theirs.number; });
    if (known == warps.end()) {
      warps.push_back(theirs);
    } else {
      for (size_t i = 0; i < theirs.lanes.size(); ++i) known->lanes[i] |= theirs.lanes[i];
      known->phase = std::max(known->phase, theirs.phase);
    }
  }
}

void BlockClock::join(const BlockClock& other) {
  for (size_t i = 0; i < seen_.size(); ++i) seen_[i].join(other.seen_[i]);
}

SharedClock BlockClock::join(const SharedClock& a, const SharedClock& b) {
  if (a == b) return a;
  auto both = std::make_shared<BlockClock>(*a);
  both->join(*b);
  return both;
}

std::unique_lock<std::mutex> Block::orderLock(uintptr_t address) {
  if (!ordered_ || address - memoryBase_ >= memorySize_) return {};
  return std::unique_lock<std::mutex>(launch->wordClocks.mutex());
}

void Block::linger() {
  constexpr uint64_t kOneIn = 4;
  constexpr uint64_t kLongestMicros = 3000;  // many steps of the other blocks
  if (!ordered_ || options().schedule != Schedule::kRandom || draw() % kOneIn != 0) return;
  std::this_thread::sleep_for(std::chrono::microseconds(draw() % kLongestMicros));
}

void Block::order(uintptr_t address, Effect effect) {
  SharedClock& word = launch->wordClocks.of(address, launch->blocks);
  if (effect == Effect::kAcquire || effect == Effect::kBoth) acquire(*running_, word);
  if (effect == Effect::kAcquire) return;
  auto mine = std::make_shared<const BlockClock>(clock());
  endEpoch();
  word = effect == Effect::kRelease ? mine : BlockClock::join(word, mine);
}

// What was taken over before the last barrier of the block is among seen_, too.
void Block::acquire(DeviceThread& thread, const SharedClock& clock) {
  thread.acquired = acquires(thread) ? BlockClock::join(thread.acquired, clock) : clock;
  thread.acquiredIn = interval_;
}

// The running thread has released: what it does from now on comes after that. Releases with nothing
// between them count as one.
void Block::endEpoch() {
  DeviceThread& me = *running_;
  if (!ordered_ || !me.accessed || me.releases == stamp::kMostReleases) return;
  ++me.releases;
  me.accessed = false;
  renewStamp();
}

Seen Block::seenOfOwn() const {
  const DeviceThread& me = *running_;
  Seen own{true, interval_, {{me.number / 32, warps_[me.number / 32].phase, {}}}};
  for (unsigned i = 0; i < me.releases + me.accessed; ++i) {
    own.warps[0].lanes[i] = uint32_t{1} << me.number % 32;
  }
  return own;
}

// Of the running thread.
BlockClock Block::clock() const {
  BlockClock mine(clockSize());
  handOn(mine);
  return mine;
}

// What the running thread knows, to those that will acquire it.
void Block::handOn(BlockClock& clock) const {
  if (!ordered_) return;
  clock.join(seen_);
  if (acquires(*running_)) clock.join(*running_->acquired);
  clock.of(linearIndex_).join(seenOfOwn());
}

// As clock(), but for the entry of the own block, for as many as ask for the same.
SharedClock Block::sharedClock() {
  if (acquires(*running_)) return std::make_shared<const BlockClock>(clock());
  if (!sharedSeen_) sharedSeen_ = std::make_shared<const BlockClock>(seen_);
  return sharedSeen_;
}

bool Block::isOrdered(uint64_t record) const {
  if (!ordered_) return communicates_;
  size_t other = blockOf(record);
  return seen_.of(other).covers(record) ||
         (acquires(*running_) && running_->acquired->of(other).covers(record));
}

void Block::beginOrder() {
  constexpr unsigned kMostBlocks = 1024;
  ordered_ = (launch->cooperative || launch->cluster) && launch->blocks <= kMostBlocks;
  seen_ = BlockClock(ordered_ ? launch->blocks : 0);
  sharedSeen_.reset();
}

// A barrier of the block: what one thread has acquired orders all.
void Block::spreadOrder() {
  const BlockClock* joined = nullptr;  // most threads have taken over the same
  for (unsigned i = 0; i < count_; ++i) {
    if (!acquires(threads_[i]) || threads_[i].acquired.get() == joined) continue;
    joined = threads_[i].acquired.get();
    seen_.join(*joined);
  }
  sharedSeen_.reset();
}

}  // namespace sim
