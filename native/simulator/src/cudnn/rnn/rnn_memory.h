// Between device memory and the host arrays of the recurrent layers, with the checks of every
// byte that is read or written. For bodies on a stream: all return a driver status.
#pragma once

#include <string>
#include <vector>

#include "../descriptor/rnn_data_descriptor.h"
#include "rnn_layers.h"
#include "weight_space.h"

namespace sim {

double loadElement(const void* data, int type, size_t index);
void storeElement(void* data, int type, size_t index, double value);

// A tensor without padding. Null reads as zeros and is not written.
int loadTensor(const std::string& name, const void* data, int type, Values* to);
int storeTensor(const std::string& name, void* data, int type, const Values& from);

// Sequences to or from [steps, batch, vector]. Padding is not read; where it is written, it becomes
// the descriptor's fill, or NaN where it has none: its contents are undefined.
int loadSequences(const std::string& name, const void* data, const RnnDataDescriptor& layout,
                  Values* to);
int storeSequences(const std::string& name, void* data, const RnnDataDescriptor& layout,
                   const Values& from);

int loadWeights(const std::string& name, const void* space, const WeightSpace& layout,
                const RnnDescriptor& rnn, std::vector<RnnWeights>* to);
// Adds to what is there; makes NaN of the gaps.
int addWeights(const std::string& name, void* space, const WeightSpace& layout,
               const RnnDescriptor& rnn, const std::vector<RnnWeights>& gradients);

// Leaves NaN in memory whose contents are undefined after a call.
int spoil(const std::string& name, void* data, size_t bytes);

}  // namespace sim
