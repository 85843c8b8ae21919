/// Batch normalisation of blocks of channels, in double precision. Included inside an instruction
/// set's namespace by windows_level.cpp.
#ifndef GATEFOLD_CHANNEL_KERNELS_H
#define GATEFOLD_CHANNEL_KERNELS_H

/// Sum of term(i) for i below count, as sums of their own that the compiler keeps side by side.
template <class Term>
static double sum_of_terms(int64_t count, const Term& term) {
  double sums[kChannelBlock] = {};
  int64_t i = 0;
  for (; i + kChannelBlock <= count; i += kChannelBlock) {
    for (int64_t k = 0; k < kChannelBlock; k++) {
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

/// sums[channel - begin] += term(channel - begin, index) over the valid numbers of at most
/// kChannelBlock channels, row by row.
template <class Term>
static void add_channels(const Channels& all, int64_t begin, int64_t end, double* sums,
                         const Term& term) {
  const int64_t count = end - begin, places = all.places;
  for_valid(
      all, begin, end,
      [=, &term](int64_t first) {
        for (int64_t c = 0; c < count; c++) {
          sums[c] += term(c, first + c);
        }
      },
      [=, &term](int64_t c, int64_t at) {
        sums[c] += sum_of_terms(places, [&term, c, at](int64_t s) { return term(c, at + s); });
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

static void channel_moments(const Channels& all, int64_t begin, int64_t end, double share,
                            const float* x, double* means, double* variances) {
  double sums[kChannelBlock] = {}, squares[kChannelBlock] = {};
  add_channels(all, begin, end, sums,
               [=](int64_t, int64_t i) { return static_cast<double>(x[i]); });
  for (double& sum : sums) {
    sum *= share;
  }
  add_channels(all, begin, end, squares, [x, &sums](int64_t c, int64_t i) {
    const double centred = static_cast<double>(x[i]) - sums[c];
    return centred * centred;
  });
  for (int64_t c = 0; c < end - begin; c++) {
    means[c] = sums[c];
    variances[c] = squares[c] * share;
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
  double sums[kChannelBlock] = {}, inner[kChannelBlock] = {};
  for (int64_t c = begin; c < end; c++) {
    inverse[c - begin] = 1.0 / deviation(call, c);
    means[c - begin] = static_cast<double>(call.mean[c]);
    factors[c - begin] = factor(call.gamma, c);
  }
  auto normal = [x, &means, &inverse](int64_t c, int64_t i) {
    return (static_cast<double>(x[i]) - means[c]) * inverse[c];
  };
  add_channels(all, begin, end, sums,
               [=](int64_t, int64_t i) { return static_cast<double>(dy[i]); });
  add_channels(all, begin, end, inner, [dy, &normal](int64_t c, int64_t i) {
    return static_cast<double>(dy[i]) * normal(c, i);
  });
  for (int64_t c = begin; c < end; c++) {
    if (call.dgamma != nullptr) {
      call.dgamma[c] += static_cast<float>(inner[c - begin]);
    }
    if (call.dbeta != nullptr) {
      call.dbeta[c] += static_cast<float>(sums[c - begin]);
    }
  }
  if (call.dx != nullptr) {
    clear_padding(all, begin, end, call.dx);
    write_channels(all, begin, end, call.dx,
                   [dy, share, &normal, &sums, &inner, &inverse, &factors](int64_t c, int64_t i) {
                     const double through = (sums[c] + normal(c, i) * inner[c]) * share;
                     return (static_cast<double>(dy[i]) - through) * inverse[c] * factors[c];
                   });
  }
}

#endif  // GATEFOLD_CHANNEL_KERNELS_H
