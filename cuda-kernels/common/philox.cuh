// Philox4x32-10 (Salmon et al. 2011): the same masks as on every other backend.
#pragma once

#include "common/quad.cuh"

namespace gatefold {

// The four words of the block with counter (index low, index high, stream, 0) and key = seed.
__device__ __forceinline__ uint4 philox(unsigned long long seed, unsigned stream,
                                        unsigned long long index) {
  unsigned c0 = static_cast<unsigned>(index), c1 = static_cast<unsigned>(index >> 32), c2 = stream,
           c3 = 0;
  unsigned k0 = static_cast<unsigned>(seed), k1 = static_cast<unsigned>(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const unsigned high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
    const unsigned high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return make_uint4(c0, c1, c2, c3);
}

// Scale of one element under inverted dropout: 0, or 1/(1-p).
__device__ __forceinline__ float dropout_scale(unsigned word, float p, float keep_scale) {
  return static_cast<float>(word >> 8) * 0x1p-24f >= p ? keep_scale : 0.0f;
}

// Scales of elements e to e + 3; e is a multiple of 4.
__device__ __forceinline__ Quad dropout_scales(unsigned long long seed, unsigned stream,
                                               unsigned long long e, float p, float keep_scale) {
  const uint4 w = philox(seed, stream, e >> 2);
  Quad q;
  q.v[0] = dropout_scale(w.x, p, keep_scale);
  q.v[1] = dropout_scale(w.y, p, keep_scale);
  q.v[2] = dropout_scale(w.z, p, keep_scale);
  q.v[3] = dropout_scale(w.w, p, keep_scale);
  return q;
}

// Scale of element e where e need not be a multiple of 4.
__device__ __forceinline__ float dropout_scale_at(unsigned long long seed, unsigned stream,
                                                  unsigned long long e, float p, float keep_scale) {
  const uint4 words = philox(seed, stream, e >> 2);
  const unsigned lane = static_cast<unsigned>(e & 3u);
  const unsigned word =
      lane == 0 ? words.x : (lane == 1 ? words.y : (lane == 2 ? words.z : words.w));
  return dropout_scale(word, p, keep_scale);
}

}  // namespace gatefold
