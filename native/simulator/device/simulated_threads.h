// Barriers, warp operations, atomics and cache-hinted accesses.
#pragma once

inline void __syncthreads(SIM_HERE) { sim_block_barrier(kSimBarrier, 0, file, line); }
inline int __syncthreads_count(int predicate, SIM_HERE) {
  return sim_block_barrier(kSimBarrierCount, predicate, file, line);
}
inline int __syncthreads_and(int predicate, SIM_HERE) {
  return sim_block_barrier(kSimBarrierAnd, predicate, file, line);
}
inline int __syncthreads_or(int predicate, SIM_HERE) {
  return sim_block_barrier(kSimBarrierOr, predicate, file, line);
}

// Blocks run on several operating-system threads; a fence on the host orders their accesses.
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __nanosleep(unsigned) { sim_yield(); }
[[noreturn]] inline void __trap(SIM_HERE) { sim_trap(nullptr, file, line); }
#define assert(condition) ((condition) ? (void)0 : sim_trap(#condition, __FILE__, __LINE__))
inline long long clock64() { return static_cast<long long>(sim_clock()); }
inline int clock() { return static_cast<int>(sim_clock()); }

inline void __syncwarp(unsigned mask = 0xffffffffu, SIM_HERE) {
  sim_warp(kSimSyncWarp, mask, 0, 0, 32, file, line);
}
inline unsigned __activemask() { return sim_active_mask(); }
inline int __all_sync(unsigned mask, int predicate, SIM_HERE) {
  return static_cast<int>(sim_warp(kSimAll, mask, predicate != 0, 0, 32, file, line));
}
inline int __any_sync(unsigned mask, int predicate, SIM_HERE) {
  return static_cast<int>(sim_warp(kSimAny, mask, predicate != 0, 0, 32, file, line));
}
inline unsigned __ballot_sync(unsigned mask, int predicate, SIM_HERE) {
  return static_cast<unsigned>(sim_warp(kSimBallot, mask, predicate != 0, 0, 32, file, line));
}
template <class T>
inline unsigned __match_any_sync(unsigned mask, T value, SIM_HERE) {
  return static_cast<unsigned>(sim_warp(kSimMatchAny, mask, sim::pack(value), 0, 32, file, line));
}

#define SIM_SHUFFLE(name, operation)                                                             \
  template <class T>                                                                             \
  inline T name(unsigned mask, T value, int lane, int width = 32, SIM_HERE) {                    \
    return sim::unpack<T>(sim_warp(operation, mask, sim::pack(value), lane, width, file, line)); \
  }
SIM_SHUFFLE(__shfl_sync, kSimShuffle)
SIM_SHUFFLE(__shfl_up_sync, kSimShuffleUp)
SIM_SHUFFLE(__shfl_down_sync, kSimShuffleDown)
SIM_SHUFFLE(__shfl_xor_sync, kSimShuffleXor)
#undef SIM_SHUFFLE

#if __CUDA_ARCH__ >= 800
#define SIM_REDUCE(name, type, operation)                                            \
  inline type name(unsigned mask, type value, SIM_HERE) {                            \
    return static_cast<type>(                                                        \
        sim_warp(operation, mask, static_cast<unsigned>(value), 0, 32, file, line)); \
  }
SIM_REDUCE(__reduce_add_sync, int, kSimReduceAdd)
SIM_REDUCE(__reduce_add_sync, unsigned, kSimReduceAdd)
SIM_REDUCE(__reduce_min_sync, int, kSimReduceMinSigned)
SIM_REDUCE(__reduce_min_sync, unsigned, kSimReduceMinUnsigned)
SIM_REDUCE(__reduce_max_sync, int, kSimReduceMaxSigned)
SIM_REDUCE(__reduce_max_sync, unsigned, kSimReduceMaxUnsigned)
SIM_REDUCE(__reduce_and_sync, unsigned, kSimReduceAnd)
SIM_REDUCE(__reduce_or_sync, unsigned, kSimReduceOr)
SIM_REDUCE(__reduce_xor_sync, unsigned, kSimReduceXor)
#undef SIM_REDUCE
#endif

namespace sim {
template <class T>
struct AtomicType;
template <>
struct AtomicType<int> {
  static constexpr int value = kSimInt32;
};
template <>
struct AtomicType<unsigned> {
  static constexpr int value = kSimUint32;
};
template <>
struct AtomicType<long long> {
  static constexpr int value = kSimInt64;
};
template <>
struct AtomicType<unsigned long long> {
  static constexpr int value = kSimUint64;
};
template <>
struct AtomicType<float> {
  static constexpr int value = kSimFloat;
};
template <>
struct AtomicType<double> {
  static constexpr int value = kSimDouble;
};
template <>
struct AtomicType<unsigned short> {
  static constexpr int value = kSimUint16;
};

template <class T>
inline T atomic(int operation, const volatile T* address, T value, T compare = T()) {
  return unpack<T>(sim_atomic(operation, AtomicType<T>::value, const_cast<T*>(address), pack(value),
                              pack(compare)));
}
}  // namespace sim

// The types are CUDA's: a call with another type is as ambiguous or as wrong here as there.
#define SIM_ATOMIC(name, type, operation)                \
  inline type name(type* address, type value) {          \
    return sim::atomic<type>(operation, address, value); \
  }                                                      \
  inline type name##_block(type* address, type value) {  \
    return sim::atomic<type>(operation, address, value); \
  }                                                      \
  inline type name##_system(type* address, type value) { \
    return sim::atomic<type>(operation, address, value); \
  }
#define SIM_ATOMIC_INTEGERS(name, operation) \
  SIM_ATOMIC(name, int, operation)           \
  SIM_ATOMIC(name, unsigned, operation)      \
  SIM_ATOMIC(name, unsigned long long, operation)
SIM_ATOMIC_INTEGERS(atomicAdd, kSimAtomicAdd)
SIM_ATOMIC(atomicAdd, float, kSimAtomicAdd)
SIM_ATOMIC(atomicAdd, double, kSimAtomicAdd)
SIM_ATOMIC_INTEGERS(atomicExch, kSimAtomicExchange)
SIM_ATOMIC(atomicExch, float, kSimAtomicExchange)
SIM_ATOMIC_INTEGERS(atomicMin, kSimAtomicMin)
SIM_ATOMIC(atomicMin, long long, kSimAtomicMin)
SIM_ATOMIC_INTEGERS(atomicMax, kSimAtomicMax)
SIM_ATOMIC(atomicMax, long long, kSimAtomicMax)
SIM_ATOMIC_INTEGERS(atomicAnd, kSimAtomicAnd)
SIM_ATOMIC_INTEGERS(atomicOr, kSimAtomicOr)
SIM_ATOMIC_INTEGERS(atomicXor, kSimAtomicXor)
SIM_ATOMIC(atomicInc, unsigned, kSimAtomicIncrement)
SIM_ATOMIC(atomicDec, unsigned, kSimAtomicDecrement)
#undef SIM_ATOMIC_INTEGERS
#undef SIM_ATOMIC
inline int atomicSub(int* address, int value) {
  return sim::atomic<int>(kSimAtomicAdd, address, -value);
}
inline unsigned atomicSub(unsigned* address, unsigned value) {
  return sim::atomic<unsigned>(kSimAtomicAdd, address, 0u - value);
}
#define SIM_CAS(type)                                                             \
  inline type atomicCAS(type* address, type compare, type value) {                \
    return sim::atomic<type>(kSimAtomicCompareExchange, address, value, compare); \
  }
SIM_CAS(int)
SIM_CAS(unsigned)
SIM_CAS(unsigned long long)
SIM_CAS(unsigned short)
#undef SIM_CAS

#define SIM_LOAD(name)              \
  template <class T>                \
  inline T name(const T* address) { \
    return *address;                \
  }
SIM_LOAD(__ldg)
SIM_LOAD(__ldca)
SIM_LOAD(__ldcg)
SIM_LOAD(__ldcs)
SIM_LOAD(__ldcv)
SIM_LOAD(__ldlu)
#undef SIM_LOAD
#define SIM_STORE(name)                   \
  template <class T>                      \
  inline void name(T* address, T value) { \
    *address = value;                     \
  }
SIM_STORE(__stwb)
SIM_STORE(__stcg)
SIM_STORE(__stcs)
SIM_STORE(__stwt)
#undef SIM_STORE

inline unsigned __isGlobal(const void*) { return 1; }
inline size_t __cvta_generic_to_shared(const void* pointer) {
  return reinterpret_cast<size_t>(pointer);
}
