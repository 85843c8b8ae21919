#include "engine/engine.h"
#include "engine/kernels.h"
#include "engine/philox.h"
#include "gatefold/elementwise.h"

namespace gatefold {

void dropout_range(int64_t begin, int64_t end, float p, uint64_t seed, uint32_t stream,
                   const float* x, float* y) {
  const float scale = 1.0f / (1.0f - p);
  const uint32_t k0 = static_cast<uint32_t>(seed);
  const uint32_t k1 = static_cast<uint32_t>(seed >> 32);
  for (int64_t e = begin; e < end;) {
    uint64_t index = static_cast<uint64_t>(e) / 4;
    PhiloxBlock block =
        philox(static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), stream, 0, k0, k1);
    for (int w = static_cast<int>(e % 4); w < 4 && e < end; w++, e++) {
      float u = static_cast<float>(block.word[w] >> 8) * 0x1p-24f;
      y[e] = u >= p ? x[e] * scale : 0.0f;
    }
  }
}

}  // namespace gatefold

extern "C" int gf_dropout(gf_engine* engine, int64_t count, float p, uint64_t seed, uint32_t stream,
                          const float* x, float* y) {
  if (engine == nullptr || count < 0 || !(p >= 0 && p < 1) || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  gatefold::parallel_for(engine, count, 8192, 4, [=](int64_t begin, int64_t end) {
    engine->kernels->pointwise->dropout(begin, end, p, seed, stream, x, y);
  });
  return GF_OK;
}
