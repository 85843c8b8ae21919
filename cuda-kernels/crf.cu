// Linear-chain conditional random fields: a block for each row of the batch, sums in double
// precision and a fixed order. Emissions are [T, B, K].

#include "common/grid.cuh"
#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

constexpr int kThreads = 128;

// Sums of products below this may have lost terms: they are computed again by logarithms.
constexpr double kLeastSum = 1e-200;

// Products of marginals are scaled by at most exp of this, for else they may have lost digits.
constexpr double kMostExponent = 300.0;

// In place of a scale: the marginals of this step are computed by logarithms.
constexpr double kDirect = -1.0;

// The words of org.gatefold.backend.cuda.operation.CudaCrf.
struct Crf {
  long long steps, batch, labels;
  const float* transitions;  // [K, K], from row to column
  const float* start;        // [K]
  const float* end;          // [K]
  const float* emissions;
  const int* lengths;  // [B] or null

  __device__ __forceinline__ int length(int b) const {
    return lengths == nullptr ? static_cast<int>(steps) : lengths[b];
  }
  __device__ __forceinline__ long long at(int t, int b) const { return (t * batch + b) * labels; }
};

// Scratch memory, laid out as CudaCrf reckons. [B, T, K] where nothing else is said.
struct CrfWork {
  double* factors;    // [K, K]: exp(transitions - shift)
  double* columns;    // the same, transposed
  double* shift;      // [1]
  double* partition;  // [B]: log Z
  double* weight;     // [B]: dy, NaN for a row without a finite log probability
  double* scale;      // [B, T]: of p at t-1 times q at t
  double* alpha;      // log of the sum over beginnings
  double* p;          // exp(alpha - its maximum)
  double* beta;       // log of the sum over continuations
  double* q;          // exp(emission + beta - their maximum)
  double* pairs;      // [B, K, K]: gradients of transitions by row

  __device__ CrfWork(const Crf& c, double* work) {
    const long long square = c.labels * c.labels, all = c.batch * c.steps * c.labels;
    factors = work;
    columns = factors + square;
    shift = columns + square;
    partition = shift + 1;
    weight = partition + c.batch;
    scale = weight + c.batch;
    alpha = scale + c.batch * c.steps;
    p = alpha + all;
    beta = p + all;
    q = beta + all;
    pairs = q + all;
  }
};

__device__ __forceinline__ double never() { return -static_cast<double>(infinity()); }

// As block_max of floats.
__device__ __forceinline__ double block_max(double value, double* shared) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = static_cast<int>(blockDim.x) / 2; half > 0; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) {
      shared[threadIdx.x] = fmax(shared[threadIdx.x], shared[threadIdx.x + half]);
    }
    __syncthreads();
  }
  const double most = shared[0];
  __syncthreads();
  return most;
}

// The maximum that logarithms are shifted by: 0 if all are minus infinity.
__device__ __forceinline__ double shift_of(double most) { return most == never() ? 0.0 : most; }

// alpha[t-1] and transitions to k, by logarithms.
__device__ double beginnings(const Crf& c, const double* before, int k) {
  double most = never(), sum = 0.0;
  for (int i = 0; i < c.labels; ++i) {
    most = fmax(most, before[i] + static_cast<double>(c.transitions[i * c.labels + k]));
  }
  most = shift_of(most);
  for (int i = 0; i < c.labels; ++i) {
    sum += exp(before[i] + static_cast<double>(c.transitions[i * c.labels + k]) - most);
  }
  return most + log(sum);
}

// Transitions from k, the emissions e after it and their beta, by logarithms.
__device__ double continuations(const Crf& c, const float* e, const double* after, int k) {
  double most = never(), sum = 0.0;
  for (int j = 0; j < c.labels; ++j) {
    most = fmax(most, static_cast<double>(c.transitions[k * c.labels + j]) +
                          (static_cast<double>(e[j]) + after[j]));
  }
  most = shift_of(most);
  for (int j = 0; j < c.labels; ++j) {
    sum += exp(static_cast<double>(c.transitions[k * c.labels + j]) +
               (static_cast<double>(e[j]) + after[j]) - most);
  }
  return most + log(sum);
}

// Writes alpha and p of a row; scale of step t gets the shifts of both factors. Gives log Z to
// every thread.
__device__ double forward_row(const Crf& c, const CrfWork& w, int b, int steps, double* shared) {
  const int labels = static_cast<int>(c.labels);
  const long long row = b * c.steps * c.labels;
  for (int k = threadIdx.x; k < labels; k += kThreads) {
    w.alpha[row + k] = static_cast<double>(c.start[k]) + c.emissions[c.at(0, b) + k];
  }
  __syncthreads();
  for (int t = 1; t < steps; ++t) {
    const double* before = w.alpha + row + (t - 1) * c.labels;
    double* p = w.p + row + (t - 1) * c.labels;
    double most = never();
    for (int k = threadIdx.x; k < labels; k += kThreads) most = fmax(most, before[k]);
    most = shift_of(block_max(most, shared));
    for (int k = threadIdx.x; k < labels; k += kThreads) p[k] = exp(before[k] - most);
    if (threadIdx.x == 0) w.scale[b * c.steps + t] = most + w.shift[0];
    __syncthreads();
    for (int k = threadIdx.x; k < labels; k += kThreads) {
      double sum = 0.0;
      for (int i = 0; i < labels; ++i) sum += p[i] * w.factors[i * c.labels + k];
      const double logarithm =
          sum > kLeastSum ? most + w.shift[0] + log(sum) : beginnings(c, before, k);
      w.alpha[row + t * c.labels + k] = logarithm + c.emissions[c.at(t, b) + k];
    }
    __syncthreads();
  }
  const double* last = w.alpha + row + (steps - 1) * c.labels;
  double most = never(), sum = 0.0;
  for (int k = threadIdx.x; k < labels; k += kThreads) {
    most = fmax(most, last[k] + static_cast<double>(c.end[k]));
  }
  most = shift_of(block_max(most, shared));
  for (int k = threadIdx.x; k < labels; k += kThreads) {
    sum += exp(last[k] + static_cast<double>(c.end[k]) - most);
  }
  return most + log(block_sum(sum, shared));
}

// What the given labels of a row score; NaN with a label that there is not. For every thread.
__device__ double score_of(const Crf& c, const int* right, int b, int steps, double* shared) {
  double sum = 0.0;
  for (int t = threadIdx.x; t < steps; t += kThreads) {
    const int k = right[t * c.batch + b];
    const int from = t == 0 ? 0 : right[(t - 1) * c.batch + b];
    if (k < 0 || k >= c.labels || from < 0 || from >= c.labels) {
      sum = static_cast<double>(not_a_number());
    } else {
      sum += static_cast<double>(t == 0 ? c.start[k] : c.transitions[from * c.labels + k]) +
             static_cast<double>(c.emissions[c.at(t, b) + k]) +
             static_cast<double>(t == steps - 1 ? c.end[k] : 0.0f);
    }
  }
  return block_sum(sum, shared);
}

// Writes beta and q of a row, and completes the scales.
__device__ void backward_row(const Crf& c, const CrfWork& w, int b, int steps, double partition,
                             double* shared) {
  const int labels = static_cast<int>(c.labels);
  const long long row = b * c.steps * c.labels;
  for (int k = threadIdx.x; k < labels; k += kThreads) {
    w.beta[row + (steps - 1) * c.labels + k] = static_cast<double>(c.end[k]);
  }
  __syncthreads();
  for (int t = steps - 1; t > 0; --t) {
    const float* e = c.emissions + c.at(t, b);
    const double* after = w.beta + row + t * c.labels;
    double* q = w.q + row + t * c.labels;
    double most = never();
    for (int k = threadIdx.x; k < labels; k += kThreads) {
      most = fmax(most, static_cast<double>(e[k]) + after[k]);
    }
    most = shift_of(block_max(most, shared));
    for (int k = threadIdx.x; k < labels; k += kThreads) {
      q[k] = exp(static_cast<double>(e[k]) + after[k] - most);
    }
    if (threadIdx.x == 0) {
      const double exponent = w.scale[b * c.steps + t] + most - partition;
      w.scale[b * c.steps + t] = exponent <= kMostExponent ? exp(exponent) : kDirect;
    }
    __syncthreads();
    for (int k = threadIdx.x; k < labels; k += kThreads) {
      double sum = 0.0;
      for (int j = 0; j < labels; ++j) sum += w.columns[j * c.labels + k] * q[j];
      w.beta[row + (t - 1) * c.labels + k] =
          sum > kLeastSum ? most + w.shift[0] + log(sum) : continuations(c, e, after, k);
    }
    __syncthreads();
  }
}

}  // namespace gatefold

// Factors, columns and shift. Grid 1, block 128.
extern "C" __global__ void __launch_bounds__(128) crf_factors_f32(Crf c, double* work) {
  __shared__ double shared[kThreads];
  const CrfWork w(c, work);
  const int labels = static_cast<int>(c.labels);
  double most = never();
  for (int i = threadIdx.x; i < labels * labels; i += kThreads) {
    most = fmax(most, static_cast<double>(c.transitions[i]));
  }
  most = block_max(most, shared);
  most = isinf(most) ? 0.0 : most;
  for (int i = threadIdx.x; i < labels * labels; i += kThreads) {
    const double factor = exp(static_cast<double>(c.transitions[i]) - most);
    w.factors[i] = factor;
    w.columns[i % labels * labels + i / labels] = factor;
  }
  if (threadIdx.x == 0) w.shift[0] = most;
}

// y [B] = log probability of the labels right [T, B]. Grid B, block 128.
extern "C" __global__ void __launch_bounds__(128)
    crf_likelihood_f32(Crf c, const int* right, double* work, float* y) {
  __shared__ double shared[kThreads];
  const int b = blockIdx.x;
  const int steps = c.length(b);
  if (steps == 0) {
    if (threadIdx.x == 0) y[b] = 0.0f;
    return;
  }
  const CrfWork w(c, work);
  const double partition = forward_row(c, w, b, steps, shared);
  const double score = score_of(c, right, b, steps, shared);
  if (threadIdx.x == 0) y[b] = static_cast<float>(score - partition);
}

// d_emissions written, and what crf_pairs_f32 needs. Grid B, block 128.
extern "C" __global__ void __launch_bounds__(128)
    crf_backward_f32(Crf c, const int* right, const float* dy, double* work, float* d_emissions) {
  __shared__ double shared[kThreads];
  const int b = blockIdx.x;
  const int labels = static_cast<int>(c.labels);
  const int steps = dy[b] == 0.0f ? 0 : c.length(b);
  const CrfWork w(c, work);
  for (int t = steps; t < c.steps; ++t) {
    for (int k = threadIdx.x; k < labels; k += kThreads) d_emissions[c.at(t, b) + k] = 0.0f;
  }
  if (steps == 0) {
    if (threadIdx.x == 0) w.weight[b] = 0.0;
    return;
  }
  const double partition = forward_row(c, w, b, steps, shared);
  const double score = score_of(c, right, b, steps, shared);
  backward_row(c, w, b, steps, partition, shared);
  const double weight = isfinite(score - partition) ? static_cast<double>(dy[b])
                                                    : static_cast<double>(not_a_number());
  if (threadIdx.x == 0) {
    w.weight[b] = weight;
    w.partition[b] = partition;
  }
  const long long row = b * c.steps * c.labels;
  for (int t = 0; t < steps; ++t) {
    const int label = right[t * c.batch + b];
    for (int k = threadIdx.x; k < labels; k += kThreads) {
      const long long i = row + t * c.labels + k;
      const double marginal = exp(w.alpha[i] + w.beta[i] - partition);
      d_emissions[c.at(t, b) + k] =
          static_cast<float>(weight * ((k == label ? 1.0 : 0.0) - marginal));
    }
  }
}

// Gradients of transitions by row. Grid (K*K / 128, B), block 128.
extern "C" __global__ void __launch_bounds__(128)
    crf_pairs_f32(Crf c, const int* right, double* work) {
  const CrfWork w(c, work);
  const int b = blockIdx.y;
  const int labels = static_cast<int>(c.labels);
  const int e = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (e >= labels * labels) return;
  const int i = e / labels, j = e % labels;
  const double weight = w.weight[b];
  const int steps = weight == 0.0 ? 0 : c.length(b);
  const long long row = b * c.steps * c.labels;
  double sum = 0.0;
  for (int t = 1; t < steps; ++t) {
    const double scale = w.scale[b * c.steps + t];
    const long long from = row + (t - 1) * c.labels + i, to = row + t * c.labels + j;
    if (scale == kDirect) {
      sum -= exp(w.alpha[from] + static_cast<double>(c.transitions[e]) +
                 static_cast<double>(c.emissions[c.at(t, b) + j]) + w.beta[to] - w.partition[b]);
    } else {
      sum -= scale * w.p[from] * w.factors[e] * w.q[to];
    }
    if (right[(t - 1) * c.batch + b] == i && right[t * c.batch + b] == j) sum += 1.0;
  }
  w.pairs[b * c.labels * c.labels + e] = steps == 0 ? 0.0 : weight * sum;
}

// Adds the gradients of all rows, in their order, to those of the scores.
extern "C" __global__ void __launch_bounds__(256)
    crf_scores_f32(Crf c, double* work, const float* d_emissions, float* d_transitions,
                   float* d_start, float* d_end, long long elements) {
  const CrfWork w(c, work);
  const long long square = c.labels * c.labels;
  for (long long e = first_element(); e < elements; e += grid_size()) {
    double sum = 0.0;
    for (int b = 0; b < c.batch; ++b) {
      const int steps = c.length(b);
      if (e < square) {
        sum += w.pairs[b * square + e];
      } else if (steps > 0) {
        const bool first = e < square + c.labels;
        sum += static_cast<double>(
            d_emissions[c.at(first ? 0 : steps - 1, b) + (e - square) % c.labels]);
      }
    }
    float* to = e < square              ? d_transitions + e
                : e < square + c.labels ? d_start + (e - square)
                                        : d_end + (e - square - c.labels);
    *to = static_cast<float>(static_cast<double>(*to) + sum);
  }
}

// The labels of the highest score. scores [B, 2, K], from [B, T, K]. Grid B, block 128.
extern "C" __global__ void __launch_bounds__(128)
    crf_decode_f32(Crf c, double* scores, int* from, int* path, float* best) {
  const int b = blockIdx.x;
  const int labels = static_cast<int>(c.labels);
  const int steps = c.length(b);
  for (int t = threadIdx.x; t < c.steps; t += kThreads) path[t * c.batch + b] = -1;
  double* score = scores + 2 * b * c.labels;
  double* next = score + c.labels;
  int* back = from + b * c.steps * c.labels;
  for (int k = threadIdx.x; k < labels && steps > 0; k += kThreads) {
    score[k] = static_cast<double>(c.start[k]) + c.emissions[c.at(0, b) + k];
  }
  __syncthreads();
  for (int t = 1; t < steps; ++t) {
    for (int k = threadIdx.x; k < labels; k += kThreads) {
      double most = never();
      int chosen = 0;
      for (int i = 0; i < labels; ++i) {
        const double sum = score[i] + static_cast<double>(c.transitions[i * c.labels + k]);
        if (sum > most) {
          most = sum;
          chosen = i;
        }
      }
      next[k] = most + static_cast<double>(c.emissions[c.at(t, b) + k]);
      back[t * c.labels + k] = chosen;
    }
    __syncthreads();
    double* swapped = score;
    score = next;
    next = swapped;
  }
  if (threadIdx.x != 0) return;
  double most = never();
  int last = -1;
  for (int k = 0; k < labels && steps > 0; ++k) {
    const double sum = score[k] + static_cast<double>(c.end[k]);
    if (sum > most) {
      most = sum;
      last = k;
    }
  }
  best[b] = steps == 0 ? 0.0f : static_cast<float>(most);
  for (int t = steps - 1; t >= 0 && last >= 0; --t) {
    path[t * c.batch + b] = last;
    last = t == 0 ? -1 : back[t * c.labels + last];
  }
}
