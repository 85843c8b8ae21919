#include "gatefold/norm.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include "engine/engine.h"

namespace {

constexpr int64_t kElementsPerThread = 8192;

/// Channels that one pass over the rows sums up side by side.
constexpr int64_t kBlock = 16;

struct Moments {
  double mean;
  double inverse;  ///< 1 / sqrt(variance + epsilon)
};

Moments moments_of_row(const float* x, int64_t width, float epsilon) {
  double sum = 0;
  for (int64_t d = 0; d < width; d++) {
    sum += static_cast<double>(x[d]);
  }
  const double mean = sum / static_cast<double>(width);
  double squares = 0;
  for (int64_t d = 0; d < width; d++) {
    const double centred = static_cast<double>(x[d]) - mean;
    squares += centred * centred;
  }
  const double variance = squares / static_cast<double>(width);
  return {mean, 1.0 / std::sqrt(variance + static_cast<double>(epsilon))};
}

double factor(const float* gamma, int64_t i) {
  return gamma == nullptr ? 1.0 : static_cast<double>(gamma[i]);
}

double shift(const float* beta, int64_t i) {
  return beta == nullptr ? 0.0 : static_cast<double>(beta[i]);
}

/// Numbers [count, channels, places] of which those of rows in padding do not count.
struct Channels {
  int64_t count, channels, places, batch;
  const int32_t* lengths;

  bool valid(int64_t n) const { return lengths == nullptr || n / batch < lengths[n % batch]; }

  int64_t numbers() const {
    int64_t rows = lengths == nullptr ? count : 0;
    for (int64_t b = 0; lengths != nullptr && b < batch; b++) {
      rows += lengths[b];
    }
    return rows * places;
  }

  /// body(channel - begin, index) for the valid numbers of some channels, row by row.
  template <class Body>
  void each(int64_t begin, int64_t end, const Body& body) const {
    for (int64_t n = 0; n < count; n++) {
      if (!valid(n)) {
        continue;
      }
      for (int64_t c = begin; c < end; c++) {
        const int64_t first = (n * channels + c) * places;
        for (int64_t s = 0; s < places; s++) {
          body(c - begin, first + s);
        }
      }
    }
  }

  void clear_padding(int64_t begin, int64_t end, float* y) const {
    for (int64_t n = 0; n < count; n++) {
      if (!valid(n)) {
        std::memset(y + (n * channels + begin) * places, 0,
                    static_cast<size_t>((end - begin) * places) * sizeof(float));
      }
    }
  }
};

/// Runs body(begin, end) on blocks of at most kBlock channels.
template <class Body>
void for_channels(gf_engine* engine, const Channels& x, const Body& body) {
  const int64_t least = kElementsPerThread / (x.count * x.places) + 1;
  gatefold::parallel_for(engine, x.channels, least, kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t from = begin; from < end; from += kBlock) {
      body(from, end - from < kBlock ? end : from + kBlock);
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
  gatefold::parallel_for(
      engine, rows, kElementsPerThread / width + 1, 1, [=](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; n++) {
          const float* from = x + n * width;
          const Moments m = moments_of_row(from, width, epsilon);
          for (int64_t d = 0; d < width; d++) {
            const double normal = (static_cast<double>(from[d]) - m.mean) * m.inverse;
            y[n * width + d] = static_cast<float>(normal * factor(gamma, d) + shift(beta, d));
          }
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
  std::unique_ptr<Moments[]> kept(new (std::nothrow) Moments[static_cast<size_t>(rows)]);
  if (kept == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  Moments* moments = kept.get();
  const int64_t least = kElementsPerThread / width + 1;
  gatefold::parallel_for(engine, rows, least, 1, [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const float* from = x + n * width;
      const float* gradient = dy + n * width;
      const Moments m = moments_of_row(from, width, epsilon);
      moments[n] = m;
      if (dx == nullptr) {
        continue;
      }
      double sum = 0, inner = 0;
      for (int64_t d = 0; d < width; d++) {
        const double g = static_cast<double>(gradient[d]) * factor(gamma, d);
        sum += g;
        inner += g * (static_cast<double>(from[d]) - m.mean) * m.inverse;
      }
      const double mean = sum / static_cast<double>(width);
      const double slope = inner / static_cast<double>(width);
      for (int64_t d = 0; d < width; d++) {
        const double normal = (static_cast<double>(from[d]) - m.mean) * m.inverse;
        const double g = static_cast<double>(gradient[d]) * factor(gamma, d);
        dx[n * width + d] = static_cast<float>((g - mean - normal * slope) * m.inverse);
      }
    }
  });
  // Each thread goes over all rows for its features, in their order: the sums do not depend on the
  // number of threads.
  const int64_t features = kElementsPerThread / rows + 1;
  gatefold::parallel_for(engine, width, features, kBlock, [=](int64_t begin, int64_t end) {
    for (int64_t from = begin; from < end; from += kBlock) {
      const int64_t some = end - from < kBlock ? end - from : kBlock;
      double gammas[kBlock] = {}, betas[kBlock] = {};
      for (int64_t n = 0; n < rows; n++) {
        for (int64_t d = 0; d < some; d++) {
          const int64_t at = n * width + from + d;
          const double g = static_cast<double>(dy[at]);
          gammas[d] += g * (static_cast<double>(x[at]) - moments[n].mean) * moments[n].inverse;
          betas[d] += g;
        }
      }
      for (int64_t d = 0; d < some; d++) {
        if (dgamma != nullptr) {
          dgamma[from + d] += static_cast<float>(gammas[d]);
        }
        if (dbeta != nullptr) {
          dbeta[from + d] += static_cast<float>(betas[d]);
        }
      }
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
  const int64_t numbers = all.numbers();
  const double share = numbers == 0 ? 0 : 1.0 / static_cast<double>(numbers);
  const double unbiased =
      numbers < 2 ? 0 : static_cast<double>(numbers) / static_cast<double>(numbers - 1);
  for_channels(engine, all, [=](int64_t begin, int64_t end) {
    double sums[kBlock] = {}, squares[kBlock] = {};
    all.each(begin, end, [&](int64_t c, int64_t i) { sums[c] += static_cast<double>(x[i]); });
    for (double& sum : sums) {
      sum *= share;
    }
    all.each(begin, end, [&](int64_t c, int64_t i) {
      const double centred = static_cast<double>(x[i]) - sums[c];
      squares[c] += centred * centred;
    });
    for (int64_t c = begin; c < end; c++) {
      const double average = sums[c - begin], spread = squares[c - begin] * share;
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
  for_channels(engine, all, [=](int64_t begin, int64_t end) {
    double scales[kBlock] = {};
    for (int64_t c = begin; c < end; c++) {
      scales[c - begin] = factor(gamma, c) / std::sqrt(static_cast<double>(variance[c]) +
                                                       static_cast<double>(epsilon));
    }
    all.clear_padding(begin, end, y);
    all.each(begin, end, [&](int64_t c, int64_t i) {
      const double centred = static_cast<double>(x[i]) - static_cast<double>(mean[begin + c]);
      y[i] = static_cast<float>(centred * scales[c] + shift(beta, begin + c));
    });
  });
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
  const int64_t numbers = all.numbers();
  const double share = of_batch == 0 || numbers == 0 ? 0 : 1.0 / static_cast<double>(numbers);
  for_channels(engine, all, [=](int64_t begin, int64_t end) {
    double inverse[kBlock] = {}, sums[kBlock] = {}, inner[kBlock] = {};
    for (int64_t c = begin; c < end; c++) {
      inverse[c - begin] =
          1.0 / std::sqrt(static_cast<double>(variance[c]) + static_cast<double>(epsilon));
    }
    auto normal = [&](int64_t c, int64_t i) {
      return (static_cast<double>(x[i]) - static_cast<double>(mean[begin + c])) * inverse[c];
    };
    all.each(begin, end, [&](int64_t c, int64_t i) {
      sums[c] += static_cast<double>(dy[i]);
      inner[c] += static_cast<double>(dy[i]) * normal(c, i);
    });
    for (int64_t c = begin; c < end; c++) {
      if (dgamma != nullptr) {
        dgamma[c] += static_cast<float>(inner[c - begin]);
      }
      if (dbeta != nullptr) {
        dbeta[c] += static_cast<float>(sums[c - begin]);
      }
    }
    if (dx != nullptr) {
      all.clear_padding(begin, end, dx);
      all.each(begin, end, [&](int64_t c, int64_t i) {
        const double through = (sums[c] + normal(c, i) * inner[c]) * share;
        dx[i] = static_cast<float>((static_cast<double>(dy[i]) - through) * inverse[c] *
                                   factor(gamma, begin + c));
      });
    }
  });
  return GF_OK;
}
