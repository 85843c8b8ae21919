// Elementwise operations. Each thread handles elements i, i + grid size, ... (a grid-stride loop);
// neighbouring threads handle neighbouring elements. n elements; any block and grid size. No shared
// memory.

#include "common/activations.cuh"
#include "common/grid.cuh"
#include "common/philox.cuh"
#include "common/quad.cuh"

using namespace gatefold;

namespace gatefold {

// Order of org.gatefold.op.elementwise.Activation.Kind.
enum ActivationKind {
  kSigmoid,
  kTanh,
  kRelu,
  kLeakyRelu,
  kElu,
  kGelu,
  kSilu,
  kSoftplus,
  kExp,
  kHardSigmoid,
  kSoftsign,
  kClip,
  kSelu,
  kMish,
  kHardSwish,
  kGeluTanh,
  kThresholdedRelu
};

// The share of x in its GELU by tanh: (1 + tanh(u)) / 2 = sigmoid(2 u) with u = sqrt(2 / pi) *
// (x + 0.044715 x^3). Beyond 30 it is 0 or 1, and the cube might overflow.
constexpr float kGeluScale = 1.59576912160573071f;
constexpr float kGeluCube = 0.044715f;

__device__ __forceinline__ float gelu_argument(float v) {
  return kGeluScale * v * fmaf(kGeluCube, v * v, 1.0f);
}

__device__ __forceinline__ float gelu_share(float x) {
  return sigmoid(gelu_argument(within(-30.0f, 30.0f, x)));
}

// The rest of the share is a sigmoid, too: what is left of 1 would lose digits where v is large.
__device__ __forceinline__ float gelu_tanh_slope(float x) {
  const float v = within(-30.0f, 30.0f, x);
  const float z = gelu_argument(v);
  const float rise = kGeluScale * fmaf(3.0f * kGeluCube, v * v, 1.0f);
  return sigmoid(z) * fmaf(v * rise, sigmoid(-z), 1.0f);
}

struct Activation {
  int kind;
  float alpha;
  float beta;
};

__device__ __forceinline__ float activate(const Activation& f, float x) {
  switch (f.kind) {
    case kSigmoid:
      return sigmoid(x);
    case kTanh:
      return hyperbolic_tangent(x);
    case kRelu:
      return relu(x);
    case kLeakyRelu:
      return leaky_relu(f.alpha, x);
    case kElu:
      return elu(f.alpha, x);
    case kGelu:
      return 0.5f * x * erfcf(-x * 0.70710678118654752f);
    case kSilu:
      return x * sigmoid(x);
    case kExp:
      return expf(x);
    case kHardSigmoid:
      return hard_sigmoid(f.alpha, f.beta, x);
    case kSoftsign:
      return softsign(x);
    case kClip:
      return within(f.alpha, f.beta, x);
    case kSelu:
      return f.beta * elu(f.alpha, x);
    case kMish:
      return x * hyperbolic_tangent(softplus(x));
    case kHardSwish:
      return x * hard_sigmoid(1.0f / 6.0f, 0.5f, x);
    case kGeluTanh:
      return x * gelu_share(x);
    case kThresholdedRelu:
      return x <= f.alpha ? 0.0f : x;
    default:
      return softplus(x);
  }
}

__device__ __forceinline__ float slope(const Activation& f, float x, float y) {
  switch (f.kind) {
    case kSigmoid:
      return y * (1.0f - y);
    case kTanh:
      return 1.0f - y * y;
    case kRelu:
      return x > 0.0f ? 1.0f : 0.0f;
    case kLeakyRelu:
      return x > 0.0f ? 1.0f : f.alpha;
    case kElu:
      return x > 0.0f ? 1.0f : y + f.alpha;
    case kGelu:
      return 0.5f * erfcf(-x * 0.70710678118654752f) +
             x * 0.39894228040143268f * expf(-0.5f * x * x);
    case kSilu: {
      const float s = sigmoid(x);
      return s * (1.0f + x * (1.0f - s));
    }
    case kExp:
      return y;
    case kHardSigmoid:
      return y > 0.0f && y < 1.0f ? f.alpha : 0.0f;
    case kSoftsign: {
      const float s = 1.0f / (1.0f + fabsf(x));
      return s * s;
    }
    case kClip:
      return x > f.alpha && x < f.beta ? 1.0f : 0.0f;
    case kSelu:
      return x > 0.0f ? f.beta : y + f.beta * f.alpha;
    case kMish: {
      const float t = hyperbolic_tangent(softplus(x));
      return t + x * (1.0f - t * t) * sigmoid(x);
    }
    case kHardSwish:
      return x <= -3.0f ? 0.0f : (x <= 3.0f ? fmaf(x, 1.0f / 3.0f, 0.5f) : 1.0f);
    case kGeluTanh:
      return gelu_tanh_slope(x);
    case kThresholdedRelu:
      return x > f.alpha ? 1.0f : 0.0f;
    default:
      return sigmoid(x);
  }
}

// Order of org.gatefold.op.elementwise.ElementwiseOp.Binary.
enum BinaryKind { kAdd, kSubtract, kMultiply, kAverage, kDivide, kMaximum, kMinimum };

__device__ __forceinline__ float combine(int kind, float a, float b) {
  switch (kind) {
    case kAdd:
      return a + b;
    case kSubtract:
      return a - b;
    case kMultiply:
      return a * b;
    case kDivide:
      return a / b;
    case kMaximum:
      return a <= b || b != b ? b : a;  // NaN if either is
    case kMinimum:
      return a >= b || b != b ? b : a;  // NaN if either is
    default:
      return 0.5f * (a + b);
  }
}

}  // namespace gatefold

// y = f(x); x, y [n]; y may be x.
extern "C" __global__ void __launch_bounds__(256)
    activate_f32(int kind, float alpha, float beta, const float* x, float* y, long long n) {
  const Activation f{kind, alpha, beta};
  for (long long i = first_element(); i < n; i += grid_size()) y[i] = activate(f, x[i]);
}

// dx = dy * f'(x); all [n]; dx may be dy.
extern "C" __global__ void __launch_bounds__(256)
    activate_backward_f32(int kind, float alpha, float beta, const float* x, const float* y,
                          const float* dy, float* dx, long long n) {
  const Activation f{kind, alpha, beta};
  for (long long i = first_element(); i < n; i += grid_size()) {
    dx[i] = dy[i] * slope(f, x[i], y[i]);
  }
}

// y = a op b, op a BinaryKind; all [n]; y may be a or b.
extern "C" __global__ void __launch_bounds__(256)
    combine_f32(int op, const float* a, const float* b, float* y, long long n) {
  for (long long i = first_element(); i < n; i += grid_size()) {
    y[i] = combine(op, a[i], b[i]);
  }
}

// y += alpha * x; both [n].
extern "C" __global__ void __launch_bounds__(256)
    add_scaled_f32(float alpha, const float* __restrict__ x, float* __restrict__ y, long long n) {
  for (long long i = first_element(); i < n; i += grid_size()) y[i] += alpha * x[i];
}

// y = alpha * x; both [n]; y may be x.
extern "C" __global__ void __launch_bounds__(256)
    scale_f32(float alpha, const float* x, float* y, long long n) {
  for (long long i = first_element(); i < n; i += grid_size()) y[i] = alpha * x[i];
}

// Inverted dropout; x, y [n]; y may be x. Each thread handles groups of four elements, the words of
// one Philox block. `vector` says that x and y are 16-byte aligned.
extern "C" __global__ void __launch_bounds__(256)
    dropout_f32(float p, float keep_scale, unsigned long long seed, unsigned stream, const float* x,
                float* y, long long n, int vector) {
  const long long groups = (n + 3) / 4;
  for (long long group = first_element(); group < groups; group += grid_size()) {
    const long long e = group * 4;
    const int count = n - e < 4 ? static_cast<int>(n - e) : 4;
    const bool wide = vector != 0 && count == 4;
    const Quad scale =
        dropout_scales(seed, stream, static_cast<unsigned long long>(e), p, keep_scale);
    Quad q = load_quad(x + e, count, wide);
#pragma unroll
    for (int k = 0; k < 4; ++k) q.v[k] = weighted(scale.v[k], q.v[k]);
    store_quad(y + e, q, count, wide);
  }
}
