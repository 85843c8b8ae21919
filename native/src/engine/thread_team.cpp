#include "engine/thread_team.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace gatefold {
namespace {

// A region of a training step follows the one before within some ten microseconds; sleeping workers
// take about as long to wake.
constexpr int kSpinsBeforeSleep = 2000;
// A thread that was descheduled holds up all others: let it run.
constexpr int kSpinsBeforeYield = 4000;
// In a team larger than the machine some always are.
constexpr int kSpinsOfMany = 50;

bool more_than_processors(int threads) {
  return static_cast<unsigned>(threads) > std::thread::hardware_concurrency();
}

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct alignas(128) Barrier {
  std::atomic<int> arrived{0};
  alignas(64) std::atomic<uint32_t> generation{0};
};

}  // namespace

struct ThreadTeam::State {
  explicit State(int threads)
      : size(threads),
        spins_before_sleep(more_than_processors(threads) ? kSpinsOfMany : kSpinsBeforeSleep),
        spins_before_yield(more_than_processors(threads) ? kSpinsOfMany : kSpinsBeforeYield),
        barriers(static_cast<size_t>(threads) + 1) {}

  /// High bits: number of the region; low 16 bits: its team size. One word, so that a worker that
  /// is not needed never looks at the region itself.
  alignas(64) std::atomic<uint64_t> posted{0};
  alignas(64) std::atomic<int> running{0};
  alignas(64) std::atomic<bool> taken{false};
  std::atomic<int> sleepers{0};
  std::atomic<bool> stopping{false};
  int size;
  int spins_before_sleep;
  int spins_before_yield;
  RegionBody body = nullptr;
  void* context = nullptr;
  std::vector<Barrier> barriers;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::thread> workers;

  void work(ThreadTeam* pool, int rank) {
    uint64_t seen = 0;
    while (true) {
      uint64_t now = await(seen);
      if (stopping.load(std::memory_order_acquire)) {
        return;
      }
      seen = now;
      int team_size = static_cast<int>(now & 0xffff);
      if (rank < team_size) {
        body(context, Team{rank, team_size, pool});
        running.fetch_sub(1, std::memory_order_acq_rel);
      }
    }
  }

  uint64_t await(uint64_t seen) {
    for (int i = 0; i < spins_before_sleep; i++) {
      uint64_t now = posted.load(std::memory_order_acquire);
      if (now != seen) {
        return now;
      }
      pause();
    }
    std::unique_lock<std::mutex> lock(mutex);
    sleepers.fetch_add(1);
    wake.wait(lock, [&] { return posted.load() != seen; });
    sleepers.fetch_sub(1);
    return posted.load(std::memory_order_acquire);
  }

  template <class Reached>
  void spin(const Reached& reached) const {
    for (int spins = 0; !reached(); spins++) {
      if (spins < spins_before_yield) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
  }

  void post(uint64_t word) {
    posted.store(word);
    if (sleepers.load() > 0) {
      { std::lock_guard<std::mutex> lock(mutex); }
      wake.notify_all();
    }
  }

  void stop() {
    stopping.store(true);
    post((posted.load() | 0xffff) + 1);
    for (std::thread& worker : workers) {
      worker.join();
    }
  }
};

ThreadTeam* ThreadTeam::create(int threads) {
  ThreadTeam* team = new (std::nothrow) ThreadTeam();
  if (team == nullptr) {
    return nullptr;
  }
  try {
    team->state_ = new State(threads);
    for (int rank = 1; rank < threads; rank++) {
      team->state_->workers.emplace_back([team, rank] { team->state_->work(team, rank); });
    }
  } catch (const std::exception&) {  // no memory, or no more threads
    destroy(team);
    return nullptr;
  }
  return team;
}

void ThreadTeam::destroy(ThreadTeam* team) {
  if (team == nullptr) {
    return;
  }
  if (team->state_ != nullptr) {
    team->state_->stop();
    delete team->state_;
  }
  delete team;
}

int ThreadTeam::threads() const { return state_->size; }

void ThreadTeam::run(int wanted, RegionBody body, void* context) {
  State& s = *state_;
  int size = wanted < s.size ? wanted : s.size;
  if (size <= 1 || s.taken.exchange(true, std::memory_order_acquire)) {
    body(context, Team{0, 1, nullptr});
    return;
  }
  s.body = body;
  s.context = context;
  s.running.store(size - 1, std::memory_order_relaxed);
  uint64_t number = (s.posted.load(std::memory_order_relaxed) >> 16) + 1;
  s.post(number << 16 | static_cast<uint64_t>(size));
  body(context, Team{0, size, this});
  s.spin([&] { return s.running.load(std::memory_order_acquire) == 0; });
  s.taken.store(false, std::memory_order_release);
}

void team_barrier(const Team& team, int group, int members) {
  if (members <= 1) {
    return;
  }
  ThreadTeam::State& state = *team.pool->state_;
  Barrier& barrier = state.barriers[static_cast<size_t>(group)];
  uint32_t generation = barrier.generation.load(std::memory_order_acquire);
  if (barrier.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == members) {
    barrier.arrived.store(0, std::memory_order_relaxed);
    barrier.generation.store(generation + 1, std::memory_order_release);
    return;
  }
  state.spin([&] { return barrier.generation.load(std::memory_order_acquire) != generation; });
}

}  // namespace gatefold
