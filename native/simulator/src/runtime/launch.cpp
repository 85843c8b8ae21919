#include "launch.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "block.h"
#include "options.h"

namespace sim {
namespace {

constexpr uint64_t kThreadsWorthHelp = 2048;

std::mutex& countsMutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

// Operating-system threads that run blocks; grows so that every accepted task has its own thread,
// because the blocks of a cooperative launch wait for each other.
class Workers {
 public:
  static Workers& instance() {
    static auto* workers = new Workers;
    return *workers;
  }

  void start(std::function<void()> task) {
    std::lock_guard<std::mutex> guard(mutex_);
    tasks_.push_back(std::move(task));
    if (tasks_.size() > idle_) {
      std::thread([this] { loop(); }).detach();
    }
    changed_.notify_one();
  }

 private:
  void loop() {
    sigset_t all;
    sigfillset(&all);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock<std::mutex> guard(mutex_);
    for (;;) {
      ++idle_;
      changed_.wait(guard, [this] { return !tasks_.empty(); });
      --idle_;
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      guard.unlock();
      task();
      guard.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  size_t idle_ = 0;
};

void runBlocks(Launch& launch, KernelCounts* total) {
  thread_local Block* block = nullptr;
  if (!block) block = new Block;
  block->counts = KernelCounts();
  for (;;) {
    unsigned i = launch.next.fetch_add(1);
    if (i >= launch.end || launch.aborted) break;
    block->run(launch, launch.blockAt(i));
    if (launch.cooperative || launch.cluster) break;
  }
  std::lock_guard<std::mutex> guard(countsMutex());
  total->add(block->counts);
}

}  // namespace

void Arguments::place(const SimKernel& kernel) {
  size_t words = 2;
  for (unsigned i = 0; i < kernel.parameterCount; ++i) {
    words += (kernel.parameterSizes[i] + kernel.parameterAlignments[i] + 7) / 8 + 1;
  }
  storage_.assign(words, 0);
  auto place = reinterpret_cast<uintptr_t>(storage_.data());
  for (unsigned i = 0; i < kernel.parameterCount; ++i) {
    size_t alignment = kernel.parameterAlignments[i];
    place = (place + alignment - 1) / alignment * alignment;
    pointers_.push_back(reinterpret_cast<void*>(place));
    place += kernel.parameterSizes[i];
  }
}

Arguments::Arguments(const SimKernel& kernel, void** values) {
  place(kernel);
  for (unsigned i = 0; i < kernel.parameterCount; ++i) {
    std::memcpy(pointers_[i], values[i], kernel.parameterSizes[i]);
  }
}

Arguments::Arguments(const SimKernel& kernel, const char* buffer, size_t size, bool* fits) {
  place(kernel);
  size_t offset = 0;
  *fits = true;
  for (unsigned i = 0; i < kernel.parameterCount; ++i) {
    size_t alignment = kernel.parameterAlignments[i];
    offset = (offset + alignment - 1) / alignment * alignment;
    if (offset + kernel.parameterSizes[i] > size) {
      *fits = false;
      return;
    }
    std::memcpy(pointers_[i], buffer + offset, kernel.parameterSizes[i]);
    offset += kernel.parameterSizes[i];
  }
}

unsigned Launch::clusterSize() const {
  const unsigned* c = kernel->cluster;
  return std::max(1u, c[0] * c[1] * c[2]);
}

unsigned Launch::blockAt(unsigned place) const {
  unsigned size = clusterSize();
  if (size == 1) return place;
  const unsigned* c = kernel->cluster;
  unsigned of = place / size;
  unsigned rank = place % size;
  unsigned wide = grid.x / c[0];
  unsigned high = grid.y / c[1];
  unsigned x = of % wide * c[0] + rank % c[0];
  unsigned y = of / wide % high * c[1] + rank / c[0] % c[1];
  unsigned z = of / (wide * high) * c[2] + rank / (c[0] * c[1]);
  return x + grid.x * (y + grid.y * z);
}

// Runs the next `blocks` blocks on `workers` threads.
static void runNext(Launch& launch, unsigned blocks, unsigned workers, KernelCounts* counts) {
  launch.end += blocks;
  std::mutex mutex;
  std::condition_variable changed;
  unsigned unfinished = workers - 1;
  for (unsigned w = 1; w < workers; ++w) {
    Workers::instance().start([&] {
      runBlocks(launch, counts);
      std::lock_guard<std::mutex> guard(mutex);
      if (--unfinished == 0) changed.notify_one();
    });
  }
  runBlocks(launch, counts);
  std::unique_lock<std::mutex> guard(mutex);
  changed.wait(guard, [&] { return unfinished == 0; });
}

// Clusters need each other as little as blocks of an ordinary launch do.
static void runClusters(Launch& launch, KernelCounts* counts) {
  unsigned size = launch.clusterSize();
  for (unsigned done = 0; done < launch.blocks && !launch.aborted; done += size) {
    Cluster cluster(size, launch.blocks);
    launch.cluster = &cluster;
    launch.next = done;
    runNext(launch, size, size, counts);
  }
  launch.cluster = nullptr;
}

int runLaunch(Launch& launch) {
  static std::atomic<uint64_t> nextBlock{1};
  auto start = std::chrono::steady_clock::now();
  launch.blocks = launch.grid.x * launch.grid.y * launch.grid.z;
  launch.firstBlock = nextBlock.fetch_add(launch.blocks);
  launch.next = launch.end = 0;
  launch.aborted = false;
  launch.status = 0;
  uint64_t threadsPerBlock =
      static_cast<uint64_t>(launch.block.x) * launch.block.y * launch.block.z;
  unsigned workers = launch.blocks;
  if (!launch.cooperative) {
    workers = threadsPerBlock * launch.blocks < kThreadsWorthHelp
                  ? 1
                  : std::min(launch.blocks, static_cast<unsigned>(options().workers));
  }
  KernelCounts counts;
  if (launch.clusterSize() > 1) {
    runClusters(launch, &counts);
  } else {
    runNext(launch, launch.blocks, workers, &counts);
  }
  counts.launches = 1;
  counts.graphLaunches = launch.inGraph;
  counts.blocks = launch.blocks;
  counts.threads = launch.blocks * threadsPerBlock;
  counts.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  countKernel(launch.kernel->name, counts);
  return launch.status;
}

}  // namespace sim
