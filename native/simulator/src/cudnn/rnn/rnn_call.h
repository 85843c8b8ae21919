// What the calls on recurrent layers have in common: their checks and the copy of the descriptors
// that the work on the stream keeps.
#pragma once

#include <string>

#include "../descriptor/rnn_data_descriptor.h"
#include "../descriptor/tensor_descriptor.h"
#include "../dnn_handle.h"
#include "rnn_layers.h"
#include "weight_space.h"

namespace sim {

// Descriptors may change once a call has returned: work keeps copies.
struct RnnCall {
  std::string name;
  RnnProblem problem;
  WeightSpace layout;
  RnnDataDescriptor x;
  RnnDataDescriptor y;
  DropoutDescriptor dropout;  // its rate is 0 where none is drawn
  bool training;
  const int* deviceLengths = nullptr;

  RnnCall(std::string name, const RnnDescriptor& rnn, const RnnDataDescriptor& x,
          const RnnDataDescriptor& y, bool training);
  size_t workspaceBytes() const;
  size_t reserveBytes() const { return reserveBytes_; }
  bool hasDropout() const { return dropout.rate > 0; }
  // Adds a pass, which multiplies every row by every weight once, to the counts.
  void count(uint64_t readBytes, uint64_t writtenBytes, bool inGraph) const;

 private:
  size_t reserveBytes_ = 0;
};

// Sizes of the buffers that the application hands over.
struct RnnBuffers {
  size_t weightBytes;
  const void* weights;
  size_t workspaceBytes;
  const void* workspace;
  size_t reserveBytes;
  const void* reserve;
};

// Whether the algorithm runs these sizes. Limits of the simulated device: the real ones depend on
// the card, and "not supported" is an answer to expect.
int checkAlgorithm(const RnnDescriptor& rnn, bool training);
// The descriptors by themselves and together, in the order in which the real library looks.
int checkDescriptors(const DnnHandle* handle, const RnnDescriptor* rnn, const RnnDataDescriptor* x,
                     const RnnDataDescriptor* y, const TensorDescriptor* h,
                     const TensorDescriptor* c, bool training);
// Those of the call for the weights' gradients, which has no cell state.
int checkWeightsDescriptors(const DnnHandle* handle, const RnnDescriptor* rnn,
                            const RnnDataDescriptor* x, const RnnDataDescriptor* y,
                            const TensorDescriptor* h);
int checkBuffers(const RnnCall& call, const RnnBuffers& buffers);
// For a body: the lengths in device memory, where given, are those of the descriptors.
int checkDeviceLengths(const RnnCall& call);

}  // namespace sim
