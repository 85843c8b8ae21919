#include "dropout_descriptor.h"

#include <cstring>

#include "../../driver/library.h"
#include "../../runtime/detector/findings.h"
#include "../../runtime/status.h"
#include "../dnn_handle.h"
#include "tensor_descriptor.h"

namespace sim {
namespace {

constexpr size_t kStatesSize = 64 << 10;
constexpr uint64_t kMark = 0x74756f706f7264ff;

// What the states hold; the rest of them is unused.
struct RandomState {
  uint64_t mark;
  uint64_t counter;
};

// SplitMix64: not the generator of the real library, whose masks nothing may rely on.
uint64_t nextRandom(RandomState* state) {
  uint64_t z = state->counter += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int initialiseStates(void* states, size_t size, uint64_t seed) {
  if (int status = checkLibraryWrite("cudnn dropout states", states, size)) return status;
  RandomState state{kMark, seed};
  std::memset(states, 0, size);
  std::memcpy(states, &state, sizeof state);
  return kSuccess;
}

int setDropout(DropoutDescriptor* dropout, DnnHandle* handle, float rate, void* states, size_t size,
               uint64_t seed) {
  DNN_REFUSE_IF(kDnnBadParam, !isLive(handle) || !isLive(dropout));
  DNN_REFUSE_IF(kDnnBadParam, !(rate >= 0 && rate <= 1));
  DNN_REFUSE_IF(kDnnBadParam, states && size < kStatesSize);
  dropout->isSet = true;
  dropout->rate = rate;
  dropout->states = states;
  dropout->statesSize = size;
  dropout->seed = seed;
  return kDnnSuccess;
}

}  // namespace

int drawDropoutMask(const DropoutDescriptor& dropout, size_t count, double* factors) {
  const std::string name = "cudnn dropout states";
  if (int status = checkLibraryRead(name, dropout.states, sizeof(RandomState))) return status;
  RandomState state;
  std::memcpy(&state, dropout.states, sizeof state);
  if (state.mark != kMark) {
    recordFinding(FindingKind::kMisuse, name + ": cudnnSetDropoutDescriptor did not write them");
    return findingStatus(FindingKind::kMisuse);
  }
  double rate = dropout.rate;
  for (size_t i = 0; i < count; ++i) {
    double drawn = static_cast<double>(nextRandom(&state) >> 11) * 0x1p-53;
    factors[i] = drawn < rate ? 0.0 : 1 / (1 - rate);
  }
  std::memcpy(dropout.states, &state, sizeof state);
  return kSuccess;
}

}  // namespace sim

using sim::DnnHandle;
using sim::DropoutDescriptor;
using sim::TensorDescriptor;

SIM_API cudnnCreateDropoutDescriptor(DropoutDescriptor** dropout) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !dropout);
  *dropout = sim::Registry<DropoutDescriptor>::instance().create();
  return sim::kDnnSuccess;
}

SIM_API cudnnDestroyDropoutDescriptor(DropoutDescriptor* dropout) {
  if (!dropout) return sim::kDnnSuccess;
  bool destroyed = sim::Registry<DropoutDescriptor>::instance().destroy(dropout);
  DNN_REFUSE_IF(sim::kDnnBadParam, !destroyed);
  return sim::kDnnSuccess;
}

SIM_API cudnnDropoutGetStatesSize(DnnHandle* handle, size_t* bytes) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !bytes);
  *bytes = sim::kStatesSize;
  return sim::kDnnSuccess;
}

// Fills the states on the handle's stream; without them only the rate is set.
SIM_API cudnnSetDropoutDescriptor(DropoutDescriptor* dropout, DnnHandle* handle, float rate,
                                  void* states, size_t size, unsigned long long seed) {
  if (int status = sim::setDropout(dropout, handle, rate, states, size, seed)) return status;
  if (!states) return sim::kDnnSuccess;
  return sim::submitDnn(
      handle, [states, size, seed](bool) { return sim::initialiseStates(states, size, seed); });
}

// As cudnnSetDropoutDescriptor, for states that it has filled before.
SIM_API cudnnRestoreDropoutDescriptor(DropoutDescriptor* dropout, DnnHandle* handle, float rate,
                                      void* states, size_t size, unsigned long long seed) {
  return sim::setDropout(dropout, handle, rate, states, size, seed);
}

SIM_API cudnnGetDropoutDescriptor(DropoutDescriptor* dropout, DnnHandle* handle, float* rate,
                                  void** states, unsigned long long* seed) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle) || !sim::isLive(dropout));
  if (rate) *rate = dropout->rate;
  if (states) *states = dropout->states;
  if (seed) *seed = dropout->seed;
  return sim::kDnnSuccess;
}
