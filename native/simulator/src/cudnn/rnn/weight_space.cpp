#include "weight_space.h"

#include "../descriptor/tensor_descriptor.h"

namespace sim {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kLeastGap = 64;

}  // namespace

WeightSpace::WeightSpace(const RnnDescriptor& rnn) {
  int gates = rnn.gates();
  ids_ = 2 * gates + (rnn.projects() ? 1 : 0);
  auto count = static_cast<size_t>(rnn.pseudoLayers()) * static_cast<size_t>(ids_);
  matrices_.resize(count);
  biases_.resize(count);
  size_t size = typeSize(rnn.dataType);
  for (int layer = rnn.pseudoLayers() - 1; layer >= 0; --layer) {
    for (int id = ids_ - 1; id >= 0; --id) {
      if (id == 2 * gates) {
        place(&matrices_[at(layer, id)], rnn.projSize, rnn.hiddenSize, size);
        continue;
      }
      bool input = id < gates;
      if (input ? rnn.hasInputBias() : rnn.hasRecurrentBias()) {
        place(&biases_[at(layer, id)], rnn.hiddenSize, 1, size);
      }
      int layerInput = rnn.inputSizeOf(layer / rnn.directions());
      if (input && rnn.skipsInput(layer / rnn.directions())) continue;
      place(&matrices_[at(layer, id)], rnn.hiddenSize, input ? layerInput : rnn.projSize, size);
    }
  }
  bytes_ += kLeastGap;
  gaps_.emplace_back(bytes_ - kLeastGap, kLeastGap);
}

void WeightSpace::place(WeightBlock* block, int rows, int columns, size_t elementSize) {
  size_t start = (bytes_ + kLeastGap + kAlignment - 1) / kAlignment * kAlignment;
  gaps_.emplace_back(bytes_, start - bytes_);
  block->exists = true;
  block->offset = start;
  block->rows = rows;
  block->columns = columns;
  bytes_ = start + block->elements() * elementSize;
}

}  // namespace sim
