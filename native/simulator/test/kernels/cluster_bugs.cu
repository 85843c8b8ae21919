// Blocks of a cluster that hand numbers on to each other, round after round, by writes that
// complete on an mbarrier of who gets them: without a mistake, and with one each.
#include "common/ptx.cuh"

using namespace gatefold;

namespace {

constexpr int kRounds = 7;
constexpr int kThreads = 64;
constexpr unsigned kBlocks = 4;

enum Mistake {
  kNone,
  kLostArrival,         // one block never arrives in the second round
  kLostWrite,           // one thread does not write to one of its peers
  kFlagBeforeData,      // a phase ends that does not wait for the last of its bytes
  kWrongParity,         // of the phase before
  kSlotReusedEarly,     // what a round writes others still read
  kReadWithoutWait,     // by threads that neither looked at the mbarrier nor met one that did
  kEarlyExit,           // without what peers write to it
  kNoBarrierAtStart,    // mbarriers may not be there yet
  kNoMbarrier,          // never made
  kTwoArrivals,         // where one was counted on
  kWaitWithoutArrival,  // at the cluster's barrier
  kArrivesTwice,        // there
  kNoSuchRank,
  kPastTheEnd,  // of shared memory's variables
  kMisaligned,
  kRowTooMany,  // ragged: what is beyond the rows is written, and not expected
};

struct Slots {
  uint2 sums[2][kBlocks * kThreads];
  ptx::Mbarrier received[2];
};

// Every round, a thread adds what the thread of its number in the block behind has, and tells all
// blocks. x: of all blocks, first and last. Of `rows` threads a block, others have nothing.
__device__ void hand_on(unsigned* x, unsigned rows, Mistake mistake) {
  __shared__ Slots slots;
  const unsigned thread = threadIdx.x, rank = ptx::cluster_rank();
  const unsigned mine = rank * kThreads + thread;
  const unsigned behind = (rank + 1) % kBlocks * kThreads + thread;
  unsigned* const own = x + blockIdx.x / kBlocks * kBlocks * kThreads;
  if (thread < 2 && mistake != kNoMbarrier) ptx::mbarrier_init(&slots.received[thread], 1);
  for (unsigned i = thread; i < kBlocks * kThreads; i += kThreads) {
    slots.sums[0][i] = make_uint2(own[i], 0u);
    slots.sums[1][i] = make_uint2(0u, 0u);
  }
  __syncthreads();
  if (mistake != kNoBarrierAtStart && mistake != kWaitWithoutArrival) ptx::cluster_arrive();
  if (mistake == kArrivesTwice) ptx::cluster_arrive();
  if (mistake != kNoBarrierAtStart) ptx::cluster_wait();
  for (int round = 0; round < kRounds; ++round) {
    const int from = round % 2, to = mistake == kSlotReusedEarly ? from : 1 - from;
    ptx::Mbarrier* const barrier = &slots.received[1 - from];
    if (thread == 0 && !(mistake == kLostArrival && round == 1 && rank == 1)) {
      const unsigned given = rows * kBlocks * static_cast<unsigned>(sizeof(uint2));
      ptx::mbarrier_arrive_expect(barrier, given - (mistake == kFlagBeforeData ? 8u : 0u));
      if (mistake == kTwoArrivals) ptx::mbarrier_arrive_expect(barrier, 0u);
    }
    const unsigned sum = slots.sums[from][mine].x + slots.sums[from][behind].x;
    // One block is late.
    for (int i = 0; rank == 1 && i < 50; ++i) ptx::spin_pause();
    __syncthreads();
    if (mistake == kEarlyExit && rank == 2 && round == kRounds - 1) return;
    if (thread < rows || (mistake == kRowTooMany && thread == rows)) {
      for (unsigned peer = 0; peer < kBlocks; ++peer) {
        if (mistake == kLostWrite && thread == 3 && rank == 1 && peer == 2) continue;
        uint2* at = &slots.sums[to][mine];
        if (mistake == kPastTheEnd) at = reinterpret_cast<uint2*>(&slots + 1) + thread;
        if (mistake == kMisaligned) at = reinterpret_cast<uint2*>(&at->y);
        ptx::store_async(at, make_uint2(sum, 0u), barrier,
                         mistake == kNoSuchRank ? peer + 1 : peer);
      }
    }
    const unsigned parity = static_cast<unsigned>(round / 2 % 2) ^ (mistake == kWrongParity);
    if (thread < 32) {
      while (!ptx::mbarrier_try_wait(barrier, parity)) ptx::spin_pause();
    }
    if (mistake != kReadWithoutWait) __syncthreads();
  }
  own[mine] = slots.sums[kRounds % 2][mine].x;
  ptx::cluster_arrive();
  ptx::cluster_wait();
}

}  // namespace

#define ROUNDS(kernel, mistake)                                                               \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kBlocks, 1, 1) __launch_bounds__(kThreads) \
      kernel(unsigned* x, unsigned rows) {                                                    \
    hand_on(x, rows, mistake);                                                                \
  }
ROUNDS(cluster_ok, kNone)
ROUNDS(cluster_lost_arrival, kLostArrival)
ROUNDS(cluster_lost_write, kLostWrite)
ROUNDS(cluster_flag_before_data, kFlagBeforeData)
ROUNDS(cluster_wrong_parity, kWrongParity)
ROUNDS(cluster_slot_reused_early, kSlotReusedEarly)
ROUNDS(cluster_read_without_wait, kReadWithoutWait)
ROUNDS(cluster_early_exit, kEarlyExit)
ROUNDS(cluster_no_barrier_at_start, kNoBarrierAtStart)
ROUNDS(cluster_no_mbarrier, kNoMbarrier)
ROUNDS(cluster_two_arrivals, kTwoArrivals)
ROUNDS(cluster_wait_without_arrival, kWaitWithoutArrival)
ROUNDS(cluster_arrives_twice, kArrivesTwice)
ROUNDS(cluster_no_such_rank, kNoSuchRank)
ROUNDS(cluster_past_the_end, kPastTheEnd)
ROUNDS(cluster_misaligned, kMisaligned)
ROUNDS(cluster_row_too_many, kRowTooMany)

// Mistakes of single threads, most of them in the first two blocks.
#define PAIR(kernel)                                                                          \
  extern "C" __global__ void GATEFOLD_CLUSTER_DIMS(kBlocks, 1, 1) __launch_bounds__(kThreads) \
      kernel(unsigned* x, unsigned)

namespace {

struct Messages {
  uint2 first, second;
  ptx::Mbarrier a, b;
};

__device__ void make(Messages* m) {
  if (threadIdx.x == 0) {
    ptx::mbarrier_init(&m->a, 1);
    ptx::mbarrier_init(&m->b, 1);
    m->first = m->second = make_uint2(0u, 0u);
  }
  __syncthreads();
  ptx::cluster_arrive();
  ptx::cluster_wait();
}

__device__ void await(ptx::Mbarrier* barrier) {
  while (!ptx::mbarrier_try_wait(barrier, 0u)) ptx::spin_pause();
}

__device__ void leave() {
  ptx::cluster_arrive();
  ptx::cluster_wait();
}

}  // namespace

// Some threads wait for what never comes, the others for those.
PAIR(cluster_half_waits) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x < 32) await(&m.a);
  leave();
}

// The others wait where those never come.
PAIR(cluster_half_at_barrier) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x < 32) __syncthreads();
  leave();
}

// What a thread does behind a write, or an arrival, is not among what that hands on.
PAIR(cluster_late_data) {
  __shared__ Messages m;
  make(&m);
  const unsigned rank = ptx::cluster_rank();
  if (threadIdx.x == 0 && rank == 0) {
    for (int i = 0; i < 3; ++i) ptx::store_async(&m.first, make_uint2(7u, 7u), &m.a, 1u);
    x[0] = 42u;
  }
  if (threadIdx.x == 0 && rank == 1) {
    ptx::mbarrier_arrive_expect(&m.a, 3u * sizeof(uint2));
    await(&m.a);
    x[1] = x[0];
  }
  leave();
}
PAIR(cluster_read_after_release) {
  __shared__ Messages m;
  make(&m);
  const unsigned rank = ptx::cluster_rank();
  if (threadIdx.x == 0 && rank < 2) {
    ptx::mbarrier_arrive_expect(&m.a, sizeof(uint2));
    if (rank == 0) {
      ptx::store_async(&m.second, make_uint2(1u, 1u), &m.a, 1u);
      x[0] = m.first.x;
      await(&m.a);
    } else {
      await(&m.a);
      ptx::store_async(&m.first, make_uint2(5u, 5u), &m.a, 0u);
    }
  }
  leave();
}
PAIR(cluster_data_after_arrival) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x == 0) {
    ptx::cluster_arrive();
    x[ptx::cluster_rank()] = 42u;
  } else {
    ptx::cluster_arrive();
  }
  ptx::cluster_wait();
  if (threadIdx.x == 1) x[kBlocks + ptx::cluster_rank()] = x[ptx::cluster_rank() ^ 1];
  leave();
}

// Who waits for one mbarrier knows nothing of what another tells another thread.
PAIR(cluster_other_barrier) {
  __shared__ Messages m;
  make(&m);
  const unsigned rank = ptx::cluster_rank(), thread = threadIdx.x;
  if (rank == 1 && thread == 0) {
    ptx::mbarrier_arrive_expect(&m.a, sizeof(uint2));
    ptx::mbarrier_arrive_expect(&m.b, sizeof(uint2));
  }
  __syncthreads();
  if (rank == 0 && thread == 0) ptx::store_async(&m.second, make_uint2(9u, 9u), &m.b, 1u);
  if (rank == 0 && thread == 40) ptx::store_async(&m.first, make_uint2(7u, 7u), &m.a, 1u);
  if (rank == 1 && thread == 40) await(&m.b);
  if (rank == 1 && thread == 0) {
    for (int i = 0; i < 50; ++i) ptx::spin_pause();
    await(&m.a);
    x[1] = m.second.x;
  }
  leave();
}

// Mbarriers that are used before they are known to be made, and written over: by the block, by a
// peer, and by making them anew.
PAIR(cluster_init_race) {
  __shared__ Messages m;
  if (threadIdx.x == 0) ptx::mbarrier_init(&m.a, 1);
  if (threadIdx.x == 33) ptx::mbarrier_arrive_expect(&m.a, 0u);
  leave();
}
PAIR(cluster_overwritten) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x == 0) m.a = 0u;
  leave();
}
PAIR(cluster_overwritten_by_peer) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x == 0 && ptx::cluster_rank() == 0) {
    ptx::store_async(reinterpret_cast<uint2*>(&m.b), make_uint2(7u, 7u), &m.a, 1u);
  }
  if (threadIdx.x == 0 && ptx::cluster_rank() == 1) {
    ptx::mbarrier_arrive_expect(&m.a, sizeof(uint2));
    await(&m.a);
  }
  leave();
}
PAIR(cluster_made_twice) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x == 0) ptx::mbarrier_init(&m.a, 2);
  leave();
}

// Right: a block's write to itself, lanes that come to the cluster's barrier apart, and threads
// that exit having arrived, for none of the others, even if no other of their block arrives.
PAIR(cluster_own_write) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x == 0) ptx::mbarrier_arrive_expect(&m.a, sizeof(uint2));
  if (threadIdx.x == 33) {
    ptx::store_async(&m.first, make_uint2(7u, 7u), &m.a, ptx::cluster_rank());
  }
  if (threadIdx.x == 0) {
    await(&m.a);
    x[ptx::cluster_rank()] = m.first.x;
  }
  leave();
}
PAIR(cluster_lanes_apart) {
  __shared__ Messages m;
  make(&m);
  if (threadIdx.x % 2 == 0) {
    ptx::cluster_arrive();
  } else {
    ptx::cluster_arrive();
  }
  ptx::cluster_wait();
}
PAIR(cluster_leavers) {
  const unsigned mine = ptx::cluster_rank() * kThreads + threadIdx.x;
  if (threadIdx.x == 0) {
    ptx::cluster_arrive();
    return;
  }
  x[mine] = mine;
  leave();
  if (x[(mine + kThreads) % (kBlocks * kThreads)] == ~0u) x[mine] = 0u;
}
PAIR(cluster_block_leaves) {
  if (ptx::cluster_rank() == 0) {
    x[threadIdx.x] = threadIdx.x;
    if (threadIdx.x != kThreads - 1) ptx::cluster_arrive();
    return;
  }
  leave();
  if (threadIdx.x != kThreads - 1 && x[threadIdx.x] == ~0u)
    x[ptx::cluster_rank() * kThreads + threadIdx.x] = 0u;
}
