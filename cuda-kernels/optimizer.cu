// Updates in PyTorch's definitions, LAMB in that of You 2020, gradient norm and clipping. The
// parameters of a model lie in one flat buffer; segment s covers elements offsets[s] to offsets[s]
// + lengths[s]. For updates, grid y is the segment and grid x strides over its elements; block 256.
// Elements outside all segments are not touched. scale [1]: multiplied with every gradient; null
// means 1; if it is not finite nothing is written.

#include "common/grid.cuh"
#include "common/math.cuh"
#include "common/philox.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

struct Segment {
  long long offset;
  long long length;
  float learning_rate;  // factors of this segment
  float penalty;
};

struct Penalty {
  float l1;
  float l2;
  int decoupled;
};

// What changes from update to update: the learning rate, and up to three numbers of a rule. It
// stands in memory, so that launches of all updates are alike.
struct Numbers {
  float rate;
  float first;
  float second;
  float third;
};

// What an update does alike in every rule: which elements a thread handles, what penalties add to a
// gradient and take from a weight.
struct Update {
  long long first;
  long long end;
  float rate;  // of the block's segment
  bool usable;

  __device__ __forceinline__ Update(const Segment& segment, const float* gradient_scale,
                                    const Penalty& all, const Numbers* numbers)
      : first(segment.offset + first_element()),
        end(segment.offset + segment.length),
        rate(numbers->rate * segment.learning_rate),
        scale_(gradient_scale == nullptr ? 1.0f : gradient_scale[0]),
        factor_(segment.penalty),
        penalty_(all) {
    // A frozen segment's state stays too.
    usable = isfinite(scale_) && segment.learning_rate != 0.0f;
  }

  __device__ __forceinline__ float gradient(float raw, float w) const {
    float g = raw * scale_;
    if (penalty_.l1 != 0.0f) {
      g += penalty_.l1 * factor_ * (w > 0.0f ? 1.0f : (w < 0.0f ? -1.0f : 0.0f));
    }
    if (penalty_.l2 != 0.0f && !penalty_.decoupled) g += penalty_.l2 * factor_ * w;
    return g;
  }

  // The decoupled penalty over the rate.
  __device__ __forceinline__ float decay() const {
    return penalty_.decoupled ? penalty_.l2 * factor_ : 0.0f;
  }

  __device__ __forceinline__ float decayed(float w) const {
    return penalty_.decoupled ? w - rate * penalty_.l2 * factor_ * w : w;
  }

 private:
  float scale_;
  float factor_;
  Penalty penalty_;
};

}  // namespace gatefold

// velocity: null without momentum. first != 0 marks the first step, at which the velocity becomes
// the gradient.
extern "C" __global__ void __launch_bounds__(256)
    sgd_f32(float* __restrict__ w, const float* __restrict__ gradients,
            float* __restrict__ velocity, const Segment* __restrict__ segments,
            const float* __restrict__ scale, Penalty penalty, const Numbers* __restrict__ numbers,
            float momentum, float dampening, int nesterov, int first) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    float change = g;
    if (velocity != nullptr) {
      const float v = first ? g : momentum * velocity[i] + (1.0f - dampening) * g;
      velocity[i] = v;
      change = nesterov ? g + momentum * v : v;
    }
    w[i] = update.decayed(w[i]) - update.rate * change;
  }
}

// mean: running mean of the gradient, null if not centred; velocity: null without momentum.
extern "C" __global__ void __launch_bounds__(256)
    rmsprop_f32(float* __restrict__ w, const float* __restrict__ gradients,
                float* __restrict__ square, float* __restrict__ mean, float* __restrict__ velocity,
                const Segment* __restrict__ segments, const float* __restrict__ scale,
                Penalty penalty, const Numbers* __restrict__ numbers, float alpha, float epsilon,
                float momentum) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float sq = alpha * square[i] + (1.0f - alpha) * g * g;
    square[i] = sq;
    float variance = sq;
    if (mean != nullptr) {
      const float m = alpha * mean[i] + (1.0f - alpha) * g;
      mean[i] = m;
      variance = sq - m * m;
    }
    float change = g / (sqrtf(variance) + epsilon);
    if (velocity != nullptr) {
      change = momentum * velocity[i] + change;
      velocity[i] = change;
    }
    w[i] = update.decayed(w[i]) - update.rate * change;
  }
}

// Numbers: 1 - beta1^t, sqrt(1 - beta2^t).
// Two blocks a multiprocessor are asked for lest the compiler aims at more and spills.
extern "C" __global__ void __launch_bounds__(256, 2)
    adam_f32(float* __restrict__ w, const float* __restrict__ gradients, float* __restrict__ first,
             float* __restrict__ second, const Segment* __restrict__ segments,
             const float* __restrict__ scale, Penalty penalty, const Numbers* __restrict__ numbers,
             float beta1, float beta2, float epsilon) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  const float correction1 = numbers->first;
  const float root2 = numbers->second;
  const float step = update.rate / correction1;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float m = beta1 * first[i] + (1.0f - beta1) * g;
    const float v = beta2 * second[i] + (1.0f - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    w[i] = update.decayed(w[i]) - step * m / (sqrtf(v) / root2 + epsilon);
  }
}

// The rate holds Adagrad's decay of the learning rate.
extern "C" __global__ void __launch_bounds__(256)
    adagrad_f32(float* __restrict__ w, const float* __restrict__ gradients,
                float* __restrict__ squares, const Segment* __restrict__ segments,
                const float* __restrict__ scale, Penalty penalty,
                const Numbers* __restrict__ numbers, float epsilon) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float sum = squares[i] + g * g;
    squares[i] = sum;
    w[i] = update.decayed(w[i]) - update.rate * (g / (sqrtf(sum) + epsilon));
  }
}

// changes: running mean of squared changes.
extern "C" __global__ void __launch_bounds__(256)
    adadelta_f32(float* __restrict__ w, const float* __restrict__ gradients,
                 float* __restrict__ square, float* __restrict__ changes,
                 const Segment* __restrict__ segments, const float* __restrict__ scale,
                 Penalty penalty, const Numbers* __restrict__ numbers, float rho, float epsilon) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float sq = rho * square[i] + (1.0f - rho) * g * g;
    square[i] = sq;
    const float change = sqrtf(changes[i] + epsilon) / sqrtf(sq + epsilon) * g;
    changes[i] = rho * changes[i] + (1.0f - rho) * change * change;
    w[i] = update.decayed(w[i]) - update.rate * change;
  }
}

// Numbers: what m and g are multiplied with, sqrt(1 - beta2^t).
extern "C" __global__ void __launch_bounds__(256, 2)
    nadam_f32(float* __restrict__ w, const float* __restrict__ gradients, float* __restrict__ first,
              float* __restrict__ second, const Segment* __restrict__ segments,
              const float* __restrict__ scale, Penalty penalty, const Numbers* __restrict__ numbers,
              float beta1, float beta2, float epsilon) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  const float of_mean = numbers->first;
  const float of_gradient = numbers->second;
  const float root2 = numbers->third;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float m = beta1 * first[i] + (1.0f - beta1) * g;
    const float v = beta2 * second[i] + (1.0f - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    const float ahead = of_mean * m + of_gradient * g;
    w[i] = update.decayed(w[i]) - update.rate * (ahead / (sqrtf(v) / root2 + epsilon));
  }
}

// most: the infinity norm. Numbers: 1 - beta1^t.
extern "C" __global__ void __launch_bounds__(256, 2)
    adamax_f32(float* __restrict__ w, const float* __restrict__ gradients,
               float* __restrict__ first, float* __restrict__ most,
               const Segment* __restrict__ segments, const float* __restrict__ scale,
               Penalty penalty, const Numbers* __restrict__ numbers, float beta1, float beta2,
               float epsilon) {
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  const float correction1 = numbers->first;
  const float step = update.rate / correction1;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float m = beta1 * first[i] + (1.0f - beta1) * g;
    const float grown = beta2 * most[i];
    const float now = fabsf(g) + epsilon;
    const float u = now < grown ? grown : now;  // keeps a NaN of the gradient
    first[i] = m;
    most[i] = u;
    w[i] = update.decayed(w[i]) - step * (m / u);
  }
}

namespace gatefold {

// What LAMB scales: Adam's change with the decoupled penalty.
__device__ __forceinline__ float lamb_change(const Update& update, float w, float m, float v,
                                             float epsilon, float correction1, float root2) {
  return m / correction1 / (sqrtf(v) / root2 + epsilon) + update.decay() * w;
}

}  // namespace gatefold

// Moves the moments, and sums up the squares of weights and changes: sums [S, gridDim.x, 2] of
// double.
extern "C" __global__ void __launch_bounds__(256)
    lamb_moments_f32(const float* __restrict__ w, const float* __restrict__ gradients,
                     float* __restrict__ first, float* __restrict__ second,
                     const Segment* __restrict__ segments, const float* __restrict__ scale,
                     Penalty penalty, const Numbers* __restrict__ numbers, float beta1, float beta2,
                     float epsilon, double* __restrict__ sums) {
  __shared__ double shared[256];
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  const float correction1 = numbers->first;
  const float root2 = numbers->second;
  double weights = 0.0;
  double changes = 0.0;
  for (long long i = update.first; i < update.end; i += grid_size()) {
    const float g = update.gradient(gradients[i], w[i]);
    const float m = beta1 * first[i] + (1.0f - beta1) * g;
    const float v = beta2 * second[i] + (1.0f - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    const double change =
        static_cast<double>(lamb_change(update, w[i], m, v, epsilon, correction1, root2));
    weights += static_cast<double>(w[i]) * static_cast<double>(w[i]);
    changes += change * change;
  }
  weights = block_sum(weights, shared);
  changes = block_sum(changes, shared);
  if (threadIdx.x == 0) {
    double* sum = sums + (static_cast<long long>(blockIdx.y) * gridDim.x + blockIdx.x) * 2;
    sum[0] = weights;
    sum[1] = changes;
  }
}

// The parameters move by what the moments say, times the ratio of the two norms.
extern "C" __global__ void __launch_bounds__(256)
    lamb_apply_f32(float* __restrict__ w, const float* __restrict__ first,
                   const float* __restrict__ second, const Segment* __restrict__ segments,
                   const float* __restrict__ scale, Penalty penalty,
                   const Numbers* __restrict__ numbers, float epsilon,
                   const double* __restrict__ sums) {
  __shared__ double shared[256];
  const Update update(segments[blockIdx.y], scale, penalty, numbers);
  if (!update.usable) return;
  const float correction1 = numbers->first;
  const float root2 = numbers->second;
  const double* parts = sums + static_cast<long long>(blockIdx.y) * gridDim.x * 2;
  double weights = 0.0;
  double changes = 0.0;
  for (unsigned int part = threadIdx.x; part < gridDim.x; part += 256) {
    weights += parts[2 * part];
    changes += parts[2 * part + 1];
  }
  weights = block_sum(weights, shared);
  changes = block_sum(changes, shared);
  if (threadIdx.x == 0) {
    shared[0] = weights > 0.0 && changes > 0.0 ? sqrt(weights) / sqrt(changes) : 1.0;
  }
  __syncthreads();
  const float step = update.rate * static_cast<float>(shared[0]);
  for (long long i = update.first; i < update.end; i += grid_size()) {
    w[i] -= step * lamb_change(update, w[i], first[i], second[i], epsilon, correction1, root2);
  }
}

// squares [S]: the sum of squares of every segment, also kept in double in sums [S]. Grid S, block
// 256.
extern "C" __global__ void __launch_bounds__(256)
    segment_squares_f32(const float* __restrict__ gradients, const Segment* __restrict__ segments,
                        double* __restrict__ sums, float* __restrict__ squares) {
  __shared__ double shared[256];
  const Segment s = segments[blockIdx.x];
  double sum = 0.0;
  for (long long k = threadIdx.x; k < s.length; k += 256) {
    const double g = static_cast<double>(gradients[s.offset + k]);
    sum += g * g;
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = sum;
    squares[blockIdx.x] = static_cast<float>(sum);
  }
}

// result [2]: the norm of all gradients divided by loss_scale, and min(1, max_norm / (norm + 1e-6))
// / loss_scale, or NaN if the norm or one of the numbers that are required is not finite. Grid 1,
// block 1.
extern "C" __global__ void __launch_bounds__(1)
    clip_coefficient_f32(const double* __restrict__ sums, int count, float max_norm,
                         float loss_scale, const float* __restrict__ required,
                         long long required_count, float* __restrict__ result) {
  double sum = 0.0;
  for (int s = 0; s < count; ++s) sum += sums[s];
  const float norm = static_cast<float>(sqrt(sum) / static_cast<double>(loss_scale));
  const float coefficient = max_norm / (norm + 1e-6f);
  bool usable = isfinite(norm);
  for (long long i = 0; i < required_count; ++i) usable = usable && isfinite(required[i]);
  result[0] = norm;
  result[1] = usable ? (coefficient < 1.0f ? coefficient : 1.0f) / loss_scale : not_a_number();
}

// Limits every gradient to -limit..limit; NaN stays NaN. Grid y: segment.
extern "C" __global__ void __launch_bounds__(256)
    clip_value_f32(float* __restrict__ gradients, const Segment* __restrict__ segments,
                   float limit) {
  const Segment s = segments[blockIdx.y];
  for (long long k = first_element(); k < s.length; k += grid_size()) {
    const float g = gradients[s.offset + k];
    gradients[s.offset + k] = g > limit ? limit : (g < -limit ? -limit : g);
  }
}

// Adds noise of a deviation to what an update takes, the gradients times scale; element e has the
// number of the block of its place, by Box and Muller: pairs of words are radius and angle. Grid y:
// segment.
extern "C" __global__ void __launch_bounds__(256)
    gradient_noise_f32(float* __restrict__ gradients, const Segment* __restrict__ segments,
                       const float* __restrict__ scale, float deviation, unsigned long long key) {
  const float factor = scale == nullptr ? deviation : deviation / scale[0];
  if (!isfinite(factor)) return;
  const Segment s = segments[blockIdx.y];
  for (long long k = first_element(); k < s.length; k += grid_size()) {
    const long long e = s.offset + k;
    const uint4 words = philox(key, 0x6E6F6973u, static_cast<unsigned long long>(e) >> 2);
    const bool second = (e & 2) != 0;
    const unsigned a = (second ? words.z : words.x) >> 8, b = (second ? words.w : words.y) >> 8;
    const float radius = sqrtf(-2.0f * logf(static_cast<float>(a + 1) * 0x1p-24f));
    // Turns by quarters, so that the angle is exact: r is within pi/4.
    const unsigned quarter = (b + (1u << 21)) >> 22;
    const float r =
        static_cast<float>(static_cast<int>(b) - static_cast<int>(quarter << 22)) * 3.74507028e-07f;
    // Cephes' polynomials, on which the general functions would spend a stack.
    const float q = r * r;
    const float sine =
        r + r * q * ((-1.9515295891e-4f * q + 8.3321608736e-3f) * q - 1.6666654611e-1f);
    const float cosine =
        1.0f - 0.5f * q +
        q * q * ((2.443315711809948e-5f * q - 1.388731625493765e-3f) * q + 4.166664568298827e-2f);
    // The sine of an angle is the cosine of one a quarter less.
    const unsigned turns = (quarter - static_cast<unsigned>(e & 1)) & 3u;
    const float turned = (turns & 1u) != 0 ? -sine : cosine;
    gradients[e] += factor * radius * ((turns & 2u) != 0 ? -turned : turned);
  }
}
