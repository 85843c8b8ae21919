#include "rnn_layers.h"

#include <algorithm>

#include "rnn_cells.h"

namespace sim {
namespace {

size_t count(int n) { return static_cast<size_t>(n); }

// out[n] += a[k] * m[k, n].
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v3", "default")))
#endif
void addProduct(const double* a, size_t k, const double* m, size_t n, double* out) {
  for (size_t p = 0; p < k; ++p) {
    double factor = a[p];
    const double* row = m + p * n;
    for (size_t j = 0; j < n; ++j) out[j] += factor * row[j];
  }
}

// m[k, n] += a[k] * b[n].
void addOuter(const double* a, size_t k, const double* b, size_t n, double* m) {
  for (size_t p = 0; p < k; ++p) {
    double factor = a[p];
    double* row = m + p * n;
    for (size_t j = 0; j < n; ++j) row[j] += factor * b[j];
  }
}

void addTo(double* to, const double* from, size_t n) {
  for (size_t j = 0; j < n; ++j) to[j] += from[j];
}

// One direction of one layer: sizes, and the order in which it walks through a sequence.
struct Direction {
  const RnnProblem& problem;
  const RnnDescriptor& rnn;
  int layer;
  int direction;
  size_t hidden, output, gates, inputs;

  Direction(const RnnProblem& p, int layer, int direction)
      : problem(p),
        rnn(p.rnn),
        layer(layer),
        direction(direction),
        hidden(count(rnn.hiddenSize)),
        output(count(rnn.projSize)),
        gates(count(rnn.gates()) * hidden),
        inputs(count(rnn.inputSizeOf(layer))) {}

  int pseudoLayer() const { return layer * rnn.directions() + direction; }
  // Where a state of this pseudo-layer begins, of vectors of `size`.
  size_t state(int sequence, size_t size) const {
    return (count(pseudoLayer()) * count(problem.batch) + count(sequence)) * size;
  }
  // The row that a sequence reads in its step `s`; the reverse direction begins at its last.
  size_t rowOf(int s, int sequence) const {
    int length = problem.lengths[count(sequence)];
    return problem.row(direction == 0 ? s : length - 1 - s, sequence);
  }
  bool runs(int s, int sequence) const { return s < problem.lengths[count(sequence)]; }

  // h or c before step `s`: of the trace, or the initial one.
  const double* before(int s, int sequence, const Values& initial, const Values& traced,
                       size_t size) const {
    return s == 0 ? initial.data() + state(sequence, size)
                  : traced.data() + rowOf(s - 1, sequence) * size;
  }

  // The cell state that step `s` begins with; empty without one.
  Values carriedCell(int s, int sequence, const RnnStates& initial,
                     const DirectionTrace& trace) const {
    if (!rnn.hasCellState()) return {};
    const double* from = before(s, sequence, initial.c, trace.cell, hidden);
    return Values(from, from + hidden);
  }

  Values operands(const double* values, size_t n) const {
    Values rounded(n);
    for (size_t j = 0; j < n; ++j) rounded[j] = problem.precision.operand(values[j]);
    return rounded;
  }

  // The gradient of the recurrent half of the gates' sums in a row.
  Values gradRecurrent(const DirectionTrace& trace, size_t row) const {
    const double* from = trace.gradGates.data() + row * gates;
    Values grad(from, from + gates);
    if (rnn.cell == RnnCell::kGru) {
      std::copy_n(trace.gradInner.data() + row * hidden, hidden, grad.data() + 2 * hidden);
    }
    return grad;
  }
};

// [rows, columns] rounded as operands, transposed if asked.
Values matrixOperand(const RnnPrecision& precision, const Values& m, size_t rows, size_t columns,
                     bool transposed) {
  Values result(m.size());
  for (size_t r = 0; r < rows && !m.empty(); ++r) {
    for (size_t c = 0; c < columns; ++c) {
      result[transposed ? c * rows + r : r * columns + c] = precision.operand(m[r * columns + c]);
    }
  }
  return result;
}

// The inputs' half of the gates' sums of a row.
void sumInput(const Direction& d, const RnnWeights& w, const Values& transposed,
              const double* input, double* sum) {
  std::fill_n(sum, d.gates, 0.0);
  if (!w.inputBias.empty()) addTo(sum, w.inputBias.data(), d.gates);
  if (d.rnn.skipsInput(d.layer)) {
    for (size_t at = 0; at < d.gates; at += d.hidden) addTo(sum + at, input, d.hidden);
  } else {
    Values x = d.operands(input, d.inputs);
    addProduct(x.data(), d.inputs, transposed.data(), d.gates, sum);
  }
}

void forwardDirection(const Direction& d, const RnnWeights& w, const Values& input,
                      const RnnStates& initial, DirectionTrace* trace, RnnStates* final) {
  const RnnProblem& p = d.problem;
  Values wInput = matrixOperand(p.precision, w.input, d.gates, d.inputs, true);
  Values wRecurrent = matrixOperand(p.precision, w.recurrent, d.gates, d.output, true);
  Values wProjection = matrixOperand(p.precision, w.projection, d.output, d.hidden, true);
  Values fromInput(d.gates);
  Values fromState(d.gates);
  for (int b = 0; b < p.batch; ++b) {
    Values cell(d.hidden);
    if (d.rnn.hasCellState()) {
      std::copy_n(initial.c.data() + d.state(b, d.hidden), d.hidden, cell.data());
    }
    const double* h = initial.h.data() + d.state(b, d.output);
    for (int s = 0; d.runs(s, b); ++s) {
      size_t row = d.rowOf(s, b);
      sumInput(d, w, wInput, input.data() + row * d.inputs, fromInput.data());
      std::fill(fromState.begin(), fromState.end(), 0.0);
      if (!w.recurrentBias.empty()) addTo(fromState.data(), w.recurrentBias.data(), d.gates);
      addProduct(d.operands(h, d.output).data(), d.output, wRecurrent.data(), d.gates,
                 fromState.data());
      double* hidden = trace->hidden.data() + row * d.hidden;
      double* cellNow = d.rnn.hasCellState() ? trace->cell.data() + row * d.hidden : nullptr;
      stepForward(
          d.rnn,
          {fromInput.data(), fromState.data(), h, cell.data(), trace->gates.data() + row * d.gates,
           cellNow, trace->inner.data() + (trace->inner.empty() ? 0 : row * d.hidden), hidden});
      double* out = trace->output.data() + row * d.output;
      if (d.rnn.projects()) {
        std::fill_n(out, d.output, 0.0);
        addProduct(d.operands(hidden, d.hidden).data(), d.hidden, wProjection.data(), d.output,
                   out);
      } else {
        std::copy_n(hidden, d.hidden, out);
      }
      for (size_t j = 0; j < d.output; ++j) out[j] = p.precision.stored(out[j]);
      if (cellNow) cell.assign(cellNow, cellNow + d.hidden);
      h = out;
    }
    std::copy_n(h, d.output, final->h.data() + d.state(b, d.output));
    if (d.rnn.hasCellState()) {
      std::copy(cell.begin(), cell.end(), final->c.data() + d.state(b, d.hidden));
    }
  }
}

// `gradAll` [rows, D*P] is the gradient of the layer's output; that of its input is accumulated.
void backwardDirection(const Direction& d, const RnnWeights& w, const Values& gradAll,
                       const RnnStates& initial, const RnnStates& gradFinal, DirectionTrace* trace,
                       Values* gradInput, RnnStates* gradInitial) {
  const RnnProblem& p = d.problem;
  Values wInput = matrixOperand(p.precision, w.input, d.gates, d.inputs, false);
  Values wRecurrent = matrixOperand(p.precision, w.recurrent, d.gates, d.output, false);
  Values wProjection = matrixOperand(p.precision, w.projection, d.output, d.hidden, false);
  size_t width = d.output * count(d.rnn.directions());
  for (int b = 0; b < p.batch; ++b) {
    Values gradH(gradFinal.h.data() + d.state(b, d.output),
                 gradFinal.h.data() + d.state(b, d.output) + d.output);
    Values gradC(d.hidden);
    if (d.rnn.hasCellState()) {
      std::copy_n(gradFinal.c.data() + d.state(b, d.hidden), d.hidden, gradC.data());
    }
    for (int s = p.lengths[count(b)] - 1; s >= 0; --s) {
      size_t row = d.rowOf(s, b);
      addTo(gradH.data(), gradAll.data() + row * width + count(d.direction) * d.output, d.output);
      Values gradHidden = gradH;
      if (d.rnn.projects()) {
        std::copy(gradH.begin(), gradH.end(), trace->gradOutput.data() + row * d.output);
        gradHidden.assign(d.hidden, 0.0);
        addProduct(d.operands(gradH.data(), d.output).data(), d.output, wProjection.data(),
                   d.hidden, gradHidden.data());
      }
      std::fill(gradH.begin(), gradH.end(), 0.0);
      bool gru = d.rnn.cell == RnnCell::kGru;
      Values cell0 = d.carriedCell(s, b, initial, *trace);
      const double* cell = d.rnn.hasCellState() ? trace->cell.data() + row * d.hidden : nullptr;
      double* gradGates = trace->gradGates.data() + row * d.gates;
      stepBackward(d.rnn, {gradHidden.data(), d.before(s, b, initial.h, trace->output, d.output),
                           cell0.data(), trace->gates.data() + row * d.gates, cell,
                           gru ? trace->inner.data() + row * d.hidden : nullptr,
                           trace->hidden.data() + row * d.hidden, gradC.data(), gradGates,
                           gru ? trace->gradInner.data() + row * d.hidden : nullptr, gradH.data()});
      Values gradRecurrent = d.gradRecurrent(*trace, row);
      addProduct(d.operands(gradRecurrent.data(), d.gates).data(), d.gates, wRecurrent.data(),
                 d.output, gradH.data());
      double* gradX = gradInput->data() + row * d.inputs;
      if (d.rnn.skipsInput(d.layer)) {
        for (size_t at = 0; at < d.gates; at += d.hidden) addTo(gradX, gradGates + at, d.hidden);
      } else {
        addProduct(d.operands(gradGates, d.gates).data(), d.gates, wInput.data(), d.inputs, gradX);
      }
    }
    std::copy(gradH.begin(), gradH.end(), gradInitial->h.data() + d.state(b, d.output));
    if (d.rnn.hasCellState()) {
      std::copy(gradC.begin(), gradC.end(), gradInitial->c.data() + d.state(b, d.hidden));
    }
  }
}

void weightsOfDirection(const Direction& d, const Values& input, const RnnStates& initial,
                        const DirectionTrace& trace, RnnWeights* grad) {
  const RnnProblem& p = d.problem;
  for (int b = 0; b < p.batch; ++b) {
    for (int s = 0; d.runs(s, b); ++s) {
      size_t row = d.rowOf(s, b);
      const double* gradGates = trace.gradGates.data() + row * d.gates;
      Values gradRecurrent = d.gradRecurrent(trace, row);
      if (!grad->inputBias.empty()) addTo(grad->inputBias.data(), gradGates, d.gates);
      if (!grad->recurrentBias.empty()) {
        addTo(grad->recurrentBias.data(), gradRecurrent.data(), d.gates);
      }
      if (!grad->input.empty()) {
        addOuter(d.operands(gradGates, d.gates).data(), d.gates,
                 d.operands(input.data() + row * d.inputs, d.inputs).data(), d.inputs,
                 grad->input.data());
      }
      const double* h = d.before(s, b, initial.h, trace.output, d.output);
      addOuter(d.operands(gradRecurrent.data(), d.gates).data(), d.gates,
               d.operands(h, d.output).data(), d.output, grad->recurrent.data());
      if (d.rnn.projects()) {
        addOuter(d.operands(trace.gradOutput.data() + row * d.output, d.output).data(), d.output,
                 d.operands(trace.hidden.data() + row * d.hidden, d.hidden).data(), d.hidden,
                 grad->projection.data());
      }
    }
  }
}

}  // namespace

RnnWeights::RnnWeights(const RnnDescriptor& rnn, int layer) {
  size_t gates = count(rnn.gates() * rnn.hiddenSize);
  if (!rnn.skipsInput(layer)) input.resize(gates * count(rnn.inputSizeOf(layer)));
  recurrent.resize(gates * count(rnn.projSize));
  if (rnn.hasInputBias()) inputBias.resize(gates);
  if (rnn.hasRecurrentBias()) recurrentBias.resize(gates);
  if (rnn.projects()) projection.resize(count(rnn.projSize) * count(rnn.hiddenSize));
}

RnnStates::RnnStates(const RnnProblem& problem) {
  size_t vectors = count(problem.rnn.pseudoLayers()) * count(problem.batch);
  h.resize(vectors * count(problem.rnn.projSize));
  if (problem.rnn.hasCellState()) c.resize(vectors * count(problem.rnn.hiddenSize));
}

RnnTrace::RnnTrace(const RnnProblem& problem, bool dropout) {
  const RnnDescriptor& rnn = problem.rnn;
  size_t rows = problem.rows();
  size_t hidden = rows * count(rnn.hiddenSize);
  size_t output = rows * count(rnn.projSize);
  size_t gates = hidden * count(rnn.gates());
  layers.resize(count(rnn.numLayers));
  for (int layer = 0; layer < rnn.numLayers; ++layer) {
    LayerTrace& trace = layers[count(layer)];
    if (layer > 0) trace.input.resize(output * count(rnn.directions()));
    if (layer > 0 && dropout) trace.mask.resize(trace.input.size());
    trace.directions.resize(count(rnn.directions()));
    for (DirectionTrace& d : trace.directions) {
      d.gates.resize(gates);
      d.gradGates.resize(gates);
      d.hidden.resize(hidden);
      d.output.resize(output);
      if (rnn.hasCellState()) d.cell.resize(hidden);
      if (rnn.cell == RnnCell::kGru) {
        d.inner.resize(hidden);
        d.gradInner.resize(hidden);
      }
      if (rnn.projects()) d.gradOutput.resize(output);
    }
  }
}

void runForward(const RnnProblem& problem, const std::vector<RnnWeights>& weights, const Values& x,
                const RnnStates& initial, RnnTrace* trace, Values* y, RnnStates* final) {
  int directions = problem.rnn.directions();
  size_t width = count(problem.rnn.projSize);
  for (int layer = 0; layer < problem.rnn.numLayers; ++layer) {
    LayerTrace& at = trace->layers[count(layer)];
    if (layer > 0) {
      at.input = *y;
      for (size_t i = 0; i < at.mask.size(); ++i) {
        at.input[i] = problem.precision.stored(at.input[i] * at.mask[i]);
      }
    }
    y->assign(problem.rows() * width * count(directions), 0.0);
    for (int k = 0; k < directions; ++k) {
      Direction d(problem, layer, k);
      DirectionTrace& kept = at.directions[count(k)];
      forwardDirection(d, weights[count(d.pseudoLayer())], layer == 0 ? x : at.input, initial,
                       &kept, final);
      for (size_t row = 0; row < problem.rows(); ++row) {
        std::copy_n(kept.output.data() + row * width, width,
                    y->data() + (row * count(directions) + count(k)) * width);
      }
    }
  }
}

void runBackwardData(const RnnProblem& problem, const std::vector<RnnWeights>& weights,
                     const Values& dy, const RnnStates& initial, const RnnStates& gradFinal,
                     RnnTrace* trace, Values* dx, RnnStates* gradInitial) {
  Values gradOutput = dy;
  for (int layer = problem.rnn.numLayers - 1; layer >= 0; --layer) {
    LayerTrace& at = trace->layers[count(layer)];
    dx->assign(problem.rows() * count(problem.rnn.inputSizeOf(layer)), 0.0);
    for (int k = 0; k < problem.rnn.directions(); ++k) {
      Direction d(problem, layer, k);
      backwardDirection(d, weights[count(d.pseudoLayer())], gradOutput, initial, gradFinal,
                        &at.directions[count(k)], dx, gradInitial);
    }
    for (size_t i = 0; i < at.mask.size(); ++i) (*dx)[i] *= at.mask[i];
    gradOutput = *dx;
  }
}

void runBackwardWeights(const RnnProblem& problem, const Values& x, const RnnStates& initial,
                        const RnnTrace& trace, std::vector<RnnWeights>* gradients) {
  gradients->clear();
  for (int layer = 0; layer < problem.rnn.numLayers; ++layer) {
    const LayerTrace& at = trace.layers[count(layer)];
    for (int k = 0; k < problem.rnn.directions(); ++k) {
      Direction d(problem, layer, k);
      gradients->emplace_back(problem.rnn, layer);
      weightsOfDirection(d, layer == 0 ? x : at.input, initial, at.directions[count(k)],
                         &gradients->back());
    }
  }
}

}  // namespace sim
