// Losses with their gradients, as three launches: the total weight, the rows, the sum. All sums are
// in double precision and a fixed order, so that a loss is the same bits every time. Blocks have
// 256 threads where a whole array is reduced (grid 1) and 128 where a block handles a row.

#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

// Order of org.gatefold.op.LossOp.Regression.
enum RegressionKind { kMse, kMae, kHuber };

}  // namespace gatefold

// total [1] = the sum of the weights of the rows that count: all of them, or those whose label is
// not ignored. weights [N] or null for 1; labels [N] or null. Grid 1, block 256.
extern "C" __global__ void __launch_bounds__(256)
    total_weight_f32(const float* __restrict__ weights, const int* __restrict__ labels,
                     int ignore_index, double* __restrict__ total, int rows) {
  __shared__ double shared[256];
  double sum = 0.0;
  for (int n = threadIdx.x; n < rows; n += 256) {
    if (labels == nullptr || labels[n] != ignore_index) {
      sum += weights == nullptr ? 1.0 : static_cast<double>(weights[n]);
    }
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) total[0] = sum;
}

// loss [1] = the sum of row_loss [N]. Grid 1, block 256.
extern "C" __global__ void __launch_bounds__(256)
    sum_losses_f32(const double* __restrict__ row_loss, float* __restrict__ loss, int rows) {
  __shared__ double shared[256];
  double sum = 0.0;
  for (int n = threadIdx.x; n < rows; n += 256) sum += row_loss[n];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) loss[0] = static_cast<float>(sum);
}

// row_loss [N] = this row's share of the mean; d_prediction [N, F] written unless null. Grid N,
// block 128.
extern "C" __global__ void __launch_bounds__(128)
    regression_rows_f32(int kind, float delta, const float* __restrict__ prediction,
                        const float* __restrict__ target, const float* __restrict__ weights,
                        const double* __restrict__ total, double* __restrict__ row_loss,
                        float* __restrict__ d_prediction, int features) {
  __shared__ double shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * features;
  const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[blockIdx.x]);
  const double share = weight == 0.0 ? 0.0 : weight / (total[0] * features);
  double sum = 0.0;
  for (int f = threadIdx.x; f < features; f += 128) {
    float slope = 0.0f;
    if (weight != 0.0) {
      const float d = prediction[row + f] - target[row + f];
      const double dd = static_cast<double>(d);
      const float size = fabsf(d);
      if (kind == kMse) {
        sum += dd * dd;
        slope = 2.0f * d;
      } else if (kind == kMae || !(size <= delta)) {
        const float scale = kind == kMae ? 1.0f : delta;
        sum += kind == kMae
                   ? static_cast<double>(size)
                   : static_cast<double>(delta) * (static_cast<double>(size) - 0.5 * delta);
        slope = d > 0.0f ? scale : (d < 0.0f ? -scale : d);
      } else {
        sum += 0.5 * dd * dd;
        slope = d;
      }
    }
    if (d_prediction != nullptr) {
      d_prediction[row + f] = static_cast<float>(share * static_cast<double>(slope));
    }
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) row_loss[blockIdx.x] = weight == 0.0 ? 0.0 : share * sum;
}

// Softmax cross-entropy with label smoothing. row_loss [N] = this row's share of the mean; d_logits
// [N, C] written unless null. A label outside 0..C-1 other than ignore_index makes the row's loss
// NaN. Grid N, block 128.
extern "C" __global__ void __launch_bounds__(128)
    cross_entropy_rows_f32(const float* __restrict__ logits, const int* __restrict__ labels,
                           int ignore_index, float smoothing, const float* __restrict__ weights,
                           const double* __restrict__ total, double* __restrict__ row_loss,
                           float* __restrict__ d_logits, int classes) {
  __shared__ float most_shared[128];
  __shared__ double sum_shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * classes;
  const int label = labels[blockIdx.x];
  const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[blockIdx.x]);
  if (label == ignore_index || weight == 0.0) {
    if (threadIdx.x == 0) row_loss[blockIdx.x] = 0.0;
    if (d_logits != nullptr) {
      for (int c = threadIdx.x; c < classes; c += 128) d_logits[row + c] = 0.0f;
    }
    return;
  }
  const bool known = label >= 0 && label < classes;
  const double share = weight / total[0];
  float most = -infinity();
  for (int c = threadIdx.x; c < classes; c += 128) most = fmaxf(most, logits[row + c]);
  most = block_max(most, most_shared);
  double exp_sum = 0.0, logit_sum = 0.0;
  for (int c = threadIdx.x; c < classes; c += 128) {
    const float shifted = logits[row + c] - most;
    exp_sum += static_cast<double>(expf(shifted));
    logit_sum += static_cast<double>(shifted);
  }
  exp_sum = block_sum(exp_sum, sum_shared);
  logit_sum = block_sum(logit_sum, sum_shared);
  const double log_sum = log(exp_sum);
  const double smooth = static_cast<double>(smoothing);
  if (d_logits != nullptr) {
    for (int c = threadIdx.x; c < classes; c += 128) {
      const double p = static_cast<double>(expf(logits[row + c] - most)) / exp_sum;
      const double q = smooth / classes + (c == label ? 1.0 - smooth : 0.0);
      d_logits[row + c] = known ? static_cast<float>(share * (p - q)) : not_a_number();
    }
  }
  if (threadIdx.x == 0) {
    const double chosen = known ? static_cast<double>(logits[row + label] - most) : 0.0;
    const double mean = logit_sum / classes;
    const double loss = log_sum - (1.0 - smooth) * chosen - (smooth == 0.0 ? 0.0 : smooth * mean);
    row_loss[blockIdx.x] = known ? share * loss : static_cast<double>(not_a_number());
  }
}
