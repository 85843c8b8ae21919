/// Random words of Philox4x32-10 (engine/philox.h) for several blocks at once. Included inside an
/// instruction set's namespace.
#ifndef GATEFOLD_VEC_PHILOX_H
#define GATEFOLD_VEC_PHILOX_H

typedef uint32_t Words __attribute__((vector_size(sizeof(Simd::F))));

/// Blocks that go through the rounds together.
constexpr int kPhiloxBlocks = Simd::kLanes / 2;

/// A vector of words in order, the first or the second that the blocks fill, from vectors of the
/// blocks' first two words and of their last two.
template <int kHalf, int kBlocks = kPhiloxBlocks>
static GF_INLINE Words words_in_order(Simd::Wide first, Simd::Wide last) {
  constexpr int n = kBlocks, b = kHalf * n / 2;
  if constexpr (n == 8) {
    return (Words)__builtin_shufflevector(first, last, b, n + b, b + 1, n + b + 1, b + 2, n + b + 2,
                                          b + 3, n + b + 3);
  } else if constexpr (n == 4) {
    return (Words)__builtin_shufflevector(first, last, b, n + b, b + 1, n + b + 1);
  } else {
    static_assert(n == 2, "blocks of some level");
    return (Words)__builtin_shufflevector(first, last, b, n + b);
  }
}

/// Words e on of a stream: word e mod 4 of the block with counter (e/4 low, e/4 high, stream, 0).
static GF_INLINE Words philox_words(uint64_t seed, uint32_t stream, uint64_t e) {
  using Wide = Simd::Wide;
  Wide c0, c2 = Wide{} + stream, c3 = Wide{};
  for (int i = 0; i < kPhiloxBlocks; i++) {
    c0[i] = static_cast<uint64_t>(i);
  }
  c0 += e / 4;
  Wide c1 = c0 >> 32;
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  const Wide m0 = Wide{} + uint64_t{0xD2511F53}, m1 = Wide{} + uint64_t{0xCD9E8D57};
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {  // what is in upper halves is of no account
    const Wide p0 = Simd::product_of_lower(m0, c0), p1 = Simd::product_of_lower(m1, c2);
    c0 = (p1 >> 32) ^ c1 ^ uint64_t { k0 };
    c2 = (p0 >> 32) ^ c3 ^ uint64_t { k1 };
    c1 = p1;
    c3 = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const uint64_t lower = 0xffffffffu;
  const Wide first = (c0 & lower) | (c1 << 32), last = (c2 & lower) | (c3 << 32);
  const Words begin = words_in_order<0>(first, last);
  if (e % 4 == 0) {
    return begin;
  }
  float all[2 * Simd::kLanes];  // bits of words
  Simd::store(all, (Simd::F)begin);
  Simd::store(all + Simd::kLanes, (Simd::F)words_in_order<1>(first, last));
  return (Words)Simd::load(all + e % 4);
}

/// Words as fractions of 2^32, of which the upper 24 bits count.
static GF_INLINE Simd::F fractions_of(Words words) {
  typedef int32_t Ints __attribute__((vector_size(sizeof(Simd::F))));
  typedef float Floats __attribute__((vector_size(sizeof(Simd::F))));
  const Floats upper = __builtin_convertvector((Ints)(words >> 8), Floats);
  return Simd::mul((Simd::F)upper, Simd::set1(0x1p-24f));
}

#endif  // GATEFOLD_VEC_PHILOX_H
