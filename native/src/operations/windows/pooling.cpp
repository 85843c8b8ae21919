#include "gatefold/pooling.h"

#include <algorithm>
#include <cstdint>

#include "engine/engine.h"
#include "operations/windows/pooling_call.h"

using gatefold::kPooledChannels;
using gatefold::Pooling;

namespace {

constexpr int64_t kElementsPerThread = 16384;

Pooling pooling_of(const gf_window_pooling& p) {
  return {p.average != 0, p.images != 0,   p.count_padding != 0, p.count,       p.channels,
          p.height,       p.width,         p.out_height,         p.out_width,   p.kernel_height,
          p.kernel_width, p.stride_height, p.stride_width,       p.padding_top, p.padding_left};
}

bool valid_sizes(const Pooling& p) {
  return p.count >= 1 && p.channels >= 1 && p.height >= 1 && p.width >= 1 && p.out_height >= 1 &&
         p.out_width >= 1 && p.kernel_height >= 1 && p.kernel_width >= 1 && p.stride_height >= 1 &&
         p.stride_width >= 1 && p.padding_top >= 0 && p.padding_left >= 0 &&
         (p.images ? p.kernel_height * p.width + p.kernel_width <= INT32_MAX
                   : p.width == 1 && p.out_width == 1);
}

bool valid_lengths(const Pooling& p, const int32_t* lengths) {
  for (int64_t n = 0; lengths != nullptr && n < p.count; n++) {
    if (p.images || lengths[n] < 0 || lengths[n] > p.height) {
      return false;
    }
  }
  return true;
}

/// Calls body(p, valid steps, first number, channels, distance of steps) for blocks of channels of
/// rows of steps, in parallel. Without lengths all rows are one: channels side by side.
template <class Body>
void each_block(gf_engine* engine, Pooling p, const int32_t* lengths, const Body& body) {
  if (lengths == nullptr) {
    p.channels *= p.count;
    p.count = 1;
  }
  const int64_t blocks = (p.channels + kPooledChannels - 1) / kPooledChannels;
  const int64_t work = std::min(kPooledChannels, p.channels) * p.out_height * p.kernel_height;
  gatefold::parallel_for(
      engine, p.count * blocks, kElementsPerThread / work + 1, 1, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; r++) {
          const int64_t row = r / blocks, first = r % blocks * kPooledChannels;
          body(p, lengths == nullptr ? p.height : lengths[row], row * p.channels + first,
               std::min(kPooledChannels, p.channels - first), p.count * p.channels);
        }
      });
}

/// Windows over steps, valid ones before the lengths or all.
void pool_steps(gf_engine* engine, const Pooling& pooling, const float* x, const int32_t* lengths,
                float* y) {
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  each_block(engine, pooling, lengths,
             [&](const Pooling& p, int64_t valid, int64_t at, int64_t channels, int64_t stride) {
               for (int64_t t = 0; t < p.out_height; t++) {
                 k.pool_steps(p, t, valid, x + at, channels, y + t * stride + at);
               }
             });
}

void pool_steps_backward(gf_engine* engine, const Pooling& pooling, const float* x,
                         const int32_t* lengths, const float* dy, float* dx) {
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  each_block(engine, pooling, lengths,
             [&](const Pooling& p, int64_t valid, int64_t at, int64_t channels, int64_t stride) {
               for (int64_t t = 0; t < p.height; t++) {
                 std::fill_n(dx + t * stride + at, channels, 0.0f);
               }
               for (int64_t t = 0; t < p.out_height; t++) {
                 k.pool_steps_backward(p, t, valid, x == nullptr ? nullptr : x + at, channels,
                                       dy + t * stride + at, dx + at);
               }
             });
}

/// One window over all steps.
Pooling all_steps(bool average, int64_t steps, int64_t batch, int64_t features) {
  return {average, false, false, batch, features, steps, 1, 1, 1, steps, 1, 1, 1, 0, 0};
}

bool valid_pool(const gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                int64_t features) {
  return engine != nullptr && steps >= 1 && batch >= 1 && features >= 1 &&
         pooling >= GF_POOL_LAST && pooling <= GF_POOL_MAX;
}

/// Calls body with the places of every plane's first element among inputs and among outputs, planes
/// spread over threads.
template <typename Body>
void each_plane(gf_engine* engine, const Pooling& p, Body body) {
  const int64_t inputs = p.height * p.width, outputs = p.out_height * p.out_width;
  const int64_t work = outputs * p.kernel_height * p.kernel_width;
  gatefold::parallel_for(engine, p.count * p.channels, kElementsPerThread / work + 1, 1,
                         [&](int64_t begin, int64_t end) {
                           for (int64_t plane = begin; plane < end; plane++) {
                             body(plane * inputs, plane * outputs);
                           }
                         });
}

}  // namespace

extern "C" int gf_window_pooling_forward(gf_engine* engine, const gf_window_pooling* pooling,
                                         const float* x, const int32_t* lengths, float* y) {
  if (engine == nullptr || pooling == nullptr || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Pooling p = pooling_of(*pooling);
  if (!valid_sizes(p) || !valid_lengths(p, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  if (p.images) {
    each_plane(engine, p, [&](int64_t in, int64_t out) { k.pool_image(p, x + in, y + out); });
    return GF_OK;
  }
  pool_steps(engine, p, x, lengths, y);
  return GF_OK;
}

extern "C" int gf_window_pooling_backward(gf_engine* engine, const gf_window_pooling* pooling,
                                          const float* x, const int32_t* lengths, const float* dy,
                                          float* dx) {
  if (engine == nullptr || pooling == nullptr || x == nullptr || dy == nullptr || dx == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const Pooling p = pooling_of(*pooling);
  if (!valid_sizes(p) || !valid_lengths(p, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  if (p.images) {
    each_plane(engine, p, [&](int64_t in, int64_t out) {
      k.pool_image_backward(p, x + in, dy + out, dx + in);
    });
    return GF_OK;
  }
  pool_steps_backward(engine, p, x, lengths, dy, dx);
  return GF_OK;
}

extern "C" int gf_pool_forward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                               int64_t features, const float* x, const int32_t* lengths, float* y) {
  if (x == nullptr || y == nullptr || !valid_pool(engine, pooling, steps, batch, features)) {
    return GF_INVALID_ARGUMENT;
  }
  const Pooling p = all_steps(pooling == GF_POOL_MEAN, steps, batch, features);
  if (!valid_lengths(p, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  if (pooling != GF_POOL_LAST) {
    pool_steps(engine, p, x, lengths, y);
    return GF_OK;
  }
  for (int64_t b = 0; b < batch; b++) {
    const int64_t length = lengths == nullptr ? steps : lengths[b];
    if (length == 0) {
      std::fill_n(y + b * features, features, 0.0f);
    } else {
      std::copy_n(x + ((length - 1) * batch + b) * features, features, y + b * features);
    }
  }
  return GF_OK;
}

extern "C" int gf_pool_backward(gf_engine* engine, int32_t pooling, int64_t steps, int64_t batch,
                                int64_t features, const float* x, const int32_t* lengths,
                                const float* dy, float* dx) {
  if ((pooling == GF_POOL_MAX && x == nullptr) || dy == nullptr || dx == nullptr ||
      !valid_pool(engine, pooling, steps, batch, features)) {
    return GF_INVALID_ARGUMENT;
  }
  const Pooling p = all_steps(pooling == GF_POOL_MEAN, steps, batch, features);
  if (!valid_lengths(p, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  if (pooling != GF_POOL_LAST) {
    pool_steps_backward(engine, p, x, lengths, dy, dx);
    return GF_OK;
  }
  gatefold::parallel_for(engine, batch, kElementsPerThread / (steps * features) + 1, 1,
                         [=](int64_t begin, int64_t end) {
                           for (int64_t t = 0; t < steps; t++) {
                             for (int64_t b = begin; b < end; b++) {
                               const int64_t length = lengths == nullptr ? steps : lengths[b];
                               float* to = dx + (t * batch + b) * features;
                               if (t == length - 1) {
                                 std::copy_n(dy + b * features, features, to);
                               } else {
                                 std::fill_n(to, features, 0.0f);
                               }
                             }
                           }
                         });
  return GF_OK;
}
