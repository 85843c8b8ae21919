// Checks and counts of memory accesses.
//
// Kernels are compiled with the compiler's instrumentation for data-race detection; the calls it
// makes for every load and store (__tsan_…) end here, not in a sanitiser's runtime. The calls of
// the undefined-behaviour checks (__ubsan_…) do as well.
#include <cstdio>

#include "../block.h"
#include "access_history.h"

namespace sim {
namespace {

std::string hex(uintptr_t address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

std::string accessText(uintptr_t address, unsigned size, bool write) {
  return std::string(write ? "write of " : "read of ") + std::to_string(size) + " bytes at " +
         hex(address);
}

}  // namespace

std::string Block::describe(uintptr_t address, bool* freed) const {
  *freed = false;
  if (address - sharedBase_ < sharedSize_) {
    return "byte " + std::to_string(address - sharedBase_) + " of the module's shared memory";
  }
  return DeviceMemory::instance().describe(address, freed);
}

void Block::access(uintptr_t address, unsigned size, bool write, bool atomic) {
  if (address - memoryBase_ < memorySize_) {
    checkGlobal(address, size, write, atomic);
  } else if (address - sharedBase_ < sharedSize_) {
    checkShared(address, size, write, atomic);
  } else {
    checkElsewhere(address, size, write);
  }
}

template <bool kWrite, unsigned kWords>
inline void Block::accessWords(uintptr_t address) {
  constexpr uint8_t kWritten = 0xff;
  constexpr uint64_t kWholeWord = uint64_t{15} << stamp::kMaskShift;
  bool global = address - memoryBase_ < memorySize_;
  if ((!global && address - sharedBase_ >= sharedSize_) || address % 4 != 0) {
    access(address, kWords * 4, kWrite, false);
    return;
  }
  size_t word = (address - (global ? memoryBase_ : sharedBase_)) / 4;
  uint8_t* state = (global ? memoryState_ : sharedState_.data()) + word;
  uint8_t together = kWritten;
  for (unsigned i = 0; i < kWords; ++i) together &= state[i];
  if (together != kWritten) {
    access(address, kWords * 4, kWrite, false);
    return;
  }
  if (global) {
    (kWrite ? counts.globalWriteBytes : counts.globalReadBytes) += kWords * 4;
  } else {
    (kWrite ? counts.sharedWriteBytes : counts.sharedReadBytes) += kWords * 4;
    if (!(checks & kCheckRaces)) return;
  }
  uint64_t mine = stamp_ | kWholeWord;
  WordHistory* history = (global ? memoryHistory_ : sharedHistory_.get()) + word;
  for (unsigned i = 0; i < kWords; ++i) {
    // What this thread did last is in order still: any other access since has been compared with
    // it.
    std::atomic<uint64_t>& last = kWrite ? history[i].write : history[i].read;
    if (!kWrite && last.load(std::memory_order_relaxed) == mine) continue;
    checkHistory(history[i], mine, kWrite, address + 4 * i, global);
  }
}

void Block::checkElsewhere(uintptr_t address, unsigned size, bool write) {
  auto stack = reinterpret_cast<uintptr_t>(running_->stack->low);
  if (address - stack < kStackSize || launch->image->ownsData(address)) return;
  if (!(checks & kCheckBounds)) return;
  bool freed;
  fail(FindingKind::kOutOfBounds,
       accessText(address, size, write) + ": " +
           (address < 4096 ? std::string("null pointer") : describe(address, &freed)));
}

void Block::checkGlobal(uintptr_t address, unsigned size, bool write, bool atomic) {
  DeviceMemory& memory = DeviceMemory::instance();
  (write ? counts.globalWriteBytes : counts.globalReadBytes) += size;
  if (atomic) communicates_ = true;
  uintptr_t end = address + size;
  for (uintptr_t a = address; a < end;) {
    unsigned first = a % 4;
    unsigned last = end - a >= 4 - first ? 4 : first + static_cast<unsigned>(end - a);
    unsigned mask = ((1u << last) - 1) & ~((1u << first) - 1);
    uint8_t* state = memory.state(a);
    if ((*state & mask) != mask && (checks & kCheckBounds)) {
      bool freed;
      std::string what = describe(a, &freed);
      fail(freed ? FindingKind::kUseAfterFree : FindingKind::kOutOfBounds,
           accessText(address, size, write) + ": " + what);
    }
    if (write) {
      *state = static_cast<uint8_t>(*state | mask << 4);
    } else if (((*state >> 4) & mask) != mask && (checks & kCheckInitialisation)) {
      bool freed;
      fail(FindingKind::kUninitialisedRead,
           accessText(address, size, write) + ": " + describe(a, &freed));
    }
    uint64_t mine = stamp_ | uint64_t{mask} << stamp::kMaskShift | (atomic ? stamp::kAtomic : 0);
    checkHistory(*memory.history(a), mine, write, a, true);
    a += 4 - first;
  }
}

void Block::checkShared(uintptr_t address, unsigned size, bool write, bool atomic) {
  (write ? counts.sharedWriteBytes : counts.sharedReadBytes) += size;
  uintptr_t end = address + size;
  for (uintptr_t a = address; a < end;) {
    // Words are counted from the start of the shared memory, which is at least 4-byte aligned.
    unsigned first = a % 4;
    unsigned last = end - a >= 4 - first ? 4 : first + static_cast<unsigned>(end - a);
    unsigned mask = ((1u << last) - 1) & ~((1u << first) - 1);
    size_t word = (a - sharedBase_) / 4;
    uint8_t* state = &sharedState_[word];
    if ((*state & mask) != mask && (checks & kCheckBounds)) {
      fail(FindingKind::kOutOfBounds,
           accessText(address, size, write) + ": outside of the shared " + "variables and of the " +
               std::to_string(launch->dynamicShared) + " bytes of dynamic shared memory");
    }
    bool written = ((*state >> 4) & mask) == mask;
    if (!written && isMbarrier(word * 4)) {
      fail(FindingKind::kCluster, accessText(address, size, write) + ": an mbarrier is there");
    }
    if (write) {
      *state = static_cast<uint8_t>(*state | mask << 4);
    } else if (!written && (checks & kCheckInitialisation)) {
      bool freed;
      fail(FindingKind::kUninitialisedRead,
           accessText(address, size, write) + ": " + describe(a, &freed));
    }
    if (checks & kCheckRaces) {
      uint64_t mine = stamp_ | uint64_t{mask} << stamp::kMaskShift | (atomic ? stamp::kAtomic : 0);
      checkHistory(sharedHistory_[word], mine, write, a, false);
    }
    a += 4 - first;
  }
}

void Block::checkMbarrier(uintptr_t address, bool write) {
  if (!(checks & kCheckRaces)) return;
  for (uintptr_t a = address; a < address + 8; a += 4) {
    checkHistory(sharedHistory_[(a - sharedBase_) / 4],
                 stamp_ | uint64_t{15} << stamp::kMaskShift | stamp::kAtomic, write, a, false);
  }
}

// Blocks run side by side: an access is recorded before it looks at what others recorded, lest two
// at the same time miss each other.
inline void Block::checkHistory(WordHistory& word, uint64_t mine, bool write, uintptr_t address,
                                bool global) {
  auto record = [&](std::atomic<uint64_t>& last, uint64_t now) {
    if (global) return last.exchange(now, std::memory_order_seq_cst);
    uint64_t before = last.load(std::memory_order_relaxed);
    last.store(now, std::memory_order_relaxed);
    return before;
  };
  uint64_t lastWrite, lastRead;
  if (write) {
    lastWrite = record(word.write, mine);
    lastRead = word.read.load(std::memory_order_seq_cst);
  } else {
    lastRead = word.read.load(std::memory_order_relaxed);
    record(word.read, stamp::mergeRead(mine, lastRead));
    lastWrite = word.write.load(std::memory_order_seq_cst);
  }
  bool writtenInLaunch = inLaunch(lastWrite);
  bool readInLaunch = inLaunch(lastRead);
  running_->accessed = true;
  if (global) {
    if (write && !writtenInLaunch) counts.globalWriteDistinctBytes += 4;
    if (!write && !readInLaunch) counts.globalReadDistinctBytes += 4;
  }
  if (!(checks & kCheckRaces) || !(writtenInLaunch || (write && readInLaunch))) return;
  auto conflicts = [&](uint64_t s) {
    return stamp::conflicts(mine, s) && !(ordered_ && isOrdered(s));
  };
  if (conflicts(lastWrite)) failRace(mine, lastWrite, write, true, address, global);
  if (write && conflicts(lastRead)) failRace(mine, lastRead, write, false, address, global);
  // Nothing orders two blocks of a launch but atomics, and what a cluster has.
  if (!global && !cluster_) return;
  auto otherBlock = [&](uint64_t s, bool there) {
    return there && stamp::block(s) != uid_ && (stamp::mask(s) & stamp::mask(mine)) &&
           !(s & (ordered_ ? mine & stamp::kAtomic : stamp::kAtomic)) && !isOrdered(s);
  };
  if (otherBlock(lastWrite, writtenInLaunch)) {
    failRace(mine, lastWrite, write, true, address, global);
  }
  if (write && otherBlock(lastRead, readInLaunch)) {
    failRace(mine, lastRead, write, false, address, global);
  }
}

void Block::failRace(uint64_t mine, uint64_t theirs, bool write, bool theirsWrite,
                     uintptr_t address, bool global) {
  bool freed;
  std::string text = std::string(write ? "write" : "read") + " at " + hex(address) +
                     " without a barrier after a " + (theirsWrite ? "write" : "read") + " by ";
  if (stamp::block(mine) != stamp::block(theirs)) {
    text += "block " + std::to_string(blockOf(theirs)) + ", ";
  }
  text += "thread " + std::to_string(stamp::thread(theirs));
  if (theirs & (stamp::kSeveralLanes | stamp::kSeveralWarps)) text += " and others";
  fail(FindingKind::kRace,
       text + (global ? " in global memory: " : " in shared memory: ") + describe(address, &freed));
}

namespace {

template <bool kWrite>
inline void hook(void* address, unsigned size) {
  if (Block* block = currentBlock()) {
    block->access(reinterpret_cast<uintptr_t>(address), size, kWrite, false);
  }
}

template <bool kWrite, unsigned kWords>
inline void hookWords(void* address) {
  if (Block* block = currentBlock()) {
    block->accessWords<kWrite, kWords>(reinterpret_cast<uintptr_t>(address));
  }
}

struct SourceLocation {
  const char* file;
  uint32_t line;
  uint32_t column;
};

std::string locationText(const SourceLocation& l) {
  return std::string(l.file) + ":" + std::to_string(l.line);
}

}  // namespace
}  // namespace sim

using sim::hook;
using sim::hookWords;

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_read1(void* p) { hook<false>(p, 1); }
void __tsan_read2(void* p) { hook<false>(p, 2); }
void __tsan_read4(void* p) { hookWords<false, 1>(p); }
void __tsan_read8(void* p) { hookWords<false, 2>(p); }
void __tsan_read16(void* p) { hookWords<false, 4>(p); }
void __tsan_write1(void* p) { hook<true>(p, 1); }
void __tsan_write2(void* p) { hook<true>(p, 2); }
void __tsan_write4(void* p) { hookWords<true, 1>(p); }
void __tsan_write8(void* p) { hookWords<true, 2>(p); }
void __tsan_write16(void* p) { hookWords<true, 4>(p); }
void __tsan_unaligned_read2(void* p) { hook<false>(p, 2); }
void __tsan_unaligned_read4(void* p) { hook<false>(p, 4); }
void __tsan_unaligned_read8(void* p) { hook<false>(p, 8); }
void __tsan_unaligned_read16(void* p) { hook<false>(p, 16); }
void __tsan_unaligned_write2(void* p) { hook<true>(p, 2); }
void __tsan_unaligned_write4(void* p) { hook<true>(p, 4); }
void __tsan_unaligned_write8(void* p) { hook<true>(p, 8); }
void __tsan_unaligned_write16(void* p) { hook<true>(p, 16); }
void __tsan_read_range(void* p, unsigned long size) { hook<false>(p, static_cast<unsigned>(size)); }
void __tsan_write_range(void* p, unsigned long size) { hook<true>(p, static_cast<unsigned>(size)); }
// A fence orders memory on the host as it stands in the code.
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

void sim_check_read(const void* p, unsigned long long size) {
  hook<false>(const_cast<void*>(p), static_cast<unsigned>(size));
}
void sim_check_write(void* p, unsigned long long size) {
  hook<true>(p, static_cast<unsigned>(size));
}
void sim_check_atomic(void* p, unsigned size, int write) {
  if (sim::Block* block = sim::currentBlock()) {
    auto address = reinterpret_cast<uintptr_t>(p);
    if (address % size != 0) {
      block->fail(sim::FindingKind::kMisaligned,
                  "atomic operation on " + std::to_string(size) + " bytes at " + sim::hex(address));
    }
    ++block->counts.atomics;
    block->access(address, size, write != 0, true);
  }
}

// The layouts of the data are part of the compiler's interface to its checks.
struct SimTypeMismatchData {
  sim::SourceLocation location;
  const void* type;
  unsigned char logAlignment;
  unsigned char kind;
};

void __ubsan_handle_type_mismatch_v1(SimTypeMismatchData* data, void* pointer) {
  sim::Block* block = sim::currentBlock();
  if (!block || !(block->checks & sim::kCheckAlignment)) return;
  auto address = reinterpret_cast<uintptr_t>(pointer);
  block->fail(sim::FindingKind::kMisaligned, "address " + sim::hex(address) +
                                                 " is not a multiple of " +
                                                 std::to_string(1u << data->logAlignment) +
                                                 ", at " + sim::locationText(data->location));
}

struct SimOutOfBoundsData {
  sim::SourceLocation location;
  const void* arrayType;
  const void* indexType;
};

void __ubsan_handle_out_of_bounds(SimOutOfBoundsData* data, void* index) {
  sim::Block* block = sim::currentBlock();
  if (!block || !(block->checks & sim::kCheckBounds)) return;
  block->fail(sim::FindingKind::kOutOfBounds,
              "index " + std::to_string(reinterpret_cast<intptr_t>(index)) +
                  " outside of its array, at " + sim::locationText(data->location));
}

struct SimOverflowData {
  sim::SourceLocation location;
  const void* type;
};

void __ubsan_handle_divrem_overflow(SimOverflowData* data, void*, void*) {
  sim::Block* block = sim::currentBlock();
  if (!block) return;
  block->fail(sim::FindingKind::kArithmetic,
              "integer division by zero at " + sim::locationText(data->location));
}

}  // extern "C"
