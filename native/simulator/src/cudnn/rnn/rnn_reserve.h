// The reserve space of a training call: what the forward call keeps for the backward ones, behind a
// stamp that says which call it is of and how far the backward calls have come.
#pragma once

#include <cstdint>
#include <string>

#include "rnn_layers.h"

namespace sim {

enum class ReserveStage : uint64_t { kForwardDone = 1, kDataDone = 2 };

// Fingerprints of what the calls of one training step must agree on.
struct ReserveStamp {
  uint64_t mark = 0;
  uint64_t stage = 0;
  uint64_t contents = 0;  // of all that follows the stamp
  uint64_t problem = 0;   // descriptor, layout and lengths
  uint64_t x = 0;
  uint64_t hx = 0;
  uint64_t cx = 0;
  uint64_t y = 0;
  uint64_t weights = 0;
};

uint64_t fingerprint(const void* data, size_t bytes, uint64_t start = 0xcbf29ce484222325u);
uint64_t fingerprint(const Values& values);
uint64_t fingerprint(const std::vector<RnnWeights>& weights);
uint64_t fingerprint(const RnnProblem& problem);

size_t reserveBytes(const RnnProblem& problem, bool dropout);

// For bodies on a stream: return a driver status.
int writeReserve(const std::string& name, void* reserve, const RnnProblem& problem,
                 ReserveStamp stamp, ReserveStage stage, RnnTrace* trace);
// Ends with a finding where the reserve is not one, was altered since, or is at another stage.
int readReserve(const std::string& name, const void* reserve, const RnnProblem& problem,
                ReserveStage stage, ReserveStamp* stamp, RnnTrace* trace);
// Ends with a finding where `now`, the fingerprint of `what`, is not the forward call's.
int requireSame(const std::string& name, const char* what, uint64_t now, uint64_t forward);

}  // namespace sim
