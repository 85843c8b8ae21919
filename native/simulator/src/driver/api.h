// What every entry point of the driver API begins with.
#pragma once

#include <cstdio>

#include "../runtime/options.h"
#include "../runtime/status.h"
#include "engine.h"

#define SIM_API extern "C" __attribute__((visibility("default"))) int

namespace sim {

using DevicePointer = unsigned long long;

bool isInitialised();
Context* currentContext();

inline void trace(const char* function) {
  if (options().trace) std::fprintf(stderr, "simulated device: %s\n", function);
}

}  // namespace sim

#define SIM_ENTER_DEVICE()                                \
  sim::Lock lock(sim::engineMutex());                     \
  sim::trace(__func__);                                   \
  if (!sim::isInitialised()) return sim::kNotInitialized; \
  SIM_FAIL_IF_ASKED()

// The status that the option "fail" asks of this call, once; 0 for none.
#define SIM_FAIL_IF_ASKED() \
  if (int failure = sim::takeFailure(__func__)) return failure

// Declares `lock` and `context`, the current context, which has no error.
#define SIM_ENTER()                              \
  SIM_ENTER_DEVICE();                            \
  sim::Context* context = sim::currentContext(); \
  if (!context) return sim::kInvalidContext;     \
  if (context->error) return context->error
