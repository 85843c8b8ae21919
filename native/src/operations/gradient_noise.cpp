/// Gaussian noise by position, in plain arithmetic for any processor, which compilers turn into
/// vectors: every machine gives the same bits.
#include <cmath>
#include <cstring>

#include "engine/engine.h"
#include "engine/philox.h"
#include "gatefold/optimizer.h"

namespace {

/// ln x of a float in [2^-24, 1]: with x = 2^n (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), the
/// polynomial of Cephes' logf.
inline float log_of_fraction(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  const uint32_t shifted = bits - 0x3F3504F3u;  // the bits of sqrt(1/2)
  const float n = static_cast<float>(static_cast<int32_t>(shifted) >> 23);
  const uint32_t mantissa = (shifted & 0x007FFFFFu) + 0x3F3504F3u;
  float m;
  std::memcpy(&m, &mantissa, 4);
  const float f = m - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float square = f * f;
  const float rest = p * f * square + n * -2.12194440e-4f - 0.5f * square;
  return f + rest + n * 0.693359375f;
}

/// Adds to elements [begin, end) of x their numbers of gf_gradient_noise times `factor`.
void add_noise(int64_t begin, int64_t end, float factor, uint64_t key, float* x) {
  constexpr int kBlocks = 64;
  constexpr uint32_t kStream = 0x6E6F6973u;
  constexpr float kStep = 0x1p-24f;
  const uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  // In an array of their own for each word, so that loops have vectors.
  uint32_t words[4][kBlocks];
  float z[kBlocks][4];
  for (int64_t first = begin / 4; first * 4 < end; first += kBlocks) {
    for (int i = 0; i < kBlocks; i++) {
      const uint64_t index = static_cast<uint64_t>(first + i);
      const gatefold::PhiloxBlock block = gatefold::philox(
          static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), kStream, 0, k0, k1);
      for (int w = 0; w < 4; w++) {
        words[w][i] = block.word[w] >> 8;
      }
    }
    for (int pair = 0; pair < 4; pair += 2) {
      for (int i = 0; i < kBlocks; i++) {
        const float a = static_cast<float>(static_cast<int32_t>(words[pair][i]) + 1) * kStep;
        const float radius = factor * std::sqrt(-2.0f * log_of_fraction(a));
        // 2 pi b = quarter pi/2 + r with |r| <= pi/4; sine and cosine of r by Cephes' polynomials.
        const int32_t b = static_cast<int32_t>(words[pair + 1][i]);
        const int32_t quarter = (b + (1 << 21)) >> 22;
        const float r = static_cast<float>(b - quarter * (1 << 22)) * 3.74507028e-07f;
        const float s = r * r;
        const float sine =
            r + r * s * ((-1.9515295891e-4f * s + 8.3321608736e-3f) * s - 1.6666654611e-1f);
        const float cosine =
            1.0f - 0.5f * s +
            s * s *
                ((2.443315711809948e-5f * s - 1.388731625493765e-3f) * s + 4.166664568298827e-2f);
        const bool odd = (quarter & 1) != 0;
        const float of_cosine = odd ? sine : cosine, of_sine = odd ? cosine : sine;
        z[i][pair] = radius * (((quarter + 1) & 2) != 0 ? -of_cosine : of_cosine);
        z[i][pair + 1] = radius * ((quarter & 2) != 0 ? -of_sine : of_sine);
      }
    }
    const int64_t origin = first * 4;
    const int64_t from = begin > origin ? begin - origin : 0;
    const int64_t left = end - origin, most = 4 * kBlocks;
    const float* flat = &z[0][0];
    for (int64_t e = from; e < (left < most ? left : most); e++) {
      x[origin + e] += flat[e];
    }
  }
}

}  // namespace

extern "C" int gf_gradient_noise(gf_engine* engine, int64_t segments, const gf_segment* segment,
                                 float deviation, uint64_t key, const float* scale,
                                 float* gradient) {
  if (engine == nullptr || segments < 1 || segment == nullptr || !(deviation >= 0) ||
      gradient == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  for (int64_t s = 0; s < segments; s++) {
    if (segment[s].offset < 0 || segment[s].length < 0) {
      return GF_INVALID_ARGUMENT;
    }
  }
  const float factor = scale == nullptr ? deviation : deviation / scale[0];
  if (!std::isfinite(factor)) {
    return GF_OK;
  }
  for (int64_t s = 0; s < segments; s++) {
    const int64_t offset = segment[s].offset;
    gatefold::parallel_for(engine, segment[s].length, 4096, 64, [=](int64_t begin, int64_t end) {
      add_noise(offset + begin, offset + end, factor, key, gradient);
    });
  }
  return GF_OK;
}
