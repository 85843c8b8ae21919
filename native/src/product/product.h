/// What a product multiplies: the elements of its operands in memory, and one step of a sum.
/// Included inside an instruction set's namespace, after its Simd; that namespace then names one of
/// them as its Product, before it includes the kernels.
///
/// Operands are rows and vectors of words, 32 bits each. A float is a word of its own. Of bfloat16
/// values two that follow each other along k share a word, the first in its low half: half the
/// memory, and what the processors' own instruction for bfloat16 takes. A last value without a
/// partner stands beside a zero.
#ifndef GATEFOLD_PRODUCT_H
#define GATEFOLD_PRODUCT_H

// ---- bfloat16: the upper half of a float

typedef uint32_t Bits __attribute__((vector_size(sizeof(Simd::F))));
typedef uint16_t Halves __attribute__((vector_size(sizeof(Simd::F) / 2)));

/// To the nearest bfloat16, ties to even; NaN stays NaN.
static GF_INLINE Simd::F to_bf16(Simd::F v) {
  Bits b = (Bits)v;
  Bits nearest = b + 0x7fffu + ((b >> 16) & 1u);
  Bits nan = (Bits)((b & 0x7fffffffu) > 0x7f800000u);
  return (Simd::F)(((nearest & ~nan) | ((b | 0x400000u) & nan)) & 0xffff0000u);
}

/// Stores the upper halves of the first n lanes.
static GF_INLINE void store_halves(uint16_t* to, Simd::F v, int64_t n) {
  Halves halves = __builtin_convertvector((Bits)v >> 16, Halves);
  if (n >= Simd::kLanes) {
    __builtin_memcpy(to, &halves, sizeof halves);
  } else {
    for (int64_t i = 0; i < n; i++) {
      to[i] = halves[i];
    }
  }
}

/// The floats whose upper halves stand at `from`.
static GF_INLINE Simd::F load_halves(const uint16_t* from) {
  Halves halves;
  __builtin_memcpy(&halves, from, sizeof halves);
  return (Simd::F)(__builtin_convertvector(halves, Bits) << 16);
}

static GF_INLINE Simd::F low_half(Simd::F word) { return (Simd::F)((Bits)word << 16); }
static GF_INLINE Simd::F high_half(Simd::F word) { return (Simd::F)((Bits)word & 0xffff0000u); }

/// What products in vectors have in common whose words enter a sum whole.
struct WholeWords {
  static constexpr bool kTiles = false;
  /// Parts of a word that take turns in a product.
  static constexpr int kParts = 1;

  template <int Part>
  static GF_INLINE Simd::F part(Simd::F word) {
    return word;
  }
  /// Called by a thread after its last product.
  static GF_INLINE void release() {}
};

/// Floats as they are.
struct SingleProduct : WholeWords {
  static constexpr int kPerWord = 1;

  /// sum + a*b for one part of the words.
  static GF_INLINE Simd::F add(Simd::F a, Simd::F b, Simd::F sum) { return Simd::fma(a, b, sum); }
  static GF_INLINE void add_to(Simd::F& sum, Simd::F a, Simd::F b) { Simd::fma_to(sum, a, b); }
  /// A word of each lane from the values of two neighbouring k; `second` is not looked at.
  static GF_INLINE Simd::F word(Simd::F first, Simd::F) { return first; }
};

/// Pairs of floats rounded to bfloat16, widened to floats again in registers; sums in float.
struct Bf16Product {
  static constexpr bool kTiles = false;
  static constexpr int kPerWord = 2;
  static constexpr int kParts = 2;

  template <int Part>
  static GF_INLINE Simd::F part(Simd::F word) {
    return Part == 0 ? low_half(word) : high_half(word);
  }
  static GF_INLINE Simd::F add(Simd::F a, Simd::F b, Simd::F sum) { return Simd::fma(a, b, sum); }
  static GF_INLINE void add_to(Simd::F& sum, Simd::F a, Simd::F b) { Simd::fma_to(sum, a, b); }
  static GF_INLINE void release() {}
  static GF_INLINE Simd::F word(Simd::F first, Simd::F second) {
    return (Simd::F)(((Bits)to_bf16(first) >> 16) | (Bits)to_bf16(second));
  }
};

/// The same operands on tile registers: all products of recurrent layers are those of
/// recurrent_tiles.h.
template <class Registers>
struct Bf16TileProduct : Bf16Product {
  static constexpr bool kTiles = true;
  using Tiles = Registers;
  static GF_INLINE void release() { Registers::release(); }
};

/// The same by an instruction that adds both products of a pair: PairDot::add(a, b, sum).
template <class PairDot>
struct Bf16DotProduct : WholeWords {
  static constexpr int kPerWord = 2;

  static GF_INLINE Simd::F add(Simd::F a, Simd::F b, Simd::F sum) {
    return PairDot::add(a, b, sum);
  }
  static GF_INLINE void add_to(Simd::F& sum, Simd::F a, Simd::F b) {
    sum = PairDot::add(a, b, sum);
  }
  static GF_INLINE Simd::F word(Simd::F first, Simd::F second) {
    return Bf16Product::word(first, second);
  }
};

#endif  // GATEFOLD_PRODUCT_H
