/// The cells with options: as those of recurrent_cells.h but for their functions, which
/// recurrent_option_rows.h applies, and their slopes. Included inside an instruction set's
/// namespace.
///
/// output: of a cell whose candidate, or what of it h is made of, is multiplied with `scale`.
/// backward: as theirs; c: that which h was made of; h_carry: what of dh passes the products by,
/// with which dh is complete; p: the peepholes of i, f and o of the same units, p_distance apart.
#ifndef GATEFOLD_RECURRENT_OPTION_CELLS_H
#define GATEFOLD_RECURRENT_OPTION_CELLS_H

#include "recurrent/cell_functions.h"
#include "recurrent/recurrent_cells.h"

struct LstmOptionCell : LstmCell {
  static constexpr bool kOptions = true;

  static GF_INLINE void activate(Simd::F (&)[kGates]) {}

  static GF_INLINE Simd::F output(Simd::F (&gates)[kGates], Simd::F, Simd::F squashed, Simd::F) {
    return Simd::mul(gates[3], squashed);
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F, Simd::F c, Simd::F t,
                                 Simd::F c_before, Simd::F dh, Simd::F& carry, Simd::F& h_carry,
                                 float clip, const NoiseLanes& noise, const CellFunctions& own,
                                 const float* p, int64_t p_distance) {
    using S = Simd;
    S::F o = kept[3];
    h_carry = S::mul(noise.stays_h, dh);
    dh = S::mul(S::sub(S::set1(1.0f), noise.stays_h), dh);
    S::F d_o = S::mul(S::mul(dh, t), function_slope(own.gate, o));
    S::F through = S::mul(S::mul(dh, o), function_slope(own.output, t));
    cell_backward(kept, d_o, through, c, c_before, carry, clip, noise, own, p, p_distance);
  }

  /// The same from the gradient of o's sum, and that of c through what h is made of.
  static GF_INLINE void cell_backward(Simd::F (&kept)[kGates], Simd::F d_o, Simd::F through,
                                      Simd::F c, Simd::F c_before, Simd::F& carry, float clip,
                                      const NoiseLanes& noise, const CellFunctions& own,
                                      const float* p, int64_t p_distance) {
    using S = Simd;
    S::F i = kept[0], f = kept[1], g = kept[2];
    S::F d_state = carry;
    if (own.peepholes) {
      d_state = S::fma(d_o, S::load(p + 2 * p_distance), d_state);
    }
    S::F dc = S::fma(S::sub(S::set1(1.0f), noise.stays_c), d_state, through);
    if (clip > 0) {
      dc = S::select(S::less(S::abs(c), S::set1(clip)), dc, S::zero());
    }
    S::F past = S::mul(dc, c_before);
    S::F d_i = S::mul(dc, S::mul(g, noise.candidate));
    S::F d_f = S::zero();
    if (own.coupled) {
      d_i = S::sub(d_i, past);
    } else {
      d_f = S::mul(past, function_slope(own.gate, f));
    }
    d_i = S::mul(d_i, function_slope(own.gate, i));
    kept[0] = d_i;
    kept[1] = d_f;
    kept[2] = S::mul(S::mul(dc, S::mul(i, noise.candidate)), function_slope(own.candidate, g));
    kept[3] = d_o;
    carry = S::fma(dc, f, S::mul(noise.stays_c, d_state));
    if (own.peepholes) {
      carry = S::fma(d_i, S::load(p), S::fma(d_f, S::load(p + p_distance), carry));
    }
  }
};

struct GruOptionCell : GruCell {
  static constexpr bool kOptions = true;

  static GF_INLINE void activate(Simd::F (&)[kGates]) {}

  static GF_INLINE Simd::F output(Simd::F (&gates)[kGates], Simd::F h_before, Simd::F n,
                                  Simd::F scale) {
    gates[0] = n;
    n = Simd::mul(n, scale);
    return Simd::fma(gates[2], Simd::sub(h_before, n), n);
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F h_before, Simd::F, Simd::F,
                                 Simd::F, Simd::F dh, Simd::F&, Simd::F& h_carry, float,
                                 const NoiseLanes& noise, const CellFunctions& own, const float*,
                                 int64_t) {
    using S = Simd;
    S::F n = kept[0], r = kept[1], z = kept[2], recurrent_n = kept[3];
    S::F total = S::mul(S::sub(S::set1(1.0f), noise.stays_h), dh);
    S::F of_n = S::mul(S::sub(S::set1(1.0f), z), noise.candidate);
    S::F dn = S::mul(S::mul(total, of_n), function_slope(own.candidate, n));
    kept[0] = dn;
    kept[1] = S::mul(S::mul(dn, recurrent_n), function_slope(own.gate, r));
    kept[2] = S::mul(S::mul(total, S::sub(h_before, S::mul(n, noise.candidate))),
                     function_slope(own.gate, z));
    kept[3] = S::mul(dn, r);
    h_carry = S::fma(total, z, S::mul(noise.stays_h, dh));
  }
};

struct PlainOptionCell : PlainCell<false> {
  static constexpr bool kOptions = true;

  static constexpr bool kCarriesH = true;

  static GF_INLINE void activate(Simd::F (&)[kGates]) {}

  static GF_INLINE Simd::F output(Simd::F (&gates)[kGates], Simd::F, Simd::F, Simd::F scale) {
    return Simd::mul(gates[0], scale);
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F, Simd::F, Simd::F, Simd::F,
                                 Simd::F dh, Simd::F&, Simd::F& h_carry, float,
                                 const NoiseLanes& noise, const CellFunctions& own, const float*,
                                 int64_t) {
    using S = Simd;
    S::F total = S::mul(S::sub(S::set1(1.0f), noise.stays_h), S::mul(dh, noise.candidate));
    kept[0] = S::mul(total, function_slope(own.candidate, kept[0]));
    h_carry = S::mul(noise.stays_h, dh);
  }
};

#endif  // GATEFOLD_RECURRENT_OPTION_CELLS_H
