#include "gatefold/crf.h"

#include <cmath>
#include <limits>
#include <memory>
#include <new>

#include "engine/engine.h"

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr int32_t kNone = -1;

/// Gradients of transitions are summed up in so many parts of the rows at most, whatever threads
/// there are.
constexpr int64_t kParts = 16;

/// Sums of products below this may have lost terms: they are computed again by logarithms.
constexpr double kLeastSum = 1e-200;

/// Products of marginals are scaled by at most exp of this, for else they may have lost digits.
constexpr double kMostExponent = 300;

using Doubles = std::unique_ptr<double[]>;

Doubles doubles(int64_t count) {
  return Doubles(new (std::nothrow) double[static_cast<size_t>(count > 0 ? count : 1)]);
}

bool valid(const gf_engine* engine, const gf_crf* c) {
  if (engine == nullptr || c == nullptr || c->steps < 1 || c->batch < 1 || c->labels < 1 ||
      c->transitions == nullptr || c->start == nullptr || c->end == nullptr ||
      c->emissions == nullptr) {
    return false;
  }
  for (int64_t b = 0; c->lengths != nullptr && b < c->batch; b++) {
    if (c->lengths[b] < 0 || c->lengths[b] > c->steps) {
      return false;
    }
  }
  return true;
}

/// exp(transitions - shift), as they are and transposed, so that sums over either side are
/// products with contiguous rows.
struct Factors {
  explicit Factors(const gf_crf& c)
      : rows(doubles(c.labels * c.labels)), columns(doubles(c.labels * c.labels)) {
    if (!made()) {
      return;
    }
    const int64_t labels = c.labels;
    double most = kNever;
    for (int64_t i = 0; i < labels * labels; i++) {
      most = c.transitions[i] > most ? c.transitions[i] : most;
    }
    shift = std::isinf(most) ? 0 : most;
    for (int64_t i = 0; i < labels; i++) {
      for (int64_t j = 0; j < labels; j++) {
        const double factor = std::exp(c.transitions[i * labels + j] - shift);
        rows[i * labels + j] = factor;
        columns[j * labels + i] = factor;
      }
    }
  }

  bool made() const { return rows != nullptr && columns != nullptr; }

  Doubles rows;
  Doubles columns;
  double shift = 0;
};

double largest(int64_t count, const double* values) {
  double most = kNever;
  for (int64_t i = 0; i < count; i++) {
    most = values[i] > most ? values[i] : most;
  }
  return most;
}

/// exp(values - their maximum); gives the maximum, 0 if all are minus infinity.
double exponentials(int64_t count, const double* values, double* to) {
  const double most = largest(count, values);
  const double shift = most == kNever ? 0 : most;
  for (int64_t i = 0; i < count; i++) {
    to[i] = std::exp(values[i] - shift);
  }
  return shift;
}

/// log of the sum over i of exp(term(i)).
template <class Term>
double log_sum_exp(int64_t count, const Term& term) {
  double most = kNever;
  for (int64_t i = 0; i < count; i++) {
    const double value = term(i);
    most = value > most ? value : most;
  }
  const double shift = most == kNever ? 0 : most;
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += std::exp(term(i) - shift);
  }
  return shift + std::log(sum);
}

/// One row: what its labels score, and the logarithms of sums over beginnings and endings.
struct Row {
  Row(const gf_crf& crf, int64_t row)
      : c(crf), b(row), labels(crf.labels), steps(crf.lengths ? crf.lengths[row] : crf.steps) {}

  const float* emissions(int64_t t) const { return c.emissions + (t * c.batch + b) * labels; }
  int32_t label(const int32_t* right, int64_t t) const { return right[t * c.batch + b]; }
  double transition(int64_t from, int64_t to) const { return c.transitions[from * labels + to]; }

  /// NaN for a label that there is not.
  double score(const int32_t* right) const {
    double sum = 0;
    for (int64_t t = 0; t < steps; t++) {
      const int32_t k = label(right, t);
      if (k < 0 || k >= labels) {
        return std::numeric_limits<double>::quiet_NaN();
      }
      sum += t == 0 ? c.start[k] : transition(label(right, t - 1), k);
      sum += emissions(t)[k];
    }
    return sum + c.end[label(right, steps - 1)];
  }

  /// alpha [labels] of step t from that of the step before; p and s [labels] are scratch.
  void begin(const Factors& f, int64_t t, const double* before, double* alpha, double* p,
             double* s) const {
    const float* e = emissions(t);
    if (t == 0) {
      for (int64_t k = 0; k < labels; k++) {
        alpha[k] = static_cast<double>(c.start[k]) + e[k];
      }
      return;
    }
    const double shift = exponentials(labels, before, p);
    product(f.rows.get(), p, s);
    for (int64_t k = 0; k < labels; k++) {
      const double log_sum =
          s[k] > kLeastSum
              ? shift + f.shift + std::log(s[k])
              : log_sum_exp(labels, [&](int64_t i) { return before[i] + transition(i, k); });
      alpha[k] = log_sum + e[k];
    }
  }

  /// beta [labels] of step t from that of the step after.
  void end(const Factors& f, int64_t t, const double* after, double* beta, double* q, double* s,
           double* scratch) const {
    if (t == steps - 1) {
      for (int64_t k = 0; k < labels; k++) {
        beta[k] = c.end[k];
      }
      return;
    }
    const double shift = continuations(t + 1, after, q, scratch);
    product(f.columns.get(), q, s);
    for (int64_t k = 0; k < labels; k++) {
      beta[k] = s[k] > kLeastSum
                    ? shift + f.shift + std::log(s[k])
                    : log_sum_exp(labels, [&](int64_t j) { return transition(k, j) + scratch[j]; });
    }
  }

  /// exp of emission and beta of step t, less their maximum, which is given; scratch [labels] gets
  /// them as they are.
  double continuations(int64_t t, const double* beta, double* q, double* scratch) const {
    const float* e = emissions(t);
    for (int64_t k = 0; k < labels; k++) {
      scratch[k] = e[k] + beta[k];
    }
    return exponentials(labels, scratch, q);
  }

  /// s[j] = sum over i of x[i] * matrix[i, j].
  void product(const double* matrix, const double* x, double* s) const {
    for (int64_t j = 0; j < labels; j++) {
      s[j] = 0;
    }
    for (int64_t i = 0; i < labels; i++) {
      const double factor = x[i];
      const double* line = matrix + i * labels;
      for (int64_t j = 0; j < labels; j++) {
        s[j] += factor * line[j];
      }
    }
  }

  double partition(const double* alpha) const {
    return log_sum_exp(labels, [&](int64_t k) { return alpha[k] + c.end[k]; });
  }

  const gf_crf& c;
  int64_t b;
  int64_t labels;
  int64_t steps;
};

/// Gradients of scores from one part of the rows.
struct Part {
  double* transitions;
  double* start;
  double* end;
};

/// Adds a row's gradients of scores to a part and writes those of its emissions. memory:
/// (2*steps + 4)*labels numbers.
void row_backward(const Row& r, const Factors& f, const int32_t* right, double weight,
                  double* memory, float* demissions, const Part& part) {
  const int64_t labels = r.labels;
  double* alpha = memory;
  double* beta = alpha + r.c.steps * labels;
  double* p = beta + r.c.steps * labels;
  double* q = p + labels;
  double* s = q + labels;
  double* scratch = s + labels;
  for (int64_t t = 0; t < r.steps; t++) {
    r.begin(f, t, alpha + (t - 1) * labels, alpha + t * labels, p, s);
  }
  for (int64_t t = r.steps - 1; t >= 0; t--) {
    r.end(f, t, beta + (t + 1) * labels, beta + t * labels, q, s, scratch);
  }
  const double partition = r.partition(alpha + (r.steps - 1) * labels);
  if (!std::isfinite(r.score(right) - partition)) {
    weight = std::numeric_limits<double>::quiet_NaN();
  }
  for (int64_t t = 0; t < r.steps; t++) {
    const double* a = alpha + t * labels;
    const double* z = beta + t * labels;
    float* de = demissions + (t * r.c.batch + r.b) * labels;
    const int32_t label = r.label(right, t);
    for (int64_t k = 0; k < labels; k++) {
      const double share = weight * ((k == label ? 1.0 : 0.0) - std::exp(a[k] + z[k] - partition));
      de[k] = static_cast<float>(share);
      part.start[k] += t == 0 ? share : 0;
      part.end[k] += t == r.steps - 1 ? share : 0;
    }
    if (t == 0) {
      continue;
    }
    const double* before = alpha + (t - 1) * labels;
    const double exponent =
        exponentials(labels, before, p) + f.shift + r.continuations(t, z, q, scratch) - partition;
    const bool direct = !(exponent <= kMostExponent);
    const double factor = direct ? weight : weight * std::exp(exponent);
    for (int64_t i = 0; i < labels; i++) {
      double* to = part.transitions + i * labels;
      const double* line = f.rows.get() + i * labels;
      const double own = factor * p[i];
      for (int64_t j = 0; j < labels && !direct; j++) {
        to[j] -= own * line[j] * q[j];
      }
      for (int64_t j = 0; j < labels && direct; j++) {
        to[j] -= weight * std::exp(before[i] + r.transition(i, j) + scratch[j] - partition);
      }
    }
    const int32_t from = r.label(right, t - 1);
    if (label >= 0 && label < labels && from >= 0 && from < labels) {
      part.transitions[from * labels + label] += weight;
    }
  }
}

/// Adds the sums of all parts, in order.
void add_parts(const double* parts, int64_t count, int64_t distance, int64_t numbers, float* to) {
  for (int64_t i = 0; i < numbers; i++) {
    double sum = 0;
    for (int64_t p = 0; p < count; p++) {
      sum += parts[p * distance + i];
    }
    to[i] = static_cast<float>(to[i] + sum);
  }
}

/// Fills in the path of a row and gives its score. score: 2*labels numbers, from: steps*labels.
double decode_row(const Row& r, double* score, int32_t* from, int32_t* path) {
  const int64_t labels = r.labels;
  double* next = score + labels;
  for (int64_t k = 0; k < labels; k++) {
    score[k] = static_cast<double>(r.c.start[k]) + r.emissions(0)[k];
  }
  for (int64_t t = 1; t < r.steps; t++) {
    int32_t* back = from + t * labels;
    for (int64_t k = 0; k < labels; k++) {
      next[k] = kNever;
      back[k] = 0;
    }
    for (int64_t i = 0; i < labels; i++) {
      for (int64_t k = 0; k < labels; k++) {
        const double sum = score[i] + r.transition(i, k);
        if (sum > next[k]) {
          next[k] = sum;
          back[k] = static_cast<int32_t>(i);
        }
      }
    }
    for (int64_t k = 0; k < labels; k++) {
      next[k] += r.emissions(t)[k];
    }
    double* swapped = score;
    score = next;
    next = swapped;
  }
  double most = kNever;
  int32_t last = kNone;
  for (int64_t k = 0; k < labels; k++) {
    const double sum = score[k] + r.c.end[k];
    if (sum > most) {
      most = sum;
      last = static_cast<int32_t>(k);
    }
  }
  for (int64_t t = r.steps - 1; t >= 0 && last != kNone; t--) {
    path[t * r.c.batch + r.b] = last;
    last = t == 0 ? kNone : from[t * labels + last];
  }
  return most;
}

}  // namespace

extern "C" int gf_crf_log_likelihood(gf_engine* engine, const gf_crf* crf, const int32_t* right,
                                     float* y) {
  if (!valid(engine, crf) || right == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const int64_t labels = crf->labels;
  const Factors factors(*crf);
  Doubles memory = doubles(crf->batch * 4 * labels);
  if (!factors.made() || memory == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  gatefold::parallel_for(engine, crf->batch, 1, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const Row row(*crf, b);
      if (row.steps == 0) {
        y[b] = 0;
        continue;
      }
      double* alpha = memory.get() + b * 4 * labels;
      double* before = alpha + labels;
      for (int64_t t = 0; t < row.steps; t++) {
        double* swapped = alpha;
        alpha = before;
        before = swapped;
        double* scratch = memory.get() + (b * 4 + 2) * labels;
        row.begin(factors, t, before, alpha, scratch, scratch + labels);
      }
      y[b] = static_cast<float>(row.score(right) - row.partition(alpha));
    }
  });
  return GF_OK;
}

extern "C" int gf_crf_log_likelihood_backward(gf_engine* engine, const gf_crf* crf,
                                              const int32_t* right, const float* dy,
                                              float* demissions, float* dtransitions, float* dstart,
                                              float* dend) {
  if (!valid(engine, crf) || right == nullptr || dy == nullptr || demissions == nullptr ||
      dtransitions == nullptr || dstart == nullptr || dend == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const int64_t labels = crf->labels;
  const int64_t parts = crf->batch < kParts ? crf->batch : kParts;
  const int64_t of_part = labels * labels + 2 * labels;
  const int64_t of_row = (2 * crf->steps + 4) * labels;
  const Factors factors(*crf);
  Doubles sums = doubles(parts * of_part);
  Doubles memory = doubles(parts * of_row);
  if (!factors.made() || sums == nullptr || memory == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  gatefold::parallel_for(engine, parts, 1, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++) {
      double* own = sums.get() + p * of_part;
      for (int64_t i = 0; i < of_part; i++) {
        own[i] = 0;
      }
      const Part part{own, own + labels * labels, own + labels * labels + labels};
      const gatefold::Range rows = gatefold::part_of(crf->batch, p, parts);
      for (int64_t b = rows.begin; b < rows.end; b++) {
        const Row row(*crf, b);
        const bool counts = dy[b] != 0 && row.steps > 0;
        for (int64_t t = counts ? row.steps : 0; t < crf->steps; t++) {
          float* de = demissions + (t * crf->batch + b) * labels;
          for (int64_t k = 0; k < labels; k++) {
            de[k] = 0;
          }
        }
        if (counts) {
          row_backward(row, factors, right, dy[b], memory.get() + p * of_row, demissions, part);
        }
      }
    }
  });
  const double* first = sums.get();
  add_parts(first, parts, of_part, labels * labels, dtransitions);
  add_parts(first + labels * labels, parts, of_part, labels, dstart);
  add_parts(first + labels * labels + labels, parts, of_part, labels, dend);
  return GF_OK;
}

extern "C" int gf_crf_decode(gf_engine* engine, const gf_crf* crf, int32_t* path, float* best) {
  if (!valid(engine, crf) || path == nullptr || best == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const int64_t labels = crf->labels;
  Doubles scores = doubles(crf->batch * 2 * labels);
  const std::unique_ptr<int32_t[]> from(
      new (std::nothrow) int32_t[static_cast<size_t>(crf->batch * crf->steps * labels)]);
  if (scores == nullptr || from == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  gatefold::parallel_for(engine, crf->batch, 1, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const Row row(*crf, b);
      for (int64_t t = 0; t < crf->steps; t++) {
        path[t * crf->batch + b] = kNone;
      }
      const double score = row.steps == 0 ? 0
                                          : decode_row(row, scores.get() + b * 2 * labels,
                                                       from.get() + b * crf->steps * labels, path);
      best[b] = static_cast<float>(score);
    }
  });
  return GF_OK;
}
