// The simulated device's settings, from the environment or set while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sim {

enum class AsyncMode { kThread, kDelayed, kInline };
enum class Schedule { kForward, kReverse, kRandom };
enum class Clock { kWall, kLaunches };

enum Check : unsigned {
  kCheckBounds = 1,          // outside every allocation, freed memory
  kCheckInitialisation = 2,  // reads of memory nothing wrote
  kCheckRaces = 4,           // within a block's barrier interval, and between blocks
  kCheckAlignment = 8,
  kCheckBarriers = 16,  // divergence
  kCheckAll = 31
};

constexpr int kMostDevices = 16;

struct Options {
  AsyncMode async = AsyncMode::kThread;
  Schedule schedule = Schedule::kForward;
  uint64_t seed = 1;
  unsigned checks = kCheckAll;
  int capabilityMajor = 9;
  int capabilityMinor = 0;
  int devices = 1;  // equal ones, that share the memory
  int multiprocessors = 4;
  int workers = 2;  // operating-system threads that run the blocks of an ordinary launch
  size_t memoryBytes = size_t{4} << 30;
  double spinSeconds = 30;  // without progress before a kernel counts as hung
  Clock clock = Clock::kWall;
  int secondMillis = 1000000;  // that pass while the device's global timer counts a second
  bool trace = false;
  bool logFindings = true;
  std::string failing;    // the function whose next call fails; empty for none
  int failingStatus = 0;  // what that call returns, without doing anything
};

const Options& options();

// What a call of the driver API must return in place of doing its work; 0 for nothing. Asked once,
// each failure is over with that. Callers hold the engine's mutex.
int takeFailure(const char* function);

// Sets one option: the name of the environment variable in lower case, without its prefix
// GATEFOLD_SIM_. Returns an empty string, or what is wrong with the name or the value.
std::string setOption(const std::string& name, const std::string& value);

}  // namespace sim
