#include "rnn_data_descriptor.h"

#include <algorithm>
#include <cstring>

#include "../dnn_types.h"
#include "tensor_descriptor.h"

namespace sim {

bool RnnDataDescriptor::hasEqualLengths() const {
  return std::all_of(lengths.begin(), lengths.end(), [&](int n) { return n == maxLength; });
}

bool RnnDataDescriptor::hasEmptySequence() const {
  return std::find(lengths.begin(), lengths.end(), 0) != lengths.end();
}

size_t RnnDataDescriptor::rows() const {
  if (!isPacked()) return static_cast<size_t>(maxLength) * static_cast<size_t>(batch);
  size_t sum = 0;
  for (int length : lengths) sum += static_cast<size_t>(length);
  return sum;
}

std::vector<size_t> RnnDataDescriptor::rowTable() const {
  auto steps = static_cast<size_t>(maxLength);
  auto sequences = static_cast<size_t>(batch);
  std::vector<size_t> table(steps * sequences);
  size_t packed = 0;
  for (size_t t = 0; t < steps; ++t) {
    for (size_t b = 0; b < sequences; ++b) {
      size_t& row = table[t * sequences + b];
      if (layout == RnnLayout::kBatchMajorUnpacked) {
        row = b * steps + t;
      } else if (layout == RnnLayout::kSeqMajorUnpacked) {
        row = t * sequences + b;
      } else if (static_cast<int>(t) < lengths[b]) {
        row = packed++;
      }
    }
  }
  return table;
}

}  // namespace sim

using sim::RnnDataDescriptor;

SIM_API cudnnCreateRNNDataDescriptor(RnnDataDescriptor** data) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !data);
  *data = sim::Registry<RnnDataDescriptor>::instance().create();
  return sim::kDnnSuccess;
}

SIM_API cudnnDestroyRNNDataDescriptor(RnnDataDescriptor* data) {
  if (!data) return sim::kDnnSuccess;
  bool destroyed = sim::Registry<RnnDataDescriptor>::instance().destroy(data);
  DNN_REFUSE_IF(sim::kDnnBadParam, !destroyed);
  return sim::kDnnSuccess;
}

// `lengths` and `fill` are in host memory and copied. What is refused and how was seen on the real
// library; CudnnDescriptorTest compares the two.
SIM_API cudnnSetRNNDataDescriptor(RnnDataDescriptor* data, int type, int layout, int maxLength,
                                  int batch, int vectorSize, const int* lengths, const void* fill) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(data) || !lengths);
  DNN_REFUSE_IF(sim::kDnnBadParam, type < 0);
  DNN_REFUSE_IF(sim::kDnnBadParam, layout < 0 || layout > 2);
  DNN_REFUSE_IF(sim::kDnnBadParam, maxLength <= 0 || batch <= 0 || vectorSize <= 0);
  DNN_REFUSE_IF(sim::kDnnNotSupported, type > sim::kDnnHalf);
  RnnDataDescriptor next;
  next.lengths.assign(lengths, lengths + batch);
  auto [least, most] = std::minmax_element(next.lengths.begin(), next.lengths.end());
  DNN_REFUSE_IF(sim::kDnnBadParam, *least < 0 || *most > maxLength);
  next.layout = static_cast<sim::RnnLayout>(layout);
  if (next.isPacked()) {
    bool descending = std::is_sorted(next.lengths.rbegin(), next.lengths.rend());
    DNN_REFUSE_IF(sim::kDnnBadParam, !descending);
    DNN_REFUSE_IF(sim::kDnnBadParam, *least == 0);
    DNN_REFUSE_IF(sim::kDnnBadParam, *most != maxLength);
  }
  next.isSet = true;
  next.type = type;
  next.maxLength = maxLength;
  next.batch = batch;
  next.vectorSize = vectorSize;
  next.hasFill = fill != nullptr;
  if (fill) std::memcpy(&next.fill, fill, sim::typeSize(type));
  *data = next;
  return sim::kDnnSuccess;
}

SIM_API cudnnGetRNNDataDescriptor(RnnDataDescriptor* data, int* type, int* layout, int* maxLength,
                                  int* batch, int* vectorSize, int capacity, int* lengths,
                                  void* fill) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(data));
  DNN_REFUSE_IF(sim::kDnnBadParam, !type || !layout || !maxLength || !batch || !vectorSize);
  DNN_REFUSE_IF(sim::kDnnBadParam, capacity < 0 || (capacity > 0 && !lengths) || !fill);
  *type = data->type;
  *layout = static_cast<int>(data->layout);
  *maxLength = data->maxLength;
  *batch = data->batch;
  *vectorSize = data->vectorSize;
  for (int i = 0; i < capacity && i < data->batch; ++i) {
    lengths[i] = data->lengths[static_cast<size_t>(i)];
  }
  std::memcpy(fill, &data->fill, sim::typeSize(data->type));
  return sim::kDnnSuccess;
}
