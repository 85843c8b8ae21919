// The CUDA language for g++: what NVRTC predefines, on top of the simulated device's runtime.
//
// Force-included before every kernel source by the NVRTC stand-in. It includes no host header, so
// a source that leans on one fails here just as it does under NVRTC.
#pragma once

#include "simulated_abi.h"

#define GATEFOLD_SIMULATED_DEVICE 1
#define __CUDACC__ 1
#define __CUDACC_RTC__ 1
#define __CUDACC_VER_MAJOR__ 12
#define __CUDACC_VER_MINOR__ 6
#define NULL 0

// The NVRTC stand-in finds the kernels, their launch bounds and clusters by the sim_ tokens and
// takes these away again before it compiles.
#define __global__ sim_kernel_marker
#define __launch_bounds__(...) sim_launch_bounds_marker(__VA_ARGS__)
#if __CUDA_ARCH__ >= 900
#define __cluster_dims__(...) sim_cluster_dims_marker(__VA_ARGS__)
#endif
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#ifdef __CUDACC_DEBUG__  // nothing is gained by copies of what is not optimised, and they take long
#define __forceinline__ inline
#else
#define __forceinline__ inline __attribute__((always_inline))
#endif
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __attribute__((aligned(n)))
// A block runs on one operating-system thread, so that thread's own storage is its shared memory.
#define __shared__ thread_local

using size_t = decltype(sizeof(0));
using ptrdiff_t = decltype(static_cast<char*>(nullptr) - static_cast<char*>(nullptr));

#include "simulated_vectors.h"

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

// Constant for the thread that reads them; the runtime writes them when it switches threads.
extern "C" {
extern __thread const uint3 threadIdx __attribute__((tls_model("initial-exec")));
extern __thread const uint3 blockIdx __attribute__((tls_model("initial-exec")));
extern __thread const uint3 blockDim __attribute__((tls_model("initial-exec")));
extern __thread const uint3 gridDim __attribute__((tls_model("initial-exec")));
}
constexpr int warpSize = 32;

#define SIM_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

namespace sim {

template <class T>
struct Plain {
  using type = T;
};
template <class T>
struct Plain<T&> {
  using type = T;
};
template <class T>
struct Plain<const T> {
  using type = T;
};
template <class T>
struct Plain<volatile T> {
  using type = T;
};
template <class T>
struct Plain<const volatile T> {
  using type = T;
};

template <class To, class From>
inline To bits(From value) {
  static_assert(sizeof(To) == sizeof(From), "bit patterns differ in size");
  To result;
  __builtin_memcpy(&result, &value, sizeof(To));
  return result;
}

template <class T>
inline unsigned long long pack(T value) {
  static_assert(sizeof(T) <= 8, "more than 8 bytes");
  unsigned long long result = 0;
  __builtin_memcpy(&result, &value, sizeof(T));
  return result;
}

template <class T>
inline T unpack(unsigned long long value) {
  T result;
  __builtin_memcpy(&result, &value, sizeof(T));
  return result;
}

template <unsigned... I>
struct Indices {};

template <auto F>
struct Entry;
template <class... A, void (*F)(A...)>
struct Entry<F> {
  static constexpr unsigned count = sizeof...(A);
  static constexpr unsigned sizes[sizeof...(A) + 1] = {static_cast<unsigned>(sizeof(A))..., 0};
  static constexpr unsigned alignments[sizeof...(A) + 1] = {static_cast<unsigned>(alignof(A))...,
                                                            0};
  template <unsigned... I>
  __attribute__((no_sanitize("thread"))) static void unpackAndCall(void** arguments,
                                                                   Indices<I...>) {
    F(*static_cast<typename Plain<A>::type*>(arguments[I])...);
  }
  __attribute__((no_sanitize("thread"))) static void call(void** arguments) {
    unpackAndCall(arguments, Indices<__integer_pack(sizeof...(A))...>());
  }
};

struct Registration {
  SimKernel kernel;
  template <auto F>
  static SimKernel describe(const char* name, unsigned maxThreads, dim3 cluster) {
    using E = Entry<F>;
    return {name,
            &E::call,
            E::count,
            E::sizes,
            E::alignments,
            maxThreads,
            {cluster.x, cluster.y, cluster.z}};
  }
  explicit Registration(const SimKernel& k) : kernel(k) { sim_register_kernel(&kernel); }
};

constexpr unsigned firstBound(unsigned maxThreads, unsigned = 0, unsigned = 0) {
  return maxThreads;
}

}  // namespace sim

#include "simulated_math.h"
#include "simulated_threads.h"
