/// The table through which the rest of the engine reaches code of one instruction set.
///
/// Everything behind it is compiled once per level, inside a namespace of that level, and uses no
/// inline function of the standard library: the linker must never take one level's copy for all.
#ifndef GATEFOLD_KERNELS_H
#define GATEFOLD_KERNELS_H

#include <cstdint>

#include "engine/thread_team.h"
#include "gatefold.h"
#include "recurrent/recurrent_layout.h"

namespace gatefold {

/// Arguments of gf_recurrent_pack, _forward and _backward.
struct RecurrentCall {
  const gf_recurrent_spec* spec;
  const RecurrentLayout* layout;
  const float* packed;
  const float* x;
  const int32_t* lengths;
  const float* h0;
  const float* c0;
  float* y;  ///< backward only reads it
  float* hn;
  float* cn;
  const float* dy;
  const float* dhn;
  const float* dcn;
  float* dx;
  float* dh0;
  float* dc0;
  float* const* dwx;
  float* const* dwh;
  float* const* db;
  float* reserve;  ///< null: inference
  float* workspace;
  uint64_t seed;
};

struct PackCall {
  const RecurrentLayout* layout;
  const float* const* wx;
  const float* const* wh;
  const float* const* b;
  float* packed;
};

/// Recurrent kernels; each is run by every thread of a region.
struct RecurrentKernels {
  void (*pack)(const PackCall& call, const Team& team);
  void (*forward)(const RecurrentCall& call, const Team& team);
  void (*backward)(const RecurrentCall& call, const Team& team);
  int tile_rows;
  /// Words of which the depth of an operand is filled up to a multiple.
  int grain = 1;
};

/// C [M,N] (rows c_distance apart) = A * B (+ bias), or += A * B.
struct GemmCall {
  int64_t m, n, k;
  const float* a;
  int64_t a_distance;
  bool a_by_columns;  ///< A(m,k) = a[k * a_distance + m], else a[m * a_distance + k]
  const float* b;
  int64_t b_distance;
  bool b_transposed;  ///< B(k,n) = b[n * b_distance + k], else b[k * b_distance + n]
  float* c;
  int64_t c_distance;
  const float* bias;  ///< [N], or null
  bool add;
  float* scratch;  ///< panels of B: gemm_scratch(n, k) floats
};

struct GemmKernels {
  int64_t (*scratch)(int64_t n, int64_t k);
  /// Run by every thread of a region.
  void (*gemm)(const GemmCall& call, const Team& team);
  /// sums[n] += sum over m of a[m * distance + n], for n in [begin, end), m ascending.
  void (*column_sums)(const float* a, int64_t distance, int64_t m, int64_t begin, int64_t end,
                      float* sums);
};

/// Constants of one optimiser step, the same for all of a segment.
struct UpdateCall {
  int32_t kind;
  bool nesterov, centered, decoupled, first;
  float gradient_scale, rate, l1, l2, momentum, dampening, alpha, beta1, beta2, epsilon;
  float inverse_correction1, inverse_root_correction2;
  float* parameters;
  const float* gradient;
  float *state1, *state2, *state3;
};

/// Kernels on ranges of elements or rows; the caller splits the work.
struct PointwiseKernels {
  void (*exp)(int64_t count, const float* x, float* y);
  void (*sigmoid)(int64_t count, const float* x, float* y);
  void (*tanh)(int64_t count, const float* x, float* y);
  void (*activation_forward)(int32_t kind, float alpha, int64_t count, const float* x, float* y);
  void (*activation_backward)(int32_t kind, float alpha, int64_t count, const float* x,
                              const float* y, const float* dy, float* dx);
  void (*binary)(int32_t kind, int64_t count, const float* a, const float* b, float* y);
  void (*scale)(int64_t count, float alpha, const float* x, float* y);
  void (*scaled_add)(int64_t count, float alpha, const float* x, float* y);
  /// Largest element; any if there is a NaN.
  float (*maximum)(int64_t count, const float* x);
  /// Sum of e^(x - shift), whose terms are written to y (may be x) if it is not null.
  double (*exp_sum)(int64_t count, const float* x, float shift, float* y);
  /// y = x - shift; y may be x.
  void (*subtract)(int64_t count, float shift, const float* x, float* y);
  /// One row of gf_softmax_backward.
  void (*softmax_backward)(int64_t count, bool log_form, const float* y, const float* dy,
                           float* dx);
  double (*square_sum)(int64_t count, const float* x);
  void (*clip)(int64_t count, float limit, float* x);
  /// Elements [begin, end) of the flat buffers.
  void (*update)(const UpdateCall& call, int64_t begin, int64_t end);
};

struct Kernels {
  const char* isa;
  int lanes;
  const RecurrentKernels* recurrent;
  const RecurrentKernels* recurrent_bf16;
  const GemmKernels* gemm;
  const PointwiseKernels* pointwise;
};

extern const RecurrentKernels kRecurrentGeneric, kRecurrentAvx2, kRecurrentAvx512;
extern const RecurrentKernels kRecurrentBf16Generic, kRecurrentBf16Avx2, kRecurrentBf16Avx512,
    kRecurrentBf16Avx512Bf16, kRecurrentBf16Amx;
extern const GemmKernels kGemmGeneric, kGemmAvx2, kGemmAvx512;
extern const PointwiseKernels kPointwiseGeneric, kPointwiseAvx2, kPointwiseAvx512;

/// Multiplies element e of a stream, e in [begin, end), by its dropout mask (see gf_dropout).
/// y may be x.
void dropout_range(int64_t begin, int64_t end, float p, uint64_t seed, uint32_t stream,
                   const float* x, float* y);

}  // namespace gatefold

#endif  // GATEFOLD_KERNELS_H
