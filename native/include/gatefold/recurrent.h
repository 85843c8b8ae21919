/// Recurrent layers; conventions in gatefold.h.
#ifndef GATEFOLD_ABI_RECURRENT_H
#define GATEFOLD_ABI_RECURRENT_H

#include "gatefold/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/// Masks inside a cell, in training; each layer and direction has its own. Element (t*B + b)*H + j
/// of a mask, of h (t*B + b)*P + j, belongs to step t, row b and unit j, and falls out where
/// gf_dropout would drop it with the call's seed and stream = number << 24 | layer*D + direction.
/// Mask 4 is the same for all steps: its element is b*P + j.
typedef struct gf_cell_noise {
  float zoneout_h;  ///< mask 1: h stays what it was where it falls out; 0 <= p < 1, as the others
  float zoneout_c;  ///< mask 2, LSTM: the same of c
  float candidate_dropout;  ///< mask 3: g, n or a plain cell's function of the sum is dropped
  /// Mask 4: h is dropped, the rest scaled by 1 / (1 - p), where it enters the product with Wh.
  float recurrent_dropout;
  /// 1: training draws masks; 0: it does as inference, where p of h and c stays and nothing drops.
  int32_t drawn;
} gf_cell_noise;

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
  gf_cell_noise noise;
  /// LSTM: h = Wr (o*tanh(c)) of so many features P < H; 0 = none, and P = H.
  int32_t projection;
  /// x is added to the sums of all gates of the first layer as it is, where I = H: it has no wx.
  int32_t skip_input;
  /// 1: Wx x and Wh h are normalised over all gates of a row, with reset_before the product of n by
  /// itself, and c of an LSTM over its units where h is made of it, by weights norm; neither with a
  /// projection nor with a skipped input.
  int32_t layer_norm;
} gf_recurrent_spec;

/// Bytes of packed weights. They depend on the engine's instruction set.
GF_API int64_t gf_recurrent_packed_bytes(const gf_engine* engine, const gf_recurrent_spec* spec);
/// Bytes of scratch memory that one forward or backward call needs.
GF_API int64_t gf_recurrent_workspace_bytes(const gf_engine* engine, const gf_recurrent_spec* spec);
/// Bytes that a training forward keeps for its backward; 0 without training.
GF_API int64_t gf_recurrent_reserve_bytes(const gf_engine* engine, const gf_recurrent_spec* spec);

/// Packs canonical weights, once per weight update.
/// wx, wh, b: L*D pointers each, index layer*D + direction. With G gates (LSTM 4, GRU 3, RNN 1):
/// wx[.] [G*H, in], null where the input is skipped, wh[.] [G*H, P], b[.] [G*H] (GRU: [4*H], but
/// with reset_before [3*H]); in = I for layer 0, D*P above.
/// p[.] [3*H]: peepholes of i, f and o; p is null without. wr[.] [P, H]; wr is null without a
/// projection. norm[.] [2*G*H], LSTM [10*H]: gains of Wx x and of Wh h, [G*H] each, gain and shift
/// of c; norm is null without layer normalisation.
/// packed: written.
GF_API int gf_recurrent_pack(gf_engine* engine, const gf_recurrent_spec* spec,
                             const float* const* wx, const float* const* wh, const float* const* b,
                             const float* const* p, const float* const* wr,
                             const float* const* norm, void* packed);

/// x [T,B,I] read; lengths [B] read, each 0..T in any order, or null = all T; h0 [L*D,B,P]
/// and c0 [L*D,B,H] read, or null = zeros (c0 for LSTM only); y [T,B,D*P] written, zero at
/// t >= lengths[b]; hn, cn as h0 and c0 written (state after the last valid step), or null.
/// x at padded steps is never read into a result. reserve: null for inference; else (training specs
/// only) written for one backward, and dropout and noise act: masks between layers follow from
/// `seed` alone (Philox4x32-10, stream = layer index), as those of cells do. Without both give the
/// same bits.
GF_API int gf_recurrent_forward(gf_engine* engine, const gf_recurrent_spec* spec,
                                const void* packed, const float* x, const int32_t* lengths,
                                const float* h0, const float* c0, float* y, float* hn, float* cn,
                                void* reserve, void* workspace, uint64_t seed);

/// Gradients of one training forward; x, lengths, h0, c0, y, seed and packed as it saw and wrote
/// them. dy [T,B,D*P], dhn, dcn as h0 and c0: read, or null = zeros. dx [T,B,I], dh0, dc0:
/// written, or null = not wanted. dwx, dwh, db, dp, dwr, dnorm: L*D pointers as in
/// gf_recurrent_pack, accumulated; all null = not wanted. reserve is consumed: one backward per
/// forward.
GF_API int gf_recurrent_backward(gf_engine* engine, const gf_recurrent_spec* spec,
                                 const void* packed, const float* x, const int32_t* lengths,
                                 const float* h0, const float* c0, const float* y, const float* dy,
                                 const float* dhn, const float* dcn, float* dx, float* dh0,
                                 float* dc0, float* const* dwx, float* const* dwh, float* const* db,
                                 float* const* dp, float* const* dwr, float* const* dnorm,
                                 void* reserve, void* workspace, uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif  // GATEFOLD_ABI_RECURRENT_H
