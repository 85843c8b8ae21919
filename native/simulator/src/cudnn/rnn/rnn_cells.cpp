#include "rnn_cells.h"

#include <cmath>

namespace sim {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void lstmForward(const RnnDescriptor& rnn, const CellForward& c) {
  int n = rnn.hiddenSize;
  for (int j = 0; j < n; ++j) {
    auto sum = [&](int gate) { return c.fromInput[gate * n + j] + c.fromState[gate * n + j]; };
    double i = sigmoid(sum(0));
    double f = sigmoid(sum(1));
    double g = std::tanh(sum(2));
    double o = sigmoid(sum(3));
    c.gates[j] = i;
    c.gates[n + j] = f;
    c.gates[2 * n + j] = g;
    c.gates[3 * n + j] = o;
    c.cell[j] = f * c.cell0[j] + i * g;
    c.hidden[j] = o * std::tanh(c.cell[j]);
  }
}

void lstmBackward(const RnnDescriptor& rnn, const CellBackward& c) {
  int n = rnn.hiddenSize;
  for (int j = 0; j < n; ++j) {
    double i = c.gates[j];
    double f = c.gates[n + j];
    double g = c.gates[2 * n + j];
    double o = c.gates[3 * n + j];
    double squashed = std::tanh(c.cell[j]);
    double gradCell = c.gradCell[j] + c.gradHidden[j] * o * (1 - squashed * squashed);
    c.gradGates[j] = gradCell * g * i * (1 - i);
    c.gradGates[n + j] = gradCell * c.cell0[j] * f * (1 - f);
    c.gradGates[2 * n + j] = gradCell * i * (1 - g * g);
    c.gradGates[3 * n + j] = c.gradHidden[j] * squashed * o * (1 - o);
    c.gradCell[j] = gradCell * f;
  }
}

void gruForward(const RnnDescriptor& rnn, const CellForward& c) {
  int n = rnn.hiddenSize;
  for (int j = 0; j < n; ++j) {
    double r = sigmoid(c.fromInput[j] + c.fromState[j]);
    double z = sigmoid(c.fromInput[n + j] + c.fromState[n + j]);
    c.inner[j] = c.fromState[2 * n + j];
    double candidate = std::tanh(c.fromInput[2 * n + j] + r * c.inner[j]);
    c.gates[j] = r;
    c.gates[n + j] = z;
    c.gates[2 * n + j] = candidate;
    c.hidden[j] = (1 - z) * candidate + z * c.state[j];
  }
}

void gruBackward(const RnnDescriptor& rnn, const CellBackward& c) {
  int n = rnn.hiddenSize;
  for (int j = 0; j < n; ++j) {
    double r = c.gates[j];
    double z = c.gates[n + j];
    double candidate = c.gates[2 * n + j];
    double grad = c.gradHidden[j];
    double gradCandidate = grad * (1 - z) * (1 - candidate * candidate);
    c.gradGates[j] = gradCandidate * c.inner[j] * r * (1 - r);
    c.gradGates[n + j] = grad * (c.state[j] - candidate) * z * (1 - z);
    c.gradGates[2 * n + j] = gradCandidate;
    c.gradInner[j] = gradCandidate * r;
    c.gradState[j] += grad * z;
  }
}

}  // namespace

void stepForward(const RnnDescriptor& rnn, const CellForward& c) {
  if (rnn.cell == RnnCell::kLstm) return lstmForward(rnn, c);
  if (rnn.cell == RnnCell::kGru) return gruForward(rnn, c);
  for (int j = 0; j < rnn.hiddenSize; ++j) {
    double sum = c.fromInput[j] + c.fromState[j];
    c.hidden[j] = rnn.cell == RnnCell::kTanh ? std::tanh(sum) : sum > 0 ? sum : 0 * sum;
    c.gates[j] = c.hidden[j];
  }
}

void stepBackward(const RnnDescriptor& rnn, const CellBackward& c) {
  if (rnn.cell == RnnCell::kLstm) return lstmBackward(rnn, c);
  if (rnn.cell == RnnCell::kGru) return gruBackward(rnn, c);
  for (int j = 0; j < rnn.hiddenSize; ++j) {
    double value = c.gates[j];
    double slope = rnn.cell == RnnCell::kTanh ? 1 - value * value : value > 0 ? 1 : 0;
    c.gradGates[j] = c.gradHidden[j] * slope;
  }
}

}  // namespace sim
