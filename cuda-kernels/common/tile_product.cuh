// Products of packed weights with a few rows of operands by one block, for kernels that multiply
// once a time step: d[r][b] = sum over k of W[r][k] * v[b][k], W from the L2 cache, fp32 sums.
//
// W is the left operand, in tiles of 16 rows, and the rows of the batch are the columns of the
// result, eight to a product of the tensor cores. The inner dimension is cut into segments of 64
// bytes: 16 numbers of 32 bits or 32 of 16. Segments go to the warps in even, consecutive shares,
// so that no number is loaded by two warps and nothing but the sums passes through shared memory.
// There the shares are added in the order of the warps: the same bits for every run.
//
// Operands stand in rows of whole segments, in whole groups of eight rows, with zeros beyond what
// there is: loads need neither bounds nor scalar remainders. Packed weights are tiles of segments
// of 64 pieces of 16 bytes, in the order in which the lanes of a warp load them.
//
// The order of k within a segment is free as long as both sides agree, so every lane loads its
// share of a row at once: lane 4g + t holds bytes 16t to 16t + 15 of row g, the right operands of
// two products of the tensor cores.
#pragma once

#include "common/ptx.cuh"
#include "common/quad.cuh"

namespace gatefold {

constexpr int kTileWarps = 8;
constexpr int kTileThreads = kTileWarps * 32;
constexpr int kSegmentBytes = 64;
constexpr int kSegmentPieces = 64;    // pieces of 16 bytes in a segment of a tile
constexpr int kSegmentRowPieces = 4;  // and in a segment of a row

// What a lane holds of the left operand of a step of the tensor cores, or of the right one.
template <int kCount>
struct Fragment {
  unsigned words[kCount];
};

// Fragments as they are in memory.
struct WholeFragments {
  static constexpr int kSegmentsAtOnce = 2;

  static __device__ __forceinline__ Fragment<4> left(const uint4& a) {
    return {{a.x, a.y, a.z, a.w}};
  }
  static __device__ __forceinline__ Fragment<2> right(unsigned x, unsigned y) { return {{x, y}}; }
};

// How operands are rounded and multiplied: their numbers, and a step of the tensor cores on what a
// lane holds of it, if they are used.
struct Tf32Operand : WholeFragments {
  using Number = unsigned;
  static constexpr bool kTensorCores = true;
  static __device__ __forceinline__ Number rounded(float x) { return ptx::tf32_from_float(x); }
  static __device__ __forceinline__ void multiply(float (&d)[4], const Fragment<4>& a,
                                                  const Fragment<2>& b) {
    ptx::mma_m16n8k8_tf32(d, a.words, b.words);
  }
};

struct Bf16Operand : WholeFragments {
  using Number = unsigned short;
  static constexpr bool kTensorCores = true;
  static __device__ __forceinline__ Number rounded(float x) { return ptx::bf16_from_float(x); }
  static __device__ __forceinline__ void multiply(float (&d)[4], const Fragment<4>& a,
                                                  const Fragment<2>& b) {
    ptx::mma_m16n8k16_bf16(d, a.words, b.words);
  }
};

struct F16Operand : WholeFragments {
  using Number = unsigned short;
  static constexpr bool kTensorCores = true;
  static __device__ __forceinline__ Number rounded(float x) { return ptx::f16_from_float(x); }
  static __device__ __forceinline__ void multiply(float (&d)[4], const Fragment<4>& a,
                                                  const Fragment<2>& b) {
    ptx::mma_m16n8k16_f16(d, a.words, b.words);
  }
};

// Numbers of binary32 on the tensor cores, each as the sum of two of TF32 and at most 2^-22 of it
// that is left out; of the products of parts all but that of the two lower ones. So a product is
// off by 3 * 2^-22 of it at most (Ootomo and Yokota 2022, "Recovering single precision accuracy
// from Tensor Cores while surpassing the FP32 theoretical peak performance"). As there, products of
// one step are added to the others by ordinary sums, since the tensor cores' own truncate. What is
// too large for TF32 becomes NaN.
struct Tf32x3Operand {
  using Number = unsigned;
  static constexpr bool kTensorCores = true;
  static constexpr int kSegmentsAtOnce = 1;  // more take more registers than there are
  static __device__ __forceinline__ Number rounded(float x) { return __float_as_uint(x); }

  template <int kCount>
  struct Parts {
    Fragment<kCount> high, low;

    __device__ __forceinline__ explicit Parts(const Fragment<kCount>& whole) {
#pragma unroll
      for (int k = 0; k < kCount; ++k) {
        const float x = __uint_as_float(whole.words[k]);
        high.words[k] = ptx::tf32_from_float(x);
        low.words[k] = ptx::tf32_from_float(x - __uint_as_float(high.words[k]));
      }
    }
  };

  static __device__ __forceinline__ Parts<4> left(const uint4& a) {
    return Parts<4>(WholeFragments::left(a));
  }
  static __device__ __forceinline__ Parts<2> right(unsigned x, unsigned y) {
    return Parts<2>(WholeFragments::right(x, y));
  }
  static __device__ __forceinline__ void multiply(float (&d)[4], const Parts<4>& a,
                                                  const Parts<2>& b) {
    float sum[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    ptx::mma_m16n8k8_tf32(sum, a.low.words, b.high.words);
    ptx::mma_m16n8k8_tf32(sum, a.high.words, b.low.words);
    ptx::mma_m16n8k8_tf32(sum, a.high.words, b.high.words);
#pragma unroll
    for (int k = 0; k < 4; ++k) d[k] += sum[k];
  }
};

// Multiplied by the ordinary units, to the last bit of binary32.
struct F32Operand {
  using Number = unsigned;
  static constexpr bool kTensorCores = false;
  static __device__ __forceinline__ Number rounded(float x) { return __float_as_uint(x); }
};

// Numbers in a segment.
template <class Operand>
constexpr int kSegmentDepth = kSegmentBytes / static_cast<int>(sizeof(typename Operand::Number));

// `count` numbers in whole segments.
template <class Operand>
__device__ __forceinline__ int whole_segments(int count) {
  constexpr int depth = kSegmentDepth<Operand>;
  return (count + depth - 1) / depth * depth;
}

// Four rounded numbers in as many words as they take.
template <class Operand>
__device__ __forceinline__ auto packed_quad(const unsigned (&n)[4]) {
  if constexpr (sizeof(typename Operand::Number) == 4) {
    return make_uint4(n[0], n[1], n[2], n[3]);
  } else {
    return make_uint2(n[0] | n[1] << 16, n[2] | n[3] << 16);
  }
}

// Rounds four numbers and stores them; p is aligned to them.
template <class Operand>
__device__ __forceinline__ void store_rounded(typename Operand::Number* p, const Quad& q) {
  const unsigned n[4] = {Operand::rounded(q.v[0]), Operand::rounded(q.v[1]),
                         Operand::rounded(q.v[2]), Operand::rounded(q.v[3])};
  auto words = packed_quad<Operand>(n);
  *reinterpret_cast<decltype(words)*>(p) = words;
}

// Where a number of packed weights comes from: row within its tile, place within its segment.
struct PackedPlace {
  int row;
  int k;
};

// Of number e of piece p of a segment. On the tensor cores, the order of registers and lanes that
// common/ptx.cuh gives for a[0..3]; else rows of four numbers.
template <class Operand>
__device__ __forceinline__ PackedPlace packed_place(int p, int e) {
  if constexpr (Operand::kTensorCores) {
    constexpr int word = 4 / static_cast<int>(sizeof(typename Operand::Number));
    const int load = p / 32, lane = p % 32, a = e / word;
    return {lane / 4 + 8 * (a & 1), (lane % 4 * 4 + load * 2 + (a >> 1)) * word + e % word};
  } else {
    return {p % 16, p / 16 * 4 + e};
  }
}

// Adds the products of segments `begin` to `end - 1`. left: the first of kTiles tiles,
// `tile_pieces` pieces from one to the next. right: the first of the rows, `row_pieces` pieces from
// one to the next, eight times `groups` of them. d[m][n][...] as d in common/ptx.cuh: tile m, rows
// 8n to 8n + 7.
template <class Operand, int kTiles, int kGroups>
__device__ __forceinline__ void multiply_segments(float (&d)[kTiles][kGroups][4], const uint4* left,
                                                  unsigned tile_pieces, const uint4* right,
                                                  unsigned row_pieces, int groups, int begin,
                                                  int end) {
  const int lane = static_cast<int>(threadIdx.x) % 32, g = lane / 4, t = lane % 4;
  if constexpr (Operand::kTensorCores) {
    left += lane + begin * kSegmentPieces;
    right += g * row_pieces + t + begin * kSegmentRowPieces;
#pragma unroll Operand::kSegmentsAtOnce
    for (int s = begin; s < end; ++s) {
      uint4 b[kGroups], a[kTiles][2];
#pragma unroll
      for (int n = 0; n < kGroups; ++n) {
        b[n] = n < groups ? right[8 * n * row_pieces] : make_uint4(0u, 0u, 0u, 0u);
      }
#pragma unroll
      for (int m = 0; m < kTiles; ++m) {
        a[m][0] = left[m * tile_pieces];
        a[m][1] = left[m * tile_pieces + 32];
      }
#pragma unroll
      for (int m = 0; m < kTiles; ++m) {
        const auto first = Operand::left(a[m][0]), second = Operand::left(a[m][1]);
#pragma unroll
        for (int n = 0; n < kGroups; ++n) {
          if (n < groups) {
            Operand::multiply(d[m][n], first, Operand::right(b[n].x, b[n].y));
            Operand::multiply(d[m][n], second, Operand::right(b[n].z, b[n].w));
          }
        }
      }
      left += kSegmentPieces;
      right += kSegmentRowPieces;
    }
  } else {
    left += g;
    right += 2 * t * row_pieces;
    for (int s = begin; s < end; ++s) {
#pragma unroll
      for (int part = 0; part < kSegmentRowPieces; ++part) {
        float a[kTiles][2][4];
#pragma unroll
        for (int m = 0; m < kTiles; ++m) {
#pragma unroll
          for (int half = 0; half < 2; ++half) {
            const uint4 piece = left[m * tile_pieces + s * kSegmentPieces + part * 16 + half * 8];
            a[m][half][0] = __uint_as_float(piece.x);
            a[m][half][1] = __uint_as_float(piece.y);
            a[m][half][2] = __uint_as_float(piece.z);
            a[m][half][3] = __uint_as_float(piece.w);
          }
        }
#pragma unroll
        for (int n = 0; n < kGroups; ++n) {
          if (n < groups) {
#pragma unroll
            for (int column = 0; column < 2; ++column) {
              const uint4 piece =
                  right[(8 * n + column) * row_pieces + s * kSegmentRowPieces + part];
              const float b[4] = {__uint_as_float(piece.x), __uint_as_float(piece.y),
                                  __uint_as_float(piece.z), __uint_as_float(piece.w)};
#pragma unroll
              for (int m = 0; m < kTiles; ++m) {
#pragma unroll
                for (int half = 0; half < 2; ++half) {
#pragma unroll
                  for (int k = 0; k < 4; ++k) {
                    d[m][n][2 * half + column] += a[m][half][k] * b[k];
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

// The shares of all warps in a product of kTiles tiles with 8 * kGroups rows, in shared memory:
// for each warp the 2 * kTiles groups of eight rows of W; for each group the rows of the batch; for
// each of these its eight sums. Rows of the batch stand in the order even, odd of every eight, so
// that a warp's lanes write to all banks; they read from all if they take four places one after the
// other.
template <int kTiles, int kGroups>
struct WarpShares {
  static constexpr int kRows = 8 * kGroups;
  static constexpr int kSums = 2 * kTiles * kRows * 8;

  float sums[kTileWarps][kSums];

  // The place of a row of the batch, and the row at a place.
  static __device__ __forceinline__ int place_of(int row) {
    return (row & ~7) + (row & 7) / 2 + (row & 1) * 4;
  }
  static __device__ __forceinline__ int row_at(int place) {
    return (place & ~7) + (place & 3) * 2 + (place >> 2 & 1);
  }

  // Takes all warps' d; every thread of the block calls it. `groups` as in multiply_segments; sums
  // of rows beyond are undefined. Ends with a barrier: every thread may call sum().
  __device__ __forceinline__ void take(const float (&d)[kTiles][kGroups][4], int groups) {
    const int thread = static_cast<int>(threadIdx.x);
    const int warp = thread / 32, g = thread % 32 / 4, t = thread % 4;
#pragma unroll
    for (int n = 0; n < kGroups; ++n) {
      if (n < groups) {
#pragma unroll
        for (int m = 0; m < kTiles; ++m) {
#pragma unroll
          for (int k = 0; k < 4; ++k) {
            const int place = place_of(8 * n + 2 * t + k % 2);
            sums[warp][((2 * m + k / 2) * kRows + place) * 8 + g] = d[m][n][k];
          }
        }
      }
    }
    __syncthreads();
  }

  // The whole sum of row w of a group of eight rows of W with the row of the batch at a place: that
  // of the warps' shares, in their order.
  __device__ __forceinline__ float sum(int group, int place, int w) const {
    const int at = (group * kRows + place) * 8 + w;
    float sum = sums[0][at];
#pragma unroll
    for (int warp = 1; warp < kTileWarps; ++warp) sum += sums[warp][at];
    return sum;
  }
};

// The whole product of a block: kTiles packed tiles of `segments` segments, from `left`, with 8 *
// kGroups rows of `segments` segments, from `right`, `row_pieces` pieces from one to the next, of
// which 8 * groups are there. Every thread of the block calls it; it ends with a barrier, behind
// which is there also what threads have set out to copy before.
template <class Operand, int kTiles, int kGroups>
__device__ __forceinline__ void multiply_tiles(WarpShares<kTiles, kGroups>& shares,
                                               const uint4* left, const uint4* right,
                                               unsigned row_pieces, int segments, int groups) {
  float d[kTiles][kGroups][4];
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int n = 0; n < kGroups; ++n) {
#pragma unroll
      for (int k = 0; k < 4; ++k) d[m][n][k] = 0.0f;
    }
  }
  const int warp = static_cast<int>(threadIdx.x) / 32;
  multiply_segments<Operand, kTiles, kGroups>(
      d, left, static_cast<unsigned>(segments) * kSegmentPieces, right, row_pieces, groups,
      static_cast<int>(static_cast<long long>(warp) * segments / kTileWarps),
      static_cast<int>((warp + 1LL) * segments / kTileWarps));
  ptx::cp_async_wait<0>();
  shares.take(d, groups);
}

}  // namespace gatefold
