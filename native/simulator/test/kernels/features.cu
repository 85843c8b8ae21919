// Kernels that use each part of the language the simulated device offers.
#include "common/ptx.cuh"

using namespace gatefold;

extern "C" __global__ void axpy(float a, const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] += a * x[i];
}

// Sum of a block in static shared memory.
extern "C" __global__ void __launch_bounds__(256) block_sum(const float* x, float* sums, int n) {
  __shared__ float part[256];
  int t = threadIdx.x;
  int i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? x[i] : 0.0f;
  __syncthreads();
  for (int half = 128; half > 0; half >>= 1) {
    if (t < half) part[t] += part[t + half];
    __syncthreads();
  }
  if (t == 0) sums[blockIdx.x] = part[0];
}

extern __shared__ float dynamic_buffer[];
extern "C" __global__ void reverse(const float* x, float* y, int n) {
  int t = threadIdx.x;
  dynamic_buffer[t] = x[t];
  __syncthreads();
  y[t] = dynamic_buffer[n - 1 - t];
}

// Shuffles, votes and reductions of a warp; 8 results a warp.
extern "C" __global__ void warp_operations(const int* x, int* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int lane = threadIdx.x & 31;
  int v = x[i];
  int sum = v;
  for (int m = 16; m > 0; m >>= 1) sum += __shfl_xor_sync(0xffffffffu, sum, m);
  int scan = v;
  for (int d = 1; d < 32; d <<= 1) {
    int below = __shfl_up_sync(0xffffffffu, scan, d);
    if (lane >= d) scan += below;
  }
  int last = __shfl_sync(0xffffffffu, scan, 31);
  unsigned odd = __ballot_sync(0xffffffffu, v & 1);
  int any = __any_sync(0xffffffffu, v > 1000000);
  int all = __all_sync(0xffffffffu, v >= 0);
  int most = __reduce_max_sync(0xffffffffu, v);
  int quarter = __shfl_down_sync(0xffffffffu, v, 1, 8);
  if (lane == 0) {
    int* r = out + (i >> 5) * 8;
    r[0] = sum;
    r[1] = last;
    r[2] = static_cast<int>(odd);
    r[3] = any;
    r[4] = all;
    r[5] = most;
    r[6] = quarter;
    r[7] = warpSize;
  }
}

extern "C" __global__ void barrier_results(const int* x, int* out) {
  int v = x[threadIdx.x];
  int count = __syncthreads_count(v > 0);
  int any = __syncthreads_or(v > 100);
  int all = __syncthreads_and(v > 0);
  if (threadIdx.x == 0) {
    out[0] = count;
    out[1] = any;
    out[2] = all;
  }
}

extern "C" __global__ void histogram(const int* x, int* bins, float* total, unsigned* most, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  atomicAdd(&bins[x[i]], 1);
  atomicAdd(total, 0.5f);
  atomicMax(most, static_cast<unsigned>(x[i]));
}

extern "C" __global__ void scale4(float a, const float4* x, float4* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float4 v = __ldg(x + i);
  __stcs(y + i, make_float4(a * v.x, a * v.y, a * v.z, a * v.w));
}

struct Shape {
  int rows;
  int columns;
  const float* data;
};
extern "C" __global__ void by_value(Shape shape, char first, double second, float* out) {
  out[0] = static_cast<float>(shape.rows * shape.columns) + shape.data[1] + first +
           static_cast<float>(second);
}

template <int kFactor>
__global__ void multiply_by(float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= kFactor;
}

// Every block adds its number to all others' sums, round after round.
extern "C" __global__ void grid_rounds(float* values, float* out, unsigned* counter, int rounds) {
  int blocks = gridDim.x;
  for (int r = 0; r < rounds; ++r) {
    float next = 0;
    if (threadIdx.x == 0) {
      for (int b = 0; b < blocks; ++b) next += __ldcg(values + (r & 1) * blocks + b);
      values[((r + 1) & 1) * blocks + blockIdx.x] = next * 0.5f;
    }
    ptx::grid_barrier(counter, r + 1);
  }
  if (threadIdx.x == 0) out[blockIdx.x] = values[(rounds & 1) * blocks + blockIdx.x];
}

// More barriers than a record of an access can number.
extern "C" __global__ void many_barriers(int* out) {
  __shared__ int first;
  if (threadIdx.x == 0) first = 7;
  for (int i = 0; i < 1 << 14; ++i) __syncthreads();
  out[threadIdx.x] = first;
}

// One warp: D[16,8] = A[16,16] B[16,8], A and B in 16-bit formats, row-major, staged through shared
// memory by cp.async and ldmatrix.
template <bool kBf16>
__device__ void product16(const unsigned short* a, const unsigned short* b, float* d) {
  __shared__ __align__(16) unsigned short sa[16 * 16];
  __shared__ __align__(16) unsigned short sb[16 * 8];
  int lane = threadIdx.x;
  ptx::cp_async_16(sa + lane * 8, a + lane * 8);
  if (lane < 16) ptx::cp_async_16(sb + lane * 8, b + lane * 8);
  ptx::cp_async_commit();
  ptx::cp_async_wait<0>();
  __syncthreads();
  unsigned fa[4], fb[2];
  ptx::ldmatrix_x4(fa, sa + (lane % 16) * 16 + (lane / 16) * 8);
  ptx::ldmatrix_x2_trans(fb, sb + (lane % 16) * 8);
  float fd[4] = {0, 0, 0, 0};
  if (kBf16) {
    ptx::mma_m16n8k16_bf16(fd, fa, fb);
  } else {
    ptx::mma_m16n8k16_f16(fd, fa, fb);
  }
  int g = lane / 4, t = lane % 4;
  d[g * 8 + 2 * t] = fd[0];
  d[g * 8 + 2 * t + 1] = fd[1];
  d[(g + 8) * 8 + 2 * t] = fd[2];
  d[(g + 8) * 8 + 2 * t + 1] = fd[3];
}
extern "C" __global__ void product_f16(const unsigned short* a, const unsigned short* b, float* d) {
  product16<false>(a, b, d);
}
extern "C" __global__ void product_bf16(const unsigned short* a, const unsigned short* b,
                                        float* d) {
  product16<true>(a, b, d);
}

// One warp: D[16,8] = A[16,8] B[8,8] in tf32.
extern "C" __global__ void product_tf32(const float* a, const float* b, float* d) {
  int g = threadIdx.x / 4, t = threadIdx.x % 4;
  unsigned fa[4] = {ptx::tf32_from_float(a[g * 8 + t]), ptx::tf32_from_float(a[(g + 8) * 8 + t]),
                    ptx::tf32_from_float(a[g * 8 + t + 4]),
                    ptx::tf32_from_float(a[(g + 8) * 8 + t + 4])};
  unsigned fb[2] = {ptx::tf32_from_float(b[t * 8 + g]), ptx::tf32_from_float(b[(t + 4) * 8 + g])};
  float fd[4] = {0, 0, 0, 0};
  ptx::mma_m16n8k8_tf32(fd, fa, fb);
  d[g * 8 + 2 * t] = fd[0];
  d[g * 8 + 2 * t + 1] = fd[1];
  d[(g + 8) * 8 + 2 * t] = fd[2];
  d[(g + 8) * 8 + 2 * t + 1] = fd[3];
}

extern "C" __global__ void reciprocals(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = ptx::reciprocal(x[i]);
}

extern "C" __global__ void conversions(const float* x, unsigned short* half, unsigned short* brain,
                                       float* back, int n) {
  int i = threadIdx.x;
  if (i >= n) return;
  half[i] = ptx::f16_from_float(x[i]);
  brain[i] = ptx::bf16_from_float(x[i]);
  back[2 * i] = ptx::float_from_f16(half[i]);
  back[2 * i + 1] = ptx::float_from_bf16(brain[i]);
}
