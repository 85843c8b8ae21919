// Recurrent layers of the simulated cuDNN agree with a plain evaluation of their equations, and
// their gradients with its central differences.
#include <algorithm>
#include <functional>

#include "cudnn_support.h"

namespace {

using test::check;
using test::Key;
using test::need;
using test::Numbers;
using test::Parameters;
using test::Rnn;
using test::RnnCase;

struct Inputs {
  Numbers x, hx, cx;
  Parameters p;
};

struct Outputs {
  Numbers y, hy, cy;
};

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

// Layer by layer, sequence by sequence, unit by unit, straight from the equations.
class Evaluation {
 public:
  Evaluation(const RnnCase& c, const Inputs& in, const std::function<double(double)>& round)
      : c_(c), in_(in), round_(round) {}

  Outputs run() {
    auto width = static_cast<size_t>(c_.proj * c_.directions());
    out_.hy.resize(c_.states() * static_cast<size_t>(c_.proj));
    out_.cy.resize(c_.states() * static_cast<size_t>(c_.hidden));
    Numbers below = in_.x;
    for (int layer = 0; layer < c_.layers; ++layer) {
      out_.y.assign(c_.rows() * width, 0);
      for (int d = 0; d < c_.directions(); ++d) {
        for (int b = 0; b < c_.batch(); ++b) sequence(layer, d, b, below);
      }
      below = out_.y;
    }
    return out_;
  }

 private:
  size_t n(int v) const { return static_cast<size_t>(v); }

  double product(Key key, int unit, const double* v, int size) const {
    auto found = in_.p.matrices.find(key);
    if (found == in_.p.matrices.end()) return v[unit];  // skipped input
    double sum = 0;
    for (int j = 0; j < size; ++j) sum += round_(found->second[n(unit * size + j)]) * round_(v[j]);
    return sum;
  }
  double bias(Key key, int unit) const {
    auto found = in_.p.biases.find(key);
    return found == in_.p.biases.end() ? 0 : found->second[n(unit)];
  }
  void sequence(int layer, int d, int b, const Numbers& below) {
    int pseudo = layer * c_.directions() + d;
    int inputs = c_.inputOf(layer);
    size_t state = n(pseudo * c_.batch() + b);
    Numbers h(in_.hx.begin() + static_cast<long>(state) * c_.proj,
              in_.hx.begin() + static_cast<long>(state + 1) * c_.proj);
    Numbers cell(n(c_.hidden));
    for (int u = 0; u < c_.hidden; ++u) cell[n(u)] = in_.cx[state * n(c_.hidden) + n(u)];
    int length = c_.lengths[n(b)];
    for (int s = 0; s < length; ++s) {
      size_t row = c_.row(d == 0 ? s : length - 1 - s, b);
      const double* x = &below[row * n(inputs)];
      Numbers hidden(n(c_.hidden));
      for (int u = 0; u < c_.hidden; ++u) {
        auto fromInput = [&](int gate) {
          return product({pseudo, gate}, u, x, inputs) + bias({pseudo, gate}, u);
        };
        auto fromState = [&](int gate) {
          int id = c_.gates() + gate;
          return product({pseudo, id}, u, h.data(), c_.proj) + bias({pseudo, id}, u);
        };
        auto both = [&](int gate) { return fromInput(gate) + fromState(gate); };
        double& carried = cell[n(u)];
        switch (c_.cell) {
          case 2:
            carried = sigmoid(both(1)) * carried + sigmoid(both(0)) * std::tanh(both(2));
            hidden[n(u)] = sigmoid(both(3)) * std::tanh(carried);
            break;
          case 3: {
            double z = sigmoid(both(1));
            double candidate = std::tanh(fromInput(2) + sigmoid(both(0)) * fromState(2));
            hidden[n(u)] = (1 - z) * candidate + z * h[n(u)];
            break;
          }
          case 1:
            hidden[n(u)] = std::tanh(both(0));
            break;
          default:
            hidden[n(u)] = std::max(both(0), 0.0);
        }
      }
      if (c_.proj != c_.hidden) {
        for (int u = 0; u < c_.proj; ++u) {
          h[n(u)] = product({pseudo, 8}, u, hidden.data(), c_.hidden);
        }
      } else {
        h = hidden;
      }
      std::copy(h.begin(), h.end(),
                out_.y.begin() + static_cast<long>(row * n(c_.directions()) + n(d)) * c_.proj);
    }
    std::copy(h.begin(), h.end(), out_.hy.begin() + static_cast<long>(state) * c_.proj);
    std::copy(cell.begin(), cell.end(), out_.cy.begin() + static_cast<long>(state) * c_.hidden);
  }

  const RnnCase& c_;
  const Inputs& in_;
  std::function<double(double)> round_;
  Outputs out_;
};

// Rows that are data; padding is undefined.
std::vector<bool> dataRows(const RnnCase& c) {
  std::vector<bool> data(c.rows());
  for (int b = 0; b < c.batch(); ++b) {
    for (int t = 0; t < c.lengths[static_cast<size_t>(b)]; ++t) data[c.row(t, b)] = true;
  }
  return data;
}

double worst(const Numbers& got, const Numbers& want) {
  double error = got.size() == want.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(got.size(), want.size()); ++i) {
    double e = std::abs(got[i] - want[i]);
    error = std::isnan(e) ? INFINITY : std::max(error, e);
  }
  return error;
}

Numbers onlyData(const RnnCase& c, const Numbers& values) {
  std::vector<bool> data = dataRows(c);
  size_t width = values.size() / c.rows();
  Numbers result;
  for (size_t i = 0; i < values.size(); ++i) {
    if (data[i / width]) result.push_back(values[i]);
  }
  return result;
}

// Padding holds the fill, or NaN without one.
void checkPadding(const std::string& name, const RnnCase& c, const Numbers& values) {
  std::vector<bool> data = dataRows(c);
  size_t width = values.size() / c.rows();
  for (size_t i = 0; i < values.size(); ++i) {
    if (data[i / width]) continue;
    if (c.hasFill ? values[i] != -3 : !std::isnan(values[i])) {
      check(false, name + ": padding holds " + std::to_string(values[i]));
      return;
    }
  }
}

Inputs readInputs(Rnn& rnn) {
  const RnnCase& c = rnn.c;
  auto n = [](int v) { return static_cast<size_t>(v); };
  Inputs in;
  in.x = rnn.get(rnn.x, c.rows() * n(c.input));
  in.hx = rnn.get(rnn.hx, c.states() * n(c.proj));
  in.cx = rnn.get(rnn.cx, c.states() * n(c.hidden));
  in.p = rnn.random(7);
  rnn.putParameters(in.p);
  return in;
}

void checkOutputs(const std::string& name, Rnn& rnn, const Outputs& want, double tolerance) {
  const RnnCase& c = rnn.c;
  Numbers y = rnn.get(rnn.y, want.y.size());
  double error = worst(onlyData(c, y), onlyData(c, want.y));
  error = std::max(error, worst(rnn.get(rnn.hy, want.hy.size()), want.hy));
  if (c.cell == 2) error = std::max(error, worst(rnn.get(rnn.cy, want.cy.size()), want.cy));
  check(error < tolerance, name + ": forward error " + std::to_string(error));
  checkPadding(name + " y", c, y);
}

// The sum of all outputs by their gradients, whose derivatives the backward calls give.
double loss(const RnnCase& c, const Inputs& in, const Numbers& dy, const Numbers& dhy,
            const Numbers& dcy) {
  Outputs out = Evaluation(c, in, [](double v) { return v; }).run();
  std::vector<bool> data = dataRows(c);
  size_t width = out.y.size() / c.rows();
  double sum = 0;
  for (size_t i = 0; i < out.y.size(); ++i) {
    if (data[i / width]) sum += out.y[i] * dy[i];
  }
  for (size_t i = 0; i < out.hy.size(); ++i) sum += out.hy[i] * dhy[i];
  for (size_t i = 0; c.cell == 2 && i < out.cy.size(); ++i) sum += out.cy[i] * dcy[i];
  return sum;
}

void checkGradients(const std::string& name, Rnn& rnn, Inputs in) {
  const RnnCase& c = rnn.c;
  Numbers dy = rnn.get(rnn.dy, c.rows() * static_cast<size_t>(c.proj * c.directions()));
  Numbers dhy = rnn.get(rnn.dhy, in.hx.size());
  Numbers dcy = rnn.get(rnn.dcy, in.cx.size());
  need(rnn.backwardData(), name + ": backward data");
  need(rnn.backwardWeights(), name + ": backward weights");
  need(cuCtxSynchronize(), name + ": backward");
  double error = 0;
  auto compare = [&](Numbers* variable, const Numbers& gradient, const std::vector<bool>* rows) {
    check(variable->size() == gradient.size(), name + ": size of a gradient");
    for (size_t i = 0; i < variable->size(); ++i) {
      if (rows && !(*rows)[i / (variable->size() / rows->size())]) continue;
      double kept = (*variable)[i];
      constexpr double kStep = 1e-5;
      (*variable)[i] = kept + kStep;
      double up = loss(c, in, dy, dhy, dcy);
      (*variable)[i] = kept - kStep;
      double down = loss(c, in, dy, dhy, dcy);
      (*variable)[i] = kept;
      double e = std::abs((up - down) / (2 * kStep) - gradient[i]);
      error = std::isnan(e) ? INFINITY : std::max(error, e);
    }
  };
  std::vector<bool> data = dataRows(c);
  Numbers dx = rnn.get(rnn.dx, in.x.size());
  compare(&in.x, dx, &data);
  checkPadding(name + " dx", c, dx);
  compare(&in.hx, rnn.get(rnn.dhx, in.hx.size()), nullptr);
  if (c.cell == 2) compare(&in.cx, rnn.get(rnn.dcx, in.cx.size()), nullptr);
  Parameters gradients = rnn.getGradients();
  for (auto& [key, values] : in.p.matrices) compare(&values, gradients.matrices[key], nullptr);
  for (auto& [key, values] : in.p.biases) compare(&values, gradients.biases[key], nullptr);
  check(error < 1e-7, name + ": gradient error " + std::to_string(error));
}

void testGradients(test::Device& device) {
  for (int cell : {0, 1, 2, 3}) {
    std::string of = "cell " + std::to_string(cell);
    auto run = [&](const std::string& name, RnnCase c) {
      c.cell = cell;
      Rnn rnn(device, c);
      Inputs in = readInputs(rnn);
      need(rnn.forward(), of + name);
      need(cuCtxSynchronize(), of + name);
      checkOutputs(of + name, rnn, Evaluation(c, in, [](double v) { return v; }).run(), 1e-12);
      checkGradients(of + name, rnn, in);
    };
    run(" plain", {});
    RnnCase deep;
    deep.layers = 2;
    deep.bidirectional = true;
    deep.lengths = {3, 5, 1};
    run(" two layers, both directions, lengths", deep);
    deep.layout = 2;
    deep.hasFill = true;
    run(" batch-major with fill", deep);
    deep.layout = 1;
    deep.lengths = {5, 3, 3};
    run(" packed", deep);
    for (int bias : {0, 1, 3}) {
      RnnCase biased;
      biased.bias = bias;
      run(" bias " + std::to_string(bias), biased);
    }
    RnnCase skip;
    skip.skipInput = true;
    skip.input = skip.hidden;
    skip.layers = 2;
    run(" skipped input", skip);
    if (cell != 2) continue;
    RnnCase projected;
    projected.proj = 2;
    projected.layers = 2;
    projected.bidirectional = true;
    run(" projection", projected);
  }
}

double tf32(double v) { return sim::roundToTf32(static_cast<float>(v)); }
double half(double v) { return sim::f16ToFloat(sim::floatToF16(static_cast<float>(v))); }

// fp32 products are exact under FMA only; fp16 data are stored as such and summed in fp32.
void testPrecision(test::Device& device) {
  struct Row {
    std::string name;
    int type, math;
    double (*round)(double);
    double tolerance, least;  // of the error against rounded and against exact operands
  };
  auto same = [](double v) { return v; };
  const Row rows[] = {{"fp32", test::kFloat, 3, same, 1e-6, 0},
                      {"TF32 by default", test::kFloat, 0, tf32, 2e-6, 1e-5},
                      {"TF32 on tensor cores", test::kFloat, 1, tf32, 2e-6, 1e-5},
                      {"fp32 by way of fp16", test::kFloat, 2, half, 2e-6, 1e-5},
                      {"fp16", test::kHalf, 0, half, 2e-3, 1e-5}};
  for (const Row& row : rows) {
    for (int cell : {0, 1, 2, 3}) {
      RnnCase c;
      c.cell = cell;
      c.type = row.type;
      c.precision = test::kFloat;
      c.math = row.math;
      c.layers = 2;
      c.bidirectional = true;
      Rnn rnn(device, c);
      Inputs in = readInputs(rnn);
      for (auto* all : {&in.p.matrices, &in.p.biases}) {
        for (auto& [key, values] : *all) {
          for (double& v : values) v = row.type == test::kHalf ? half(v) : static_cast<float>(v);
        }
      }
      std::string name = row.name + ", cell " + std::to_string(cell);
      need(rnn.forward(), name);
      need(cuCtxSynchronize(), name);
      checkOutputs(name, rnn, Evaluation(c, in, row.round).run(), row.tolerance);
      Outputs exact = Evaluation(c, in, same).run();
      double error = worst(rnn.get(rnn.y, exact.y.size()), exact.y);
      check(error >= row.least, name + ": operands are not rounded");
      need(rnn.backwardData(), name);
      need(rnn.backwardWeights(), name);
      need(cuCtxSynchronize(), name);
      Numbers dx = rnn.get(rnn.dx, in.x.size());
      check(std::none_of(dx.begin(), dx.end(), [](double v) { return std::isnan(v); }),
            name + ": dx");
    }
  }
}

// Masks are drawn anew for every call, from states that a seed fills; gradients follow the mask.
void testDropout(test::Device& device) {
  RnnCase c;
  c.layers = 2;
  c.hidden = c.proj = 16;
  void* handle = nullptr;
  void* dropout = nullptr;
  size_t bytes = 0;
  need(cudnnCreate(&handle), "cudnnCreate");
  need(cudnnCreateDropoutDescriptor(&dropout), "dropout descriptor");
  need(cudnnDropoutGetStatesSize(handle, &bytes), "size of the states");
  DevicePointer states = device.allocate(bytes);
  auto seed = [&] {
    need(cudnnSetDropoutDescriptor(dropout, handle, 0.5f, test::at(states), bytes, 42), "seed");
  };
  check(cudnnSetDropoutDescriptor(dropout, handle, 0.5f, test::at(states), bytes - 1, 42) ==
            test::kBadParam,
        "states a byte too small");
  check(cudnnSetDropoutDescriptor(dropout, handle, 1.5f, nullptr, 0, 42) == test::kBadParam,
        "a rate above 1");
  seed();
  Rnn rnn(device, c, dropout);
  readInputs(rnn);
  size_t size = c.rows() * static_cast<size_t>(c.proj);
  auto run = [&](bool training) {
    need(rnn.forward(training), "forward");
    need(cuCtxSynchronize(), "forward");
    return rnn.get(rnn.y, size);
  };
  Numbers plain = run(false);
  Numbers first = run(true);
  Numbers second = run(true);
  seed();
  check(run(true) == first, "the same seed, another mask");
  check(first != second, "the mask is drawn once only");
  check(first != plain && run(false) == plain, "masks belong to training");
  seed();
  run(true);
  Numbers dy = rnn.get(rnn.dy, size);
  rnn.put(rnn.dhy, Numbers(c.states() * static_cast<size_t>(c.proj)));
  rnn.put(rnn.dcy, Numbers(c.states() * static_cast<size_t>(c.hidden)));
  need(rnn.backwardData(), "backward data");
  Numbers x = rnn.get(rnn.x, c.rows() * 3);
  Numbers dx = rnn.get(rnn.dx, x.size());
  for (size_t i = 0; i < x.size(); i += 4) {
    double side[2];
    for (int k : {0, 1}) {
      Numbers moved = x;
      moved[i] += k == 0 ? 1e-5 : -1e-5;
      rnn.put(rnn.x, moved);
      seed();
      Numbers y = run(true);
      side[k] = 0;
      for (size_t j = 0; j < size; ++j) side[k] += y[j] * dy[j];
    }
    check(std::abs((side[0] - side[1]) / 2e-5 - dx[i]) < 1e-7, "gradient through dropout");
  }
  // A rate without states serves inference only.
  need(cudnnSetDropoutDescriptor(dropout, handle, 0.5f, nullptr, 0, 42), "rate");
  check(rnn.forward() == test::kBadParam, "dropout without states");
  need(rnn.forward(false), "inference without states");
  cudnnDestroyDropoutDescriptor(dropout);
  check(rnn.forward() == test::kBadParam, "a dropout descriptor that was destroyed");
  cudnnDestroy(handle);
}

// A pass in a graph gives what it gives directly, at every launch.
void testGraph(test::Device& device) {
  RnnCase c;
  Rnn rnn(device, c);
  readInputs(rnn);
  size_t size = c.rows() * static_cast<size_t>(c.proj);
  need(rnn.forward(), "forward");
  need(rnn.backwardData(), "backward data");
  need(rnn.backwardWeights(), "backward weights");
  Numbers y = rnn.get(rnn.y, size);
  Parameters once = rnn.getGradients();
  void* stream = nullptr;
  void* graph = nullptr;
  void* exec = nullptr;
  need(cuStreamCreate(&stream, 1), "stream");
  need(cudnnSetStream(rnn.handle, stream), "set stream");
  need(cuStreamBeginCapture_v2(stream, 2), "begin capture");
  need(rnn.forward(), "captured forward");
  need(rnn.backwardData(), "captured backward data");
  need(rnn.backwardWeights(), "captured backward weights");
  need(cuStreamEndCapture(stream, &graph), "end capture");
  need(cuGraphInstantiateWithFlags(&exec, graph, 0), "instantiate");
  rnn.put(rnn.y, Numbers(size, 7));
  sim::resetCounts();
  for (int i = 0; i < 2; ++i) need(cuGraphLaunch(exec, stream), "launch");
  need(cuStreamSynchronize(stream), "synchronise");
  check(rnn.get(rnn.y, size) == y, "y of a graph");
  Parameters all = rnn.getGradients();
  for (auto& [key, values] : once.matrices) {
    for (size_t i = 0; i < values.size(); ++i) {
      check(std::abs(3 * values[i] - all.matrices[key][i]) < 1e-12, "gradients of a graph");
    }
  }
  std::string counts = sim::countsAsJson();
  check(
      counts.find("\"cudnn rnn forward\":{\"launches\":2,\"graphLaunches\":2") != std::string::npos,
      counts);
  cuGraphExecDestroy(exec);
  cuGraphDestroy(graph);
  cuStreamDestroy_v2(stream);
}

}  // namespace

int main() {
  sim::setOption("log_findings", "0");
  test::Device device(test::emptyImage());
  testGradients(device);
  testPrecision(device);
  testDropout(device);
  testGraph(device);
  return test::finish();
}
