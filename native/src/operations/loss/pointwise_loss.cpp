#include <algorithm>
#include <cmath>

#include "engine/engine.h"
#include "gatefold/loss.h"
#include "operations/row_weights.h"

namespace {

using gatefold::weight_of;

/// A gf_loss, how many numbers it takes of each target, and its constants.
struct Function {
  int32_t kind, parts;
  double first, second;
};

/// log(1 + exp(x))
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// Where slopes in the numbers predicted for one target go, times a factor; nowhere if null.
struct Slopes {
  float* dx;
  double factor;

  void set(int64_t i, double slope) const {
    if (dx != nullptr) {
      dx[i] = static_cast<float>(factor * slope);
    }
  }
};

/// Sums term(x, target, column, slopes) over all targets of rows that count. A term reads all that
/// it needs of x before it sets slopes, because dx may alias x; returns the sum.
template <class Term>
double sum_terms(gf_engine* engine, const Function& l, int64_t rows, int64_t columns,
                 const float* x, const float* target, const float* weights, double unit, float* dx,
                 const Term& term) {
  const int64_t parts = l.parts;
  return gatefold::parallel_sum(engine, rows * columns, [=, &term](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; i++) {
      const double w = weight_of(weights, i / columns);
      const Slopes slopes{dx == nullptr ? nullptr : dx + i * parts, w * unit};
      if (w != 0) {
        sum += w * term(x + i * parts, static_cast<double>(target[i]), i % columns, slopes);
        continue;
      }
      for (int64_t p = 0; p < parts && dx != nullptr; p++) {
        dx[i * parts + p] = 0.0f;
      }
    }
    return sum;
  });
}

double focal(const Function& l, double x, double t, const Slopes& slopes) {
  const double gamma = l.first;
  const double p = sigmoid(x), q = sigmoid(-x);
  const double miss = softplus(-x), alarm = softplus(x);
  const double positive = t * l.second * std::pow(q, gamma);
  const double negative = (1 - t) * (1 - l.second) * std::pow(p, gamma);
  slopes.set(0, negative * (p + gamma * q * alarm) - positive * (q + gamma * p * miss));
  return positive * miss + negative * alarm;
}

/// How far a prediction is on the wrong side of 1, and the sign of its target.
struct Margin {
  double sign, size;

  Margin(double x, double t) : sign(t > 0 ? 1.0 : -1.0), size(1 - sign * x) {
    size = size <= 0 ? 0.0 : size;  // NaN stays
  }
};

double gaussian(double x, double s, double t, const Slopes& slopes) {
  constexpr double kLogTwoPi = 1.8378770664093454836;
  const double d = x - t, precision = std::exp(-s);
  slopes.set(0, d * precision);
  slopes.set(1, (1 - d * d * precision) / 2);
  return (s + d * d * precision + kLogTwoPi) / 2;
}

double student(const Function& l, double x, double s, double t, const Slopes& slopes) {
  const double nu = l.first, unit = std::exp(-s);
  const double z = (x - t) * unit;
  const double pull = (nu + 1) * z / (nu + z * z);
  slopes.set(0, pull * unit);
  slopes.set(1, 1 - pull * z);
  return s + (nu + 1) / 2 * std::log1p(z * z / nu) + l.second;
}

/// Calls sum(term) with the loss' function of (x, target, column, slopes).
template <class Sum>
double with_term(const Function& l, const float* table, const Sum& sum) {
  constexpr double kLogTwo = 0.69314718055994530942;
  const double delta = l.first;
  switch (l.kind) {
    case GF_MSE:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        const double d = x[0] - t;
        slopes.set(0, 2 * d);
        return d * d;
      });
    case GF_MAE:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        const double d = x[0] - t;
        slopes.set(0, d > 0 ? 1.0 : d < 0 ? -1.0 : d);
        return std::fabs(d);
      });
    case GF_HUBER:
      return sum([=](const float* x, double t, int64_t, const Slopes& slopes) {
        const double d = x[0] - t, size = std::fabs(d);
        slopes.set(0, d > delta ? delta : d < -delta ? -delta : d);
        return size <= delta ? 0.5 * d * d : delta * (size - 0.5 * delta);
      });
    case GF_LOG_COSH:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        const double d = x[0] - t, size = std::fabs(d);
        slopes.set(0, std::tanh(d));
        return size + std::log1p(std::exp(-2 * size)) - kLogTwo;
      });
    case GF_BINARY_CROSS_ENTROPY:
      return sum([=](const float* x, double t, int64_t column, const Slopes& slopes) {
        const double logit = x[0];
        const double positive = table == nullptr ? t : t * table[column];
        slopes.set(0, (1 - t) * sigmoid(logit) - positive * sigmoid(-logit));
        return positive * softplus(-logit) + (1 - t) * softplus(logit);
      });
    case GF_FOCAL:
      return sum([=](const float* x, double t, int64_t, const Slopes& slopes) {
        return focal(l, x[0], t, slopes);
      });
    case GF_HINGE:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        const Margin margin(x[0], t);
        slopes.set(0, margin.size > 0 ? -margin.sign : margin.size);
        return margin.size;
      });
    case GF_SQUARED_HINGE:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        const Margin margin(x[0], t);
        slopes.set(0, -2 * margin.sign * margin.size);
        return margin.size * margin.size;
      });
    case GF_QUANTILE:
      return sum([=](const float* x, double t, int64_t, const Slopes& slopes) {
        double value = 0;
        for (int64_t i = 0; i < l.parts; i++) {
          const double quantile = table[i], missing = t - x[i];
          value += std::max(quantile * missing, (quantile - 1) * missing);
          slopes.set(i, missing > 0 ? -quantile : missing < 0 ? 1 - quantile : missing);
        }
        return value;
      });
    case GF_GAUSSIAN_NLL:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        return gaussian(x[0], x[1], t, slopes);
      });
    case GF_STUDENT_T_NLL:
      return sum([=](const float* x, double t, int64_t, const Slopes& slopes) {
        return student(l, x[0], x[1], t, slopes);
      });
    default:
      return sum([](const float* x, double t, int64_t, const Slopes& slopes) {
        const double log_p = x[0];
        slopes.set(0, -t);
        return t == 0 ? 0.0 : t * (std::log(t) - log_p);
      });
  }
}

bool valid_loss(const Function& l, const float* table) {
  if (l.kind < GF_MSE || l.kind > GF_KL_DIVERGENCE) {
    return false;
  }
  switch (l.kind) {
    case GF_HUBER:
    case GF_STUDENT_T_NLL:
      return l.first > 0 && l.parts == (l.kind == GF_HUBER ? 1 : 2);
    case GF_QUANTILE:
      return table != nullptr && l.parts >= 1;
    case GF_GAUSSIAN_NLL:
      return l.parts == 2;
    default:
      return l.parts == 1;
  }
}

}  // namespace

extern "C" int gf_pointwise_loss(gf_engine* engine, int32_t kind, int32_t parts, int64_t terms,
                                 double first, double second, int64_t rows, int64_t columns,
                                 const float* table, const float* x, const float* target,
                                 const float* weights, float* loss, float* dx) {
  const Function l{kind, parts, first, second};
  if (engine == nullptr || !valid_loss(l, table) || terms < 1 || rows < 1 || columns < 1 ||
      x == nullptr || target == nullptr || loss == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const double total = gatefold::total_weight(engine, weights, rows);
  const double unit = total == 0 ? 0.0 : 1.0 / (total * static_cast<double>(terms));
  const double sum = with_term(l, table, [=](const auto& term) {
    return sum_terms(engine, l, rows, columns, x, target, weights, unit, dx, term);
  });
  loss[0] = static_cast<float>(sum * unit);
  return GF_OK;
}
