#include "findings.h"

#include <cstdio>
#include <mutex>

#include "../options.h"
#include "../status.h"

namespace sim {
namespace {

constexpr size_t kMostKept = 1000;

std::mutex& lock() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

std::vector<Finding>& list() {
  static auto* kept = new std::vector<Finding>;
  return *kept;
}

}  // namespace

const char* findingName(FindingKind kind) {
  switch (kind) {
    case FindingKind::kOutOfBounds:
      return "out of bounds";
    case FindingKind::kUseAfterFree:
      return "use after free";
    case FindingKind::kUninitialisedRead:
      return "uninitialised read";
    case FindingKind::kMisaligned:
      return "misaligned access";
    case FindingKind::kRace:
      return "race";
    case FindingKind::kBarrierDivergence:
      return "barrier divergence";
    case FindingKind::kWarpDivergence:
      return "warp divergence";
    case FindingKind::kDeadlock:
      return "deadlock";
    case FindingKind::kTrap:
      return "trap";
    case FindingKind::kAssertion:
      return "assertion";
    case FindingKind::kArithmetic:
      return "arithmetic";
    case FindingKind::kCluster:
      return "cluster";
    case FindingKind::kMisuse:
      return "misuse";
    case FindingKind::kLeak:
      return "leak";
  }
  return "?";
}

int findingStatus(FindingKind kind) {
  switch (kind) {
    case FindingKind::kOutOfBounds:
    case FindingKind::kUseAfterFree:
      return kIllegalAddress;
    case FindingKind::kMisaligned:
      return kMisalignedAddress;
    case FindingKind::kDeadlock:
      return kLaunchTimeout;
    case FindingKind::kAssertion:
      return kAssert;
    default:
      return kLaunchFailed;
  }
}

void recordFinding(FindingKind kind, const std::string& text) {
  if (options().logFindings) {
    std::fprintf(stderr, "simulated device: %s: %s\n", findingName(kind), text.c_str());
  }
  std::lock_guard<std::mutex> guard(lock());
  if (list().size() < kMostKept) list().push_back({kind, text});
}

std::vector<Finding> findings() {
  std::lock_guard<std::mutex> guard(lock());
  return list();
}

std::string lastFinding() {
  std::lock_guard<std::mutex> guard(lock());
  if (list().empty()) return "";
  return std::string(findingName(list().back().kind)) + ": " + list().back().text;
}

void clearFindings() {
  std::lock_guard<std::mutex> guard(lock());
  list().clear();
}

}  // namespace sim
