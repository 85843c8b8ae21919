/// Normalisation of rows and of channels, on every instruction set, against double precision.

#include <cmath>

#include "check.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

constexpr float kEpsilon = 1e-5f;

void test_layer_norm(const std::string& isa, size_t rows, size_t width) {
  Random random(rows * 31 + width);
  Buffer x = random.buffer(rows * width, 2), dy = random.buffer(rows * width, 1);
  Buffer gamma = random.buffer(width, 1), beta = random.buffer(width, 1);
  Buffer dgamma0 = random.buffer(width, 1), dbeta0 = random.buffer(width, 1);
  const double F = static_cast<double>(width);
  std::vector<double> ey(x.size()), edx(x.size());
  std::vector<double> edgamma(dgamma0.begin(), dgamma0.end()), edbeta(dbeta0.begin(), dbeta0.end());
  for (size_t n = 0; n < rows; n++) {
    double mean = 0, variance = 0, sum = 0, product = 0;
    for (size_t f = 0; f < width; f++) mean += x[n * width + f] / F;
    for (size_t f = 0; f < width; f++) variance += std::pow(x[n * width + f] - mean, 2) / F;
    const double inverse = 1 / std::sqrt(variance + kEpsilon);
    for (size_t f = 0; f < width; f++) {
      const double z = (x[n * width + f] - mean) * inverse, d = dy[n * width + f];
      ey[n * width + f] = z * gamma[f] + beta[f];
      edgamma[f] += d * z;
      edbeta[f] += d;
      sum += d * gamma[f] / F;
      product += d * gamma[f] * z / F;
    }
    for (size_t f = 0; f < width; f++) {
      const double z = (x[n * width + f] - mean) * inverse;
      edx[n * width + f] = (dy[n * width + f] * gamma[f] - sum - z * product) * inverse;
    }
  }
  const int64_t N = static_cast<int64_t>(rows), D = static_cast<int64_t>(width);
  for (int threads : {1, 3}) {
    check::context =
        isa + ", layer norm, rows " + std::to_string(rows) + ", width " + std::to_string(width);
    Engine engine(threads, isa);
    Buffer y(x.size()), dx(x.size()), dgamma = dgamma0, dbeta = dbeta0;
    CHECK_OK(gf_layer_norm_forward(engine, N, D, x.data(), gamma.data(), beta.data(), kEpsilon,
                                   y.data()));
    CHECK_OK(gf_layer_norm_backward(engine, N, D, x.data(), gamma.data(), kEpsilon, dy.data(),
                                    dx.data(), dgamma.data(), dbeta.data()));
    CHECK_CLOSE(y, ey, 2e-6);
    CHECK_CLOSE(dx, edx, 5e-6);
    CHECK_CLOSE(dgamma, edgamma, 2e-6);
    CHECK_CLOSE(dbeta, edbeta, 1e-6);
    for (const Buffer* out : {&y, &dx, &dgamma, &dbeta}) CHECK(out->guards_intact());
  }
}

void test_batch_norm(const std::string& isa, size_t steps, size_t batch, size_t channels,
                     size_t places, bool ragged) {
  const size_t count = steps * batch, size = count * channels * places;
  Random random(size);
  Buffer x = random.buffer(size, 2), dy = random.buffer(size, 1);
  Buffer gamma = random.buffer(channels, 1), beta = random.buffer(channels, 1);
  Buffer dgamma0 = random.buffer(channels, 1), dbeta0 = random.buffer(channels, 1);
  Buffer old_mean = random.buffer(channels, 1), old_variance(channels, 1.5f);
  std::vector<int32_t> lengths;
  for (size_t b = 0; b < batch; b++) {
    lengths.push_back(static_cast<int32_t>(ragged ? steps * b / batch : steps));
  }
  auto valid = [&](size_t n) { return static_cast<int32_t>(n / batch) < lengths[n % batch]; };
  double counted = 0;
  for (size_t n = 0; n < count; n++) counted += valid(n) ? static_cast<double>(places) : 0.0;
  const float momentum = 0.1f;
  std::vector<double> emean(channels), evariance(channels), erunning(channels), erunning2(channels);
  std::vector<double> ey(size, 0.0), edx(size, 0.0);
  std::vector<double> edgamma(dgamma0.begin(), dgamma0.end()), edbeta(dbeta0.begin(), dbeta0.end());
  for (size_t c = 0; c < channels; c++) {
    auto each = [&](auto body) {
      for (size_t n = 0; n < count; n++) {
        for (size_t s = 0; s < places && valid(n); s++) body((n * channels + c) * places + s);
      }
    };
    double mean = 0, variance = 0, sum = 0, product = 0;
    each([&](size_t i) { mean += x[i] / counted; });
    each([&](size_t i) { variance += std::pow(x[i] - mean, 2) / counted; });
    emean[c] = mean;
    evariance[c] = variance;
    const double unbiased = variance * counted / (counted - 1);
    erunning[c] = old_mean[c] + static_cast<double>(momentum) * (mean - old_mean[c]);
    erunning2[c] = old_variance[c] + static_cast<double>(momentum) * (unbiased - old_variance[c]);
    const double inverse = 1 / std::sqrt(variance + kEpsilon);
    each([&](size_t i) {
      const double z = (x[i] - mean) * inverse;
      ey[i] = z * gamma[c] + beta[c];
      edgamma[c] += dy[i] * z;
      edbeta[c] += dy[i];
      sum += dy[i] / counted;
      product += dy[i] * z / counted;
    });
    each([&](size_t i) {
      const double z = (x[i] - mean) * inverse;
      edx[i] = (dy[i] - sum - z * product) * inverse * gamma[c];
    });
  }
  const int32_t* given = ragged ? lengths.data() : nullptr;
  const int64_t N = static_cast<int64_t>(count), C = static_cast<int64_t>(channels);
  const int64_t S = static_cast<int64_t>(places), B = static_cast<int64_t>(batch);
  for (int threads : {1, 3}) {
    check::context = isa + ", batch norm, " + std::to_string(count) + "x" +
                     std::to_string(channels) + "x" + std::to_string(places) +
                     (ragged ? ", lengths" : "");
    Engine engine(threads, isa);
    Buffer mean(channels), variance(channels), running = old_mean, running2 = old_variance;
    Buffer y(size), dx(size), dgamma = dgamma0, dbeta = dbeta0;
    CHECK_OK(gf_batch_statistics(engine, N, C, S, B, x.data(), given, momentum, mean.data(),
                                 variance.data(), running.data(), running2.data()));
    CHECK_OK(gf_batch_norm_forward(engine, N, C, S, B, x.data(), given, mean.data(),
                                   variance.data(), gamma.data(), beta.data(), kEpsilon, y.data()));
    CHECK_OK(gf_batch_norm_backward(engine, 1, N, C, S, B, x.data(), given, mean.data(),
                                    variance.data(), gamma.data(), kEpsilon, dy.data(), dx.data(),
                                    dgamma.data(), dbeta.data()));
    CHECK_CLOSE(mean, emean, 1e-6);
    CHECK_CLOSE(variance, evariance, 1e-6);
    CHECK_CLOSE(running, erunning, 1e-6);
    CHECK_CLOSE(running2, erunning2, 1e-6);
    CHECK_CLOSE(y, ey, 3e-6);
    CHECK_CLOSE(dx, edx, 5e-6);
    CHECK_CLOSE(dgamma, edgamma, 3e-6);
    CHECK_CLOSE(dbeta, edbeta, 2e-6);
    for (const Buffer* out : {&mean, &variance, &running, &running2, &y, &dx, &dgamma, &dbeta}) {
      CHECK(out->guards_intact());
    }
    std::vector<double> fixed(size, 0.0);  // statistics that do not depend on x
    for (size_t i = 0; i < size; i++) {
      const size_t c = i / places % channels;
      if (!valid(i / places / channels)) continue;
      fixed[i] = dy[i] * static_cast<double>(gamma[c]) /
                 std::sqrt(static_cast<double>(old_variance[c]) + kEpsilon);
    }
    CHECK_OK(gf_batch_norm_backward(engine, 0, N, C, S, B, x.data(), given, old_mean.data(),
                                    old_variance.data(), gamma.data(), kEpsilon, dy.data(),
                                    dx.data(), nullptr, nullptr));
    CHECK_CLOSE(dx, fixed, 2e-6);
  }
}

}  // namespace

int main() {
  for (const std::string& isa : check::isas()) {
    for (size_t width : {5, 16, 33, 130}) {  // of two, dx is next to nothing
      test_layer_norm(isa, 1, width);
      test_layer_norm(isa, 43, width);
    }
    for (bool ragged : {false, true}) {
      test_batch_norm(isa, 6, 5, 3, 1, ragged);
      test_batch_norm(isa, 4, 3, 37, 1, ragged);
      test_batch_norm(isa, 1, 4, 5, 49, false);
      test_batch_norm(isa, 3, 4, 2, 17, ragged);
    }
  }
  return check::finish("norm_test");
}
