// What the detectors found: kept in order, logged to standard error, and turned into launch errors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim {

enum class FindingKind {
  kOutOfBounds,
  kUseAfterFree,
  kUninitialisedRead,
  kMisaligned,
  kRace,
  kBarrierDivergence,
  kWarpDivergence,
  kDeadlock,
  kTrap,
  kAssertion,
  kArithmetic,
  kCluster,  // what blocks of a cluster may not do to each other
  kMisuse,   // of a library: calls in the wrong order, altered buffers
  kLeak
};

struct Finding {
  FindingKind kind;
  std::string text;  // kernel, block, thread, address, allocation
};

// Short name as it appears in reports: "out of bounds", "race", …
const char* findingName(FindingKind kind);

// The launch error a real device would give, or CUDA_ERROR_LAUNCH_FAILED where a real device would
// go on with wrong values.
int findingStatus(FindingKind kind);

// Thread-safe.
void recordFinding(FindingKind kind, const std::string& text);
std::vector<Finding> findings();
std::string lastFinding();
void clearFindings();

}  // namespace sim
