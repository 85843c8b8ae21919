/// The arithmetic of one unit vector of each recurrent cell. Included inside an instruction set's
/// namespace, after vec_math.h.
///
/// forward: sums = what the products and biases gave, one vector per gate in the order of
/// gate_order(); writes the new h and c, and into `sums` what backward needs in their place.
/// backward: kept = what forward left, overwritten by the gradients of the sums; `carry` is the
/// gradient that flows past the products to the step before: of c (LSTM), of h (GRU).
/// kPackedTail as GateOrder::packed_tail.
#ifndef GATEFOLD_RECURRENT_CELLS_H
#define GATEFOLD_RECURRENT_CELLS_H

#include "vec_math.h"

struct LstmCell {
  static constexpr int kGates = 4;  // i, f, g, o
  static constexpr int kUnitVectors = 1;
  static constexpr int kXBegin = 0, kXEnd = 4, kHBegin = 0, kHEnd = 4;
  static constexpr bool kCellState = true;
  static constexpr bool kCarriesH = false;
  static constexpr bool kPackedTail = true;

  static GF_INLINE void forward(Simd::F (&sums)[kGates], Simd::F, Simd::F& c, Simd::F& h,
                                float clip) {
    using S = Simd;
    S::F i = vec_sigmoid(sums[0]);
    S::F f = vec_sigmoid(sums[1]);
    S::F g = vec_tanh(sums[2]);
    S::F o = vec_sigmoid(sums[3]);
    c = S::fma(f, c, S::mul(i, g));
    if (clip > 0) {
      c = S::min(S::set1(clip), S::max(S::set1(-clip), c));
    }
    h = S::mul(o, vec_tanh(c));
    sums[0] = i;
    sums[1] = f;
    sums[2] = g;
    sums[3] = o;
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F, Simd::F c, Simd::F c_before,
                                 Simd::F dh, Simd::F& carry, float clip) {
    using S = Simd;
    S::F one = S::set1(1.0f);
    S::F i = kept[0], f = kept[1], g = kept[2], o = kept[3];
    S::F t = vec_tanh(c);
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
  static constexpr int kGates = 4;  // n of x, r, z, n of h
  static constexpr int kUnitVectors = 1;
  static constexpr int kXBegin = 0, kXEnd = 3, kHBegin = 1, kHEnd = 4;
  static constexpr bool kCellState = false;
  static constexpr bool kCarriesH = true;
  static constexpr bool kPackedTail = false;

  static GF_INLINE void forward(Simd::F (&sums)[kGates], Simd::F h_before, Simd::F&, Simd::F& h,
                                float) {
    using S = Simd;
    S::F r = vec_sigmoid(sums[1]);
    S::F z = vec_sigmoid(sums[2]);
    S::F n = vec_tanh(S::fma(r, sums[3], sums[0]));
    h = S::fma(z, S::sub(h_before, n), n);
    sums[0] = n;
    sums[1] = r;
    sums[2] = z;
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F h_before, Simd::F, Simd::F,
                                 Simd::F dh, Simd::F& carry, float) {
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
  static constexpr int kGates = 1;
  static constexpr int kUnitVectors = 4;
  static constexpr int kXBegin = 0, kXEnd = 1, kHBegin = 0, kHEnd = 1;
  static constexpr bool kCellState = false;
  static constexpr bool kCarriesH = false;
  static constexpr bool kPackedTail = false;

  static GF_INLINE void forward(Simd::F (&sums)[kGates], Simd::F, Simd::F&, Simd::F& h, float) {
    h = kRelu ? Simd::max(Simd::zero(), sums[0]) : vec_tanh(sums[0]);
    sums[0] = h;
  }

  static GF_INLINE void backward(Simd::F (&kept)[kGates], Simd::F, Simd::F, Simd::F, Simd::F dh,
                                 Simd::F&, float) {
    using S = Simd;
    S::F h = kept[0];
    kept[0] = kRelu ? S::select(S::less(S::zero(), h), dh, S::zero())
                    : S::mul(dh, S::fnma(h, h, S::set1(1.0f)));
  }
};

#endif  // GATEFOLD_RECURRENT_CELLS_H
