/// Sums as pairs of floats: the low one takes up what the high one loses to rounding, so that a sum
/// of many terms is about as exact as one in double precision. Included inside an instruction set's
/// namespace, after its Simd.
#ifndef GATEFOLD_PAIR_SUM_H
#define GATEFOLD_PAIR_SUM_H

/// high + low += v, by Knuth's two-sum.
static GF_INLINE void add_to_pair(Simd::F& high, Simd::F& low, Simd::F v) {
  using S = Simd;
  S::F sum = S::add(high, v);
  S::F added = S::sub(sum, high);
  S::F lost = S::add(S::sub(high, S::sub(sum, added)), S::sub(v, added));
  low = S::add(low, lost);
  high = sum;
}

/// The pair as a float. What a sum that overflowed lost is not a number.
static GF_INLINE Simd::F pair_total(Simd::F high, Simd::F low) {
  using S = Simd;
  S::Mask finite = S::less(S::abs(high), S::set1(__builtin_inff()));
  return S::select(finite, S::add(high, low), high);
}

#endif  // GATEFOLD_PAIR_SUM_H
