// Recurrent layers on the host, in double: forward, gradients of data, gradients of weights.
//
// Data stand as [steps, batch, vector], rows of padding included but untouched; states as
// [pseudo-layers, batch, vector]; a pseudo-layer is one direction of a layer, forward ones first.
#pragma once

#include <cstddef>
#include <vector>

#include "../descriptor/rnn_descriptor.h"
#include "rnn_precision.h"

namespace sim {

using Values = std::vector<double>;

struct RnnProblem {
  RnnDescriptor rnn;
  RnnPrecision precision;
  int steps;
  int batch;
  std::vector<int> lengths;  // of each sequence

  size_t rows() const { return static_cast<size_t>(steps) * static_cast<size_t>(batch); }
  size_t row(int step, int sequence) const {
    return static_cast<size_t>(step) * static_cast<size_t>(batch) + static_cast<size_t>(sequence);
  }
};

// Of a pseudo-layer; gates one under the other. Empty where the descriptor has none.
struct RnnWeights {
  Values input;          // [G*H, inputs]
  Values recurrent;      // [G*H, P]
  Values inputBias;      // [G*H]
  Values recurrentBias;  // [G*H]
  Values projection;     // [P, H]

  RnnWeights(const RnnDescriptor& rnn, int layer);
};

struct RnnStates {
  Values h;  // [pseudo-layers, batch, P]
  Values c;  // [pseudo-layers, batch, H], LSTM only

  explicit RnnStates(const RnnProblem& problem);
};

// What a pseudo-layer keeps from one call to the next, by row.
struct DirectionTrace {
  Values gates;       // [G*H] after their functions
  Values cell;        // [H], LSTM
  Values inner;       // [H], GRU
  Values hidden;      // [H] before the projection
  Values output;      // [P]
  Values gradGates;   // [G*H], written by the backward call
  Values gradInner;   // [H], GRU
  Values gradOutput;  // [P], all that reaches the output; for the projection
};

struct LayerTrace {
  Values input;  // [D*P] after dropout; of layers above the first
  Values mask;   // [D*P] factors of the dropout; empty without
  std::vector<DirectionTrace> directions;
};

struct RnnTrace {
  std::vector<LayerTrace> layers;

  // With room for what a training call keeps; `dropout` says whether masks are part of it.
  RnnTrace(const RnnProblem& problem, bool dropout);

  // Calls f(Values&) for every array, always in the same order.
  template <class F>
  void forEach(F f) {
    for (LayerTrace& layer : layers) {
      f(layer.input);
      f(layer.mask);
      for (DirectionTrace& d : layer.directions) {
        for (Values* v : {&d.gates, &d.cell, &d.inner, &d.hidden, &d.output, &d.gradGates,
                          &d.gradInner, &d.gradOutput}) {
          f(*v);
        }
      }
    }
  }
  size_t size() {
    size_t sum = 0;
    forEach([&](const Values& v) { sum += v.size(); });
    return sum;
  }
};

// x [rows, inputs], masks in `trace`: to y [rows, D*P] and the final states.
void runForward(const RnnProblem& problem, const std::vector<RnnWeights>& weights, const Values& x,
                const RnnStates& initial, RnnTrace* trace, Values* y, RnnStates* final);

// dy and the final states' gradients: to dx and the initial states' gradients; `trace` takes the
// gradients of the gates.
void runBackwardData(const RnnProblem& problem, const std::vector<RnnWeights>& weights,
                     const Values& dy, const RnnStates& initial, const RnnStates& gradFinal,
                     RnnTrace* trace, Values* dx, RnnStates* gradInitial);

// To the gradients of the weights, which are overwritten.
void runBackwardWeights(const RnnProblem& problem, const Values& x, const RnnStates& initial,
                        const RnnTrace& trace, std::vector<RnnWeights>* gradients);

}  // namespace sim
