// One kernel for each kind of mistake the simulated device must find, and beside each a twin
// without the mistake, which it must pass.

extern "C" __global__ void write_past_end_bug(float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) x[i] = 1.0f;
}
extern "C" __global__ void write_past_end_ok(float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = 1.0f;
}

// One byte too far, within the allocation's alignment.
extern "C" __global__ void read_one_byte_bug(const unsigned char* x, int n, int* out) {
  if (threadIdx.x == 0) out[0] = x[n];
}
extern "C" __global__ void read_one_byte_ok(const unsigned char* x, int n, int* out) {
  if (threadIdx.x == 0) out[0] = x[n - 1];
}

extern "C" __global__ void null_pointer_bug(float* x, int n) {
  float* y = n > 0 ? nullptr : x;
  y[threadIdx.x] = 1.0f;
}
extern "C" __global__ void null_pointer_ok(float* x, int n) {
  float* y = n > 0 ? x : nullptr;
  if (threadIdx.x < n) y[threadIdx.x] = 1.0f;
}

extern "C" __global__ void misaligned_bug(float* x, int n) {
  float4* y = reinterpret_cast<float4*>(x + 1);
  if (threadIdx.x < n / 8) y[threadIdx.x] = make_float4(1, 2, 3, 4);
}
extern "C" __global__ void misaligned_ok(float* x, int n) {
  float4* y = reinterpret_cast<float4*>(x + 4);
  if (threadIdx.x < n / 8) y[threadIdx.x] = make_float4(1, 2, 3, 4);
}

extern "C" __global__ void unwritten_global_bug(const float* x, int n, float* out) {
  if (threadIdx.x < n) out[threadIdx.x] = x[threadIdx.x] + 1.0f;
}
extern "C" __global__ void unwritten_global_ok(float* x, int n, float* out) {
  if (threadIdx.x < n) {
    x[threadIdx.x] = 2.0f;
    out[threadIdx.x] = x[threadIdx.x] + 1.0f;
  }
}

extern "C" __global__ void unwritten_shared_bug(float* x, int n) {
  __shared__ float s[128];
  if (threadIdx.x > 0) s[threadIdx.x] = 1.0f;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}
extern "C" __global__ void unwritten_shared_ok(float* x, int n) {
  __shared__ float s[128];
  s[threadIdx.x] = 1.0f;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

extern "C" __global__ void shared_index_bug(float* x, int n) {
  __shared__ float s[128];
  for (int i = threadIdx.x; i <= 128; i += blockDim.x) s[i] = 1.0f;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}
extern "C" __global__ void shared_index_ok(float* x, int n) {
  __shared__ float s[128];
  for (int i = threadIdx.x; i < 128; i += blockDim.x) s[i] = 1.0f;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

extern __shared__ float dynamic_floats[];
extern "C" __global__ void dynamic_shared_bug(float* x, int n) {
  dynamic_floats[threadIdx.x + 1] = 1.0f;
  __syncthreads();
  x[threadIdx.x] = dynamic_floats[threadIdx.x + 1];
}
extern "C" __global__ void dynamic_shared_ok(float* x, int n) {
  dynamic_floats[threadIdx.x] = 1.0f;
  __syncthreads();
  x[threadIdx.x] = dynamic_floats[threadIdx.x];
}

extern "C" __global__ void shared_race_bug(float* x, int n) {
  __shared__ float s[128];
  s[threadIdx.x] = 0;
  __syncthreads();
  s[threadIdx.x] = threadIdx.x;
  x[threadIdx.x] = s[(threadIdx.x + 1) % 128];
}
extern "C" __global__ void shared_race_ok(float* x, int n) {
  __shared__ float s[128];
  s[threadIdx.x] = 0;
  __syncthreads();
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  x[threadIdx.x] = s[(threadIdx.x + 1) % 128];
}

// The barrier between reading and the next round's writing is missing.
extern "C" __global__ void reuse_race_bug(float* x, int n) {
  __shared__ float s[128];
  float sum = 0;
  for (int round = 0; round < 3; ++round) {
    s[threadIdx.x] = x[threadIdx.x] + round;
    __syncthreads();
    sum += s[127 - threadIdx.x];
  }
  x[threadIdx.x] = sum;
}
extern "C" __global__ void reuse_race_ok(float* x, int n) {
  __shared__ float s[128];
  float sum = 0;
  for (int round = 0; round < 3; ++round) {
    s[threadIdx.x] = x[threadIdx.x] + round;
    __syncthreads();
    sum += s[127 - threadIdx.x];
    __syncthreads();
  }
  x[threadIdx.x] = sum;
}

// A warp's last steps of a reduction need __syncwarp between them.
extern "C" __global__ void warp_race_bug(float* x, int n) {
  __shared__ float s[64];
  int t = threadIdx.x;
  if (t < 64) s[t] = x[t];
  __syncthreads();
  if (t < 32) {
    for (int half = 16; half > 0; half >>= 1) {
      if (t < half) s[t] += s[t + half];
    }
  }
}
extern "C" __global__ void warp_race_ok(float* x, int n) {
  __shared__ float s[64];
  int t = threadIdx.x;
  if (t < 64) s[t] = x[t];
  __syncthreads();
  if (t < 32) {
    for (int half = 16; half > 0; half >>= 1) {
      __syncwarp();
      if (t < half) s[t] += s[t + half];
    }
  }
}

extern "C" __global__ void global_race_bug(float* x, int n) {
  x[threadIdx.x] = 1.0f;
  x[(threadIdx.x + 1) % 128] += 1.0f;
}
extern "C" __global__ void global_race_ok(float* x, int n) {
  x[threadIdx.x] = 1.0f;
  __syncthreads();
  x[(threadIdx.x + 1) % 128] += 1.0f;
}

// Two bytes each of one word: no race.
extern "C" __global__ void halves_bug(unsigned short* x, int n) {
  x[threadIdx.x / 2] = threadIdx.x;
}
extern "C" __global__ void halves_ok(unsigned short* x, int n) {
  x[threadIdx.x] = threadIdx.x;
  x[threadIdx.x] += 1;
}

extern "C" __global__ void block_race_bug(float* x, int n) { x[threadIdx.x] = blockIdx.x; }
extern "C" __global__ void block_race_ok(float* x, int n) {
  if (blockIdx.x == 0) x[threadIdx.x] = blockIdx.x;
}

extern "C" __global__ void plain_counter_bug(int* x, int n) { x[0] += 1; }
extern "C" __global__ void plain_counter_ok(int* x, int n) { atomicAdd(&x[0], 1); }

extern "C" __global__ void divergent_barrier_bug(float* x, int n) {
  if (threadIdx.x < 50) {
    x[threadIdx.x] = 1.0f;
    __syncthreads();
  } else {
    __syncthreads();
    x[threadIdx.x] = 2.0f;
  }
}
extern "C" __global__ void divergent_barrier_ok(float* x, int n) {
  if (threadIdx.x < 50) x[threadIdx.x] = 1.0f;
  __syncthreads();
  if (threadIdx.x >= 50) x[threadIdx.x] = 2.0f;
}

extern "C" __global__ void early_exit_bug(float* x, int n) {
  if (threadIdx.x >= n) return;
  x[threadIdx.x] = 1.0f;
  __syncthreads();
}
extern "C" __global__ void early_exit_ok(float* x, int n) {
  if (threadIdx.x < n) x[threadIdx.x] = 1.0f;
  __syncthreads();
}

extern "C" __global__ void shuffle_mask_bug(float* x, int n) {
  if (threadIdx.x % 2) x[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
}
extern "C" __global__ void shuffle_mask_ok(float* x, int n) {
  float v = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
  if (threadIdx.x % 2) x[threadIdx.x] = v;
}

extern "C" __global__ void shuffle_source_bug(float* x, int n) {
  if (threadIdx.x % 32 < 16) {
    x[threadIdx.x] = __shfl_sync(0x0000ffffu, 1.0f, 20);
  }
}
extern "C" __global__ void shuffle_source_ok(float* x, int n) {
  if (threadIdx.x % 32 < 16) {
    x[threadIdx.x] = __shfl_sync(0x0000ffffu, 1.0f, 10);
  }
}

extern "C" __global__ void division_bug(int* x, int n) { x[threadIdx.x] = n / (n - 64); }
extern "C" __global__ void division_ok(int* x, int n) { x[threadIdx.x] = n / (n - 63); }

extern "C" __global__ void trap_bug(float* x, int n) {
  if (n > 10) __trap();
}
extern "C" __global__ void trap_ok(float* x, int n) {
  if (n < 10) __trap();
}

extern "C" __global__ void assertion_bug(float* x, int n) { assert(n < 10); }
extern "C" __global__ void assertion_ok(float* x, int n) { assert(n > 10); }
