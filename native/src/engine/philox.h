/// Philox4x32-10, the counter-based random numbers of Salmon et al. 2011 ("Parallel random numbers:
/// as easy as 1, 2, 3").
#ifndef GATEFOLD_PHILOX_H
#define GATEFOLD_PHILOX_H

#include <cstdint>

namespace gatefold {

struct PhiloxBlock {
  uint32_t word[4];
};

static inline PhiloxBlock philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0,
                                 uint32_t k1) {
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = uint64_t{0xD2511F53} * c0;
    uint64_t p1 = uint64_t{0xCD9E8D57} * c2;
    uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    uint32_t n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace gatefold

#endif  // GATEFOLD_PHILOX_H
