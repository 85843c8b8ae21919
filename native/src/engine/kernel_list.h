/// The kernels that are compiled once per instruction set, one line each, and the instruction sets.
/// kernels.h makes the tables' types of the lines, the *_level.cpp files the tables, isa.cpp the
/// choice between them.
#ifndef GATEFOLD_KERNEL_LIST_H
#define GATEFOLD_KERNEL_LIST_H

/// KERNEL(result, name, parameters). Run by every thread of a region.
#define GATEFOLD_RECURRENT_KERNELS(KERNEL)                                       \
  KERNEL(void, pack_weights, (const PackCall& call, const Team& team))           \
  KERNEL(void, recurrent_forward, (const RecurrentCall& call, const Team& team)) \
  KERNEL(void, recurrent_backward, (const RecurrentCall& call, const Team& team))

#define GATEFOLD_GEMM_KERNELS(KERNEL)                                                       \
  /* Floats that a product of these sizes wants for its panels. */                          \
  KERNEL(int64_t, gemm_scratch, (int64_t n, int64_t k))                                     \
  /* Whether a product takes no panels. */                                                  \
  KERNEL(bool, has_few_rows, (const GemmCall& call))                                        \
  /* Run by every thread of a region. */                                                    \
  KERNEL(void, gemm, (const GemmCall& call, const Team& team))                              \
  /* Writes what the places see as the panels of B [channels * kernel, places]. */          \
  KERNEL(void, image_panels, (const ImageView& view, float* panels))                        \
  /* Floats of packed weights, which the second writes and the third reads. */              \
  KERNEL(int64_t, image_weights, (int64_t outputs, int64_t depth))                          \
  KERNEL(void, pack_image_weights, (const ImageWeights& from, float* packed))               \
  KERNEL(void, image_rows, (const ImageRows& rows))                                         \
  /* sums[n] += sum over m of a[m * distance + n] * weights[m], or of a alone without       \
     weights, for n in [begin, end), m ascending. */                                        \
  KERNEL(void, column_sums,                                                                 \
         (const float* a, int64_t distance, int64_t m, const float* weights, int64_t begin, \
          int64_t end, float* sums))

/// On ranges of elements or rows; the caller splits the work.
#define GATEFOLD_POINTWISE_KERNELS(KERNEL)                                                        \
  KERNEL(void, exp_range, (int64_t count, const float* x, float* y))                              \
  KERNEL(void, sigmoid_range, (int64_t count, const float* x, float* y))                          \
  KERNEL(void, tanh_range, (int64_t count, const float* x, float* y))                             \
  KERNEL(void, activation_forward,                                                                \
         (int32_t kind, float alpha, float beta, int64_t count, const float* x, float* y))        \
  KERNEL(void, activation_backward,                                                               \
         (int32_t kind, float alpha, float beta, int64_t count, const float* x, const float* y,   \
          const float* dy, float* dx))                                                            \
  KERNEL(void, binary, (int32_t kind, int64_t count, const float* a, const float* b, float* y))   \
  KERNEL(void, scale, (int64_t count, float alpha, const float* x, float* y))                     \
  KERNEL(void, scaled_add, (int64_t count, float alpha, const float* x, float* y))                \
  /* Largest element; any if there is a NaN. */                                                   \
  KERNEL(float, maximum, (int64_t count, const float* x))                                         \
  /* Sum of e^(x - shift), no x being above it; terms are written to y (may be x) if not null. */ \
  KERNEL(double, exp_sum, (int64_t count, const float* x, float shift, float* y))                 \
  /* y = x - shift; y may be x. */                                                                \
  KERNEL(void, subtract, (int64_t count, float shift, const float* x, float* y))                  \
  /* Some rows of gf_softmax_forward and _backward. */                                            \
  KERNEL(void, softmax_forward,                                                                   \
         (int64_t rows, int64_t columns, bool log_form, const float* x, float* y))                \
  KERNEL(                                                                                         \
      void, softmax_backward,                                                                     \
      (int64_t rows, int64_t columns, bool log_form, const float* y, const float* dy, float* dx)) \
  KERNEL(double, square_sum, (int64_t count, const float* x))                                     \
  KERNEL(double, sum, (int64_t count, const float* x))                                            \
  /* See dropout_range. */                                                                        \
  KERNEL(void, dropout,                                                                           \
         (int64_t begin, int64_t end, float p, uint64_t seed, uint32_t stream, const float* x,    \
          float* y))                                                                              \
  KERNEL(NormStatistics, row_statistics, (int64_t width, const float* x, float epsilon))          \
  /* One row of gf_layer_norm_forward and of dx of its backward pass. */                          \
  KERNEL(void, normalize,                                                                         \
         (int64_t width, const float* x, const NormStatistics& s, const float* gamma,             \
          const float* beta, float* y))                                                           \
  KERNEL(void, normalize_backward,                                                                \
         (int64_t width, const float* x, const NormStatistics& s, const float* gamma,             \
          const float* dy, float* dx))                                                            \
  /* sums[c] += sum over rows, ascending, of dy times what x is normalised to. */                 \
  KERNEL(void, normal_sums,                                                                       \
         (int64_t rows, int64_t width, int64_t begin, int64_t end, const float* x,                \
          const NormStatistics* s, const float* dy, float* sums))                                 \
  KERNEL(void, clip, (int64_t count, float limit, float* x))                                      \
  /* Elements [begin, end) of the flat buffers. */                                                \
  KERNEL(void, update, (const UpdateCall& call, int64_t begin, int64_t end))                      \
  /* Moves the moments of GF_LAMB, without the parameters; gives the sum of squares of what       \
     update, told the ratio within its rate, will multiply by it. */                              \
  KERNEL(double, lamb_moments, (const UpdateCall& call, int64_t begin, int64_t end))

/// On planes of images, blocks of channels and rows that are picked; the caller splits the work.
#define GATEFOLD_WINDOW_KERNELS(KERNEL)                                                            \
  /* One plane of gf_window_pooling_forward and of _backward. */                                   \
  KERNEL(void, pool_image, (const Pooling& p, const float* x, float* y))                           \
  KERNEL(void, pool_image_backward,                                                                \
         (const Pooling& p, const float* x, const float* dy, float* dx))                           \
  /* One step of y [steps, count, channels], of at most kPooledChannels of one row. */             \
  KERNEL(                                                                                          \
      void, pool_steps,                                                                            \
      (const Pooling& p, int64_t step, int64_t valid, const float* x, int64_t channels, float* y)) \
  KERNEL(void, pool_steps_backward,                                                                \
         (const Pooling& p, int64_t step, int64_t valid, const float* x, int64_t channels,         \
          const float* dy, float* dx))                                                             \
  /* Channels [begin, end), at most kChannelBlock. */                                              \
  KERNEL(void, channel_moments,                                                                    \
         (const Channels& all, int64_t begin, int64_t end, double share, const float* x,           \
          double* means, double* variances))                                                       \
  KERNEL(void, normalize_channels,                                                                 \
         (const Channels& all, int64_t begin, int64_t end, const ChannelNorm& call))               \
  KERNEL(void, channel_gradients,                                                                  \
         (const Channels& all, int64_t begin, int64_t end, const ChannelNorm& call))               \
  /* sum += rows at these positions, which are added up in their order in double precision. */     \
  KERNEL(void, add_rows,                                                                           \
         (int64_t count, const int32_t* positions, int64_t width, const float* rows, float* sum))

/// The best first: LEVEL(name, vectors, bf16), where `vectors` is the namespace of the level's
/// tables and `bf16` the one for recurrent layers in bfloat16. AMX and X86 are LEVEL where a build
/// has such levels.
#define GATEFOLD_LEVELS(AMX, X86, LEVEL)     \
  AMX(amx, avx512, kRecurrentBf16Tiles)      \
  X86(avx512bf16, avx512, kRecurrentBf16Dot) \
  X86(avx512, avx512, kRecurrentBf16)        \
  X86(avx2, avx2, kRecurrentBf16)            \
  LEVEL(generic, generic, kRecurrentBf16)

#endif  // GATEFOLD_KERNEL_LIST_H
