/// A persistent pool of worker threads that runs one parallel region at a time.
///
/// Idle workers spin for some microseconds and then sleep, so an idle engine costs nothing. A
/// caller that finds the pool taken runs its region alone: computations must therefore give the
/// same bits for every team size. Only declarations here: this header is read by code of every
/// instruction set.
#ifndef GATEFOLD_THREAD_TEAM_H
#define GATEFOLD_THREAD_TEAM_H

#include <cstdint>

#include "simd/inline.h"

namespace gatefold {

class ThreadTeam;

/// One thread's place in a running region.
struct Team {
  int rank;          ///< 0 <= rank < size
  int size;          ///< threads of this region
  ThreadTeam* pool;  ///< null if size is 1
};

/// What every thread of a region executes; must not throw.
using RegionBody = void (*)(void* context, const Team& team);

class ThreadTeam {
 public:
  /// Starts threads - 1 workers; null if the system has no more threads.
  static ThreadTeam* create(int threads);
  static void destroy(ThreadTeam* team);

  int threads() const;

  /// Runs `body` on at most `wanted` threads, the caller's included, and returns when all are done.
  void run(int wanted, RegionBody body, void* context);

 private:
  ThreadTeam() = default;
  friend void team_barrier(const Team& team, int group, int members);
  struct State;
  State* state_ = nullptr;
};

/// Waits until `members` threads of the region have come to the barrier of `group`
/// (0 <= group <= team.size). Groups are independent of each other; spins, yielding after a while.
void team_barrier(const Team& team, int group, int members);

/// Waits for all threads of the region, by the barrier of group 0.
GF_ALWAYS_INLINE void team_barrier(const Team& team) { team_barrier(team, 0, team.size); }

/// The part [begin, end) of `count` items that belongs to `rank` of `size`.
struct Range {
  int64_t begin;
  int64_t end;
};

GF_ALWAYS_INLINE Range part_of(int64_t count, int64_t rank, int64_t size) {
  return {count * rank / size, count * (rank + 1) / size};
}

}  // namespace gatefold

#endif  // GATEFOLD_THREAD_TEAM_H
