// One step of a recurrent cell for one row, forward and backward.
//
// Gates stand in cuDNN's order: LSTM i, f, g, o; GRU r, z, n.
//   LSTM  c = f c0 + i g; hidden = o tanh(c)
//   GRU   n = tanh(Wx + b + r (R h + b')); hidden = (1 - z) n + z h0
//   RNN   hidden = act(Wx + b + R h + b')
#pragma once

#include "../descriptor/rnn_descriptor.h"

namespace sim {

// Read: fromInput and fromState, the two halves of the gates' sums with their biases [G*H]; state,
// h0 [H] (GRU); cell0 [H], as carried from the step before (LSTM). Written: gates [G*H] after their
// functions; cell [H] (LSTM); inner [H], R h + b' of n (GRU); hidden [H].
struct CellForward {
  const double* fromInput;
  const double* fromState;
  const double* state;
  const double* cell0;
  double* gates;
  double* cell;
  double* inner;
  double* hidden;
};

void stepForward(const RnnDescriptor& rnn, const CellForward& c);

// Read: gradHidden [H], gradient of hidden; the values of the forward step; cell0 as carried,
// cell. gradCell [H] is the gradient of the cell state after this step and becomes
// that of the one before. Written: gradGates [G*H], gradient of the sum's input half; gradInner
// [H], that of inner (GRU: the recurrent half of n). Accumulated: gradState [H], what reaches h0
// past R (GRU).
struct CellBackward {
  const double* gradHidden;
  const double* state;
  const double* cell0;
  const double* gates;
  const double* cell;
  const double* inner;
  const double* hidden;
  double* gradCell;
  double* gradGates;
  double* gradInner;
  double* gradState;
};

void stepBackward(const RnnDescriptor& rnn, const CellBackward& c);

}  // namespace sim
