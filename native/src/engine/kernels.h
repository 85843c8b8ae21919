/// The tables through which the rest of the engine reaches code of one instruction set; their lines
/// are those of kernel_list.h.
///
/// Everything behind it is compiled once per level, inside a namespace of that level, and uses no
/// inline function of the standard library: the linker must never take one level's copy for all.
#ifndef GATEFOLD_KERNELS_H
#define GATEFOLD_KERNELS_H

#include <cstdint>

#include "engine/kernel_list.h"
#include "engine/thread_team.h"
#include "gatefold/recurrent.h"
#include "recurrent/cell_options.h"
#include "recurrent/recurrent_layout.h"
#include "steps/stepped_layout.h"

namespace gatefold {

/// Arguments of gf_recurrent_pack, _forward and _backward.
struct RecurrentCall {
  const gf_recurrent_spec* spec;
  bool options;  ///< the cells have some
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
  float* const* dp;     ///< null without peepholes
  float* const* dwr;    ///< null without a projection
  float* const* dnorm;  ///< null without layer normalisation
  float* reserve;       ///< null: inference
  float* workspace;
  uint64_t seed;
  const SteppedLayout* steps;  ///< where everything lies of stepped layers
};

struct PackCall {
  const RecurrentLayout* layout;
  const float* const* wx;
  const float* const* wh;
  const float* const* b;
  const float* const* p;     ///< null without peepholes
  const float* const* wr;    ///< null without a projection
  const float* const* norm;  ///< null without layer normalisation
  float* packed;
  const SteppedLayout* steps;  ///< where everything lies of stepped layers
};

/// C [M,N] (rows c_distance apart) = A * B (+ bias), or += A * B.
struct GemmCall {
  int64_t m, n, k;
  const float* a;
  int64_t a_distance;
  bool a_by_columns;         ///< A(m,k) = a[k * a_distance + m], else a[m * a_distance + k]
  const float* const* rows;  ///< in place of a, where each row of A begins; or null
  /// Every so many k, the rows go on `run_distance` after where they went on before; 0: k follow
  /// each other. Not by columns.
  int64_t run, run_distance;
  const float* b;
  int64_t b_distance;
  bool b_transposed;  ///< B(k,n) = b[n * b_distance + k], else b[k * b_distance + n]
  float* c;
  int64_t c_distance;
  const float* bias;      ///< [N], or null
  const float* row_bias;  ///< [M], or null
  bool add;
  /// [M], to which the sums of A over all k are added, or null; of A by columns only.
  float* a_sums;
  /// Of at most 4 rows, sums may be those of lanes that are added up at the end, so that B is not
  /// packed; they differ in their last bits from those of more rows.
  bool few_rows;
  float* scratch;  ///< panels of B: gemm_scratch(n, k) floats
  bool packed;     ///< these hold B already, and b is not read
  /// What is read after this product, as much as B's last panels, or null. It is fetched meanwhile.
  const float* next;
};

/// What places of an image [channels, height, width] see through a kernel that moves by one.
struct ImageView {
  const float* x;  ///< what the first place sees first; behind the last number a vector is readable
  int64_t channels, plane, width;  ///< distances from channel to channel, from row to row
  int64_t kernel_height, kernel_width, dilation_height, dilation_width;
  int64_t out_rows, out_width;  ///< places
};

/// Of the numbers of a row: their mean, as two floats to be added up, and 1 / sqrt(variance +
/// epsilon).
struct NormStatistics {
  float mean, rest, inverse;
};

struct ImageRows;  // of product/image_rows_call.h, as the next
struct ImageWeights;
struct UpdateCall;  // of operations/update_call.h
struct Pooling;     // of operations/windows/pooling_call.h
struct Channels;    // of operations/windows/channels_call.h, as the next
struct ChannelNorm;

#define GATEFOLD_POINTER(result, name, parameters) result(*name) parameters;

struct RecurrentKernels {
  GATEFOLD_RECURRENT_KERNELS(GATEFOLD_POINTER)
  int lanes;      ///< of a vector
  int tile_rows;  ///< of a tile of sums
  int grain;      ///< words of which the depth of an operand is filled up to a multiple
};

struct GemmKernels {
  GATEFOLD_GEMM_KERNELS(GATEFOLD_POINTER)
};

struct PointwiseKernels {
  GATEFOLD_POINTWISE_KERNELS(GATEFOLD_POINTER)
};

struct WindowKernels {
  GATEFOLD_WINDOW_KERNELS(GATEFOLD_POINTER)
};

#undef GATEFOLD_POINTER

struct Kernels {
  const char* isa;
  const RecurrentKernels* recurrent;
  const RecurrentKernels* recurrent_bf16;
  const GemmKernels* gemm;
  const PointwiseKernels* pointwise;
  const RecurrentKernels* steps;  ///< of stepped layers, in every precision
  const WindowKernels* windows;
};

/// The tables of a namespace of vectors; what a *_level.cpp file defines.
#define GATEFOLD_TABLES(vectors)                                               \
  namespace vectors {                                                          \
  extern const RecurrentKernels kRecurrent, kRecurrentBf16, kRecurrentBf16Dot, \
      kRecurrentBf16Tiles, kSteps;                                             \
  extern const GemmKernels kGemm;                                              \
  extern const PointwiseKernels kPointwise;                                    \
  extern const WindowKernels kWindows;                                         \
  }

GATEFOLD_TABLES(generic)
GATEFOLD_TABLES(avx2)
GATEFOLD_TABLES(avx512)

/// Multiplies element e of a stream, e in [begin, end), by its dropout mask (see gf_dropout).
/// y may be x.
void dropout_range(int64_t begin, int64_t end, float p, uint64_t seed, uint32_t stream,
                   const float* x, float* y);

}  // namespace gatefold

#endif  // GATEFOLD_KERNELS_H
