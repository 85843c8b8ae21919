#include "rnn_memory.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "../../driver/library.h"
#include "../../runtime/status.h"
#include "../descriptor/tensor_descriptor.h"

namespace sim {
namespace {

const char* at(const void* data, size_t bytes) { return static_cast<const char*>(data) + bytes; }
char* at(void* data, size_t bytes) { return static_cast<char*>(data) + bytes; }

// Calls f(step, sequence, row in memory, whether it is data) for every vector of the layout.
template <class F>
void forEachRow(const RnnDataDescriptor& layout, F f) {
  std::vector<size_t> table = layout.rowTable();
  for (int t = 0; t < layout.maxLength; ++t) {
    for (int b = 0; b < layout.batch; ++b) {
      bool data = t < layout.lengths[static_cast<size_t>(b)];
      size_t dense =
          static_cast<size_t>(t) * static_cast<size_t>(layout.batch) + static_cast<size_t>(b);
      if (data || !layout.isPacked()) f(dense, table[dense], data);
    }
  }
}

// Calls f(block, first element of its gate in the host array, host array) for each that exists.
template <class W, class F>
void forEachBlock(const WeightSpace& layout, const RnnDescriptor& rnn, W* weights, F f) {
  int gates = rnn.gates();
  for (int layer = 0; layer < rnn.pseudoLayers(); ++layer) {
    auto& w = (*weights)[static_cast<size_t>(layer)];
    for (int id = 0; id < layout.ids(); ++id) {
      bool projection = id == 2 * gates;
      bool input = id < gates;
      auto gate = static_cast<size_t>(projection ? 0 : id % gates);
      for (auto [block, values] :
           {std::make_pair(&layout.matrix(layer, id), projection ? &w.projection
                                                      : input    ? &w.input
                                                                 : &w.recurrent),
            std::make_pair(&layout.bias(layer, id), input ? &w.inputBias : &w.recurrentBias)}) {
        if (block->exists) f(*block, gate * block->elements(), values);
      }
    }
  }
}

}  // namespace

double loadElement(const void* data, int type, size_t index) {
  if (type == kDnnDouble) return static_cast<const double*>(data)[index];
  if (type == kDnnHalf) return f16ToFloat(static_cast<const uint16_t*>(data)[index]);
  return static_cast<const float*>(data)[index];
}

void storeElement(void* data, int type, size_t index, double value) {
  if (type == kDnnDouble) {
    static_cast<double*>(data)[index] = value;
  } else if (type == kDnnHalf) {
    static_cast<uint16_t*>(data)[index] = floatToF16(static_cast<float>(value));
  } else {
    static_cast<float*>(data)[index] = static_cast<float>(value);
  }
}

int loadTensor(const std::string& name, const void* data, int type, Values* to) {
  if (!data) {
    to->assign(to->size(), 0.0);
    return kSuccess;
  }
  if (int status = checkLibraryRead(name, data, to->size() * typeSize(type))) return status;
  for (size_t i = 0; i < to->size(); ++i) (*to)[i] = loadElement(data, type, i);
  return kSuccess;
}

int storeTensor(const std::string& name, void* data, int type, const Values& from) {
  if (!data) return kSuccess;
  if (int status = checkLibraryWrite(name, data, from.size() * typeSize(type))) return status;
  for (size_t i = 0; i < from.size(); ++i) storeElement(data, type, i, from[i]);
  return kSuccess;
}

int loadSequences(const std::string& name, const void* data, const RnnDataDescriptor& layout,
                  Values* to) {
  auto width = static_cast<size_t>(layout.vectorSize);
  size_t bytes = width * typeSize(layout.type);
  to->assign(static_cast<size_t>(layout.maxLength) * static_cast<size_t>(layout.batch) * width,
             0.0);
  int status = kSuccess;
  forEachRow(layout, [&](size_t dense, size_t row, bool isData) {
    if (!isData || status) return;
    const char* vector = at(data, row * bytes);
    status = checkLibraryRead(name, vector, bytes);
    for (size_t j = 0; j < width && !status; ++j) {
      (*to)[dense * width + j] = loadElement(vector, layout.type, j);
    }
  });
  return status;
}

int storeSequences(const std::string& name, void* data, const RnnDataDescriptor& layout,
                   const Values& from) {
  auto width = static_cast<size_t>(layout.vectorSize);
  size_t bytes = width * typeSize(layout.type);
  if (int status = checkLibraryWrite(name, data, layout.rows() * bytes)) return status;
  double padding = layout.hasFill ? loadElement(&layout.fill, layout.type, 0) : NAN;
  forEachRow(layout, [&](size_t dense, size_t row, bool isData) {
    for (size_t j = 0; j < width; ++j) {
      storeElement(at(data, row * bytes), layout.type, j,
                   isData ? from[dense * width + j] : padding);
    }
  });
  return kSuccess;
}

int loadWeights(const std::string& name, const void* space, const WeightSpace& layout,
                const RnnDescriptor& rnn, std::vector<RnnWeights>* to) {
  to->clear();
  for (int layer = 0; layer < rnn.pseudoLayers(); ++layer) {
    to->emplace_back(rnn, layer / rnn.directions());
  }
  int status = kSuccess;
  forEachBlock(layout, rnn, to, [&](const WeightBlock& block, size_t first, Values* values) {
    if (status) return;
    const char* data = at(space, block.offset);
    status = checkLibraryRead(name, data, block.elements() * typeSize(rnn.dataType));
    for (size_t i = 0; i < block.elements() && !status; ++i) {
      (*values)[first + i] = loadElement(data, rnn.dataType, i);
    }
  });
  return status;
}

int addWeights(const std::string& name, void* space, const WeightSpace& layout,
               const RnnDescriptor& rnn, const std::vector<RnnWeights>& gradients) {
  int status = kSuccess;
  forEachBlock(layout, rnn, &gradients,
               [&](const WeightBlock& block, size_t first, const Values* values) {
                 if (status) return;
                 char* data = at(space, block.offset);
                 size_t bytes = block.elements() * typeSize(rnn.dataType);
                 status = checkLibraryRead(name + " (is added to)", data, bytes);
                 if (!status) status = checkLibraryWrite(name, data, bytes);
                 for (size_t i = 0; i < block.elements() && !status; ++i) {
                   storeElement(data, rnn.dataType, i,
                                loadElement(data, rnn.dataType, i) + (*values)[first + i]);
                 }
               });
  for (auto [offset, bytes] : layout.gaps()) {
    if (!status) status = spoil(name, at(space, offset), bytes);
  }
  return status;
}

int spoil(const std::string& name, void* data, size_t bytes) {
  if (bytes == 0) return kSuccess;
  if (int status = checkLibraryWrite(name, data, bytes)) return status;
  std::memset(data, 0xff, bytes);  // NaN in every format
  return kSuccess;
}

}  // namespace sim
