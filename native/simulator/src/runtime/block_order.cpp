#include "block_order.h"

#include <chrono>
#include <thread>

#include "access_history.h"
#include "block.h"

namespace sim {

bool Seen::covers(uint64_t record) const {
  if (!any) return false;
  // Records hold the last bits of an interval's number.
  constexpr uint64_t kHalf = uint64_t{1} << (stamp::kBlockShift - stamp::kIntervalShift - 1);
  uint64_t later = stamp::interval(interval - (record >> stamp::kIntervalShift));
  if (later != 0) return later < kHalf;
  if (record & (stamp::kSeveralLanes | stamp::kSeveralWarps)) return false;
  return stamp::thread(record) == thread ||
         (stamp::warp(record) == thread / 32 && stamp::phase(record) < phase);
}

void BlockClock::join(const BlockClock& other) {
  for (size_t i = 0; i < seen_.size(); ++i) seen_[i].join(other.seen_[i]);
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
  BlockClock& word = launch->wordClocks.of(address, launch->blocks);
  DeviceThread& me = *running_;
  bool acquires = effect == Effect::kAcquire || effect == Effect::kBoth;
  if (acquires) {
    acquired_.join(word);
    me.acquiredIn = interval_;
  }
  if (effect == Effect::kAcquire) return;
  BlockClock mine = seen_;
  if (me.acquiredIn == interval_) mine.join(acquired_);
  mine.of(linearIndex_) = {true, interval_, me.number, warps_[me.number / 32].phase};
  if (effect == Effect::kRelease) {
    word = mine;
  } else {
    word.join(mine);
  }
}

bool Block::isOrdered(uint64_t record) const {
  if (!ordered_) return communicates_;
  size_t other = (stamp::block(record) - launch->firstBlock) & (stamp::kBlockLimit - 1);
  return seen_.of(other).covers(record) ||
         (running_->acquiredIn == interval_ && acquired_.of(other).covers(record));
}

void Block::beginOrder() {
  constexpr unsigned kMostBlocks = 1024;
  ordered_ = launch->cooperative && launch->blocks <= kMostBlocks;
  seen_ = BlockClock(ordered_ ? launch->blocks : 0);
  acquired_ = seen_;
}

// A barrier of the block: what one thread has acquired orders all.
void Block::spreadOrder() { seen_.join(acquired_); }

}  // namespace sim
