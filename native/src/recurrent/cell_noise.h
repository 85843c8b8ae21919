/// Random masks inside cells: zoneout, and dropout of the candidate and of h. Included inside an
/// instruction set's namespace.
///
/// Element (t*B + b)*H + j of a mask is word e mod 4 of the Philox block with key = seed and
/// counter (e/4 low, e/4 high, mask << 24 | layer*D + direction, 0), and falls out where that as a
/// fraction is below the probability. The mask of h has element b*H + j at every step.
#ifndef GATEFOLD_CELL_NOISE_H
#define GATEFOLD_CELL_NOISE_H

#include "simd/vec_philox.h"

enum NoiseMask : uint32_t { kZoneoutH = 1, kZoneoutC = 2, kCandidateMask = 3, kRecurrentMask = 4 };

/// The noise of one layer and direction.
struct CellNoise {
  bool drawn;    ///< masks are drawn; else zoneout is what it is on average, and nothing is dropped
  uint32_t set;  ///< layer*D + direction
  uint64_t seed;
  float zoneout_h, zoneout_c, candidate, recurrent;  ///< probabilities
};

/// What noise does to one vector of units.
struct NoiseLanes {
  Simd::F stays_h, stays_c;  ///< shares of the states before the step that stay
  Simd::F candidate;         ///< scale
};

/// Lanes that fall out become `fallen`, the others `kept`; of elements from e on.
static Simd::F drawn_lanes(const CellNoise& noise, NoiseMask mask, int64_t e, float p, float fallen,
                           float kept) {
  const uint32_t stream = static_cast<uint32_t>(mask) << 24 | noise.set;
  const Simd::F fraction = fractions_of(philox_words(noise.seed, stream, static_cast<uint64_t>(e)));
  return Simd::select(Simd::less(fraction, Simd::set1(p)), Simd::set1(fallen), Simd::set1(kept));
}

static GF_INLINE Simd::F stays(const CellNoise& noise, NoiseMask mask, float p, int64_t e) {
  if (p == 0) {
    return Simd::zero();
  }
  return noise.drawn ? drawn_lanes(noise, mask, e, p, 1.0f, 0.0f) : Simd::set1(p);
}

static GF_INLINE Simd::F stays_h(const CellNoise& noise, int64_t e) {
  return stays(noise, kZoneoutH, noise.zoneout_h, e);
}

static GF_INLINE Simd::F stays_c(const CellNoise& noise, int64_t e) {
  return stays(noise, kZoneoutC, noise.zoneout_c, e);
}

static GF_INLINE Simd::F candidate_scale(const CellNoise& noise, int64_t e) {
  if (noise.candidate == 0 || !noise.drawn) {
    return Simd::set1(1.0f);
  }
  return drawn_lanes(noise, kCandidateMask, e, noise.candidate, 0.0f,
                     1.0f / (1.0f - noise.candidate));
}

/// True if h is masked where it enters the recurrent product.
static GF_INLINE bool masks_h(const CellNoise& noise) { return noise.recurrent > 0 && noise.drawn; }

/// The scales of h of one row, as so many floats; some more are written up to whole vectors.
static void recurrent_scales(const CellNoise& noise, int64_t row, int64_t hidden, float* to) {
  for (int64_t u = 0; u < hidden; u += Simd::kLanes) {
    Simd::store(to + u, drawn_lanes(noise, kRecurrentMask, row * hidden + u, noise.recurrent, 0.0f,
                                    1.0f / (1.0f - noise.recurrent)));
  }
}

static GF_INLINE NoiseLanes noise_lanes(const CellNoise& noise, int64_t e) {
  return {stays_h(noise, e), stays_c(noise, e), candidate_scale(noise, e)};
}

/// The state after a step of which a share stays what it was before it.
static GF_INLINE Simd::F mixed_state(Simd::F stays, Simd::F before, Simd::F after) {
  return Simd::fma(stays, before, Simd::mul(Simd::sub(Simd::set1(1.0f), stays), after));
}

static void describe_noise(const RecurrentCall& call, int64_t set, CellNoise& noise) {
  const gf_cell_noise& own = call.spec->noise;
  noise = {call.reserve != nullptr && own.drawn != 0,
           static_cast<uint32_t>(set),
           call.seed,
           own.zoneout_h,
           own.zoneout_c,
           own.candidate_dropout,
           own.recurrent_dropout};
}

#endif  // GATEFOLD_CELL_NOISE_H
