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

/// Calls body(offset, lanes) over `count` elements, whole vectors first.
template <class Body>
static GF_INLINE void for_vectors(int64_t count, Body body) {
  int64_t i = 0;
  for (; i + Simd::kLanes <= count; i += Simd::kLanes) {
    body(i, Simd::kLanes);
  }
  if (i < count) {
    body(i, static_cast<int>(count - i));
  }
}

#endif  // GATEFOLD_SIMD_LANES_H
