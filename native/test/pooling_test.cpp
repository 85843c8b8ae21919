/// Pooling over windows and over all steps, on every instruction set.

#include <cmath>

#include "check.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

void test_long_mean(const std::string& isa) {
  check::context = isa + ", mean of many steps";
  const size_t T = 100000, B = 2, F = 5;
  Random random(17);
  Buffer x(T * B * F), y(B * F);
  std::vector<double> mean(B * F, 0.0);
  for (size_t i = 0; i < x.size(); i++) {
    x[i] = random.uniform(0.5f, 1.5f);
    mean[i % (B * F)] += x[i] / static_cast<double>(T);
  }
  Engine engine(1, isa);
  CHECK_OK(gf_pool_forward(engine, GF_POOL_MEAN, T, B, F, x.data(), nullptr, y.data()));
  CHECK_CLOSE(y, mean, 2e-7);
}

void test_pooling(const std::string& isa) {
  check::context = isa + ", pooling";
  const size_t T = 5, B = 4, F = 19;
  Random random(3);
  Engine engine(2, isa);
  Buffer x = random.buffer(T * B * F, 2), dy = random.buffer(B * F, 1);
  const int32_t lengths[B] = {3, 0, 5, 1};
  for (size_t i = 0; i < F; i++) x[(0 * B + 2) * F + i] = x[(2 * B + 2) * F + i];  // a tie
  auto at = [&](size_t t, size_t b, size_t f) { return (t * B + b) * F + f; };
  for (int pooling : {GF_POOL_LAST, GF_POOL_MEAN, GF_POOL_MAX}) {
    for (bool ragged : {true, false}) {
      Buffer y(B * F), dx(T * B * F);
      const int32_t* given = ragged ? lengths : nullptr;
      CHECK_OK(gf_pool_forward(engine, pooling, T, B, F, x.data(), given, y.data()));
      CHECK_OK(gf_pool_backward(engine, pooling, T, B, F, x.data(), given, dy.data(), dx.data()));
      std::vector<double> ey(B * F, 0.0), edx(T * B * F, 0.0);
      for (size_t b = 0; b < B; b++) {
        size_t length = ragged ? static_cast<size_t>(lengths[b]) : T;
        for (size_t f = 0; f < F && length > 0; f++) {
          size_t best = 0;
          double mean = 0;
          for (size_t t = 0; t < length; t++) {
            if (x[at(t, b, f)] > x[at(best, b, f)]) best = t;
            mean += x[at(t, b, f)] / static_cast<double>(length);
            if (pooling == GF_POOL_MEAN) {
              edx[at(t, b, f)] = dy[b * F + f] / static_cast<double>(length);
            }
          }
          size_t chosen = pooling == GF_POOL_LAST ? length - 1 : best;
          ey[b * F + f] = pooling == GF_POOL_MEAN ? mean : x[at(chosen, b, f)];
          if (pooling != GF_POOL_MEAN) edx[at(chosen, b, f)] = dy[b * F + f];
        }
      }
      CHECK_CLOSE(y, ey, 3e-7);
      CHECK_CLOSE(dx, edx, 3e-7);
      CHECK(y.guards_intact() && dx.guards_intact());
    }
  }
}

/// x by plane, row and column.
size_t place(const gf_window_pooling& p, int n, int c, int row, int column, bool of_y) {
  const int height = of_y ? p.out_height : p.height, width = of_y ? p.out_width : p.width;
  const int at = p.images != 0 ? ((n * p.channels + c) * height + row) * width + column
                               : (row * p.count + n) * p.channels + c;
  return static_cast<size_t>(at);
}

void test_windows(const std::string& isa, const gf_window_pooling& p, bool ragged, bool missing) {
  const size_t planes = static_cast<size_t>(p.count) * static_cast<size_t>(p.channels);
  Buffer x(planes * static_cast<size_t>(p.height * p.width));
  Random random(x.size() + static_cast<size_t>(p.kernel_height));
  for (float& v : x) v = static_cast<float>(random.below(9)) * 0.25f - 1;  // with ties
  if (missing) x[x.size() / 2] = std::nanf("");
  Buffer dy = random.buffer(planes * static_cast<size_t>(p.out_height * p.out_width), 1);
  std::vector<int32_t> lengths;
  for (int n = 0; ragged && n < p.count; n++) lengths.push_back(p.height * n / p.count);
  const int32_t* given = ragged ? lengths.data() : nullptr;
  std::vector<double> ey(dy.size()), edx(x.size(), 0.0);
  for (int n = 0; n < p.count; n++) {
    const int rows = ragged ? lengths[static_cast<size_t>(n)] : p.height;
    for (int c = 0; c < p.channels; c++) {
      for (int i = 0; i < p.out_height; i++) {
        for (int j = 0; j < p.out_width; j++) {
          std::vector<size_t> window;
          for (int a = 0; a < p.kernel_height; a++) {
            for (int b = 0; b < p.kernel_width; b++) {
              const int row = i * p.stride_height + a - p.padding_top;
              const int column = j * p.stride_width + b - p.padding_left;
              if (row >= 0 && row < rows && column >= 0 && column < p.width) {
                window.push_back(place(p, n, c, row, column, false));
              }
            }
          }
          const size_t to = place(p, n, c, i, j, true);
          if (window.empty()) continue;
          const double size = p.count_padding != 0 ? p.kernel_height * p.kernel_width
                                                   : static_cast<double>(window.size());
          size_t best = window[0];
          for (size_t at : window) {
            if (p.average != 0) {
              ey[to] += x[at] / size;
              edx[at] += dy[to] / size;
            } else if (!(x[best] != x[best]) && !(x[at] <= x[best])) {
              best = at;  // the first NaN stays
            }
          }
          if (p.average == 0) {
            ey[to] = x[best];
            edx[best] += dy[to];
          }
        }
      }
    }
  }
  for (int threads : {1, 3}) {
    check::context = isa + ", " + std::to_string(threads) + " threads, " +
                     (p.average != 0 ? "means of " : "maxima of ") +
                     std::to_string(p.kernel_height) + "x" + std::to_string(p.kernel_width) +
                     " of " + std::to_string(p.height) + "x" + std::to_string(p.width) +
                     (ragged ? ", lengths" : "");
    Engine engine(threads, isa);
    Buffer y(dy.size()), dx(x.size());
    CHECK_OK(gf_window_pooling_forward(engine, &p, x.data(), given, y.data()));
    CHECK_OK(gf_window_pooling_backward(engine, &p, x.data(), given, dy.data(), dx.data()));
    for (size_t i = 0; i < y.size(); i++) {  // NaN where NaN is expected, which no bound tells
      CHECK((y[i] != y[i]) == (ey[i] != ey[i]));
    }
    std::vector<double> numbers(ey);
    for (size_t i = 0; i < y.size(); i++) {
      if (ey[i] != ey[i]) {
        y[i] = 0;
        numbers[i] = 0;
      }
    }
    CHECK_CLOSE(y, numbers, 3e-7);
    CHECK_CLOSE(dx, edx, 5e-7);
    CHECK(y.guards_intact() && dx.guards_intact());
  }
}

gf_window_pooling windows(bool average, bool images, int count, int channels, int height, int width,
                          int kernel, int stride, int padding, bool count_padding) {
  gf_window_pooling p = {};
  p.average = average ? 1 : 0;
  p.images = images ? 1 : 0;
  p.count = count;
  p.channels = channels;
  p.height = height;
  p.width = width;
  p.kernel_height = kernel;
  p.kernel_width = images ? kernel : 1;
  p.stride_height = stride;
  p.stride_width = images ? stride : 1;
  p.padding_top = padding;
  p.padding_left = images ? padding : 0;
  p.out_height = (height + 2 * padding - kernel) / stride + 1;
  p.out_width = images ? (width + 2 * padding - kernel) / stride + 1 : 1;
  p.count_padding = count_padding ? 1 : 0;
  return p;
}

}  // namespace

int main() {
  for (const std::string& isa : check::isas()) {
    test_pooling(isa);
    test_long_mean(isa);
    for (bool average : {false, true}) {
      for (bool count_padding : {false, true}) {
        for (int stride : {1, 2, 3}) {
          for (int kernel : {2, 3}) {
            const int padding = kernel / 2;
            test_windows(isa, windows(average, true, 2, 3, 9, 71, kernel, stride, 0, count_padding),
                         false, false);
            test_windows(
                isa, windows(average, true, 3, 2, 7, 10, kernel, stride, padding, count_padding),
                false, !average);
            for (bool ragged : {false, true}) {
              test_windows(
                  isa, windows(average, false, 4, 67, 8, 1, kernel, stride, padding, count_padding),
                  ragged, !average);
            }
          }
        }
      }
    }
  }
  return check::finish("pooling_test");
}
