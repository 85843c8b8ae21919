// Barriers of a block and operations of a warp.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <type_traits>

#include "block.h"
#include "detector/access_history.h"

namespace sim {
namespace {

bool sameSite(const DeviceThread& a, const DeviceThread& b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

std::string hex(unsigned mask) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", mask);
  return text;
}

uint32_t reduce(int operation, uint32_t a, uint32_t b) {
  auto sa = static_cast<int32_t>(a);
  auto sb = static_cast<int32_t>(b);
  switch (operation) {
    case kSimReduceAdd:
      return a + b;
    case kSimReduceAnd:
      return a & b;
    case kSimReduceOr:
      return a | b;
    case kSimReduceXor:
      return a ^ b;
    case kSimReduceMinSigned:
      return static_cast<uint32_t>(std::min(sa, sb));
    case kSimReduceMaxSigned:
      return static_cast<uint32_t>(std::max(sa, sb));
    case kSimReduceMinUnsigned:
      return std::min(a, b);
    default:
      return std::max(a, b);
  }
}

// The lane a shuffle reads from; CUDA C++ Programming Guide, "Warp Shuffle Functions".
int shuffleSource(const WarpRequest& r, int lane) {
  int first = lane / r.width * r.width;
  int source = lane;
  switch (r.operation) {
    case kSimShuffle:
      return first + (r.argument & (r.width - 1));
    case kSimShuffleUp:
      source = lane - r.argument;
      return source < first ? lane : source;
    case kSimShuffleDown:
      source = lane + r.argument;
      return source >= first + r.width ? lane : source;
    default:
      source = lane ^ r.argument;
      return source >= first + r.width ? lane : source;
  }
}

bool isReduction(int operation) {
  return operation >= kSimReduceAdd && operation <= kSimReduceMaxUnsigned;
}

}  // namespace

int Block::barrier(int kind, int predicate, const char* file, int line) {
  DeviceThread& me = *running_;
  me.file = file;
  me.line = line;
  me.barrierKind = kind;
  me.predicate = predicate;
  me.state = ThreadState::kAtBarrier;
  ++atBarrier_;
  suspend();
  return me.barrierResult;
}

// Every live thread waits at a barrier: it must be the same one.
bool Block::releaseBarrier() {
  DeviceThread* first = nullptr;
  int trueCount = 0;
  for (unsigned i = 0; i < count_; ++i) {
    DeviceThread& t = threads_[i];
    if (t.state == ThreadState::kDone) continue;
    if (!first) first = &t;
    if ((checks & kCheckBarriers) &&
        (!sameSite(*first, t) || first->barrierKind != t.barrierKind)) {
      failOutside(FindingKind::kBarrierDivergence,
                  where(*first) + " waits at barrier " + site(*first) + ", thread " +
                      std::to_string(i) + " of the block at " + site(t));
      return false;
    }
    trueCount += t.predicate != 0;
  }
  if ((checks & kCheckBarriers) && live_ != count_) {
    failOutside(FindingKind::kBarrierDivergence,
                where(*first) + " waits at barrier " + site(*first) + ", but " +
                    std::to_string(count_ - live_) + " threads of the block have exited");
    return false;
  }
  bool all = trueCount == static_cast<int>(live_);
  for (unsigned i = 0; i < count_; ++i) {
    DeviceThread& t = threads_[i];
    if (t.state != ThreadState::kAtBarrier) continue;
    t.releases = 0;
    t.accessed = false;
    t.barrierResult = t.barrierKind == kSimBarrierCount ? trueCount
                      : t.barrierKind == kSimBarrierAnd ? all
                                                        : trueCount > 0;
    t.state = ThreadState::kReady;
  }
  atBarrier_ = 0;
  spreadOrder();
  ++interval_;
  if (stamp::interval(interval_) == 0) forgetShared();
  for (Warp& w : warps_) w.phase = 0;
  ++counts.blockBarriers;
  return true;
}

unsigned Block::activeMask() const {
  // Threads run one at a time; those of the warp that have not exited count as together.
  unsigned first = running_->number / 32 * 32;
  unsigned mask = 0;
  for (unsigned lane = 0; lane < 32 && first + lane < count_; ++lane) {
    if (threads_[first + lane].state != ThreadState::kDone) mask |= 1u << lane;
  }
  return mask;
}

uint64_t Block::warp(const WarpRequest& request, const char* file, int line) {
  DeviceThread& me = *running_;
  unsigned lane = me.number % 32;
  Warp& w = warps_[me.number / 32];
  me.file = file;
  me.line = line;
  me.warp = request;
  unsigned lanes = std::min(32u, count_ - me.number / 32 * 32);
  if (lanes < 32) me.warp.mask &= (1u << lanes) - 1;
  if (!((me.warp.mask >> lane) & 1)) {
    fail(FindingKind::kWarpDivergence,
         "mask " + hex(request.mask) + " at " + site(me) + " lacks the calling lane");
  }
  w.arrived |= 1u << lane;
  if ((w.arrived & me.warp.mask) == me.warp.mask) {
    completeWarp(w, me);
  } else {
    me.state = ThreadState::kAtWarp;
    suspend();
  }
  return me.warp.value;
}

// The last lane of the mask has arrived: computes every lane's result and wakes them.
void Block::completeWarp(Warp& w, DeviceThread& last) {
  DeviceThread* lanes = &threads_[last.number / 32 * 32];
  unsigned laneCount = std::min(32u, count_ - last.number / 32 * 32);
  const WarpRequest r = last.warp;
  unsigned votes = 0;
  uint32_t reduced = 0;
  bool any = false;
  for (unsigned l = 0; l < laneCount; ++l) {
    if (!((r.mask >> l) & 1)) continue;
    const DeviceThread& t = lanes[l];
    if (t.warp.operation != r.operation || t.warp.mask != r.mask || !sameSite(t, last)) {
      fail(FindingKind::kWarpDivergence, "at " + site(last) + " with lanes " + hex(r.mask) +
                                             ", while lane " + std::to_string(l) + " is at " +
                                             site(t) + " with lanes " + hex(t.warp.mask));
    }
    if (t.warp.value) votes |= 1u << l;
    auto value = static_cast<uint32_t>(t.warp.value);
    if (isReduction(r.operation)) reduced = any ? reduce(r.operation, reduced, value) : value;
    any = true;
  }
  if (r.operation == kSimTogether) {
    void* values[32] = {};
    for (unsigned l = 0; l < laneCount; ++l) {
      if ((r.mask >> l) & 1) values[l] = reinterpret_cast<void*>(lanes[l].warp.value);
    }
    r.function(values, r.mask);
  } else {
    uint64_t results[32];
    for (unsigned l = 0; l < laneCount; ++l) {
      if ((r.mask >> l) & 1) {
        results[l] = lanesResult(lanes[l].warp, l, lanes, laneCount, votes, reduced);
      }
    }
    for (unsigned l = 0; l < laneCount; ++l) {
      if ((r.mask >> l) & 1) lanes[l].warp.value = results[l];
    }
  }
  for (unsigned l = 0; l < laneCount; ++l) {
    if ((r.mask >> l) & 1) lanes[l].state = ThreadState::kReady;
  }
  w.arrived &= ~r.mask;
  if (r.operation == kSimSyncWarp) {
    SharedClock acquired;
    for (unsigned l = 0; l < laneCount; ++l) {
      if (!((r.mask >> l) & 1) || !acquires(lanes[l])) continue;
      acquired = acquired ? BlockClock::join(acquired, lanes[l].acquired) : lanes[l].acquired;
    }
    for (unsigned l = 0; acquired && l < laneCount; ++l) {
      if (!((r.mask >> l) & 1)) continue;
      lanes[l].acquired = acquired;
      lanes[l].acquiredIn = interval_;
    }
    ++w.phase;
    renewStamp();
  }
  ++counts.warpOperations;
}

uint64_t Block::lanesResult(const WarpRequest& r, unsigned lane, DeviceThread* lanes,
                            unsigned laneCount, unsigned votes, uint64_t reduced) {
  switch (r.operation) {
    case kSimBallot:
      return votes;
    case kSimAll:
      return votes == r.mask;
    case kSimAny:
      return votes != 0;
    case kSimSyncWarp:
      return 0;
    case kSimMatchAny: {
      unsigned equal = 0;
      for (unsigned l = 0; l < laneCount; ++l) {
        if (((r.mask >> l) & 1) && lanes[l].warp.value == r.value) equal |= 1u << l;
      }
      return equal;
    }
    default:
      break;
  }
  if (isReduction(r.operation)) return reduced;
  int source = shuffleSource(r, static_cast<int>(lane));
  if (source < 0 || source >= static_cast<int>(laneCount) || !((r.mask >> source) & 1)) {
    fail(FindingKind::kWarpDivergence,
         "shuffle at " + site(*running_) + ": lane " + std::to_string(lane) + " reads lane " +
             std::to_string(source) + ", which is not among the lanes " + hex(r.mask));
  }
  return lanes[source].warp.value;
}

}  // namespace sim

extern "C" {

int sim_block_barrier(int kind, int predicate, const char* file, int line) {
  return sim::currentBlock()->barrier(kind, predicate, file, line);
}

unsigned long long sim_warp(int operation, unsigned mask, unsigned long long value, int argument,
                            int width, const char* file, int line) {
  sim::WarpRequest request;
  request.operation = operation;
  request.mask = mask;
  request.value = value;
  request.argument = argument;
  request.width = width;
  return sim::currentBlock()->warp(request, file, line);
}

unsigned sim_active_mask() { return sim::currentBlock()->activeMask(); }

}  // extern "C"
