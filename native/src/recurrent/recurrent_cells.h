/// The arithmetic of one unit vector of each recurrent cell. Included inside an instruction set's
/// namespace, after vec_math.h.
///
/// activate: sums = what the products and biases gave, one vector per gate in the order of
/// gate_order(), replaced by their activations as far as these depend on nothing else.
/// squashes: what tanh is taken of next, from what activate left (kSquashes; c: before the step,
/// becomes after).
/// output: h from that, and in place of the gates what backward needs.
/// backward: kept = what forward left, overwritten by the gradients of the sums; squashed =
/// tanh(c), where there is a cell state; `carry` is the gradient that flows past the products to
/// the step before: of c (LSTM), of h (GRU). kPackedTail as GateOrder::packed_tail. kOptions: those
/// of recurrent_option_cells.h.
#ifndef GATEFOLD_RECURRENT_CELLS_H
#define GATEFOLD_RECURRENT_CELLS_H

#include "simd/vec_math.h"

struct LstmCell {
  static constexpr bool kOptions = false;
  static constexpr int kGates = 4;  // i, f, g, o
  static constexpr int kUnitVectors = 1;
  static constexpr int kXBegin = 0, kXEnd = 4, kHBegin = 0, kHEnd = 4;
  static constexpr bool kCellState = true;
  static constexpr bool kCarriesH = false;
  static constexpr bool kSquashes = true;
  static constexpr bool kPackedTail = true;

  static GF_INLINE void activate(Simd::F (&sums)[kGates]) { vec_gates<2>(sums); }

  static GF_INLINE Simd::F squashes(const Simd::F (&gates)[kGates], Simd::F& c, float clip) {
    using S = Simd;
    S::F i = gates[0], f = gates[1], g = gates[2];
    c = S::fma(f, c, S::mul(i, g));
    if (clip > 0) {
      c = S::min(S::set1(clip), S::max(S::set1(-clip), c));
    }
    return c;
  }

  static GF_INLINE Simd::F output(Simd::F (&gates)[kGates], Simd::F, Simd::F squashed) {
    return Simd::mul(gates[3], squashed);
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F, Simd::F c, Simd::F t,
                                 Simd::F c_before, Simd::F dh, Simd::F& carry, float clip) {
    using S = Simd;
    S::F one = S::set1(1.0f);
    S::F i = kept[0], f = kept[1], g = kept[2], o = kept[3];
    S::F dc = S::fma(S::mul(dh, o), S::fnma(t, t, one), carry);
    if (clip > 0) {
      dc = S::select(S::less(S::abs(c), S::set1(clip)), dc, S::zero());
    }
    kept[0] = S::mul(S::mul(dc, g), S::fnma(i, i, i));
    kept[1] = S::mul(S::mul(dc, c_before), S::fnma(f, f, f));
    kept[2] = S::mul(S::mul(dc, i), S::fnma(g, g, one));
    kept[3] = S::mul(S::mul(dh, t), S::fnma(o, o, o));
    carry = S::mul(dc, f);
  }
};

struct GruCell {
  static constexpr bool kOptions = false;
  static constexpr int kGates = 4;  // n of x, r, z, n of h
  static constexpr int kUnitVectors = 1;
  static constexpr int kXBegin = 0, kXEnd = 3, kHBegin = 1, kHEnd = 4;
  static constexpr bool kCellState = false;
  static constexpr bool kCarriesH = true;
  static constexpr bool kSquashes = true;
  static constexpr bool kPackedTail = false;

  static GF_INLINE void activate(Simd::F (&sums)[kGates]) {
    SimdGroup<2>::F both = vec_sigmoid<SimdGroup<2>>({{sums[1], sums[2]}});
    sums[1] = both.v[0];
    sums[2] = both.v[1];
  }

  static GF_INLINE Simd::F squashes(const Simd::F (&gates)[kGates], Simd::F&, float) {
    return Simd::fma(gates[1], gates[3], gates[0]);
  }

  static GF_INLINE Simd::F output(Simd::F (&gates)[kGates], Simd::F h_before, Simd::F n) {
    gates[0] = n;
    return Simd::fma(gates[2], Simd::sub(h_before, n), n);
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F h_before, Simd::F, Simd::F,
                                 Simd::F, Simd::F dh, Simd::F& carry, float) {
    using S = Simd;
    S::F one = S::set1(1.0f);
    S::F n = kept[0], r = kept[1], z = kept[2], recurrent_n = kept[3];
    S::F total = S::add(dh, carry);
    S::F dn = S::mul(S::mul(total, S::sub(one, z)), S::fnma(n, n, one));
    kept[0] = dn;
    kept[1] = S::mul(S::mul(dn, recurrent_n), S::fnma(r, r, r));
    kept[2] = S::mul(S::mul(total, S::sub(h_before, n)), S::fnma(z, z, z));
    kept[3] = S::mul(dn, r);
    carry = S::mul(total, z);
  }
};

/// Elman's network: h = tanh(sum) or max(0, sum). h itself is kept.
template <bool kRelu>
struct PlainCell {
  static constexpr bool kOptions = false;
  static constexpr int kGates = 1;
  static constexpr int kUnitVectors = 4;
  static constexpr int kXBegin = 0, kXEnd = 1, kHBegin = 0, kHEnd = 1;
  static constexpr bool kCellState = false;
  static constexpr bool kCarriesH = false;
  static constexpr bool kSquashes = false;
  static constexpr bool kPackedTail = false;

  static GF_INLINE void activate(Simd::F (&sums)[kGates]) {
    sums[0] = kRelu ? Simd::max(Simd::zero(), sums[0]) : vec_tanh(sums[0]);
  }

  static GF_INLINE Simd::F output(Simd::F (&gates)[kGates], Simd::F, Simd::F) { return gates[0]; }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F, Simd::F, Simd::F, Simd::F,
                                 Simd::F dh, Simd::F&, float) {
    using S = Simd;
    S::F h = kept[0];
    kept[0] = kRelu ? S::select(S::less(S::zero(), h), dh, S::zero())
                    : S::mul(dh, S::fnma(h, h, S::set1(1.0f)));
  }
};

#endif  // GATEFOLD_RECURRENT_CELLS_H
