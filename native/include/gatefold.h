/// Gatefold's native CPU engine: the one C ABI.
///
/// Conventions, valid for every function below:
///  - All memory belongs to the caller; the engine keeps no pointer after a call returns.
///  - Tensors are contiguous, row-major f32; sequences are time-major [T, B, features].
///  - "written": every element is overwritten. "accumulated": the result is added (+=).
///    Outputs must not alias inputs unless a comment says "may alias".
///  - Functions return GF_OK or a gf_status; size queries return a byte count, or minus a
///  gf_status.
///  - No exception crosses the boundary, and every function may be called from several threads at
///    once (each call with its own outputs). Only the linear functions allocate while computing: a
///    scratch buffer per calling thread, which grows to the largest size seen.
///  - Results depend neither on the number of threads nor on the load of the machine: every output
///    element is summed in one fixed order.
///  - Buffers named `packed`, `workspace`, `reserve` must be 64-byte aligned (gf_alloc is).
#ifndef GATEFOLD_H
#define GATEFOLD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GF_API __attribute__((visibility("default")))

/// Raised whenever a signature, a struct or an enumeration below changes; the loader compares it.
/// native/abi.txt holds fingerprints of what a version stands for, which a test compares.
#define GF_ABI_VERSION 4

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

// ---------------------------------------------------------------------------------------------
// Engine: instruction set and worker threads
// ---------------------------------------------------------------------------------------------

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

// ---------------------------------------------------------------------------------------------
// Memory
// ---------------------------------------------------------------------------------------------

/// Allocates `bytes` (> 0), aligned to 64 bytes (large blocks to huge pages), not initialised.
/// GF_OUT_OF_MEMORY where the system refuses, or has less memory and swap altogether.
GF_API int gf_alloc(int64_t bytes, void** memory);

/// Frees memory of gf_alloc. Null is ignored.
GF_API int gf_free(void* memory);

/// Copies between regions that do not overlap.
GF_API int gf_copy(gf_engine* engine, void* destination, const void* source, int64_t bytes);

GF_API int gf_fill(gf_engine* engine, float* destination, int64_t count, float value);

// ---------------------------------------------------------------------------------------------
// Recurrent layers
// ---------------------------------------------------------------------------------------------

/// Gate order of the weights, as PyTorch and cuDNN:
///  LSTM i,f,g,o: c = f*c' + i*g, h = o*tanh(c)
///  GRU  r,z,n:   n = tanh(Wx x + b + r*(Wh h + b')), h = (1-z)*n + z*h'; bias r,z,n,n'
///  RNN  one gate: h = tanh(...) or relu(...)
typedef enum gf_cell { GF_LSTM = 0, GF_GRU = 1, GF_RNN_TANH = 2, GF_RNN_RELU = 3 } gf_cell;

typedef enum gf_precision {
  GF_F32 = 0,
  /// Weights, activations and gates' gradients rounded to bfloat16 in every product; f32 sums, cell
  /// states, outputs and weight gradients. On every instruction set.
  GF_BF16 = 1
} gf_precision;

/// Functions of x with the numbers alpha and beta, as ONNX names them. Each one's slope follows
/// from its value.
typedef enum gf_gate_activation {
  GF_GATE_SIGMOID = 0,
  GF_GATE_TANH = 1,
  GF_GATE_RELU = 2,
  GF_GATE_HARD_SIGMOID = 3,      ///< min(1, max(0, alpha*x + beta))
  GF_GATE_SOFTSIGN = 4,          ///< x / (1 + |x|)
  GF_GATE_SOFTPLUS = 5,          ///< log(1 + e^x)
  GF_GATE_ELU = 6,               ///< x > 0 ? x : alpha*(e^x - 1); alpha >= 0
  GF_GATE_AFFINE = 7,            ///< alpha*x + beta
  GF_GATE_LEAKY_RELU = 8,        ///< x > 0 ? x : alpha*x; alpha >= 0
  GF_GATE_THRESHOLDED_RELU = 9,  ///< x >= alpha ? x : 0
  GF_GATE_SCALED_TANH = 10       ///< alpha*tanh(beta*x); alpha != 0
} gf_gate_activation;

typedef struct gf_gate_function {
  int32_t kind;  ///< gf_gate_activation
  float alpha;   ///< finite, as beta
  float beta;
} gf_gate_function;

/// The functions of a cell in one direction.
typedef struct gf_cell_functions {
  gf_gate_function gate;       ///< LSTM: i, f, o; GRU: r, z; a plain cell has none
  gf_gate_function candidate;  ///< LSTM: g; GRU: n; a plain cell: h
  gf_gate_function output;     ///< LSTM: of c, on its way to h; others have none
} gf_cell_functions;

typedef struct gf_recurrent_spec {
  int32_t cell;        ///< gf_cell
  int32_t steps;       ///< T >= 1
  int32_t batch;       ///< B >= 1
  int32_t input;       ///< I >= 1
  int32_t hidden;      ///< H >= 1
  int32_t layers;      ///< L >= 1
  int32_t directions;  ///< D: 1, or 2 for bidirectional (outputs concatenated, forward half first)
  float cell_clip;     ///< LSTM: c is clamped to [-clip, clip]; 0 = off
  float dropout;       ///< between layers, in training only; 0 <= p < 1
  int32_t recompute_segment;  ///< 0 = keep all gates; S = keep states at every S-th step only
  int32_t precision;          ///< gf_precision
  int32_t training;           ///< 1: packed weights and workspace serve backward too
  int32_t reverse;            ///< 1: the only direction reads from the last valid step to the first
  int32_t peepholes;     ///< LSTM, 1: i and f see c before the step, o that after it, by weights p
  int32_t coupled;       ///< LSTM, 1: f = 1 - i, and f's weights and bias have no effect
  int32_t reset_before;  ///< GRU, 1: r multiplies h before the product with Wh
  float gate_clip;       ///< gates and candidates are functions of sums within +-clip; 0 = off
  int32_t functions_given;         ///< 0: the cell's own functions; 1: those that follow
  gf_cell_functions functions[2];  ///< of each direction; the second is read only if there are two
} gf_recurrent_spec;

/// Bytes of packed weights. They depend on the engine's instruction set.
GF_API int64_t gf_recurrent_packed_bytes(const gf_engine* engine, const gf_recurrent_spec* spec);
/// Bytes of scratch memory that one forward or backward call needs.
GF_API int64_t gf_recurrent_workspace_bytes(const gf_engine* engine, const gf_recurrent_spec* spec);
/// Bytes that a training forward keeps for its backward; 0 without training.
GF_API int64_t gf_recurrent_reserve_bytes(const gf_engine* engine, const gf_recurrent_spec* spec);

/// Packs canonical weights, once per weight update.
/// wx, wh, b: L*D pointers each, index layer*D + direction. With G gates (LSTM 4, GRU 3, RNN 1):
/// wx[.] [G*H, in], wh[.] [G*H, H], b[.] [G*H] (GRU: [4*H], but with reset_before
/// [3*H]); in = I for layer 0, D*H above.
/// p[.] [3*H]: peepholes of i, f and o; p is null without.
/// packed: written.
GF_API int gf_recurrent_pack(gf_engine* engine, const gf_recurrent_spec* spec,
                             const float* const* wx, const float* const* wh, const float* const* b,
                             const float* const* p, void* packed);

/// x [T,B,I] read; lengths [B] read, each 0..T in any order, or null = all T; h0, c0 [L*D,B,H]
/// read, or null = zeros (c0 for LSTM only); y [T,B,D*H] written, zero at t >= lengths[b];
/// hn, cn [L*D,B,H] written (state after the last valid step), or null.
/// x at padded steps is never read into a result. reserve: null for inference; else (training specs
/// only) written for one backward, and dropout acts: its masks between layers follow from `seed`
/// alone (Philox4x32-10, stream = layer index). Without dropout both give the same bits.
GF_API int gf_recurrent_forward(gf_engine* engine, const gf_recurrent_spec* spec,
                                const void* packed, const float* x, const int32_t* lengths,
                                const float* h0, const float* c0, float* y, float* hn, float* cn,
                                void* reserve, void* workspace, uint64_t seed);

/// Gradients of one training forward; x, lengths, h0, c0, y, seed and packed as it saw and wrote
/// them. dy [T,B,D*H], dhn, dcn [L*D,B,H]: read, or null = zeros. dx [T,B,I], dh0, dc0 [L*D,B,H]:
/// written, or null = not wanted. dwx, dwh, db, dp: L*D pointers as in gf_recurrent_pack,
/// accumulated; all four null = not wanted. reserve is consumed: one backward per forward.
GF_API int gf_recurrent_backward(gf_engine* engine, const gf_recurrent_spec* spec,
                                 const void* packed, const float* x, const int32_t* lengths,
                                 const float* h0, const float* c0, const float* y, const float* dy,
                                 const float* dhn, const float* dcn, float* dx, float* dh0,
                                 float* dc0, float* const* dwx, float* const* dwh, float* const* db,
                                 float* const* dp, void* reserve, void* workspace, uint64_t seed);

// ---------------------------------------------------------------------------------------------
// Linear
// ---------------------------------------------------------------------------------------------

/// y [N,O] = x [N,I] * w [O,I]^T + b [O]; b may be null. y written.
GF_API int gf_linear_forward(gf_engine* engine, int64_t rows, int64_t inputs, int64_t outputs,
                             const float* x, const float* w, const float* b, float* y);

/// dx [N,I] written or null; dw [O,I], db [O] accumulated or null. x is read for dw, w for dx.
GF_API int gf_linear_backward(gf_engine* engine, int64_t rows, int64_t inputs, int64_t outputs,
                              const float* x, const float* w, const float* dy, float* dx, float* dw,
                              float* db);

// ---------------------------------------------------------------------------------------------
// Elementwise
// ---------------------------------------------------------------------------------------------

typedef enum gf_activation {
  GF_SIGMOID = 0,
  GF_TANH = 1,
  GF_RELU = 2,
  GF_LEAKY_RELU = 3,  ///< x < 0: alpha*x
  GF_ELU = 4,         ///< x < 0: alpha*(e^x - 1)
  GF_GELU = 5,        ///< x * Phi(x), by the error function
  GF_SILU = 6,        ///< x * sigmoid(x)
  GF_SOFTPLUS = 7     ///< log(1 + e^x)
} gf_activation;

/// y[i] = f(x[i]); y may alias x.
GF_API int gf_activation_forward(gf_engine* engine, int32_t kind, float alpha, int64_t count,
                                 const float* x, float* y);
/// dx[i] = dy[i] * f'(x[i]) from the forward's x and y; dx may alias dy.
GF_API int gf_activation_backward(gf_engine* engine, int32_t kind, float alpha, int64_t count,
                                  const float* x, const float* y, const float* dy, float* dx);

typedef enum gf_binary { GF_ADD = 0, GF_SUBTRACT = 1, GF_MULTIPLY = 2, GF_AVERAGE = 3 } gf_binary;

/// y = a (op) b; y may alias a or b.
GF_API int gf_binary_apply(gf_engine* engine, int32_t kind, int64_t count, const float* a,
                           const float* b, float* y);
/// y = alpha*x; y may alias x.
GF_API int gf_scale(gf_engine* engine, int64_t count, float alpha, const float* x, float* y);
/// y += alpha*x.
GF_API int gf_scaled_add(gf_engine* engine, int64_t count, float alpha, const float* x, float* y);

/// y[e] = kept(e) ? x[e]/(1-p) : 0. Word e%4 of Philox4x32-10 with key = seed and counter
/// (e/4 low, e/4 high, stream, 0); u = (word >> 8) * 2^-24; kept iff u >= p. The backward is the
/// same function of dy. y may alias x. 0 <= p < 1.
GF_API int gf_dropout(gf_engine* engine, int64_t count, float p, uint64_t seed, uint32_t stream,
                      const float* x, float* y);

/// Softmax (log_form 0) or log-softmax (log_form 1) of every row of x [N,C]; y may alias x.
GF_API int gf_softmax_forward(gf_engine* engine, int64_t rows, int64_t columns, int32_t log_form,
                              const float* x, float* y);
/// dx [N,C] written from the forward's y and dy; dx may alias dy.
GF_API int gf_softmax_backward(gf_engine* engine, int64_t rows, int64_t columns, int32_t log_form,
                               const float* y, const float* dy, float* dx);

// ---------------------------------------------------------------------------------------------
// Losses
// ---------------------------------------------------------------------------------------------

typedef enum gf_loss { GF_MSE = 0, GF_MAE = 1, GF_HUBER = 2 } gf_loss;

/// loss[0] = sum(w[n] * l(x[n,f] - target[n,f])) / (F * sum w) over [N,F]; weights [N] >= 0, or
/// null = ones. l: d^2, |d|, or 0.5*d^2 inside delta and delta*(|d| - 0.5*delta) outside. A weight
/// of 0 excludes the row whatever it holds; if all weights are 0 the loss and gradient are 0.
/// dx [N,F] written, or null. dx may alias x.
GF_API int gf_regression_loss(gf_engine* engine, int32_t kind, float delta, int64_t rows,
                              int64_t columns, const float* x, const float* target,
                              const float* weights, float* loss, float* dx);

/// Softmax cross-entropy of logits [N,C] and labels [N] in 0..C-1 or ignore_index, as PyTorch:
/// (1-s)*nll + s/C*sum(-log p), weighted mean over the counted rows; weights [N] or null = ones.
/// If no row counts the loss and gradient are 0. dlogits [N,C] written, or null; may alias logits.
/// A counted row with any other label makes the loss and its own gradient NaN.
GF_API int gf_cross_entropy(gf_engine* engine, int64_t rows, int64_t columns, const float* logits,
                            const int32_t* labels, int32_t ignore_index, float label_smoothing,
                            const float* weights, float* loss, float* dlogits);

// ---------------------------------------------------------------------------------------------
// Gradients and optimisers
// ---------------------------------------------------------------------------------------------

/// A parameter inside the flat buffer.
typedef struct gf_segment {
  int64_t offset;
  int64_t length;
  float rate_scale;   ///< multiplies the learning rate
  float decay_scale;  ///< multiplies l1 and l2
} gf_segment;

/// squares [segments] written: sum of squares per segment, in double precision. result [2] written:
/// the norm over all segments divided by loss_scale, and min(1, max_norm / (norm + 1e-6)) /
/// loss_scale, or NaN if the norm is not finite. max_norm > 0; infinity = no clipping. loss_scale >
/// 0: what the gradients are multiplied by.
GF_API int gf_gradient_norm(gf_engine* engine, const float* gradient, int64_t segments,
                            const gf_segment* segment, float max_norm, float loss_scale,
                            float* squares, float* result);

/// g = min(max(g, -limit), limit), NaN kept; in place.
GF_API int gf_clip_value(gf_engine* engine, int64_t count, float limit, float* gradient);

typedef enum gf_optimizer_kind { GF_SGD = 0, GF_RMSPROP = 1, GF_ADAM = 2 } gf_optimizer_kind;

typedef struct gf_optimizer {
  int32_t kind;       ///< gf_optimizer_kind
  int32_t nesterov;   ///< SGD
  int32_t centered;   ///< RMSProp
  int32_t decoupled;  ///< 1: p -= rate*l2*p before the update instead of the gradient (AdamW)
  int64_t step;       ///< number of this update, from 1
  float rate;         ///< learning rate
  float momentum;     ///< SGD, RMSProp
  float dampening;    ///< SGD
  float alpha;        ///< RMSProp: decay of the squared average
  float beta1;        ///< Adam
  float beta2;        ///< Adam
  float epsilon;      ///< RMSProp, Adam
  float l1;           ///< adds l1*sign(p) to the gradient
  float l2;           ///< adds l2*p to the gradient, or see decoupled
} gf_optimizer;

/// One update of `parameters` from `gradient` in one pass, with PyTorch's formulas. State buffers
/// are of the parameters' size and zero before the first update, null where unused:
///   SGD with momentum: state1 = momentum; RMSProp: state1 = squared average, state2 = average
///   (centered), state3 = momentum (momentum > 0); Adam: state1, state2 = moments.
/// gradient_scale: one float that multiplies the gradient, or null = 1. If it is not finite,
/// nothing at all is written. Elements outside every segment are left alone.
GF_API int gf_optimizer_step(gf_engine* engine, const gf_optimizer* optimizer, float* parameters,
                             const float* gradient, float* state1, float* state2, float* state3,
                             int64_t segments, const gf_segment* segment,
                             const float* gradient_scale);

// ---------------------------------------------------------------------------------------------
// Sequences
// ---------------------------------------------------------------------------------------------

/// y [B,A,F] = x [A,B,F] with the first two axes exchanged.
GF_API int gf_swap_axes(gf_engine* engine, int64_t a, int64_t b, int64_t features, const float* x,
                        float* y);

typedef enum gf_pooling { GF_POOL_LAST = 0, GF_POOL_MEAN = 1, GF_POOL_MAX = 2 } gf_pooling;

/// y [B,F] = last, mean or maximum of x [T,B,F] over each row's valid steps; 0 for length 0.
/// lengths [B] or null = all T.
GF_API int gf_pool_forward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                           int64_t features, const float* x, const int32_t* lengths, float* y);
/// dx [T,B,F] written, zero in padding. x is read by GF_POOL_MAX, whose gradient goes to the first
/// maximum.
GF_API int gf_pool_backward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                            int64_t features, const float* x, const int32_t* lengths,
                            const float* dy, float* dx);

/// weights [T,B] = 1 at valid steps, 0 in padding.
GF_API int gf_length_mask(gf_engine* engine, int64_t steps, int64_t batch, const int32_t* lengths,
                          float* weights);

/// y [N, P+Q] = a [N,P] beside b [N,Q].
GF_API int gf_concat_columns(gf_engine* engine, int64_t rows, int64_t p, int64_t q, const float* a,
                             const float* b, float* y);
/// a [N,P], b [N,Q] written from y [N,P+Q]; either may be null.
GF_API int gf_split_columns(gf_engine* engine, int64_t rows, int64_t p, int64_t q, const float* y,
                            float* a, float* b);

// ---------------------------------------------------------------------------------------------
// Embedding
// ---------------------------------------------------------------------------------------------

/// y [T,B,D] = rows of w [V,D] by ids [T,B]; 0 behind lengths [B] (null = all T), NaN where an id
/// is outside 0..V-1. max_norm > 0: rows with a longer norm n come multiplied by
/// max_norm / (n + 1e-7).
GF_API int gf_embedding_forward(gf_engine* engine, int64_t steps, int64_t batch, int64_t vocabulary,
                                int64_t width, const int32_t* ids, const int32_t* lengths,
                                const float* w, float max_norm, float* y);

/// sorted [T*B] written: ids ascending, V in place of those in padding, equal to padding_id (-1 for
/// none) or outside 0..V-1; positions [T*B] written: t*B + b of each, ascending among equals.
GF_API int gf_embedding_sort(gf_engine* engine, int64_t steps, int64_t batch, int64_t vocabulary,
                             int64_t padding_id, const int32_t* ids, const int32_t* lengths,
                             int32_t* sorted, int32_t* positions);

/// dw [V,D] at each of the sorted ids [N] += the rows of dy [N,D] at its positions.
GF_API int gf_embedding_backward(gf_engine* engine, int64_t count, int64_t vocabulary,
                                 int64_t width, const int32_t* sorted, const int32_t* positions,
                                 const float* dy, float* dw);

/// Multiplies those of the rows of w [V,D] at the sorted ids [N] whose norm n is above max_norm by
/// max_norm / (n + 1e-7).
GF_API int gf_embedding_renormalize(gf_engine* engine, int64_t count, int64_t vocabulary,
                                    int64_t width, const int32_t* sorted, float max_norm, float* w);

/// Rows of dw [V,D] at the sorted ids [N] = 0.
GF_API int gf_embedding_clear(gf_engine* engine, int64_t count, int64_t vocabulary, int64_t width,
                              const int32_t* sorted, float* dw);

// ---------------------------------------------------------------------------------------------
// Normalisation
// ---------------------------------------------------------------------------------------------

/// y [N,D] = (x - mean) / sqrt(variance + epsilon) * gamma [D] + beta [D], mean and biased variance
/// over each row; gamma and beta may be null for 1 and 0.
GF_API int gf_layer_norm_forward(gf_engine* engine, int64_t rows, int64_t width, const float* x,
                                 const float* gamma, const float* beta, float epsilon, float* y);
/// dx [N,D] written or null; dgamma [D], dbeta [D] accumulated or null.
GF_API int gf_layer_norm_backward(gf_engine* engine, int64_t rows, int64_t width, const float* x,
                                  const float* gamma, float epsilon, const float* dy, float* dx,
                                  float* dgamma, float* dbeta);

/// mean [C] and biased variance [C] of x [N,C,S] over rows and places; of N = steps * batch rows
/// those behind lengths [batch] do not count (null: all count, batch is not read). Running values
/// [C] or null: += momentum * (new - old), the new variance being the unbiased one; unchanged where
/// fewer than two numbers count.
GF_API int gf_batch_statistics(gf_engine* engine, int64_t count, int64_t channels, int64_t places,
                               int64_t batch, const float* x, const int32_t* lengths,
                               float momentum, float* mean, float* variance, float* running_mean,
                               float* running_variance);
/// y [N,C,S] = (x - mean [C]) / sqrt(variance [C] + epsilon) * gamma [C] + beta [C], 0 in padding.
GF_API int gf_batch_norm_forward(gf_engine* engine, int64_t count, int64_t channels, int64_t places,
                                 int64_t batch, const float* x, const int32_t* lengths,
                                 const float* mean, const float* variance, const float* gamma,
                                 const float* beta, float epsilon, float* y);
/// dx [N,C,S] written, 0 in padding, or null; dgamma [C], dbeta [C] accumulated or null. of_batch:
/// mean and variance are those of x itself.
GF_API int gf_batch_norm_backward(gf_engine* engine, int32_t of_batch, int64_t count,
                                  int64_t channels, int64_t places, int64_t batch, const float* x,
                                  const int32_t* lengths, const float* mean, const float* variance,
                                  const float* gamma, float epsilon, const float* dy, float* dx,
                                  float* dgamma, float* dbeta);

// ---------------------------------------------------------------------------------------------
// Convolution
// ---------------------------------------------------------------------------------------------

/// Sizes of a convolution. Images: x [count, channels, height, width], y [count, outputs,
/// out_height, out_width]; else steps: x [height, count, channels], y [out_height, count, outputs],
/// both of width 1. w [outputs, channels/groups, kernel_height, kernel_width].
typedef struct gf_convolution {
  int32_t images;
  int32_t count;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t outputs;
  int32_t out_height;
  int32_t out_width;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_height;
  int32_t stride_width;
  int32_t dilation_height;
  int32_t dilation_width;
  int32_t padding_top;   ///< rows of zeros before the first; behind as many as y reads
  int32_t padding_left;  ///< columns likewise
  int32_t groups;
} gf_convolution;

/// y written; b [outputs] or null. Steps behind lengths [count] (null = all) count as 0.
GF_API int gf_convolution_forward(gf_engine* engine, const gf_convolution* convolution,
                                  const float* x, const int32_t* lengths, const float* w,
                                  const float* b, float* y);
/// dx written, 0 behind the lengths, or null; dw and db [outputs] accumulated or null.
GF_API int gf_convolution_backward(gf_engine* engine, const gf_convolution* convolution,
                                   const float* x, const int32_t* lengths, const float* w,
                                   const float* dy, float* dx, float* dw, float* db);

// ---------------------------------------------------------------------------------------------
// Attention
// ---------------------------------------------------------------------------------------------

/// q [queries, batch, heads*size], k [keys, batch, heads*size], v [keys, batch, heads*value_size],
/// y [queries, batch, heads*value_size], weights p [batch, heads, queries, keys].
typedef struct gf_attention {
  int32_t queries;
  int32_t keys;
  int32_t batch;
  int32_t heads;
  int32_t size;
  int32_t value_size;
  int32_t causal;  ///< a query attends to no later key
  float scale;     ///< of scores
} gf_attention;

/// p written: softmax of scale * q k^T over the keys before lengths [batch] (null = all), 0
/// elsewhere; y written: p v. A query without keys gives 0.
GF_API int gf_attention_forward(gf_engine* engine, const gf_attention* attention, const float* q,
                                const float* k, const float* v, const int32_t* lengths, float* p,
                                float* y);
/// dq, dk, dv written, the last two 0 behind the lengths.
GF_API int gf_attention_backward(gf_engine* engine, const gf_attention* attention, const float* q,
                                 const float* k, const float* v, const int32_t* lengths,
                                 const float* p, const float* dy, float* dq, float* dk, float* dv);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_H
