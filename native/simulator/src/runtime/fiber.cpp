#include "fiber.h"

#include <sys/mman.h>

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

// Stacks of threads that have ended, for those that come: streams have a thread each, and come and
// go.
struct SharedStacks {
  std::mutex mutex;
  std::vector<Stack*> stacks;
};

SharedStacks& sharedStacks() {
  static auto* shared = new SharedStacks;
  return *shared;
}

// A thread's unused stacks; it leaves them to others when it ends.
struct ThreadStacks {
  std::vector<Stack*> stacks;

  ~ThreadStacks() {
    SharedStacks& shared = sharedStacks();
    std::lock_guard<std::mutex> guard(shared.mutex);
    shared.stacks.insert(shared.stacks.end(), stacks.begin(), stacks.end());
  }
};

// A pointer, so that the library needs little of the thread-local storage reserved for dlopen.
thread_local std::unique_ptr<ThreadStacks> tUnused;

std::vector<Stack*>& unused() {
  if (!tUnused) {
    tUnused = std::make_unique<ThreadStacks>();
    SharedStacks& shared = sharedStacks();
    std::lock_guard<std::mutex> guard(shared.mutex);
    tUnused->stacks.swap(shared.stacks);
  }
  return tUnused->stacks;
}

}  // namespace

Stack* takeStack() {
  if (!unused().empty()) {
    Stack* stack = unused().back();
    unused().pop_back();
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

void giveStack(Stack* stack) { unused().push_back(stack); }

void prepareStack(Stack* stack, void (*entry)()) {
  auto* top = reinterpret_cast<void**>(stack->low + kStackSize);
  *--top = nullptr;  // the return address of `entry`: keeps the stack aligned, is never used
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < kSavedRegisters; ++i) *--top = nullptr;
  stack->pointer = top;
}

}  // namespace sim
