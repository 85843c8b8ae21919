// Where matrices and biases of a recurrent descriptor lie in its weight space.
//
// The order is this library's own and on purpose not an obvious one: applications are to ask
// cudnnGetRNNWeightParams. Between the blocks are gaps that belong to nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "../descriptor/rnn_descriptor.h"

namespace sim {

struct WeightBlock {
  bool exists = false;
  size_t offset = 0;  // bytes
  int rows = 0;
  int columns = 0;  // 1 for a bias

  size_t elements() const { return static_cast<size_t>(rows) * static_cast<size_t>(columns); }
};

class WeightSpace {
 public:
  explicit WeightSpace(const RnnDescriptor& rnn);

  size_t bytes() const { return bytes_; }
  // Ids of a pseudo-layer: input matrices by gate, then recurrent ones, then the projection.
  int ids() const { return ids_; }
  const WeightBlock& matrix(int pseudoLayer, int id) const {
    return matrices_[at(pseudoLayer, id)];
  }
  const WeightBlock& bias(int pseudoLayer, int id) const { return biases_[at(pseudoLayer, id)]; }
  // Offset and size of each stretch between blocks.
  const std::vector<std::pair<size_t, size_t>>& gaps() const { return gaps_; }

 private:
  size_t at(int pseudoLayer, int id) const {
    return static_cast<size_t>(pseudoLayer) * static_cast<size_t>(ids_) + static_cast<size_t>(id);
  }
  void place(WeightBlock* block, int rows, int columns, size_t elementSize);

  int ids_;
  size_t bytes_ = 0;
  std::vector<WeightBlock> matrices_;
  std::vector<WeightBlock> biases_;
  std::vector<std::pair<size_t, size_t>> gaps_;
};

}  // namespace sim
