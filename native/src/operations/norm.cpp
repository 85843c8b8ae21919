#include "gatefold/norm.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include "engine/engine.h"

using gatefold::NormStatistics;

namespace {

constexpr int64_t kElementsPerThread = 8192;

/// Channels that one pass over the rows sums up side by side.
constexpr int64_t kBlock = 16;

/// Sum of term(i) for i below count, as sums of their own that the compiler keeps side by side.
template <class Term>
double sum_of(int64_t count, const Term& term) {
  double sums[kBlock] = {};
  int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    for (int64_t k = 0; k < kBlock; k++) {
      sums[k] += term(i + k);
    }
  }
  for (int64_t k = 0; i + k < count; k++) {
    sums[k] += term(i + k);
  }
  double total = 0;
  for (double sum : sums) {
    total += sum;
  }
  return total;
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

  /// sums[channel - begin] += term(channel - begin, index) over the valid numbers of at most kBlock
  /// channels, row by row.
  template <class Term>
  void add(int64_t begin, int64_t end, double* sums, const Term& term) const {
    for (int64_t n = 0; n < count; n++) {
      if (!valid(n)) {
        continue;
      }
      const int64_t first = (n * channels + begin) * places;
      if (places == 1) {
        for (int64_t c = 0; c < end - begin; c++) {
          sums[c] += term(c, first + c);
        }
        continue;
      }
      for (int64_t c = 0; c < end - begin; c++) {
        const int64_t at = first + c * places;
        sums[c] += sum_of(places, [&term, c, at](int64_t s) { return term(c, at + s); });
      }
    }
  }

  /// to[index] = value(channel - begin, index) for the valid numbers of some channels.
  template <class Value>
  void write(int64_t begin, int64_t end, float* to, const Value& value) const {
    for (int64_t n = 0; n < count; n++) {
      if (!valid(n)) {
        continue;
      }
      const int64_t first = (n * channels + begin) * places;
      if (places == 1) {
        for (int64_t c = 0; c < end - begin; c++) {
          to[first + c] = static_cast<float>(value(c, first + c));
        }
        continue;
      }
      for (int64_t c = 0; c < end - begin; c++) {
        const int64_t at = first + c * places;
        for (int64_t s = 0; s < places; s++) {
          to[at + s] = static_cast<float>(value(c, at + s));
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
  gatefold::parallel_for(engine, width, features, kBlock, [=, &k](int64_t begin, int64_t end) {
    if (dgamma != nullptr) {
      k.normal_sums(rows, width, begin, end, x, statistics, dy, dgamma);
    }
    if (dbeta != nullptr) {
      engine->kernels->gemm->column_sums(dy, width, rows, begin, end, dbeta);
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
    all.add(begin, end, sums, [=](int64_t, int64_t i) { return static_cast<double>(x[i]); });
    for (double& sum : sums) {
      sum *= share;
    }
    all.add(begin, end, squares, [x, &sums](int64_t c, int64_t i) {
      const double centred = static_cast<double>(x[i]) - sums[c];
      return centred * centred;
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
    double scales[kBlock] = {}, means[kBlock] = {}, shifts[kBlock] = {};
    for (int64_t c = begin; c < end; c++) {
      scales[c - begin] = factor(gamma, c) / std::sqrt(static_cast<double>(variance[c]) +
                                                       static_cast<double>(epsilon));
      means[c - begin] = static_cast<double>(mean[c]);
      shifts[c - begin] = shift(beta, c);
    }
    all.clear_padding(begin, end, y);
    all.write(begin, end, y, [x, &scales, &means, &shifts](int64_t c, int64_t i) {
      return (static_cast<double>(x[i]) - means[c]) * scales[c] + shifts[c];
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
    double inverse[kBlock] = {}, means[kBlock] = {}, factors[kBlock] = {};
    double sums[kBlock] = {}, inner[kBlock] = {};
    for (int64_t c = begin; c < end; c++) {
      inverse[c - begin] =
          1.0 / std::sqrt(static_cast<double>(variance[c]) + static_cast<double>(epsilon));
      means[c - begin] = static_cast<double>(mean[c]);
      factors[c - begin] = factor(gamma, c);
    }
    auto normal = [x, &means, &inverse](int64_t c, int64_t i) {
      return (static_cast<double>(x[i]) - means[c]) * inverse[c];
    };
    all.add(begin, end, sums, [=](int64_t, int64_t i) { return static_cast<double>(dy[i]); });
    all.add(begin, end, inner, [dy, &normal](int64_t c, int64_t i) {
      return static_cast<double>(dy[i]) * normal(c, i);
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
      all.write(begin, end, dx,
                [dy, share, &normal, &sums, &inner, &inverse, &factors](int64_t c, int64_t i) {
                  const double through = (sums[c] + normal(c, i) * inner[c]) * share;
                  return (static_cast<double>(dy[i]) - through) * inverse[c] * factors[c];
                });
    }
  });
  return GF_OK;
}
