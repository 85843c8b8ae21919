// The packed record of who touched a word of memory last, and the race rule on it.
#pragma once

#include <cstdint>

namespace sim {

// Bits, from the top: 25 block (numbered over all launches), 14 barrier interval of the block,
// 6 phase (warp synchronisations of the thread's warp in this interval), 2 releases (of the thread
// to other blocks in this interval, 3 being three or more), 10 thread, 4 bytes of the word, atomic,
// several lanes of the thread's warp, several warps.
namespace stamp {

constexpr int kBlockShift = 39;
constexpr int kIntervalShift = 25;
constexpr int kPhaseShift = 19;
constexpr int kReleasesShift = 17;
constexpr int kThreadShift = 7;
constexpr int kMaskShift = 3;
constexpr uint64_t kAtomic = 4;
constexpr uint64_t kSeveralLanes = 2;
constexpr uint64_t kSeveralWarps = 1;
constexpr unsigned kMostReleases = 3;
constexpr uint64_t kBlockLimit = uint64_t{1} << 25;

inline uint64_t block(uint64_t s) { return s >> kBlockShift; }
inline unsigned thread(uint64_t s) { return (s >> kThreadShift) & 1023; }
inline unsigned warp(uint64_t s) { return thread(s) >> 5; }
inline unsigned mask(uint64_t s) { return (s >> kMaskShift) & 15; }
inline unsigned phase(uint64_t s) { return (s >> kPhaseShift) & 63; }
inline unsigned releases(uint64_t s) { return (s >> kReleasesShift) & 3; }
inline bool sameInterval(uint64_t a, uint64_t b) { return ((a ^ b) >> kIntervalShift) == 0; }

// What a record holds of an interval's number.
inline uint64_t interval(uint64_t number) { return number & 0x3fff; }

inline uint64_t make(uint64_t block, uint64_t number, uint64_t phase, uint64_t releases,
                     uint64_t thread) {
  return block << kBlockShift | interval(number) << kIntervalShift | (phase & 63) << kPhaseShift |
         releases << kReleasesShift | thread << kThreadShift;
}

// Whether `mine`, an access that no barrier separates from `theirs` where they share block and
// interval, conflicts with it. One of the two is a write.
inline bool conflicts(uint64_t mine, uint64_t theirs) {
  if (!sameInterval(mine, theirs) || !(mask(mine) & mask(theirs))) return false;
  if (mine & theirs & kAtomic) return false;
  if (theirs & kSeveralWarps) return true;
  if (warp(mine) != warp(theirs)) return true;
  if (phase(mine) != phase(theirs)) return false;  // ordered by __syncwarp
  return thread(mine) != thread(theirs) || (theirs & kSeveralLanes);
}

// The record of reads after `mine` read: several readers are merged where the record can say so.
inline uint64_t mergeRead(uint64_t mine, uint64_t record) {
  if (!sameInterval(mine, record) || mask(mine) != mask(record)) return mine;
  if ((mine ^ record) & kAtomic) return mine;
  if (record & kSeveralWarps) return record;
  if (warp(mine) != warp(record)) return mine | kSeveralWarps;
  if (phase(mine) != phase(record)) return mine;
  if (thread(mine) != thread(record)) return mine | kSeveralLanes;
  return releases(mine) == releases(record) ? record : mine;
}

}  // namespace stamp
}  // namespace sim
