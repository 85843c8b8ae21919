#include "gatefold/ctc.h"

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

#include "engine/engine.h"
#include "operations/row_weights.h"

namespace {

using gatefold::weight_of;

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// What every row is computed from.
struct Call {
  const gf_engine* engine;
  gf_ctc ctc;
  const float* logits;
  const int32_t* lengths;
  const int32_t* label_classes;
  const int32_t* counts;
  float* dlogits;

  int64_t steps(int64_t row) const { return lengths == nullptr ? ctc.steps : lengths[row]; }
  int64_t labels(int64_t row) const { return counts == nullptr ? ctc.labels : counts[row]; }
  int64_t at(int64_t step, int64_t row) const { return (step * ctc.batch + row) * ctc.classes; }
  float* gradient(int64_t step, int64_t row) const {
    return dlogits == nullptr ? nullptr : dlogits + at(step, row);
  }
};

/// Memory for one row at a time. States are the labels with a blank before, between and behind.
struct Scratch {
  int32_t* classes;  ///< of each state
  bool* skips;       ///< whether a state may follow the one two before it
  double* sums;      ///< of exponentials of each step
  double* largest;   ///< logit of each step
  double* before;    ///< [steps, states]: paths up to and with a step
  double* after;     ///< [states]: paths from a step, with it, to the end
  double* shares;    ///< [classes], 0 between steps

  static size_t bytes(const gf_ctc& ctc, int64_t steps, int64_t states) {
    return static_cast<size_t>(steps * (states + 2) + states + ctc.classes) * sizeof(double) +
           static_cast<size_t>(states) * (sizeof(int32_t) + sizeof(bool));
  }

  Scratch(char* memory, const gf_ctc& ctc, int64_t steps, int64_t states) {
    double* next = reinterpret_cast<double*>(memory);
    before = next;
    sums = before + steps * states;
    largest = sums + steps;
    after = largest + steps;
    shares = after + states;
    std::memset(shares, 0, static_cast<size_t>(ctc.classes) * sizeof(double));
    classes = reinterpret_cast<int32_t*>(shares + ctc.classes);
    skips = reinterpret_cast<bool*>(classes + states);
  }
};

/// log(exp(a) + exp(b) + exp(c)); NaN if one of them is.
double log_sum(double a, double b, double c) {
  if (b > a) {
    std::swap(a, b);
  }
  if (c > a) {
    std::swap(a, c);
  }
  if (a == kNever) {
    return a + b + c;  // no path, or NaN
  }
  // Of a, the largest, the term is 1; often the others are none.
  double others = 0;
  if (b != kNever) {
    others += std::exp(b - a);
  }
  if (c != kNever) {
    others += std::exp(c - a);
  }
  return a + std::log(1 + others);
}

void fill(const Call& call, int64_t row, int64_t from, int64_t to, float value) {
  for (int64_t t = from; t < to && call.dlogits != nullptr; t++) {
    float* dx = call.gradient(t, row);
    for (int64_t c = 0; c < call.ctc.classes; c++) {
      dx[c] = value;
    }
  }
}

/// Fills in the states of a row; false if a label is no class or the blank.
bool read_labels(const Call& call, int64_t row, int64_t states, const Scratch& s) {
  for (int64_t i = 0; i < states; i++) {
    s.classes[i] = i % 2 == 0 ? call.ctc.blank : call.label_classes[(i / 2) * call.ctc.batch + row];
    s.skips[i] = i % 2 == 1 && i > 1 && s.classes[i] != s.classes[i - 2];
    if (i % 2 == 1 &&
        (s.classes[i] < 0 || s.classes[i] >= call.ctc.classes || s.classes[i] == call.ctc.blank)) {
      return false;
    }
  }
  return true;
}

/// The states [first, end) that a path can be in at a step, coming from the start and reaching the
/// end.
struct Reach {
  int64_t first, end;

  Reach(int64_t step, int64_t steps, int64_t states) {
    const int64_t left = states - 2 * (steps - step);
    first = left > 0 ? left : 0;
    end = 2 * (step + 1) < states ? 2 * (step + 1) : states;
  }
};

/// Log-probability of a state's class at a step.
double emission(const Call& call, int64_t row, const Scratch& s, int64_t t, int64_t state) {
  const double x = call.logits[call.at(t, row) + s.classes[state]];
  return x - s.largest[t] - s.sums[t];
}

/// Fills in `before`; the log-probability of all paths.
double forward(const Call& call, int64_t row, int64_t steps, int64_t states, const Scratch& s) {
  const double* last = nullptr;
  for (int64_t t = 0; t < steps; t++) {
    double* now = s.before + t * states;
    const Reach reach(t, steps, states);
    for (int64_t i = reach.first; i < reach.end; i++) {
      double sum = 0;
      if (last != nullptr) {
        sum = log_sum(last[i], i > 0 ? last[i - 1] : kNever, s.skips[i] ? last[i - 2] : kNever);
      }
      now[i] = sum + emission(call, row, s, t, i);
    }
    // The next step looks two states further.
    for (int64_t i = reach.end; i < states && i < reach.end + 2; i++) {
      now[i] = kNever;
    }
    last = now;
  }
  return log_sum(last[states - 1], states > 1 ? last[states - 2] : kNever, kNever);
}

/// Writes the gradient, `share` times softmax less the share of paths in each class.
void backward(const Call& call, int64_t row, int64_t steps, int64_t states, const Scratch& s,
              double total, double share) {
  const gatefold::PointwiseKernels& k = *call.engine->kernels->pointwise;
  for (int64_t i = 0; i < states; i++) {
    s.after[i] = kNever;
  }
  for (int64_t t = steps - 1; t >= 0; t--) {
    const double* before = s.before + t * states;
    const Reach reach(t, steps, states);
    for (int64_t i = reach.first; i < reach.end; i++) {
      double sum = 0;
      if (t < steps - 1) {
        sum = log_sum(s.after[i], i + 1 < states ? s.after[i + 1] : kNever,
                      i + 2 < states && s.skips[i + 2] ? s.after[i + 2] : kNever);
      }
      s.shares[s.classes[i]] += std::exp(before[i] + sum - total);
      s.after[i] = sum + emission(call, row, s, t, i);
    }
    float* dx = call.gradient(t, row);
    k.scale(call.ctc.classes, static_cast<float>(share * std::exp(-s.sums[t])), dx, dx);
    for (int64_t i = 0; i < states; i++) {
      double& of_class = s.shares[s.classes[i]];
      dx[s.classes[i]] -= static_cast<float>(share * of_class);
      of_class = 0;
    }
  }
}

/// The loss of a row times `share`; writes its gradient.
double row_loss(const Call& call, int64_t row, double share, const Scratch& s) {
  const gatefold::PointwiseKernels& k = *call.engine->kernels->pointwise;
  const int64_t steps = call.steps(row), states = 2 * call.labels(row) + 1;
  fill(call, row, steps, call.ctc.steps, 0.0f);
  double loss = kNan;
  if (read_labels(call, row, states, s)) {
    for (int64_t t = 0; t < steps; t++) {
      const float* x = call.logits + call.at(t, row);
      const float most = k.maximum(call.ctc.classes, x);
      s.largest[t] = most;
      s.sums[t] = std::log(k.exp_sum(call.ctc.classes, x, most, call.gradient(t, row)));
    }
    if (steps == 0) {
      loss = states == 1 ? 0.0 : -kNever;
    } else {
      loss = states - 1 > 2 * steps ? -kNever : -forward(call, row, steps, states, s);
    }
  }
  if (loss == -kNever && call.ctc.zero_infinity != 0) {
    fill(call, row, 0, steps, 0.0f);
    return 0;
  }
  if (!std::isfinite(loss)) {
    fill(call, row, 0, steps, std::numeric_limits<float>::quiet_NaN());
  } else if (call.dlogits != nullptr) {
    backward(call, row, steps, states, s, -loss, share);
  }
  return share * loss;
}

bool valid_lengths(const int32_t* lengths, int32_t rows, int32_t most) {
  for (int32_t b = 0; lengths != nullptr && b < rows; b++) {
    if (lengths[b] < 0 || lengths[b] > most) {
      return false;
    }
  }
  return true;
}

bool valid(const gf_engine* engine, const gf_ctc* c, const int32_t* lengths,
           const int32_t* counts) {
  return engine != nullptr && c != nullptr && c->steps >= 1 && c->batch >= 1 && c->classes >= 1 &&
         c->labels >= 1 && c->blank >= 0 && c->blank < c->classes &&
         c->reduction >= GF_CTC_ROW_MEAN && c->reduction <= GF_CTC_SUM &&
         valid_lengths(lengths, c->batch, c->steps) && valid_lengths(counts, c->batch, c->labels);
}

}  // namespace

extern "C" int gf_ctc_loss(gf_engine* engine, const gf_ctc* ctc, const float* logits,
                           const int32_t* lengths, const int32_t* label_classes,
                           const int32_t* counts, const float* weights, float* loss,
                           float* dlogits) {
  if (!valid(engine, ctc, lengths, counts) || logits == nullptr || label_classes == nullptr ||
      loss == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Call call{engine, *ctc, logits, lengths, label_classes, counts, dlogits};
  std::unique_ptr<double[]> losses(new (std::nothrow) double[static_cast<size_t>(ctc->batch)]);
  if (losses == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  const double all = gatefold::total_weight(engine, weights, ctc->batch);
  std::atomic<bool> exhausted{false};
  gatefold::parallel_for(engine, ctc->batch, 1, 1, [&](int64_t begin, int64_t end) {
    int64_t steps = 0, states = 1;
    for (int64_t b = begin; b < end; b++) {
      steps = call.steps(b) > steps ? call.steps(b) : steps;
      states = 2 * call.labels(b) + 1 > states ? 2 * call.labels(b) + 1 : states;
    }
    std::unique_ptr<char, decltype(&std::free)> memory(
        static_cast<char*>(std::malloc(Scratch::bytes(*ctc, steps, states))), &std::free);
    if (memory == nullptr) {
      exhausted = true;
      return;
    }
    const Scratch scratch(memory.get(), *ctc, steps, states);
    for (int64_t b = begin; b < end; b++) {
      const double weight = weight_of(weights, b);
      if (weight == 0) {
        losses[static_cast<size_t>(b)] = 0;
        fill(call, b, 0, ctc->steps, 0.0f);
        continue;
      }
      double share = ctc->reduction == GF_CTC_SUM ? weight : weight / all;
      if (ctc->reduction == GF_CTC_LABEL_MEAN && call.labels(b) > 1) {
        share /= static_cast<double>(call.labels(b));
      }
      losses[static_cast<size_t>(b)] = row_loss(call, b, share, scratch);
    }
  });
  if (exhausted) {
    return GF_OUT_OF_MEMORY;
  }
  double sum = 0;
  for (int64_t b = 0; b < ctc->batch; b++) {
    sum += losses[static_cast<size_t>(b)];
  }
  loss[0] = static_cast<float>(sum);
  return GF_OK;
}
