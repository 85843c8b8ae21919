/// Status, version, engine (instruction set and worker threads), memory; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_ENGINE_H
#define GATEFOLD_ABI_ENGINE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GF_API __attribute__((visibility("default")))

/// Raised whenever a signature, a struct or an enumeration below changes; the loader compares it.
/// native/abi.txt holds fingerprints of what a version stands for, which a test compares.
#define GF_ABI_VERSION 14

typedef enum gf_status {
  GF_OK = 0,
  GF_INVALID_ARGUMENT = 1,
  GF_OUT_OF_MEMORY = 2,
  GF_UNKNOWN_ISA = 3,
  GF_ISA_UNAVAILABLE = 4
} gf_status;

/// A short English name of a status, never null.
GF_API const char* gf_status_name(int status);

GF_API int32_t gf_abi_version(void);

typedef struct gf_engine gf_engine;

/// Creates an engine with `threads` threads (the caller's included; 0 = all cores).
/// `isa` caps the instruction set: "amx", "avx512bf16", "avx512", "avx2" or "generic"; null or ""
/// reads the environment variable GATEFOLD_ISA, and without that takes the best level of this
/// machine. GF_UNKNOWN_ISA: no such name. GF_ISA_UNAVAILABLE: this machine lacks the level asked
/// for.
GF_API int gf_engine_create(int32_t threads, const char* isa, gf_engine** engine);

/// Stops the workers. No call may be in progress on the engine. Null is ignored.
GF_API int gf_engine_destroy(gf_engine* engine);

GF_API int32_t gf_engine_threads(const gf_engine* engine);

/// The level in use: "amx", "avx512bf16", "avx512", "avx2" or "generic".
GF_API const char* gf_engine_isa(const gf_engine* engine);

/// Best level of this machine, whatever the cap.
GF_API const char* gf_best_isa(void);

/// 1 if this machine multiplies bfloat16 pairs in hardware (AVX512-BF16).
GF_API int32_t gf_has_bf16(void);

/// Allocates `bytes` (> 0), aligned to 64 bytes (large blocks to huge pages), not initialised.
/// GF_OUT_OF_MEMORY where the system refuses, or has less memory and swap altogether.
GF_API int gf_alloc(int64_t bytes, void** memory);

/// Frees memory of gf_alloc. Null is ignored.
GF_API int gf_free(void* memory);

/// Copies between regions that do not overlap.
GF_API int gf_copy(gf_engine* engine, void* destination, const void* source, int64_t bytes);

GF_API int gf_fill(gf_engine* engine, float* destination, int64_t count, float value);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_ENGINE_H
