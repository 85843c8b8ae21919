// What cuda-kernels/common/ptx.cuh defines by inline PTX, on the simulated device.
#pragma once

namespace gatefold::ptx {

inline void mma_m16n8k16_bf16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                              SIM_HERE) {
  sim_mma(kSimMmaBf16K16, d, a, b, file, line);
}
inline void mma_m16n8k16_f16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                             SIM_HERE) {
  sim_mma(kSimMmaF16K16, d, a, b, file, line);
}
inline void mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                             SIM_HERE) {
  sim_mma(kSimMmaTf32K8, d, a, b, file, line);
}

inline void ldmatrix_x4(unsigned (&r)[4], const void* row, SIM_HERE) {
  sim_ldmatrix(r, 4, 0, row, file, line);
}
inline void ldmatrix_x2(unsigned (&r)[2], const void* row, SIM_HERE) {
  sim_ldmatrix(r, 2, 0, row, file, line);
}
inline void ldmatrix_x4_trans(unsigned (&r)[4], const void* row, SIM_HERE) {
  sim_ldmatrix(r, 4, 1, row, file, line);
}
inline void ldmatrix_x2_trans(unsigned (&r)[2], const void* row, SIM_HERE) {
  sim_ldmatrix(r, 2, 1, row, file, line);
}

inline void cp_async_16(void* shared, const void* global) {
  sim_copy_async(shared, global, 16, 16);
}
inline void cp_async_16_or_zero(void* shared, const void* global, bool inside) {
  sim_copy_async(shared, global, 16, inside ? 16 : 0);
}
inline void cp_async_4(void* shared, const void* global) { sim_copy_async(shared, global, 4, 4); }
inline void cp_async_4_or_zero(void* shared, const void* global, bool inside) {
  sim_copy_async(shared, global, 4, inside ? 4 : 0);
}
inline void cp_async_commit() { sim_copy_async_commit(); }
template <int kPending>
inline void cp_async_wait() {
  sim_copy_async_wait(kPending);
}

// One unit in the last place off where the bits of x say so, as a card's may be anywhere.
inline float reciprocal(float x) {
  if (fabsf(x) < 0x1p-126f) x = copysignf(0.0f, x);
  const float y = 1.0f / x;
  if (fabsf(y) < 0x1p-126f) return copysignf(0.0f, x);
  if (!(fabsf(y) < __builtin_inff())) return y;
  const unsigned off = __float_as_uint(x) * 2654435761u >> 30;
  return __uint_as_float(__float_as_uint(y) + (off == 1u ? 1u : 0u) - (off == 2u ? 1u : 0u));
}

inline unsigned tf32_from_float(float x) {
  // Nearest, ties away from zero; infinities and NaN keep their bits.
  unsigned u = __float_as_uint(x);
  return (u & 0x7f800000u) == 0x7f800000u ? u : (u + 0x1000u) & 0xffffe000u;
}
inline unsigned short f16_from_float(float x) { return sim_f16_from_float(x); }
inline float float_from_f16(unsigned short h) { return sim_float_from_f16(h); }
inline unsigned short bf16_from_float(float x) { return sim_bf16_from_float(x); }
inline float float_from_bf16(unsigned short h) {
  return __uint_as_float(static_cast<unsigned>(h) << 16);
}
inline unsigned f16x2_from_floats(float low, float high) {
  return sim_f16_from_float(low) | static_cast<unsigned>(sim_f16_from_float(high)) << 16;
}
inline unsigned bf16x2_from_floats(float low, float high) {
  return sim_bf16_from_float(low) | static_cast<unsigned>(sim_bf16_from_float(high)) << 16;
}

inline unsigned atomic_add_release_gpu(unsigned* address, unsigned value) {
  return sim::atomic<unsigned>(kSimAtomicAddRelease, address, value);
}
inline unsigned load_acquire_gpu(const unsigned* address) {
  return sim::atomic<unsigned>(kSimAtomicLoad, address, 0u);
}
inline void store_release_gpu(unsigned* address, unsigned value) {
  sim::atomic<unsigned>(kSimAtomicStore, address, value);
}

using Mbarrier = unsigned long long;

inline unsigned cluster_rank() { return sim_cluster_rank(); }
inline void cluster_arrive() { sim_cluster_arrive(); }
inline void cluster_wait() { sim_cluster_wait(); }
inline void mbarrier_init(Mbarrier* barrier, unsigned arrivals) {
  sim_mbarrier_init(barrier, arrivals);
}
inline void mbarrier_arrive_expect(Mbarrier* barrier, unsigned bytes) {
  sim_mbarrier_arrive_expect(barrier, bytes);
}
inline bool mbarrier_try_wait(Mbarrier* barrier, unsigned parity) {
  return sim_mbarrier_try_wait(barrier, parity) != 0;
}
inline void store_async(void* shared, const uint4& value, Mbarrier* barrier, unsigned rank) {
  sim_store_async(shared, &value, sizeof value, barrier, rank);
}
inline void store_async(void* shared, const uint2& value, Mbarrier* barrier, unsigned rank) {
  sim_store_async(shared, &value, sizeof value, barrier, rank);
}

inline void spin_pause() { sim_yield(); }
inline unsigned long long global_timer() { return sim_global_timer(); }

}  // namespace gatefold::ptx
