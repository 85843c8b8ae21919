#include "fiber.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

// System V ABI for x86-64: rbx, rbp and r12 to r15 survive a call, everything else need not.
__asm__(R"(
.text
.globl sim_switch_stack
.hidden sim_switch_stack
.type sim_switch_stack, @function
sim_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size sim_switch_stack, .-sim_switch_stack
)");

namespace sim {
namespace {

constexpr size_t kPage = 4096;
constexpr int kSavedRegisters = 6;

// Unused stacks change hands by so many, so that threads seldom wait for each other and none keeps
// what others need: a process may have 65,530 mappings, and each stack is two.
constexpr size_t kHanded = 64;

// Unused stacks that are nobody's.
struct SharedStacks {
  std::mutex mutex;
  std::vector<Stack*> stacks;
};

SharedStacks& sharedStacks() {
  static auto* shared = new SharedStacks;
  return *shared;
}

// Moves the last stacks, `most` of them at most.
void hand(std::vector<Stack*>& from, std::vector<Stack*>& to, size_t most) {
  auto first = from.end() - static_cast<std::ptrdiff_t>(std::min(most, from.size()));
  to.insert(to.end(), first, from.end());
  from.erase(first, from.end());
}

// A thread's unused stacks, at most twice what is handed at once.
struct ThreadStacks {
  std::vector<Stack*> stacks;

  void fill() {
    SharedStacks& shared = sharedStacks();
    std::lock_guard<std::mutex> guard(shared.mutex);
    hand(shared.stacks, stacks, kHanded);
  }

  void leave(size_t count) {
    SharedStacks& shared = sharedStacks();
    std::lock_guard<std::mutex> guard(shared.mutex);
    hand(stacks, shared.stacks, count);
  }

  ~ThreadStacks() { leave(stacks.size()); }
};

// A pointer, so that the library needs little of the thread-local storage reserved for dlopen.
thread_local std::unique_ptr<ThreadStacks> tUnused;

ThreadStacks& unused() {
  if (!tUnused) tUnused = std::make_unique<ThreadStacks>();
  return *tUnused;
}

}  // namespace

Stack* takeStack() {
  ThreadStacks& own = unused();
  if (own.stacks.empty()) own.fill();
  if (!own.stacks.empty()) {
    Stack* stack = own.stacks.back();
    own.stacks.pop_back();
    return stack;
  }
  void* map = mmap(nullptr, kStackSize + kPage, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) {
    std::perror("simulated device: cannot map a stack");
    std::abort();
  }
  mprotect(map, kPage, PROT_NONE);
  return new Stack{static_cast<char*>(map) + kPage, nullptr};
}

void giveStack(Stack* stack) {
  ThreadStacks& own = unused();
  own.stacks.push_back(stack);
  if (own.stacks.size() >= 2 * kHanded) own.leave(kHanded);
}

void prepareStack(Stack* stack, void (*entry)()) {
  auto* top = reinterpret_cast<void**>(stack->low + kStackSize);
  *--top = nullptr;  // the return address of `entry`: keeps the stack aligned, is never used
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < kSavedRegisters; ++i) *--top = nullptr;
  stack->pointer = top;
}

}  // namespace sim
