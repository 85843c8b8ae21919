// Stacks and the switch between them: one per CUDA thread that is under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

constexpr size_t kStackSize = size_t{128} << 10;

// A stack with an unmapped page below it.
struct Stack {
  char* low;      // of the usable part
  void* pointer;  // saved stack pointer while the thread is not running
};

// A stack that no thread uses, mapped if there is none; what is given back is handed out again, to
// whichever operating-system thread asks, and never unmapped.
Stack* takeStack();
void giveStack(Stack* stack);

// Prepares a stack so that the next switch to it calls `entry`, which must never return.
void prepareStack(Stack* stack, void (*entry)());

// Saves the callee-saved registers and the stack pointer in *from and continues at `to`.
extern "C" void sim_switch_stack(void** from, void* to);

}  // namespace sim
