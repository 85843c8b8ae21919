// Losses with their gradients, as three launches: the total weight, the rows, the sum. All sums are
// in double precision and a fixed order, so that a loss is the same bits every time. Blocks have
// 256 threads where a whole array is reduced (grid 1) and 128 where a block handles a row.

#include "common/math.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

// total [1] = the sum of the weights of the rows that count: all of them, or those whose label is
// not ignored, by the weight of their class as well. weights [N] or null for 1; labels [N] or null;
// class_weights [C] or null for 1. Grid 1, block 256.
extern "C" __global__ void __launch_bounds__(256)
    total_weight_f32(const float* __restrict__ weights, const int* __restrict__ labels,
                     int ignore_index, const float* __restrict__ class_weights, int classes,
                     double* __restrict__ total, int rows) {
  __shared__ double shared[256];
  double sum = 0.0;
  for (int n = threadIdx.x; n < rows; n += 256) {
    if (labels == nullptr || labels[n] != ignore_index) {
      const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[n]);
      const bool known = class_weights != nullptr && labels[n] >= 0 && labels[n] < classes;
      sum += known ? weight * static_cast<double>(class_weights[labels[n]]) : weight;
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

// Softmax cross-entropy with label smoothing and weights of classes [C], or null for 1. row_loss
// [N] = this row's share of the mean; d_logits [N, C] written unless null. A label outside 0..C-1
// other than ignore_index makes the row's loss NaN. Grid N, block 128.
extern "C" __global__ void __launch_bounds__(128)
    cross_entropy_rows_f32(const float* __restrict__ logits, const int* __restrict__ labels,
                           int ignore_index, float smoothing,
                           const float* __restrict__ class_weights,
                           const float* __restrict__ weights, const double* __restrict__ total,
                           double* __restrict__ row_loss, float* __restrict__ d_logits,
                           int classes) {
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
  const double share = total[0] == 0.0 ? 0.0 : weight / total[0];
  const double smooth = static_cast<double>(smoothing);
  const double spread = smooth / classes;
  const double own = known && class_weights != nullptr ? class_weights[label] : 1.0;
  float most = -infinity();
  for (int c = threadIdx.x; c < classes; c += 128) most = fmaxf(most, logits[row + c]);
  most = block_max(most, most_shared);
  double exp_sum = 0.0, logit_sum = 0.0, class_sum = 0.0;
  for (int c = threadIdx.x; c < classes; c += 128) {
    const float shifted = logits[row + c] - most;
    const double of_class = class_weights == nullptr ? 1.0 : class_weights[c];
    exp_sum += static_cast<double>(expf(shifted));
    if (smooth != 0.0) logit_sum += of_class * static_cast<double>(shifted);
    class_sum += of_class;
  }
  exp_sum = block_sum(exp_sum, sum_shared);
  logit_sum = block_sum(logit_sum, sum_shared);
  class_sum = block_sum(class_sum, sum_shared);
  const double log_sum = log(exp_sum);
  const double of_label = (1.0 - smooth) * own;
  const double shares = of_label + spread * class_sum;
  if (d_logits != nullptr) {
    for (int c = threadIdx.x; c < classes; c += 128) {
      const double p = static_cast<double>(expf(logits[row + c] - most)) / exp_sum;
      const double of_class = class_weights == nullptr ? 1.0 : class_weights[c];
      const double q = spread * of_class + (c == label ? of_label : 0.0);
      d_logits[row + c] = known ? static_cast<float>(share * (shares * p - q)) : not_a_number();
    }
  }
  if (threadIdx.x == 0) {
    const double chosen = known ? static_cast<double>(logits[row + label] - most) : 0.0;
    const double loss = shares * log_sum - of_label * chosen - spread * logit_sum;
    row_loss[blockIdx.x] = known ? share * loss : static_cast<double>(not_a_number());
  }
}

// Cosine embedding, with PyTorch's epsilon. row_loss [N] = this row's share of the mean; together
// [N] or null for all 1; d_a, d_b [N, F] written unless null. Grid N, block 128.
extern "C" __global__ void __launch_bounds__(128)
    cosine_rows_f32(const float* __restrict__ a, const float* __restrict__ b,
                    const float* __restrict__ together, float margin,
                    const float* __restrict__ weights, const double* __restrict__ total,
                    double* __restrict__ row_loss, float* __restrict__ d_a, float* __restrict__ d_b,
                    int features) {
  __shared__ double shared[128];
  const long long row = static_cast<long long>(blockIdx.x) * features;
  const double weight = weights == nullptr ? 1.0 : static_cast<double>(weights[blockIdx.x]);
  const double share = weight == 0.0 ? 0.0 : weight / total[0];
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (int f = threadIdx.x; f < features && weight != 0.0; f += 128) {
    const double x = a[row + f], y = b[row + f];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  ab = block_sum(ab, shared);
  aa = block_sum(aa, shared) + 1e-12;
  bb = block_sum(bb, shared) + 1e-12;
  const double size = sqrt(aa * bb);
  const double cosine = ab / size;
  const bool pair = together == nullptr || together[blockIdx.x] > 0.0f;
  const bool near = !(cosine <= static_cast<double>(margin));  // NaN is
  const double factor = weight == 0.0 ? 0.0 : (pair ? -share : (near ? share : 0.0));
  for (int f = threadIdx.x; f < features; f += 128) {
    const double x = weight == 0.0 ? 0.0 : a[row + f], y = weight == 0.0 ? 0.0 : b[row + f];
    if (d_a != nullptr) d_a[row + f] = static_cast<float>(factor * (y / size - cosine * x / aa));
    if (d_b != nullptr) d_b[row + f] = static_cast<float>(factor * (x / size - cosine * y / bb));
  }
  if (threadIdx.x == 0) {
    row_loss[blockIdx.x] =
        share * (pair ? 1.0 - cosine : (near ? cosine - static_cast<double>(margin) : 0.0));
  }
}
