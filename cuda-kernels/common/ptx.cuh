// Instructions that CUDA C++ has no function for: tensor-core products, matrix loads from shared
// memory, asynchronous copies, conversions of half-precision numbers, acquire and release.
//
// Compiles with NVRTC and nvcc for sm_75 and newer, without any toolkit header: half-precision
// numbers travel as bit patterns (unsigned short; two in an unsigned, the lower index in the lower
// half). What an architecture lacks is replaced where an equivalent exists (noted at each function)
// and traps where none does: the host does not choose such a precision there.
//
// Fragments of the warp-wide products, lane = threadIdx % 32, g = lane / 4, t = lane % 4:
//   m16n8k16 (f16, bf16; two numbers a register):
//     a[0] = A[g][2t..2t+1]    a[1] = A[g+8][2t..2t+1]
//     a[2] = A[g][2t+8..2t+9]  a[3] = A[g+8][2t+8..2t+9]
//     b[0] = B[2t..2t+1][g]    b[1] = B[2t+8..2t+9][g]
//   m16n8k8 (tf32; one number a register):
//     a[0] = A[g][t]  a[1] = A[g+8][t]  a[2] = A[g][t+4]  a[3] = A[g+8][t+4]
//     b[0] = B[t][g]  b[1] = B[t+4][g]
//   d[0..1] = D[g][2t..2t+1]  d[2..3] = D[g+8][2t..2t+1], fp32, accumulated in place.
// All 32 lanes must call a warp-wide function together.
#pragma once

// The cluster of a kernel's blocks, behind __global__; nothing where an architecture has none.
#if __CUDA_ARCH__ >= 900
#define GATEFOLD_CLUSTER_DIMS(...) __cluster_dims__(__VA_ARGS__)
#else
#define GATEFOLD_CLUSTER_DIMS(...)
#endif

#if defined(GATEFOLD_SIMULATED_DEVICE)

#include <simulated_ptx.h>

#else

namespace gatefold::ptx {

// One product of the tensor cores.
#define GATEFOLD_MMA(shape_and_types)                                   \
  asm volatile("mma.sync.aligned." shape_and_types                      \
               " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])         \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))

// d += A * B. sm_80 and newer; traps before.
__device__ __forceinline__ void mma_m16n8k16_bf16(float (&d)[4], const unsigned (&a)[4],
                                                  const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  GATEFOLD_MMA("m16n8k16.row.col.f32.bf16.bf16.f32");
#else
  __trap();
#endif
}

// Half the depth of m16n8k16, for architectures before sm_80.
__device__ __forceinline__ void half_mma_f16(float (&d)[4], unsigned a0, unsigned a1, unsigned b) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
      "{%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a0), "r"(a1), "r"(b));
}

// d += A * B. Before sm_80 as two products of half the depth.
__device__ __forceinline__ void mma_m16n8k16_f16(float (&d)[4], const unsigned (&a)[4],
                                                 const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  GATEFOLD_MMA("m16n8k16.row.col.f32.f16.f16.f32");
#else
  half_mma_f16(d, a[0], a[1], b[0]);
  half_mma_f16(d, a[2], a[3], b[1]);
#endif
}

// d += A * B on numbers rounded by tf32_from_float. sm_80 and newer; traps before.
__device__ __forceinline__ void mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4],
                                                 const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  GATEFOLD_MMA("m16n8k8.row.col.f32.tf32.tf32.f32");
#else
  __trap();
#endif
}

#undef GATEFOLD_MMA

__device__ __forceinline__ unsigned shared_address(const void* shared) {
  return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}

#define GATEFOLD_LDMATRIX_X4(transposed)                                                     \
  asm volatile("ldmatrix.sync.aligned.m8n8.x4" transposed ".shared.b16 {%0,%1,%2,%3}, [%4];" \
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])                              \
               : "r"(shared_address(row))                                                    \
               : "memory")
#define GATEFOLD_LDMATRIX_X2(transposed)                                               \
  asm volatile("ldmatrix.sync.aligned.m8n8.x2" transposed ".shared.b16 {%0,%1}, [%2];" \
               : "=r"(r[0]), "=r"(r[1])                                                \
               : "r"(shared_address(row))                                              \
               : "memory")

// Loads 8x8 matrices of 16-bit numbers from shared memory. Lane 8m + r passes the address of row r
// of matrix m, 16-byte aligned; r[m] receives the pair (row lane / 4, columns 2 (lane % 4) and
// following) of matrix m, or of its transpose with _trans. _x2 reads the addresses of lanes 0-15.
__device__ __forceinline__ void ldmatrix_x4(unsigned (&r)[4], const void* row) {
  GATEFOLD_LDMATRIX_X4("");
}
__device__ __forceinline__ void ldmatrix_x2(unsigned (&r)[2], const void* row) {
  GATEFOLD_LDMATRIX_X2("");
}
__device__ __forceinline__ void ldmatrix_x4_trans(unsigned (&r)[4], const void* row) {
  GATEFOLD_LDMATRIX_X4(".trans");
}
__device__ __forceinline__ void ldmatrix_x2_trans(unsigned (&r)[2], const void* row) {
  GATEFOLD_LDMATRIX_X2(".trans");
}

#undef GATEFOLD_LDMATRIX_X4
#undef GATEFOLD_LDMATRIX_X2

// Copies 16 aligned bytes from global to shared memory in the background; visible to the calling
// thread after cp_async_wait, to the block after a barrier behind it. Before sm_80 a plain copy.
__device__ __forceinline__ void cp_async_16(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;"
               :
               : "r"(shared_address(shared)), "l"(global)
               : "memory");
#else
  *static_cast<uint4*>(shared) = *static_cast<const uint4*>(global);
#endif
}
// As cp_async_16, but writes zeros and reads nothing where `inside` is false.
__device__ __forceinline__ void cp_async_16_or_zero(void* shared, const void* global, bool inside) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
               :
               : "r"(shared_address(shared)), "l"(global), "r"(inside ? 16 : 0)
               : "memory");
#else
  *static_cast<uint4*>(shared) =
      inside ? *static_cast<const uint4*>(global) : make_uint4(0u, 0u, 0u, 0u);
#endif
}
// The same for 4 aligned bytes: rows whose start is not 16-byte aligned.
__device__ __forceinline__ void cp_async_4(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;"
               :
               : "r"(shared_address(shared)), "l"(global)
               : "memory");
#else
  *static_cast<unsigned*>(shared) = *static_cast<const unsigned*>(global);
#endif
}
__device__ __forceinline__ void cp_async_4_or_zero(void* shared, const void* global, bool inside) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;"
               :
               : "r"(shared_address(shared)), "l"(global), "r"(inside ? 4 : 0)
               : "memory");
#else
  *static_cast<unsigned*>(shared) = inside ? *static_cast<const unsigned*>(global) : 0u;
#endif
}
// Ends a group of the calling thread's copies.
__device__ __forceinline__ void cp_async_commit() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
// Waits until at most the kPending newest groups of the calling thread are unfinished.
template <int kPending>
__device__ __forceinline__ void cp_async_wait() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#endif
}

// 1 / x within one unit in the last place, without the steps that would round it right; a result
// below 2^-126 is 0, and x below that counts as 0.
__device__ __forceinline__ float reciprocal(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Rounds to the 10 mantissa bits of tf32, ties away from zero, as fp32 bits.
__device__ __forceinline__ unsigned tf32_from_float(float x) {
#if __CUDA_ARCH__ >= 800
  unsigned u;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(u) : "f"(x));
  return u;
#else
  unsigned u = __float_as_uint(x);
  return (u & 0x7f800000u) == 0x7f800000u ? u : (u + 0x1000u) & 0xffffe000u;
#endif
}

// Conversions round to nearest, ties to even.
__device__ __forceinline__ unsigned short f16_from_float(float x) {
  unsigned short h;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(x));
  return h;
}
__device__ __forceinline__ float float_from_f16(unsigned short h) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(h));
  return x;
}
__device__ __forceinline__ unsigned short bf16_from_float(float x) {
#if __CUDA_ARCH__ >= 800
  unsigned short h;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(h) : "f"(x));
  return h;
#else
  unsigned u = __float_as_uint(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  return static_cast<unsigned short>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
#endif
}
__device__ __forceinline__ float float_from_bf16(unsigned short h) {
  return __uint_as_float(static_cast<unsigned>(h) << 16);
}
__device__ __forceinline__ unsigned f16x2_from_floats(float low, float high) {
  return f16_from_float(low) | static_cast<unsigned>(f16_from_float(high)) << 16;
}
__device__ __forceinline__ unsigned bf16x2_from_floats(float low, float high) {
#if __CUDA_ARCH__ >= 800
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  return bf16_from_float(low) | static_cast<unsigned>(bf16_from_float(high)) << 16;
#endif
}

// Synchronisation between blocks, at the scope of the device. The result is the old value.
__device__ __forceinline__ unsigned atomic_add_release_gpu(unsigned* address, unsigned value) {
  unsigned old;
  asm volatile("atom.add.release.gpu.global.u32 %0, [%1], %2;"
               : "=r"(old)
               : "l"(address), "r"(value)
               : "memory");
  return old;
}
__device__ __forceinline__ unsigned load_acquire_gpu(const unsigned* address) {
  unsigned value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(address) : "memory");
  return value;
}
__device__ __forceinline__ void store_release_gpu(unsigned* address, unsigned value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" : : "l"(address), "r"(value) : "memory");
}

// Thread-block clusters, sm_90 and newer; all trap before.
//
// Blocks of a cluster write to each other's shared memory by store_async: a write that is under way
// when the call returns, and completes on an mbarrier of the block that it goes to. A phase of an
// mbarrier ends when all its arrivals have come and all bytes are written that these expect,
// whatever came first; the next begins at once. Who finds it ended sees what was written for it,
// and all that the writers had seen before.
using Mbarrier = unsigned long long;

#if __CUDA_ARCH__ >= 900
#define GATEFOLD_CLUSTER(...) __VA_ARGS__
#else
#define GATEFOLD_CLUSTER(...) __trap()
#endif

// The rank of the block in its cluster.
__device__ __forceinline__ unsigned cluster_rank() {
  unsigned rank = 0;
  GATEFOLD_CLUSTER(asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank)));
  return rank;
}

// The barrier of all threads of a cluster: a thread that waits sees what all did before they
// arrived, mbarriers made among it. Lanes of a warp need not call it together.
__device__ __forceinline__ void cluster_arrive() {
  GATEFOLD_CLUSTER(asm volatile("barrier.cluster.arrive.release;" ::: "memory"));
}
__device__ __forceinline__ void cluster_wait() {
  GATEFOLD_CLUSTER(asm volatile("barrier.cluster.wait.acquire;" ::: "memory"));
}

// Makes an mbarrier whose phases have so many arrivals. Others than the thread may use it after a
// barrier.
__device__ __forceinline__ void mbarrier_init(Mbarrier* barrier, unsigned arrivals) {
  GATEFOLD_CLUSTER(
      asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;\n\tfence.mbarrier_init.release.cluster;"
                   :
                   : "r"(shared_address(barrier)), "r"(arrivals)
                   : "memory"));
}

// Arrives at an mbarrier of the own block, in whose phase so many more bytes are to be written.
__device__ __forceinline__ void mbarrier_arrive_expect(Mbarrier* barrier, unsigned bytes) {
  GATEFOLD_CLUSTER(asm volatile("mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, [%0], %1;"
                                :
                                : "r"(shared_address(barrier)), "r"(bytes)
                                : "memory"));
}

// Whether the phase with a parity, the first being 0, has ended: the present one or the one before
// it. May wait for a while, of about a microsecond: who waits looks at other things, too.
__device__ __forceinline__ bool mbarrier_try_wait(Mbarrier* barrier, unsigned parity) {
  unsigned ended = 0;
  GATEFOLD_CLUSTER(
      asm volatile("{\n\t.reg .pred p;\n\t"
                   "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 p, [%1], %2, %3;\n\t"
                   "selp.u32 %0, 1, 0, p;\n\t}"
                   : "=r"(ended)
                   : "r"(shared_address(barrier)), "r"(parity), "r"(1000u)
                   : "memory"));
  return ended != 0;
}

// The address of what another block of the cluster has at the same place of its shared memory.
__device__ __forceinline__ unsigned cluster_address(const void* shared, unsigned rank) {
  unsigned address = 0;
  GATEFOLD_CLUSTER(asm("mapa.shared::cluster.u32 %0, %1, %2;"
                       : "=r"(address)
                       : "r"(shared_address(shared)), "r"(rank)));
  return address;
}

// Writes to the block with that rank, at the place that the calling block has at `shared`, an
// aligned one, and completes on that block's `barrier`.
__device__ __forceinline__ void store_async(void* shared, const uint4& value, Mbarrier* barrier,
                                            unsigned rank) {
  GATEFOLD_CLUSTER(asm volatile(
      "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%0], {%1,%2,%3,%4}, [%5];"
      :
      : "r"(cluster_address(shared, rank)), "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w),
        "r"(cluster_address(barrier, rank))
      : "memory"));
}
__device__ __forceinline__ void store_async(void* shared, const uint2& value, Mbarrier* barrier,
                                            unsigned rank) {
  GATEFOLD_CLUSTER(asm volatile(
      "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v2.b32 [%0], {%1,%2}, [%3];"
      :
      : "r"(cluster_address(shared, rank)), "r"(value.x), "r"(value.y),
        "r"(cluster_address(barrier, rank))
      : "memory"));
}

#undef GATEFOLD_CLUSTER

// Between two looks at a word that another block will change.
__device__ __forceinline__ void spin_pause() {}

// Nanoseconds of the device's clock.
__device__ __forceinline__ unsigned long long global_timer() {
  unsigned long long now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now) : : "memory");
  return now;
}

}  // namespace gatefold::ptx

#endif

namespace gatefold::ptx {

// Barrier over all blocks of a cooperative launch; every thread of every block calls it. `counter`
// is zero before the launch and used by this barrier alone; `round` counts the barriers of this
// launch from 1, so the counter never has to be reset.
__device__ __forceinline__ void grid_barrier(unsigned* counter, unsigned round) {
  __syncthreads();
  if (threadIdx.x == 0 && threadIdx.y == 0 && threadIdx.z == 0) {
    unsigned target = round * gridDim.x * gridDim.y * gridDim.z;
    atomic_add_release_gpu(counter, 1u);
    while (load_acquire_gpu(counter) < target) __nanosleep(20);
  }
  __syncthreads();
}

}  // namespace gatefold::ptx
