#include "gatefold/optimizer.h"

#include <cmath>
#include <limits>

#include "engine/engine.h"
#include "operations/update_call.h"

namespace {

constexpr int64_t kElementsPerThread = 16384;

bool valid(int64_t segments, const gf_segment* segment) {
  if (segments < 1 || segment == nullptr) {
    return false;
  }
  for (int64_t s = 0; s < segments; s++) {
    if (segment[s].offset < 0 || segment[s].length < 0) {
      return false;
    }
  }
  return true;
}

/// A call for one segment.
gatefold::UpdateCall within(const gatefold::UpdateCall& call, const gf_optimizer& o,
                            const gf_segment& segment) {
  gatefold::UpdateCall local = call;
  local.rate = o.rate * segment.rate_scale;
  local.l1 = o.l1 * segment.decay_scale;
  local.l2 = o.l2 * segment.decay_scale;
  return local;
}

void lamb_step(gf_engine* engine, const gatefold::UpdateCall& call, const gf_optimizer& o,
               int64_t segments, const gf_segment* segment) {
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  for (int64_t s = 0; s < segments; s++) {
    const bool frozen = segment[s].rate_scale == 0.0f;
    if (frozen) {
      continue;
    }
    const int64_t offset = segment[s].offset;
    const int64_t length = segment[s].length;
    gatefold::UpdateCall local = within(call, o, segment[s]);
    double weights = gatefold::parallel_sum(engine, length, [&](int64_t begin, int64_t end) {
      return k.square_sum(end - begin, local.parameters + offset + begin);
    });
    double changes = gatefold::parallel_sum(engine, length, [&](int64_t begin, int64_t end) {
      return k.lamb_moments(local, offset + begin, offset + end);
    });
    if (weights > 0 && changes > 0) {
      local.rate *= static_cast<float>(std::sqrt(weights) / std::sqrt(changes));
    }
    gatefold::parallel_for(engine, length, kElementsPerThread, 64, [&](int64_t begin, int64_t end) {
      k.update(local, offset + begin, offset + end);
    });
  }
}

}  // namespace

extern "C" int gf_gradient_norm(gf_engine* engine, const float* gradient, int64_t segments,
                                const gf_segment* segment, float max_norm, float loss_scale,
                                int64_t required_count, const float* required, float* squares,
                                float* result) {
  if (engine == nullptr || gradient == nullptr || !valid(segments, segment) || !(max_norm > 0) ||
      !(loss_scale > 0) || required_count < 0 || (required_count > 0 && required == nullptr) ||
      squares == nullptr || result == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  double total = 0;
  for (int64_t s = 0; s < segments; s++) {
    const float* g = gradient + segment[s].offset;
    double sum = gatefold::parallel_sum(
        engine, segment[s].length,
        [=, &k](int64_t begin, int64_t end) { return k.square_sum(end - begin, g + begin); });
    squares[s] = static_cast<float>(sum);
    total += sum;
  }
  float norm = static_cast<float>(std::sqrt(total) / static_cast<double>(loss_scale));
  result[0] = norm;
  bool usable = std::isfinite(norm);
  for (int64_t i = 0; i < required_count; i++) {
    usable = usable && std::isfinite(required[i]);
  }
  if (!usable) {
    result[1] = std::numeric_limits<float>::quiet_NaN();
  } else {
    float coefficient = max_norm / (norm + 1e-6f);
    result[1] = (coefficient < 1 ? coefficient : 1.0f) / loss_scale;
  }
  return GF_OK;
}

extern "C" int gf_clip_value(gf_engine* engine, int64_t count, float limit, float* gradient) {
  if (engine == nullptr || count < 0 || !(limit > 0) || gradient == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(
      engine, count, kElementsPerThread, 64,
      [=, &k](int64_t begin, int64_t end) { k.clip(end - begin, limit, gradient + begin); });
  return GF_OK;
}

extern "C" int gf_optimizer_step(gf_engine* engine, const gf_optimizer* o, float* parameters,
                                 const float* gradient, float* state1, float* state2, float* state3,
                                 int64_t segments, const gf_segment* segment,
                                 const float* gradient_scale) {
  if (engine == nullptr || o == nullptr || parameters == nullptr || gradient == nullptr ||
      !valid(segments, segment) || o->kind < GF_SGD || o->kind > GF_LAMB || o->step < 1) {
    return GF_INVALID_ARGUMENT;
  }
  bool rmsprop = o->kind == GF_RMSPROP;
  bool one = o->kind != GF_SGD || o->momentum > 0;
  bool two = o->kind != GF_SGD && o->kind != GF_ADAGRAD && (!rmsprop || o->centered != 0);
  bool three = rmsprop && o->momentum > 0;
  if ((one && state1 == nullptr) || (two && state2 == nullptr) || (three && state3 == nullptr)) {
    return GF_INVALID_ARGUMENT;
  }
  float scale = gradient_scale == nullptr ? 1.0f : gradient_scale[0];
  if (!std::isfinite(scale)) {
    return GF_OK;
  }
  gatefold::UpdateCall call{};
  call.kind = o->kind;
  call.nesterov = o->nesterov != 0;
  call.centered = o->centered != 0;
  call.decoupled = o->decoupled != 0;
  call.first = o->step == 1;
  call.gradient_scale = scale;
  call.momentum = o->momentum;
  call.dampening = o->dampening;
  call.alpha = o->alpha;
  call.beta1 = o->beta1;
  call.beta2 = o->beta2;
  call.epsilon = o->epsilon;
  call.mean_factor = o->mean_factor;
  call.gradient_factor = o->gradient_factor;
  double step = static_cast<double>(o->step);
  call.inverse_correction1 =
      static_cast<float>(1.0 / (1.0 - std::pow(static_cast<double>(o->beta1), step)));
  call.inverse_root_correction2 =
      static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(static_cast<double>(o->beta2), step)));
  call.parameters = parameters;
  call.gradient = gradient;
  call.state1 = state1;
  call.state2 = state2;
  call.state3 = state3;
  if (o->kind == GF_LAMB) {
    lamb_step(engine, call, *o, segments, segment);
    return GF_OK;
  }
  // One region over all segments: cut where threads begin and end, not where parameters do.
  int64_t total = 0;
  for (int64_t s = 0; s < segments; s++) {
    total += segment[s].length;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, total, kElementsPerThread, 64, [&](int64_t begin, int64_t end) {
    int64_t first = 0;
    for (int64_t s = 0; s < segments && first < end; first += segment[s].length, s++) {
      int64_t from = begin > first ? begin - first : 0;
      int64_t to = end - first < segment[s].length ? end - first : segment[s].length;
      const bool frozen = segment[s].rate_scale == 0.0f;
      if (from >= to || frozen) {
        continue;
      }
      k.update(within(call, *o, segment[s]), segment[s].offset + from, segment[s].offset + to);
    }
  });
  return GF_OK;
}
