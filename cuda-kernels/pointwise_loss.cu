// Losses of each target by itself; the mean over rows is taken by loss.cu.

#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

// Order of org.gatefold.op.loss.PointwiseLoss.Kind.
enum PointwiseKind {
  kMse,
  kMae,
  kHuber,
  kLogCosh,
  kBinaryCrossEntropy,
  kFocal,
  kHinge,
  kSquaredHinge,
  kQuantile,
  kGaussianNll,
  kStudentTNll,
  kKlDivergence
};

struct PointwiseFunction {
  int kind;
  int parts;        // numbers predicted for each target
  long long terms;  // what the sum over a row is divided by
  double first;
  double second;
};

// Where slopes in the numbers predicted for one target go, times a factor; nowhere if null.
struct Slopes {
  float* dx;
  double factor;

  __device__ __forceinline__ void set(int i, double slope) const {
    if (dx != nullptr) dx[i] = static_cast<float>(factor * slope);
  }
};

// log(1 + exp(x))
__device__ __forceinline__ double softplus(double x) { return fmax(x, 0.0) + log1p(exp(-fabs(x))); }

__device__ __forceinline__ double logistic(double x) { return 1.0 / (1.0 + exp(-x)); }

__device__ __forceinline__ double focal_term(const PointwiseFunction& l, double x, double t,
                                             const Slopes& slopes) {
  const double gamma = l.first;
  const double p = logistic(x), q = logistic(-x);
  const double miss = softplus(-x), alarm = softplus(x);
  const double positive = t * l.second * pow(q, gamma);
  const double negative = (1.0 - t) * (1.0 - l.second) * pow(p, gamma);
  slopes.set(0, negative * (p + gamma * q * alarm) - positive * (q + gamma * p * miss));
  return positive * miss + negative * alarm;
}

__device__ __forceinline__ double quantile_term(const PointwiseFunction& l, const float* x,
                                                double t, const float* table,
                                                const Slopes& slopes) {
  double value = 0.0;
  for (int i = 0; i < l.parts; ++i) {
    const double quantile = table[i];
    const double missing = t - static_cast<double>(x[i]);
    value += missing > 0.0 ? quantile * missing : (quantile - 1.0) * missing;
    slopes.set(i, missing > 0.0 ? -quantile : (missing < 0.0 ? 1.0 - quantile : missing));
  }
  return value;
}

// Of a number x and the logarithm s of a variance or a scale.
__device__ __forceinline__ double likelihood_term(const PointwiseFunction& l, double x, double s,
                                                  double t, const Slopes& slopes) {
  const double d = x - t;
  if (l.kind == kGaussianNll) {
    const double log_two_pi = 1.8378770664093454836;
    const double precision = exp(-s);
    slopes.set(0, d * precision);
    slopes.set(1, (1.0 - d * d * precision) / 2.0);
    return (s + d * d * precision + log_two_pi) / 2.0;
  }
  const double nu = l.first;
  const double unit = exp(-s);
  const double z = d * unit;
  const double pull = (nu + 1.0) * z / (nu + z * z);
  slopes.set(0, pull * unit);
  slopes.set(1, 1.0 - pull * z);
  return s + (nu + 1.0) / 2.0 * log1p(z * z / nu) + l.second;
}

// The loss of target t in a column, x being the first of the numbers predicted for it.
__device__ __forceinline__ double pointwise_term(const PointwiseFunction& l, const float* x,
                                                 double t, int column, const float* table,
                                                 const Slopes& slopes) {
  const double first = static_cast<double>(x[0]);
  const double d = first - t;
  const double size = fabs(d);
  switch (l.kind) {
    case kMse:
      slopes.set(0, 2.0 * d);
      return d * d;
    case kMae:
      slopes.set(0, d > 0.0 ? 1.0 : (d < 0.0 ? -1.0 : d));
      return size;
    case kHuber:
      slopes.set(0, d > l.first ? l.first : (d < -l.first ? -l.first : d));
      return size <= l.first ? 0.5 * d * d : l.first * (size - 0.5 * l.first);
    case kLogCosh:
      slopes.set(0, tanh(d));
      return size + log1p(exp(-2.0 * size)) - 0.69314718055994530942;
    case kBinaryCrossEntropy: {
      const double positive = table == nullptr ? t : t * static_cast<double>(table[column]);
      slopes.set(0, (1.0 - t) * logistic(first) - positive * logistic(-first));
      return positive * softplus(-first) + (1.0 - t) * softplus(first);
    }
    case kFocal:
      return focal_term(l, first, t, slopes);
    case kHinge:
    case kSquaredHinge: {
      const double sign = t > 0.0 ? 1.0 : -1.0;
      double margin = 1.0 - sign * first;
      margin = margin <= 0.0 ? 0.0 : margin;  // NaN stays
      if (l.kind == kSquaredHinge) {
        slopes.set(0, -2.0 * sign * margin);
        return margin * margin;
      }
      slopes.set(0, margin > 0.0 ? -sign : margin);
      return margin;
    }
    case kQuantile:
      return quantile_term(l, x, t, table, slopes);
    case kGaussianNll:
    case kStudentTNll:
      return likelihood_term(l, first, static_cast<double>(x[1]), t, slopes);
    default:
      slopes.set(0, -t);
      return t == 0.0 ? 0.0 : t * (log(t) - first);
  }
}

}  // namespace gatefold

// row_loss [N] = this row's share of the mean; d_prediction [N, F*parts] written unless null.
// table: [parts] for quantiles, [F] or null for weights of positive targets. Grid N, block 128.
extern "C" __global__ void __launch_bounds__(128)
    pointwise_rows_f32(PointwiseFunction function, const float* __restrict__ table,
                       const float* __restrict__ prediction, const float* __restrict__ target,
                       const float* __restrict__ weights, const double* __restrict__ total,
                       double* __restrict__ row_loss, float* __restrict__ d_prediction,
                       int features) {
  __shared__ double shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * features;
  const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[blockIdx.x]);
  const double share =
      weight == 0.0 ? 0.0 : weight / (total[0] * static_cast<double>(function.terms));
  double sum = 0.0;
  for (int f = threadIdx.x; f < features; f += 128) {
    const long long at = (row + f) * function.parts;
    float* dx = d_prediction == nullptr ? nullptr : d_prediction + at;
    if (weight != 0.0) {
      const Slopes slopes{dx, share};
      sum += pointwise_term(function, prediction + at, static_cast<double>(target[row + f]), f,
                            table, slopes);
      continue;
    }
    for (int i = 0; i < function.parts && dx != nullptr; ++i) dx[i] = 0.0f;
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) row_loss[blockIdx.x] = weight == 0.0 ? 0.0 : share * sum;
}
