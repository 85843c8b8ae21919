#include "gatefold/norm.h"

#include <cstdint>
#include <memory>
#include <new>

#include "engine/engine.h"
#include "operations/windows/channels_call.h"

using gatefold::ChannelNorm;
using gatefold::Channels;
using gatefold::kChannelBlock;
using gatefold::NormStatistics;

namespace {

constexpr int64_t kElementsPerThread = 8192;

int64_t numbers_of(const Channels& x) {
  int64_t rows = x.lengths == nullptr ? x.count : 0;
  for (int64_t b = 0; x.lengths != nullptr && b < x.batch; b++) {
    rows += x.lengths[b];
  }
  return rows * x.places;
}

/// Runs body(begin, end) on blocks of at most kChannelBlock channels.
template <class Body>
void for_channels(gf_engine* engine, const Channels& x, const Body& body) {
  const int64_t least = kElementsPerThread / (x.count * x.places) + 1;
  gatefold::parallel_for(engine, x.channels, least, kChannelBlock, [&](int64_t begin, int64_t end) {
    for (int64_t from = begin; from < end; from += kChannelBlock) {
      body(from, end - from < kChannelBlock ? end : from + kChannelBlock);
    }
  });
}

bool valid_channels(const gf_engine* engine, const Channels& x) {
  if (engine == nullptr || x.count < 1 || x.channels < 1 || x.places < 1) {
    return false;
  }
  if (x.lengths == nullptr) {
    return true;
  }
  if (x.batch < 1 || x.count % x.batch != 0) {
    return false;
  }
  for (int64_t b = 0; b < x.batch; b++) {
    if (x.lengths[b] < 0 || x.lengths[b] > x.count / x.batch) {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int gf_layer_norm_forward(gf_engine* engine, int64_t rows, int64_t width, const float* x,
                                     const float* gamma, const float* beta, float epsilon,
                                     float* y) {
  if (engine == nullptr || rows < 1 || width < 1 || x == nullptr || y == nullptr ||
      !(epsilon > 0)) {
    return GF_INVALID_ARGUMENT;
  }
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  gatefold::parallel_for(engine, rows, kElementsPerThread / width + 1, 1,
                         [=, &k](int64_t begin, int64_t end) {
                           for (int64_t n = begin; n < end; n++) {
                             const float* from = x + n * width;
                             k.normalize(width, from, k.row_statistics(width, from, epsilon), gamma,
                                         beta, y + n * width);
                           }
                         });
  return GF_OK;
}

extern "C" int gf_layer_norm_backward(gf_engine* engine, int64_t rows, int64_t width,
                                      const float* x, const float* gamma, float epsilon,
                                      const float* dy, float* dx, float* dgamma, float* dbeta) {
  if (engine == nullptr || rows < 1 || width < 1 || x == nullptr || dy == nullptr ||
      !(epsilon > 0)) {
    return GF_INVALID_ARGUMENT;
  }
  std::unique_ptr<NormStatistics[]> kept(new (std::nothrow)
                                             NormStatistics[static_cast<size_t>(rows)]);
  if (kept == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  NormStatistics* statistics = kept.get();
  const gatefold::PointwiseKernels& k = *engine->kernels->pointwise;
  const int64_t least = kElementsPerThread / width + 1;
  gatefold::parallel_for(engine, rows, least, 1, [=, &k](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const float* from = x + n * width;
      statistics[n] = k.row_statistics(width, from, epsilon);
      if (dx != nullptr) {
        k.normalize_backward(width, from, statistics[n], gamma, dy + n * width, dx + n * width);
      }
    }
  });
  // Each thread goes over all rows for its features, in their order: the sums do not depend on the
  // number of threads.
  const int64_t features = kElementsPerThread / rows + 1;
  gatefold::parallel_for(
      engine, width, features, kChannelBlock, [=, &k](int64_t begin, int64_t end) {
        if (dgamma != nullptr) {
          k.normal_sums(rows, width, begin, end, x, statistics, dy, dgamma);
        }
        if (dbeta != nullptr) {
          engine->kernels->gemm->column_sums(dy, width, rows, nullptr, begin, end, dbeta);
        }
      });
  return GF_OK;
}

extern "C" int gf_batch_statistics(gf_engine* engine, int64_t count, int64_t channels,
                                   int64_t places, int64_t batch, const float* x,
                                   const int32_t* lengths, float momentum, float* mean,
                                   float* variance, float* running_mean, float* running_variance) {
  const Channels all{count, channels, places, batch, lengths};
  if (!valid_channels(engine, all) || x == nullptr || mean == nullptr || variance == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  const int64_t numbers = numbers_of(all);
  const double share = numbers == 0 ? 0 : 1.0 / static_cast<double>(numbers);
  const double unbiased =
      numbers < 2 ? 0 : static_cast<double>(numbers) / static_cast<double>(numbers - 1);
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  for_channels(engine, all, [=, &all, &k](int64_t begin, int64_t end) {
    double means[kChannelBlock], variances[kChannelBlock];
    k.channel_moments(all, begin, end, share, x, means, variances);
    for (int64_t c = begin; c < end; c++) {
      const double average = means[c - begin], spread = variances[c - begin];
      mean[c] = static_cast<float>(average);
      variance[c] = static_cast<float>(spread);
      auto approach = [=](float* running, double value) {
        if (running != nullptr && numbers > 1) {
          const double before = static_cast<double>(running[c]);
          running[c] =
              static_cast<float>(before + static_cast<double>(momentum) * (value - before));
        }
      };
      approach(running_mean, average);
      approach(running_variance, spread * unbiased);
    }
  });
  return GF_OK;
}

extern "C" int gf_batch_norm_forward(gf_engine* engine, int64_t count, int64_t channels,
                                     int64_t places, int64_t batch, const float* x,
                                     const int32_t* lengths, const float* mean,
                                     const float* variance, const float* gamma, const float* beta,
                                     float epsilon, float* y) {
  const Channels all{count, channels, places, batch, lengths};
  if (!valid_channels(engine, all) || x == nullptr || mean == nullptr || variance == nullptr ||
      y == nullptr || !(epsilon > 0)) {
    return GF_INVALID_ARGUMENT;
  }
  const ChannelNorm call{x, mean,    variance, gamma,   beta,    epsilon,
                         y, nullptr, 0,        nullptr, nullptr, nullptr};
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  for_channels(engine, all,
               [&](int64_t begin, int64_t end) { k.normalize_channels(all, begin, end, call); });
  return GF_OK;
}

extern "C" int gf_batch_norm_backward(gf_engine* engine, int32_t of_batch, int64_t count,
                                      int64_t channels, int64_t places, int64_t batch,
                                      const float* x, const int32_t* lengths, const float* mean,
                                      const float* variance, const float* gamma, float epsilon,
                                      const float* dy, float* dx, float* dgamma, float* dbeta) {
  const Channels all{count, channels, places, batch, lengths};
  if (!valid_channels(engine, all) || x == nullptr || mean == nullptr || variance == nullptr ||
      dy == nullptr || !(epsilon > 0)) {
    return GF_INVALID_ARGUMENT;
  }
  const int64_t numbers = numbers_of(all);
  const double share = of_batch == 0 || numbers == 0 ? 0 : 1.0 / static_cast<double>(numbers);
  const ChannelNorm call{x,       mean, variance, gamma, nullptr, epsilon,
                         nullptr, dy,   share,    dx,    dgamma,  dbeta};
  const gatefold::WindowKernels& k = *engine->kernels->windows;
  for_channels(engine, all,
               [&](int64_t begin, int64_t end) { k.channel_gradients(all, begin, end, call); });
  return GF_OK;
}
