#include "gatefold/elementwise.h"

#include "engine/engine.h"

namespace {

// Elements a thread must have to be worth waking: cheap and costly functions.
constexpr int64_t kCheap = 32768;
constexpr int64_t kCostly = 4096;
constexpr int64_t kGrain = 64;

int64_t rows_per_thread(int64_t columns) { return kCostly / columns + 1; }

}  // namespace

extern "C" int gf_activation_forward(gf_engine* engine, int32_t kind, float alpha, float beta,
                                     int64_t count, const float* x, float* y) {
  if (engine == nullptr || kind < GF_SIGMOID || kind > GF_THRESHOLDED_RELU || count < 0 ||
      x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, count, kCostly, kGrain, [=, &k](int64_t begin, int64_t end) {
    k.activation_forward(kind, alpha, beta, end - begin, x + begin, y + begin);
  });
  return GF_OK;
}

extern "C" int gf_activation_backward(gf_engine* engine, int32_t kind, float alpha, float beta,
                                      int64_t count, const float* x, const float* y,
                                      const float* dy, float* dx) {
  if (engine == nullptr || kind < GF_SIGMOID || kind > GF_THRESHOLDED_RELU || count < 0 ||
      x == nullptr || y == nullptr || dy == nullptr || dx == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, count, kCostly, kGrain, [=, &k](int64_t begin, int64_t end) {
    k.activation_backward(kind, alpha, beta, end - begin, x + begin, y + begin, dy + begin,
                          dx + begin);
  });
  return GF_OK;
}

extern "C" int gf_binary_apply(gf_engine* engine, int32_t kind, int64_t count, const float* a,
                               const float* b, float* y) {
  if (engine == nullptr || kind < GF_ADD || kind > GF_MINIMUM || count < 0 || a == nullptr ||
      b == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, count, kCheap, kGrain, [=, &k](int64_t begin, int64_t end) {
    k.binary(kind, end - begin, a + begin, b + begin, y + begin);
  });
  return GF_OK;
}

extern "C" int gf_scale(gf_engine* engine, int64_t count, float alpha, const float* x, float* y) {
  if (engine == nullptr || count < 0 || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, count, kCheap, kGrain, [=, &k](int64_t begin, int64_t end) {
    k.scale(end - begin, alpha, x + begin, y + begin);
  });
  return GF_OK;
}

extern "C" int gf_scaled_add(gf_engine* engine, int64_t count, float alpha, const float* x,
                             float* y) {
  if (engine == nullptr || count < 0 || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, count, kCheap, kGrain, [=, &k](int64_t begin, int64_t end) {
    k.scaled_add(end - begin, alpha, x + begin, y + begin);
  });
  return GF_OK;
}

extern "C" int gf_softmax_forward(gf_engine* engine, int64_t rows, int64_t columns,
                                  int32_t log_form, const float* x, float* y) {
  if (engine == nullptr || rows < 1 || columns < 1 || x == nullptr || y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, rows, rows_per_thread(columns), 1,
                         [=, &k](int64_t begin, int64_t end) {
                           k.softmax_forward(end - begin, columns, log_form != 0,
                                             x + begin * columns, y + begin * columns);
                         });
  return GF_OK;
}

extern "C" int gf_softmax_backward(gf_engine* engine, int64_t rows, int64_t columns,
                                   int32_t log_form, const float* y, const float* dy, float* dx) {
  if (engine == nullptr || rows < 1 || columns < 1 || y == nullptr || dy == nullptr ||
      dx == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(
      engine, rows, rows_per_thread(columns), 1, [=, &k](int64_t begin, int64_t end) {
        const int64_t at = begin * columns;
        k.softmax_backward(end - begin, columns, log_form != 0, y + at, dy + at, dx + at);
      });
  return GF_OK;
}
