// Connectionist temporal classification. logits [T, B, C], labels [L, B], lengths and counts [B] or
// null for T and L everywhere. A row's states are its labels with a blank before, between and
// behind them; arrays of states have room for 2L+1. Logarithms and sums are in double precision and
// a fixed order.

#include "common/arrays.cuh"
#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

struct Ctc {
  int steps, batch, classes, labels;
  int blank, reduction, zero_infinity;
};

// States of which a block keeps two steps in shared memory.
constexpr int kNearStates = 512;

__device__ __forceinline__ double never() { return -static_cast<double>(infinity()); }

// log(exp(a) + exp(b) + exp(c)); NaN if one of them is.
__device__ __forceinline__ double log_sum(double a, double b, double c) {
  const double most = fmax(a, fmax(b, c));
  const double shift = most == never() ? 0.0 : most;
  return shift + log(exp(a - shift) + exp(b - shift) + exp(c - shift));
}

__device__ __forceinline__ int of_row(IntIn lengths, int all) {
  return lengths == nullptr ? all : lengths[blockIdx.x];
}

__device__ __forceinline__ long long logits_at(const Ctc& ctc, long long step, int row) {
  return (step * ctc.batch + row) * ctc.classes;
}

// The labels of one row, and where its logits stand.
struct Row {
  FloatIn logits;
  const double* __restrict__ log_sums;
  IntIn labels;
  const Ctc& ctc;

  __device__ __forceinline__ int label(int i) const { return labels[i * ctc.batch + blockIdx.x]; }

  __device__ __forceinline__ int of_state(int s) const {
    return s % 2 == 0 ? ctc.blank : label(s / 2);
  }

  // Whether a path may come to a state from the one two before it.
  __device__ __forceinline__ bool skips(int s) const {
    return s % 2 == 1 && s > 1 && label(s / 2) != label(s / 2 - 1);
  }

  __device__ __forceinline__ double emission(int step, int s) const {
    const int row = static_cast<int>(blockIdx.x);
    const double x = logits[logits_at(ctc, step, row) + of_state(s)];
    return x - log_sums[static_cast<long long>(step) * ctc.batch + row];
  }

  // How many labels from the next one that is like label i, or 0; doubled, and 1 added if none
  // before is like it.
  __device__ __forceinline__ int chain(int i, int count) const {
    int next = i + 1, before = i - 1;
    while (next < count && label(next) != label(i)) ++next;
    while (before >= 0 && label(before) != label(i)) --before;
    return (next < count ? 2 * (next - i) : 0) + (before < 0 ? 1 : 0);
  }
};

}  // namespace gatefold

// log_sums [T, B] = log sum exp of each valid step's logits. A warp for each; block 128.
extern "C" __global__ void __launch_bounds__(128)
    ctc_log_sums_f32(FloatIn logits, IntIn lengths, double* __restrict__ log_sums, Ctc ctc) {
  const long long place = static_cast<long long>(blockIdx.x) * 4 + threadIdx.x / 32;
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (place >= static_cast<long long>(ctc.steps) * ctc.batch) return;
  if (lengths != nullptr && place / ctc.batch >= lengths[place % ctc.batch]) return;
  FloatIn x = logits + place * ctc.classes;
  float most = -infinity();
  for (int c = lane; c < ctc.classes; c += 32) most = fmaxf(most, x[c]);
  for (int half = 16; half > 0; half /= 2) {
    most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, half));
  }
  double sum = 0.0;
  for (int c = lane; c < ctc.classes; c += 32) sum += static_cast<double>(expf(x[c] - most));
  for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, half);
  if (lane == 0) log_sums[place] = static_cast<double>(most) + log(sum);
}

// row_loss [B] = each row's part of the loss; factors [B] = what its gradient is multiplied by, 0
// or NaN if it has none. paths [B, T, 2L+1] = the share of the paths that are in each state at each
// valid step, and chains [B, L], both unless paths is null. far [B, 2, 2L+1]: room for rows of more
// than 512 states. total [1]: the sum of weights. Grid B, block 128.
extern "C" __global__ void __launch_bounds__(128)
    ctc_paths_f32(FloatIn logits, IntIn lengths, IntIn labels, IntIn counts, FloatIn weights,
                  const double* __restrict__ total, const double* __restrict__ log_sums,
                  double* __restrict__ row_loss, double* __restrict__ factors, double* far,
                  double* __restrict__ paths, int* __restrict__ chains, Ctc ctc) {
  __shared__ double near[2 * kNearStates];
  __shared__ float flags[128];
  const int row = static_cast<int>(blockIdx.x), lane = static_cast<int>(threadIdx.x);
  const int steps = of_row(lengths, ctc.steps), count = of_row(counts, ctc.labels);
  const int states = 2 * count + 1, room = 2 * ctc.labels + 1;
  const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[row]);
  if (weight == 0.0) {
    if (lane == 0) row_loss[row] = factors[row] = 0.0;
    return;
  }
  const Row here{logits, log_sums, labels, ctc};
  bool unknown = false;
  for (int i = lane; i < count; i += 128) {
    const int label = here.label(i);
    unknown = unknown || label < 0 || label >= ctc.classes || label == ctc.blank;
  }
  unknown = block_max(unknown ? 1.0f : 0.0f, flags) > 0.0f;

  double* last = states <= kNearStates ? near : far + 2LL * row * room;
  double* now = last + states;
  double* kept =
      paths == nullptr ? nullptr : paths + static_cast<long long>(row) * ctc.steps * room;
  for (int t = 0; t < steps && !unknown; ++t) {
    for (int s = lane; s < states; s += 128) {
      double sum = s < 2 ? 0.0 : never();
      if (t > 0) {
        sum =
            log_sum(last[s], s > 0 ? last[s - 1] : never(), here.skips(s) ? last[s - 2] : never());
      }
      sum += here.emission(t, s);
      now[s] = sum;
      if (kept != nullptr) kept[static_cast<long long>(t) * room + s] = sum;
    }
    __syncthreads();
    double* const swapped = last;
    last = now;
    now = swapped;
  }
  double of_all = count == 0 ? 0.0 : never();
  if (unknown) {
    of_all = static_cast<double>(not_a_number());
  } else if (steps > 0) {
    of_all = log_sum(last[states - 1], count > 0 ? last[states - 2] : never(), never());
  }
  __syncthreads();
  double share = ctc.reduction == 2 ? weight : weight / total[0];
  if (ctc.reduction == 1 && count > 1) share /= count;
  const bool none = of_all == never();
  const bool zero = none && ctc.zero_infinity != 0;
  const bool finite = !none && of_all == of_all;
  if (lane == 0) {
    row_loss[row] = zero ? 0.0 : -share * of_all;
    factors[row] = zero ? 0.0 : (finite ? share : static_cast<double>(not_a_number()));
  }
  if (!finite || kept == nullptr) return;

  for (int i = lane; i < count; i += 128) {
    chains[static_cast<long long>(row) * ctc.labels + i] = here.chain(i, count);
  }
  for (int t = steps - 1; t >= 0; --t) {
    for (int s = lane; s < states; s += 128) {
      double sum = s >= states - 2 ? 0.0 : never();
      if (t < steps - 1) {
        sum = log_sum(last[s], s + 1 < states ? last[s + 1] : never(),
                      s + 2 < states && here.skips(s + 2) ? last[s + 2] : never());
      }
      double* path = kept + static_cast<long long>(t) * room + s;
      *path = exp(*path + sum - of_all);
      now[s] = sum + here.emission(t, s);
    }
    __syncthreads();
    double* const swapped = last;
    last = now;
    now = swapped;
  }
}

// d_logits: factor times softmax less the shares of the paths in each class. Grid T * B, block 128.
extern "C" __global__ void __launch_bounds__(128)
    ctc_gradient_f32(FloatIn logits, IntIn lengths, IntIn labels, IntIn counts,
                     const double* __restrict__ log_sums, const double* __restrict__ factors,
                     const double* __restrict__ paths, IntIn chains, float* d_logits, Ctc ctc) {
  __shared__ double shared[128];
  const int row = static_cast<int>(blockIdx.x % ctc.batch), lane = static_cast<int>(threadIdx.x);
  const int step = static_cast<int>(blockIdx.x / ctc.batch);
  FloatIn x = logits + static_cast<long long>(blockIdx.x) * ctc.classes;
  float* dx = d_logits + static_cast<long long>(blockIdx.x) * ctc.classes;
  const double factor = factors[row];
  const bool valid = lengths == nullptr || step < lengths[row];
  if (!valid || factor == 0.0 || factor != factor) {
    const float value = valid && factor != factor ? not_a_number() : 0.0f;
    for (int c = lane; c < ctc.classes; c += 128) dx[c] = value;
    return;
  }
  for (int c = lane; c < ctc.classes; c += 128) {
    const float log_probability = static_cast<float>(x[c] - log_sums[blockIdx.x]);
    dx[c] = static_cast<float>(factor * static_cast<double>(expf(log_probability)));
  }
  const int count = counts == nullptr ? ctc.labels : counts[row];
  const int room = 2 * ctc.labels + 1;
  const double* in_state = paths + (static_cast<long long>(row) * ctc.steps + step) * room;
  double blanks = 0.0;
  for (int i = lane; i <= count; i += 128) blanks += in_state[2 * i];
  blanks = block_sum(blanks, shared);
  if (lane == 0) dx[ctc.blank] -= static_cast<float>(factor * blanks);
  // The first of equal labels adds up for all of them.
  IntIn chain = chains + static_cast<long long>(row) * ctc.labels;
  for (int i = lane; i < count; i += 128) {
    if (chain[i] % 2 == 0) continue;
    double sum = 0.0;
    int at = i;
    for (int next = chain[i] / 2; next > 0; next = chain[at] / 2) {
      sum += in_state[2 * at + 1];
      at += next;
    }
    sum += in_state[2 * at + 1];
    dx[labels[i * ctc.batch + row]] -= static_cast<float>(factor * sum);
  }
}
