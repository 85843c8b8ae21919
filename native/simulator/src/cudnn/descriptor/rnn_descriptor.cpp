#include "rnn_descriptor.h"

#include <cmath>

namespace sim {
namespace {

constexpr unsigned kKnownFlags = 1;  // CUDNN_RNN_PADDED_IO_ENABLED

bool isWithin(int value, int count) { return value >= 0 && value < count; }

// Pairs of data type and precision of the arithmetic.
bool isPrecision(RnnAlgorithm algorithm, int dataType, int mathPrecision) {
  switch (dataType) {
    case kDnnFloat:
      return mathPrecision == kDnnFloat;
    case kDnnDouble:
      return mathPrecision == kDnnDouble && algorithm != RnnAlgorithm::kPersistStatic &&
             algorithm != RnnAlgorithm::kSmallH;
    case kDnnHalf:
      return mathPrecision == kDnnFloat ||
             (mathPrecision == kDnnHalf && algorithm == RnnAlgorithm::kStandard);
    default:
      return false;
  }
}

}  // namespace
}  // namespace sim

using sim::DropoutDescriptor;
using sim::RnnDescriptor;

SIM_API cudnnCreateRNNDescriptor(RnnDescriptor** rnn) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !rnn);
  *rnn = sim::Registry<RnnDescriptor>::instance().create();
  return sim::kDnnSuccess;
}

SIM_API cudnnDestroyRNNDescriptor(RnnDescriptor* rnn) {
  if (!rnn) return sim::kDnnSuccess;
  bool destroyed = sim::Registry<RnnDescriptor>::instance().destroy(rnn);
  DNN_REFUSE_IF(sim::kDnnBadParam, !destroyed);
  return sim::kDnnSuccess;
}

// What is refused and how was seen on the real library; CudnnDescriptorTest compares the two.
SIM_API cudnnSetRNNDescriptor_v8(RnnDescriptor* rnn, int algorithm, int cell, int bias,
                                 int direction, int inputMode, int dataType, int mathPrecision,
                                 int mathType, int inputSize, int hiddenSize, int projSize,
                                 int numLayers, DropoutDescriptor* dropout, unsigned auxFlags) {
  using sim::isWithin;
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(rnn));
  DNN_REFUSE_IF(sim::kDnnBadParam, !isWithin(algorithm, 4));
  DNN_REFUSE_IF(sim::kDnnBadParam, !isWithin(cell, 4));
  DNN_REFUSE_IF(sim::kDnnBadParam, !isWithin(bias, 4));
  DNN_REFUSE_IF(sim::kDnnBadParam, !isWithin(direction, 2));
  DNN_REFUSE_IF(sim::kDnnBadParam, !isWithin(inputMode, 2));
  DNN_REFUSE_IF(sim::kDnnBadParam, !isWithin(mathType, 4));
  DNN_REFUSE_IF(sim::kDnnBadParam, inputSize < 1 || hiddenSize < 1 || numLayers < 1);
  DNN_REFUSE_IF(sim::kDnnBadParam, projSize <= 0);
  DNN_REFUSE_IF(sim::kDnnBadParam, (auxFlags & ~sim::kKnownFlags) != 0);
  DNN_REFUSE_IF(sim::kDnnBadParam, dropout && !sim::isLive(dropout));
  auto chosen = static_cast<sim::RnnAlgorithm>(algorithm);
  bool standard = chosen == sim::RnnAlgorithm::kStandard;
  bool lstm = static_cast<sim::RnnCell>(cell) == sim::RnnCell::kLstm;
  DNN_REFUSE_IF(sim::kDnnNotSupported, projSize > hiddenSize);
  DNN_REFUSE_IF(sim::kDnnNotSupported, projSize != hiddenSize && !(lstm && standard));
  DNN_REFUSE_IF(sim::kDnnNotSupported,
                !standard && static_cast<sim::RnnBias>(bias) != sim::RnnBias::kDouble);
  DNN_REFUSE_IF(sim::kDnnNotSupported, !sim::isPrecision(chosen, dataType, mathPrecision));
  *rnn = RnnDescriptor();  // without clip, too
  rnn->isSet = true;
  rnn->algorithm = chosen;
  rnn->cell = static_cast<sim::RnnCell>(cell);
  rnn->bias = static_cast<sim::RnnBias>(bias);
  rnn->bidirectional = direction == 1;
  rnn->skipInput = inputMode == 1;
  rnn->dataType = dataType;
  rnn->mathPrecision = mathPrecision;
  rnn->mathType = mathType;
  rnn->inputSize = inputSize;
  rnn->hiddenSize = hiddenSize;
  rnn->projSize = projSize;
  rnn->numLayers = numLayers;
  rnn->dropout = dropout;
  rnn->auxFlags = auxFlags;
  return sim::kDnnSuccess;
}

SIM_API cudnnGetRNNDescriptor_v8(RnnDescriptor* rnn, int* algorithm, int* cell, int* bias,
                                 int* direction, int* inputMode, int* dataType, int* mathPrecision,
                                 int* mathType, int* inputSize, int* hiddenSize, int* projSize,
                                 int* numLayers, DropoutDescriptor** dropout, unsigned* auxFlags) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(rnn));
  DNN_REFUSE_IF(sim::kDnnNotInitialized, !rnn->isSet);
  auto put = [](auto* to, auto value) {
    if (to) *to = value;
  };
  put(algorithm, static_cast<int>(rnn->algorithm));
  put(cell, static_cast<int>(rnn->cell));
  put(bias, static_cast<int>(rnn->bias));
  put(direction, rnn->bidirectional ? 1 : 0);
  put(inputMode, rnn->skipInput ? 1 : 0);
  put(dataType, rnn->dataType);
  put(mathPrecision, rnn->mathPrecision);
  put(mathType, rnn->mathType);
  put(inputSize, rnn->inputSize);
  put(hiddenSize, rnn->hiddenSize);
  put(projSize, rnn->projSize);
  put(numLayers, rnn->numLayers);
  put(dropout, rnn->dropout);
  put(auxFlags, rnn->auxFlags);
  return sim::kDnnSuccess;
}

SIM_API cudnnRNNSetClip_v8(RnnDescriptor* rnn, int mode, int nan, double low, double high) {
  DNN_REFUSE_IF(sim::kDnnBadParam,
                !sim::isLive(rnn) || low > high || std::isnan(low) || std::isnan(high));
  rnn->clipMode = mode;
  rnn->clipNan = nan;
  rnn->lowClip = low;
  rnn->highClip = high;
  return sim::kDnnSuccess;
}

SIM_API cudnnRNNGetClip_v8(RnnDescriptor* rnn, int* mode, int* nan, double* low, double* high) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(rnn));
  if (mode) *mode = rnn->clipMode;
  if (nan) *nan = rnn->clipNan;
  if (low) *low = rnn->lowClip;
  if (high) *high = rnn->highClip;
  return sim::kDnnSuccess;
}
