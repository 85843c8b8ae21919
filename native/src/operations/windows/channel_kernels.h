/// Batch normalisation of blocks of channels, in double precision. Included inside an instruction
/// set's namespace by windows_level.cpp.
#ifndef GATEFOLD_CHANNEL_KERNELS_H
#define GATEFOLD_CHANNEL_KERNELS_H

/// What is added up of a channel: a value, and its product with another.
struct ChannelSums {
  double values[kChannelBlock], products[kChannelBlock];
};

/// Adds up value(i) and value(i) * other(i) for i below count, as sums of their own that the
/// compiler keeps side by side.
template <class Value, class Other>
static void add_terms(int64_t count, const Value& value, const Other& other, double& values,
                      double& products) {
  ChannelSums sums{};
  auto add = [&](int64_t k, int64_t i) {
    const double v = value(i);
    sums.values[k] += v;
    sums.products[k] += v * other(i);
  };
  int64_t i = 0;
  for (; i + kChannelBlock <= count; i += kChannelBlock) {
    for (int64_t k = 0; k < kChannelBlock; k++) {
      add(k, i + k);
    }
  }
  for (int64_t k = 0; i + k < count; k++) {
    add(k, i + k);
  }
  double total = 0, weighted = 0;
  for (int64_t k = 0; k < kChannelBlock; k++) {
    total += sums.values[k];
    weighted += sums.products[k];
  }
  values += total;
  products += weighted;
}

static GF_INLINE double factor(const float* gamma, int64_t c) {
  return gamma == nullptr ? 1.0 : static_cast<double>(gamma[c]);
}

static GF_INLINE double shift(const float* beta, int64_t c) {
  return beta == nullptr ? 0.0 : static_cast<double>(beta[c]);
}

static GF_INLINE double deviation(const ChannelNorm& call, int64_t c) {
  return __builtin_sqrt(static_cast<double>(call.variance[c]) + static_cast<double>(call.epsilon));
}

static GF_INLINE bool is_real(const Channels& all, int64_t n) {
  return all.lengths == nullptr || n / all.batch < all.lengths[n % all.batch];
}

/// Of the valid rows: side_by_side(index) of the first of the channels where each has one place,
/// else one_channel(channel - begin, index) for each of them.
template <class SideBySide, class OneChannel>
static GF_INLINE void for_valid(const Channels& all, int64_t begin, int64_t end,
                                const SideBySide& side_by_side, const OneChannel& one_channel) {
  for (int64_t n = 0; n < all.count; n++) {
    if (!is_real(all, n)) {
      continue;
    }
    const int64_t first = (n * all.channels + begin) * all.places;
    if (all.places == 1) {
      side_by_side(first);
      continue;
    }
    for (int64_t c = 0; c < end - begin; c++) {
      one_channel(c, first + c * all.places);
    }
  }
}

/// Adds up value(channel - begin, index), and its products with other(channel - begin, index), over
/// the valid numbers of at most kChannelBlock channels, row by row.
template <class Value, class Other>
static void add_channels(const Channels& all, int64_t begin, int64_t end, ChannelSums& sums,
                         const Value& value, const Other& other) {
  const int64_t count = end - begin, places = all.places;
  for_valid(
      all, begin, end,
      [&, count](int64_t first) {
        for (int64_t c = 0; c < count; c++) {
          const double v = value(c, first + c);
          sums.values[c] += v;
          sums.products[c] += v * other(c, first + c);
        }
      },
      [&, places](int64_t c, int64_t at) {
        add_terms(
            places, [&value, c, at](int64_t s) { return value(c, at + s); },
            [&other, c, at](int64_t s) { return other(c, at + s); }, sums.values[c],
            sums.products[c]);
      });
}

/// to[index] = value(channel - begin, index) for the valid numbers of some channels.
template <class Value>
static void write_channels(const Channels& all, int64_t begin, int64_t end, float* to,
                           const Value& value) {
  const int64_t count = end - begin, places = all.places;
  for_valid(
      all, begin, end,
      [=, &value](int64_t first) {
        for (int64_t c = 0; c < count; c++) {
          to[first + c] = static_cast<float>(value(c, first + c));
        }
      },
      [=, &value](int64_t c, int64_t at) {
        for (int64_t s = 0; s < places; s++) {
          to[at + s] = static_cast<float>(value(c, at + s));
        }
      });
}

static void clear_padding(const Channels& all, int64_t begin, int64_t end, float* y) {
  for (int64_t n = 0; n < all.count; n++) {
    if (!is_real(all, n)) {
      __builtin_memset(y + (n * all.channels + begin) * all.places, 0,
                       static_cast<size_t>((end - begin) * all.places) * sizeof(float));
    }
  }
}

/// In one pass, from the distances of all numbers to the first. That one is no farther from the
/// mean than the root of the count times the deviation, so that the difference of squares loses at
/// most as many units of a double's last place as there are numbers.
static void channel_moments(const Channels& all, int64_t begin, int64_t end, double share,
                            const float* x, double* means, double* variances) {
  double origins[kChannelBlock] = {};
  int64_t first = 0;
  while (first < all.count && !is_real(all, first)) {
    first++;
  }
  for (int64_t c = begin; c < end && first < all.count; c++) {
    origins[c - begin] = static_cast<double>(x[(first * all.channels + c) * all.places]);
  }
  ChannelSums sums{};
  auto distance = [x, &origins](int64_t c, int64_t i) {
    return static_cast<double>(x[i]) - origins[c];
  };
  add_channels(all, begin, end, sums, distance, distance);
  for (int64_t c = 0; c < end - begin; c++) {
    const double mean = sums.values[c] * share;
    const double variance = sums.products[c] * share - mean * mean;
    means[c] = origins[c] + mean;
    variances[c] = variance < 0 ? 0 : variance;  // NaN stays
  }
}

static void normalize_channels(const Channels& all, int64_t begin, int64_t end,
                               const ChannelNorm& call) {
  const float* x = call.x;
  double scales[kChannelBlock] = {}, means[kChannelBlock] = {}, shifts[kChannelBlock] = {};
  for (int64_t c = begin; c < end; c++) {
    scales[c - begin] = factor(call.gamma, c) / deviation(call, c);
    means[c - begin] = static_cast<double>(call.mean[c]);
    shifts[c - begin] = shift(call.beta, c);
  }
  clear_padding(all, begin, end, call.y);
  write_channels(all, begin, end, call.y, [x, &scales, &means, &shifts](int64_t c, int64_t i) {
    return (static_cast<double>(x[i]) - means[c]) * scales[c] + shifts[c];
  });
}

static void channel_gradients(const Channels& all, int64_t begin, int64_t end,
                              const ChannelNorm& call) {
  const float* x = call.x;
  const float* dy = call.dy;
  const double share = call.share;
  double inverse[kChannelBlock] = {}, means[kChannelBlock] = {}, factors[kChannelBlock] = {};
  ChannelSums sums{};
  for (int64_t c = begin; c < end; c++) {
    inverse[c - begin] = 1.0 / deviation(call, c);
    means[c - begin] = static_cast<double>(call.mean[c]);
    factors[c - begin] = factor(call.gamma, c);
  }
  auto normal = [x, &means, &inverse](int64_t c, int64_t i) {
    return (static_cast<double>(x[i]) - means[c]) * inverse[c];
  };
  add_channels(
      all, begin, end, sums, [dy](int64_t, int64_t i) { return static_cast<double>(dy[i]); },
      normal);
  for (int64_t c = begin; c < end; c++) {
    if (call.dgamma != nullptr) {
      call.dgamma[c] += static_cast<float>(sums.products[c - begin]);
    }
    if (call.dbeta != nullptr) {
      call.dbeta[c] += static_cast<float>(sums.values[c - begin]);
    }
  }
  if (call.dx != nullptr) {
    clear_padding(all, begin, end, call.dx);
    write_channels(all, begin, end, call.dx,
                   [dy, share, &normal, &sums, &inverse, &factors](int64_t c, int64_t i) {
                     const double through =
                         (sums.values[c] + normal(c, i) * sums.products[c]) * share;
                     return (static_cast<double>(dy[i]) - through) * inverse[c] * factors[c];
                   });
  }
}

#endif  // GATEFOLD_CHANNEL_KERNELS_H
