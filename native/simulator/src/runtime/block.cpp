#include "block.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "detector/access_history.h"
#include "status.h"

// What a kernel reads as threadIdx and so on; written when the scheduler switches threads.
extern "C" {
__thread sim::Index3 threadIdx __attribute__((tls_model("initial-exec")));
__thread sim::Index3 blockIdx __attribute__((tls_model("initial-exec")));
__thread sim::Index3 blockDim __attribute__((tls_model("initial-exec")));
__thread sim::Index3 gridDim __attribute__((tls_model("initial-exec")));
}

namespace sim {
namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string tuple(const Index3& i) {
  return "(" + std::to_string(i.x) + "," + std::to_string(i.y) + "," + std::to_string(i.z) + ")";
}

}  // namespace

__thread Block* currentBlockPointer = nullptr;

std::string Block::where(const DeviceThread& thread) const {
  return std::string("kernel ") + launch->kernel->name + ", block " + tuple(index_) + ", thread " +
         tuple(thread.index);
}

std::string Block::blockName() const { return "block " + tuple(index_); }

std::string Block::site(const DeviceThread& thread) {
  const char* file = thread.file ? thread.file : "?";
  const char* slash = std::strrchr(file, '/');
  return std::string(slash ? slash + 1 : file) + ":" + std::to_string(thread.line);
}

void Block::fail(FindingKind kind, const std::string& text) {
  failOutside(kind, where(*running_) + ": " + text);
  for (;;) suspend();  // the scheduler does not come back to a failed block
}

void Block::failOutside(FindingKind kind, const std::string& text) {
  failed_ = true;
  if (!launch->aborted.exchange(true)) {
    recordFinding(kind, text);
    launch->status = findingStatus(kind);
  }
}

void Block::run(Launch& l, unsigned linearIndex) {
  launch = &l;
  begin(linearIndex);
  currentBlockPointer = this;
  schedule();
  endCluster();
  currentBlockPointer = nullptr;
  for (DeviceThread& t : threads_) {
    if (t.stack) giveStack(t.stack);
    t.stack = nullptr;
  }
}

void Block::begin(unsigned linearIndex) {
  const Index3& g = launch->grid;
  const Index3& b = launch->block;
  linearIndex_ = linearIndex;
  index_ = {linearIndex % g.x, linearIndex / g.x % g.y, linearIndex / (g.x * g.y)};
  uid_ = (launch->firstBlock + linearIndex) % stamp::kBlockLimit;
  interval_ = 0;
  count_ = live_ = b.x * b.y * b.z;
  atBarrier_ = atCluster_ = 0;
  failed_ = communicates_ = false;
  spinningSince_ = 0;
  checks = options().checks;
  if (threads_.size() < count_) threads_.resize(count_);
  for (unsigned i = 0; i < count_; ++i) {
    DeviceThread& t = threads_[i];
    t.state = ThreadState::kNew;
    t.yielded = false;
    t.index = {i % b.x, i / b.x % b.y, i / (b.x * b.y)};
    t.number = i;
    t.acquiredIn = kNever;
    t.releases = 0;
    t.accessed = false;
    t.atClusterBarrier = false;
    t.copyGroup = 0;
    t.copies.clear();
  }
  warps_.assign((count_ + 31) / 32, Warp());
  order_.resize(count_);
  bool reverse = options().schedule == Schedule::kReverse;
  for (unsigned i = 0; i < count_; ++i) order_[i] = reverse ? count_ - 1 - i : i;
  random_ = (options().seed + uid_ * 0x9e3779b97f4a7c15u) | 1;
  blockIdx = index_;
  blockDim = b;
  gridDim = g;
  DeviceMemory& memory = DeviceMemory::instance();
  memoryBase_ = memory.base();
  memorySize_ = memory.capacity();
  memoryState_ = memory.state(memoryBase_);
  memoryHistory_ = memory.history(memoryBase_);
  prepareShared();
  beginOrder();
  beginCluster();
}

void Block::renewStamp() {
  unsigned thread = running_->number;
  stamp_ = stamp::make(uid_, interval_, warps_[thread / 32].phase, running_->releases, thread);
}

void Block::prepareShared() {
  const Image& image = *launch->image;
  sharedBase_ = reinterpret_cast<uintptr_t>(image.sharedBase());
  sharedSize_ = image.sharedSize();
  if (sharedSize_ == 0) return;
  size_t words = (sharedSize_ + 3) / 4 + 1;
  if (sharedHistoryWords_ < words) {
    sharedHistory_.reset(new WordHistory[words]());
    sharedHistoryWords_ = words;
  }
  sharedState_.assign(words, 0);
  auto open = [&](size_t offset, size_t size) {
    std::memset(reinterpret_cast<void*>(sharedBase_ + offset), 0xff, size);
    for (size_t i = offset; i < offset + size;) {
      if (i % 4 == 0 && offset + size - i >= 4) {
        size_t whole = (offset + size - i) / 4;
        std::memset(sharedState_.data() + i / 4, 0x0f, whole);
        i += whole * 4;
      } else {
        sharedState_[i / 4] |= static_cast<uint8_t>(1u << i % 4);
        ++i;
      }
    }
  };
  for (const SharedVariable& v : image.sharedVariables()) open(v.offset, v.size);
  if (image.hasDynamicShared()) open(image.dynamicSharedOffset(), launch->dynamicShared);
}

// The numbers of intervals begin anew: what is recorded of shared memory would seem to be of now.
void Block::forgetShared() {
  for (size_t i = 0; i < sharedHistoryWords_; ++i) {
    sharedHistory_[i].write.store(0, std::memory_order_relaxed);
    sharedHistory_[i].read.store(0, std::memory_order_relaxed);
  }
}

void Block::threadMain() {
  Block* block = currentBlockPointer;
  block->launch->kernel->call(block->launch->arguments->pointers());
  block->running_->state = ThreadState::kDone;
  for (;;) block->suspend();
}

void Block::suspend() { sim_switch_stack(&running_->stack->pointer, schedulerStack_); }

void Block::resume(DeviceThread& thread) {
  if (thread.state == ThreadState::kNew) {
    thread.stack = takeStack();
    prepareStack(thread.stack, &Block::threadMain);
    thread.state = ThreadState::kReady;
  }
  running_ = &thread;
  threadIdx = thread.index;
  renewStamp();
  sim_switch_stack(&schedulerStack_, thread.stack->pointer);
  if (thread.state == ThreadState::kDone) {
    --live_;
    if (cluster_) leaveCluster(thread);
    giveStack(thread.stack);
    thread.stack = nullptr;
  }
}

uint64_t Block::draw() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

// Lets every thread that can run do so once. False when the block failed.
bool Block::pass(unsigned* ran, unsigned* spinning) {
  if (options().schedule == Schedule::kRandom) {
    for (unsigned i = count_ - 1; i > 0; --i) std::swap(order_[i], order_[draw() % (i + 1)]);
  }
  for (unsigned k = 0; k < count_; ++k) {
    DeviceThread& t = threads_[order_[k]];
    if (t.state > ThreadState::kReady) continue;
    t.yielded = false;
    resume(t);
    ++*ran;
    *spinning += t.yielded;
    if (failed_) return false;
  }
  return true;
}

void Block::schedule() {
  while (live_ > 0) {
    unsigned ran = 0;
    unsigned spinning = 0;
    if (atCluster_ > 0) releaseCluster();
    if (!pass(&ran, &spinning) || live_ == 0) return;
    if (launch->aborted) return;
    if (atBarrier_ == live_) {
      if (!releaseBarrier()) return;
    } else if (ran == 0 && atCluster_ == 0) {
      reportStuck();
      return;
    } else if (spinning == ran && spinTooLong()) {
      return;
    } else if (spinning < ran) {
      spinningSince_ = 0;
    }
  }
}

// The block only waits, for other blocks as a rule: leaves them the processor.
bool Block::spinTooLong() {
  constexpr double kSpinsOfSecond = 500;
  double now = seconds();
  if (spinningSince_ == 0) {
    spinningSince_ = now;
    spins_ = 0;
  }
  ++spins_;
  if (cluster_) {
    leaveProcessor();
  } else if (now - spinningSince_ < 2e-4) {
    std::this_thread::yield();
  } else {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  // Where the processor is busy with other things, time alone says nothing: the other blocks had as
  // little of it as this one.
  double most = options().spinSeconds;
  if (now - spinningSince_ < most || static_cast<double>(spins_) < kSpinsOfSecond * most) {
    return false;
  }
  failOutside(FindingKind::kDeadlock, std::string("kernel ") + launch->kernel->name + ", block " +
                                          tuple(index_) + ": only spins for " +
                                          std::to_string(static_cast<int>(now - spinningSince_)) +
                                          " s without progress");
  return true;
}

void Block::reportStuck() {
  const DeviceThread* first = nullptr;
  const DeviceThread* other = nullptr;
  for (unsigned i = 0; i < count_; ++i) {
    const DeviceThread& t = threads_[i];
    if (t.state == ThreadState::kDone) continue;
    if (!first) {
      first = &t;
    } else if (!other && (t.state != first->state || t.line != first->line)) {
      other = &t;
    }
  }
  auto what = [](const DeviceThread& t) {
    char mask[32] = "";
    if (t.state == ThreadState::kAtWarp) {
      std::snprintf(mask, sizeof mask, ", lanes 0x%08x", t.warp.mask);
    }
    return std::string(t.state == ThreadState::kAtBarrier ? "barrier " : "warp operation ") +
           site(t) + mask;
  };
  std::string text = where(*first) + " waits at " + what(*first);
  if (other) text += "; thread " + tuple(other->index) + " at " + what(*other);
  if (live_ != count_) text += "; " + std::to_string(count_ - live_) + " threads have exited";
  bool warpOnly = first->state == ThreadState::kAtWarp && !other;
  failOutside(warpOnly ? FindingKind::kWarpDivergence : FindingKind::kBarrierDivergence, text);
}

}  // namespace sim

extern "C" {

void sim_yield() {
  sim::Block* block = sim::currentBlock();
  if (!block) return;
  block->running().yielded = true;
  block->suspend();
}

void sim_trap(const char* condition, const char* file, int line) {
  sim::Block* block = sim::currentBlock();
  sim::DeviceThread& t = block->running();
  t.file = file;
  t.line = line;
  if (condition) {
    block->fail(sim::FindingKind::kAssertion,
                "assertion failed at " + sim::Block::site(t) + ": " + condition);
  }
  block->fail(sim::FindingKind::kTrap, "__trap() at " + sim::Block::site(t));
}

unsigned long long sim_clock() { return __builtin_ia32_rdtsc(); }

unsigned long long sim_global_timer() {
  return static_cast<unsigned long long>(sim::seconds() * 1e12 / sim::options().secondMillis);
}

}  // extern "C"
