/// Whole and partial vectors in memory. Included inside an instruction set's namespace, after its
/// Simd.
#ifndef GATEFOLD_SIMD_LANES_H
#define GATEFOLD_SIMD_LANES_H

/// The first `lanes` of them; the others are 0.
static GF_INLINE Simd::F load_lanes(const float* p, int lanes) {
  return lanes == Simd::kLanes ? Simd::load(p) : Simd::load_first(p, lanes);
}

static GF_INLINE void store_lanes(float* p, Simd::F v, int lanes) {
  if (lanes == Simd::kLanes) {
    Simd::store(p, v);
  } else {
    Simd::store_first(p, v, lanes);
  }
}

#endif  // GATEFOLD_SIMD_LANES_H
