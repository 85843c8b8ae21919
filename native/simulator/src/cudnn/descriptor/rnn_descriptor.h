// What cudnnSetRNNDescriptor_v8 describes: cell, sizes, precision and algorithm of a stack of
// recurrent layers.
#pragma once

#include <vector>

#include "../dnn_types.h"
#include "dropout_descriptor.h"

namespace sim {

// Values of cudnnRNNMode_t.
enum class RnnCell { kRelu = 0, kTanh = 1, kLstm = 2, kGru = 3 };
// Values of cudnnRNNAlgo_t.
enum class RnnAlgorithm { kStandard = 0, kPersistStatic = 1, kPersistDynamic = 2, kSmallH = 3 };
// Values of cudnnRNNBiasMode_t.
enum class RnnBias { kNone = 0, kInput = 1, kDouble = 2, kRecurrent = 3 };

struct RnnDescriptor {
  bool isSet = false;
  RnnAlgorithm algorithm = RnnAlgorithm::kStandard;
  RnnCell cell = RnnCell::kRelu;
  RnnBias bias = RnnBias::kNone;
  bool bidirectional = false;
  bool skipInput = false;
  int dataType = 0;
  int mathPrecision = 0;
  int mathType = 0;
  int inputSize = 0;
  int hiddenSize = 0;
  int projSize = 0;
  int numLayers = 0;
  DropoutDescriptor* dropout = nullptr;
  unsigned auxFlags = 0;
  // Told and read back, but without effect: cuDNN 9.19 left the cell state unclipped on an H100.
  int clipMode = 0;
  int clipNan = 0;
  double lowClip = 0;
  double highClip = 0;
  int dynamicBatch = 0;  // of the last cudnnBuildRNNDynamic; 0 without

  int directions() const { return bidirectional ? 2 : 1; }
  int pseudoLayers() const { return numLayers * directions(); }
  int gates() const { return cell == RnnCell::kLstm ? 4 : cell == RnnCell::kGru ? 3 : 1; }
  bool hasCellState() const { return cell == RnnCell::kLstm; }
  bool projects() const { return projSize != hiddenSize; }
  bool paddedIo() const { return (auxFlags & 1) != 0; }
  bool hasInputBias() const { return bias == RnnBias::kInput || bias == RnnBias::kDouble; }
  bool hasRecurrentBias() const { return bias == RnnBias::kRecurrent || bias == RnnBias::kDouble; }
  int inputSizeOf(int layer) const { return layer == 0 ? inputSize : projSize * directions(); }
  bool skipsInput(int layer) const { return skipInput && layer == 0; }
};

}  // namespace sim
