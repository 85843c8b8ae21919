#include "gatefold/convolution.h"

#include "engine/engine.h"
#include "operations/windows/convolution_shape.h"

using gatefold::Convolution;

namespace {

/// Of so few places, images are unfolded.
constexpr int64_t kFewPlaces = 4;

bool valid_lengths(const Convolution& c, const int32_t* lengths) {
  for (int64_t n = 0; lengths != nullptr && n < c.count; n++) {
    if (lengths[n] < 0 || lengths[n] > c.height) {
      return false;
    }
  }
  return true;
}

/// db [outputs] += sums over all places.
void bias_gradient(gf_engine* engine, const Convolution& c, const float* dy, float* db) {
  const int64_t places = c.places();
  const int64_t least = gatefold::kConvolutionWork / (places * c.parts()) + 1;
  if (!c.images) {
    gatefold::parallel_for(engine, c.outputs, least, 16, [=](int64_t begin, int64_t end) {
      engine->kernels->gemm->column_sums(dy, c.outputs, places, nullptr, begin, end, db);
    });
    return;
  }
  gatefold::parallel_for(engine, c.outputs, least, 1, [=](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      double sum = 0;
      for (int64_t n = 0; n < c.count; n++) {
        sum += engine->kernels->pointwise->sum(places, dy + (n * c.outputs + o) * places);
      }
      db[o] += static_cast<float>(sum);
    }
  });
}

}  // namespace

extern "C" int gf_convolution_forward(gf_engine* engine, const gf_convolution* convolution,
                                      const float* x, const int32_t* lengths, const float* w,
                                      const float* b, float* y) {
  if (engine == nullptr || convolution == nullptr || x == nullptr || w == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Convolution c(*convolution);
  if (!c.valid() || !valid_lengths(c, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::ConvolutionForward given{x, lengths, w, b, y};
  if (!c.images) {
    return gatefold::step_forward(engine, c, given);
  }
  return c.by_single_steps() && c.places() > kFewPlaces
             ? gatefold::image_forward(engine, c, given)
             : gatefold::unfolded_forward(engine, c, given);
}

extern "C" int gf_convolution_backward(gf_engine* engine, const gf_convolution* convolution,
                                       const float* x, const int32_t* lengths, const float* w,
                                       const float* dy, float* dx, float* dw, float* db) {
  if (engine == nullptr || convolution == nullptr || x == nullptr || w == nullptr ||
      dy == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Convolution c(*convolution);
  if (!c.valid() || !valid_lengths(c, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  // Over images, dy is read for the weights already.
  const bool adds_bias = c.images && c.by_single_steps() && dw != nullptr;
  const gatefold::ConvolutionBackward given{x, lengths, w, dy, dx, dw, adds_bias ? db : nullptr};
  const int status = !c.by_single_steps() ? gatefold::unfolded_backward(engine, c, given)
                     : c.images           ? gatefold::image_backward(engine, c, given)
                                          : gatefold::step_backward(engine, c, given);
  if (status == GF_OK && db != nullptr && !adds_bias) {
    bias_gradient(engine, c, dy, db);
  }
  return status;
}
