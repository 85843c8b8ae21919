// The calls a kernel compiled for the host makes into the simulated device's runtime
// (libcuda.so.1).
//
// Included by kernel code and by the runtime; it includes nothing itself, because kernel code is
// compiled without any host headers, as NVRTC does.
#pragma once

extern "C" {

// A kernel of a module; lives in the module's data.
struct SimKernel {
  const char* name;
  void (*call)(void** arguments);  // arguments[i] points to the i-th parameter's value
  unsigned parameterCount;
  const unsigned* parameterSizes;       // bytes
  const unsigned* parameterAlignments;  // bytes
  unsigned maxThreadsPerBlock;          // of __launch_bounds__, 0 = not given
  unsigned cluster[3];                  // of __cluster_dims__, 1 where not given
};

// Called by the constructors of a module while the runtime loads it.
void sim_register_kernel(const SimKernel* kernel);

enum SimBarrierKind { kSimBarrier, kSimBarrierCount, kSimBarrierAnd, kSimBarrierOr };
int sim_block_barrier(int kind, int predicate, const char* file, int line);

enum SimWarpOperation {
  kSimShuffle,
  kSimShuffleUp,
  kSimShuffleDown,
  kSimShuffleXor,
  kSimBallot,
  kSimAll,
  kSimAny,
  kSimSyncWarp,
  kSimMatchAny,
  kSimReduceAdd,
  kSimReduceAnd,
  kSimReduceOr,
  kSimReduceXor,
  kSimReduceMinSigned,
  kSimReduceMaxSigned,
  kSimReduceMinUnsigned,
  kSimReduceMaxUnsigned,
  kSimTogether  // runs one function over the values of all lanes
};
unsigned long long sim_warp(int operation, unsigned mask, unsigned long long value, int argument,
                            int width, const char* file, int line);
unsigned sim_active_mask();

enum SimAtomicOperation {
  kSimAtomicAdd,
  kSimAtomicExchange,
  kSimAtomicCompareExchange,
  kSimAtomicMin,
  kSimAtomicMax,
  kSimAtomicAnd,
  kSimAtomicOr,
  kSimAtomicXor,
  kSimAtomicIncrement,
  kSimAtomicDecrement,
  kSimAtomicLoad,
  kSimAtomicStore,
  kSimAtomicAddRelease  // kSimAtomicAdd, of which others but not this thread learn
};
enum SimAtomicType {
  kSimInt32,
  kSimUint32,
  kSimInt64,
  kSimUint64,
  kSimFloat,
  kSimDouble,
  kSimUint16
};
// Value and compare travel as bit patterns; the result is the old bit pattern.
unsigned long long sim_atomic(int operation, int type, void* address, unsigned long long value,
                              unsigned long long compare);

void sim_yield();  // lets the other threads of the block run: spin loops call it
// `condition` is that of a failed assert, null for __trap().
[[noreturn]] void sim_trap(const char* condition, const char* file, int line);
void sim_check_read(const void* address, unsigned long long size);
void sim_check_write(void* address, unsigned long long size);
unsigned long long sim_clock();
unsigned long long sim_global_timer();

// Tensor-core and copy instructions; all 32 lanes of the warp take part in the first two.
enum SimMmaKind { kSimMmaF16K16, kSimMmaBf16K16, kSimMmaTf32K8, kSimMmaF16K8 };
void sim_mma(int kind, float* d, const unsigned* a, const unsigned* b, const char* file, int line);
void sim_ldmatrix(unsigned* registers, int count, int transposed, const void* row, const char* file,
                  int line);
void sim_copy_async(void* shared, const void* global, unsigned size, unsigned sourceSize);
void sim_copy_async_commit();
void sim_copy_async_wait(int pendingGroups);

// Thread-block clusters: rank of the block in its own, the barrier of all their threads, mbarriers,
// and writes to the shared memory of a block of the cluster that complete on an mbarrier of that
// block. Addresses are those of the calling block's own.
unsigned sim_cluster_rank();
void sim_cluster_arrive();
void sim_cluster_wait();
void sim_mbarrier_init(void* barrier, unsigned count);
void sim_mbarrier_arrive_expect(void* barrier, unsigned bytes);
int sim_mbarrier_try_wait(void* barrier, unsigned parity);
void sim_store_async(void* to, const void* value, unsigned size, void* barrier, unsigned rank);

unsigned short sim_f16_from_float(float value);
float sim_float_from_f16(unsigned short bits);
unsigned short sim_bf16_from_float(float value);
}
