// Batches of sequences in device memory: layout, lengths and where a vector of a step lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

// Values of cudnnRNNDataLayout_t.
enum class RnnLayout { kSeqMajorUnpacked = 0, kSeqMajorPacked = 1, kBatchMajorUnpacked = 2 };

struct RnnDataDescriptor {
  bool isSet = false;
  int type = 0;
  RnnLayout layout = RnnLayout::kSeqMajorUnpacked;
  int maxLength = 0;
  int batch = 0;
  int vectorSize = 0;
  std::vector<int> lengths;
  bool hasFill = false;
  uint64_t fill = 0;  // bits of an element for the padding

  bool isPacked() const { return layout == RnnLayout::kSeqMajorPacked; }
  bool hasEqualLengths() const;
  bool hasEmptySequence() const;
  // Vectors in memory, padding among them.
  size_t rows() const;
  // Where step `t` of sequence `b` lies, in vectors; for padding only if unpacked.
  std::vector<size_t> rowTable() const;
};

}  // namespace sim
