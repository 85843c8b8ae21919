/// Convolutions over steps and images, on every instruction set, against sums in double precision.

#include "check.h"

namespace {

using check::Buffer;

gf_convolution steps_of(int count, int channels, int steps, int outputs, int kernel, int stride,
                        int dilation, int padding, int groups) {
  gf_convolution c = {};
  c.count = count;
  c.channels = channels;
  c.height = steps;
  c.width = 1;
  c.outputs = outputs;
  c.out_height = (steps + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  c.out_width = 1;
  c.kernel_height = kernel;
  c.kernel_width = 1;
  c.stride_height = stride;
  c.stride_width = 1;
  c.dilation_height = dilation;
  c.dilation_width = 1;
  c.padding_top = padding;
  c.groups = groups;
  return c;
}

gf_convolution images_of(int count, int channels, int height, int width, int outputs, int kernel,
                         int stride, int dilation, int padding, int groups) {
  gf_convolution c =
      steps_of(count, channels, height, outputs, kernel, stride, dilation, padding, groups);
  c.images = 1;
  c.width = width;
  c.kernel_width = kernel;
  c.stride_width = stride;
  c.dilation_width = dilation;
  c.padding_left = padding;
  c.out_width = (width + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  return c;
}

std::string text(const gf_convolution& c) {
  return std::string(c.images != 0 ? "images" : "steps") + " N " + std::to_string(c.count) + " C " +
         std::to_string(c.channels) + " H " + std::to_string(c.height) + " W " +
         std::to_string(c.width) + " O " + std::to_string(c.outputs) + " K " +
         std::to_string(c.kernel_height) + " S " + std::to_string(c.stride_height) + " D " +
         std::to_string(c.dilation_height) + " P " + std::to_string(c.padding_top) + " G " +
         std::to_string(c.groups);
}

/// Calls body(number of x or SIZE_MAX where that is padding, number of w, number of y, output) for
/// every product of the convolution.
template <class Body>
void each_product(const gf_convolution& c, const int32_t* lengths, const Body& body) {
  const int of = c.channels / c.groups, to = c.outputs / c.groups;
  for (int n = 0; n < c.count; n++) {
    for (int o = 0; o < c.outputs; o++) {
      for (int i = 0; i < c.out_height; i++) {
        for (int j = 0; j < c.out_width; j++) {
          const int y = c.images != 0 ? ((n * c.outputs + o) * c.out_height + i) * c.out_width + j
                                      : (i * c.count + n) * c.outputs + o;
          for (int k = 0; k < of; k++) {
            for (int a = 0; a < c.kernel_height; a++) {
              for (int b = 0; b < c.kernel_width; b++) {
                const int channel = o / to * of + k;
                const int row = i * c.stride_height + a * c.dilation_height - c.padding_top;
                const int column = j * c.stride_width + b * c.dilation_width - c.padding_left;
                const int rows = lengths == nullptr ? c.height : lengths[n];
                if (row < 0 || row >= rows || column < 0 || column >= c.width) {
                  continue;
                }
                const int x = c.images != 0
                                  ? ((n * c.channels + channel) * c.height + row) * c.width + column
                                  : (row * c.count + n) * c.channels + channel;
                const int w = ((o * of + k) * c.kernel_height + a) * c.kernel_width + b;
                body(static_cast<size_t>(x), static_cast<size_t>(w), static_cast<size_t>(y));
              }
            }
          }
        }
      }
    }
  }
}

size_t product(int a, int b, int c, int d) {
  return static_cast<size_t>(a) * static_cast<size_t>(b) * static_cast<size_t>(c) *
         static_cast<size_t>(d);
}

void test_convolution(const std::string& isa, const gf_convolution& c, bool ragged) {
  const size_t X = product(c.count, c.channels, c.height, c.width);
  const size_t Y = product(c.count, c.outputs, c.out_height, c.out_width);
  const size_t W = product(c.outputs, c.channels / c.groups, c.kernel_height, c.kernel_width);
  const size_t O = static_cast<size_t>(c.outputs);
  check::Random random(X * 31 + Y * 7 + W);
  Buffer x = random.buffer(X, 1), w = random.buffer(W, 1), b = random.buffer(O, 1);
  Buffer dy = random.buffer(Y, 1), dw0 = random.buffer(W, 1), db0 = random.buffer(O, 1);
  std::vector<int32_t> lengths;
  for (int n = 0; ragged && n < c.count; n++) lengths.push_back((c.height * (n + 1)) / c.count);
  if (ragged) lengths[0] = 0;
  const int32_t* given = ragged ? lengths.data() : nullptr;
  std::vector<double> ey(Y), edx(X, 0.0), edw(dw0.begin(), dw0.end()), edb(db0.begin(), db0.end());
  const size_t places = product(c.images != 0 ? c.out_height : 1, c.out_width, 1, 1);
  for (size_t i = 0; i < Y; i++) {
    ey[i] = b[i / places % O];
    edb[i / places % O] += dy[i];
  }
  each_product(c, given, [&](size_t at, size_t weight, size_t to) {
    ey[to] += static_cast<double>(x[at]) * w[weight];
    edx[at] += static_cast<double>(dy[to]) * w[weight];
    edw[weight] += static_cast<double>(dy[to]) * x[at];
  });
  Buffer bits;
  for (int threads : {1, 3}) {
    check::context =
        isa + ", " + std::to_string(threads) + " threads, " + text(c) + (ragged ? ", lengths" : "");
    check::Engine engine(threads, isa);
    Buffer y(Y), dx(X), dw = dw0, db = db0;
    CHECK_OK(gf_convolution_forward(engine, &c, x.data(), given, w.data(), b.data(), y.data()));
    CHECK_OK(gf_convolution_backward(engine, &c, x.data(), given, w.data(), dy.data(), dx.data(),
                                     dw.data(), db.data()));
    CHECK_CLOSE(y, ey, 2e-6);
    CHECK_CLOSE(dx, edx, 2e-6);
    CHECK_CLOSE(dw, edw, 2e-6);
    CHECK_CLOSE(db, edb, 2e-6);
    for (const Buffer* out : {&y, &dx, &dw, &db}) CHECK(out->guards_intact());
    if (threads == 1) bits = y;
    CHECK(check::same_bits(y, bits));
    Buffer plain(Y), only(X), weights = dw0;
    CHECK_OK(gf_convolution_forward(engine, &c, x.data(), given, w.data(), nullptr, plain.data()));
    CHECK_OK(gf_convolution_backward(engine, &c, x.data(), given, w.data(), dy.data(), only.data(),
                                     nullptr, nullptr));
    CHECK_OK(gf_convolution_backward(engine, &c, x.data(), given, w.data(), dy.data(), nullptr,
                                     weights.data(), nullptr));
    CHECK(check::same_bits(only, dx));
    CHECK_CLOSE(weights, edw, 2e-6);
    for (size_t i = 0; i < Y; i++) plain[i] += b[i / places % O];
    CHECK_CLOSE(plain, ey, 2e-6);
  }
}

void test_refusals(const std::string& isa) {
  check::context = isa + ", refusals";
  check::Engine engine(1, isa);
  Buffer some(64, 1.0f);
  gf_convolution c = steps_of(2, 3, 4, 6, 3, 1, 1, 1, 3);
  auto status = [&](const gf_convolution& of, const int32_t* lengths) {
    return gf_convolution_forward(engine, &of, some.data(), lengths, some.data(), nullptr,
                                  some.data());
  };
  gf_convolution groups = c, empty = c, wide = c;
  groups.groups = 2;
  empty.out_height = 0;
  wide.width = 2;
  const int32_t longer[] = {4, 5};
  CHECK(status(groups, nullptr) == GF_INVALID_ARGUMENT);
  CHECK(status(empty, nullptr) == GF_INVALID_ARGUMENT);
  CHECK(status(wide, nullptr) == GF_INVALID_ARGUMENT);
  CHECK(status(c, longer) == GF_INVALID_ARGUMENT);
}

}  // namespace

int main() {
  const gf_convolution shapes[] = {
      steps_of(3, 5, 11, 7, 3, 1, 1, 1, 1),   steps_of(2, 17, 9, 33, 5, 2, 1, 2, 1),
      steps_of(4, 6, 13, 9, 3, 1, 2, 4, 3),   steps_of(3, 8, 10, 8, 4, 1, 1, 3, 8),
      steps_of(1, 40, 30, 70, 1, 1, 1, 0, 1), steps_of(2, 1, 70, 4, 7, 3, 1, 0, 1),
  };
  const gf_convolution images[] = {
      images_of(2, 3, 9, 11, 5, 3, 1, 1, 1, 1),   images_of(3, 16, 8, 8, 32, 3, 1, 1, 1, 1),
      images_of(2, 3, 12, 33, 16, 3, 1, 1, 1, 1), images_of(2, 4, 7, 19, 6, 3, 2, 1, 1, 2),
      images_of(2, 5, 10, 10, 5, 3, 1, 2, 2, 5),  images_of(2, 9, 6, 5, 40, 1, 1, 1, 0, 1),
      images_of(1, 1, 28, 28, 8, 5, 1, 1, 0, 1),  images_of(2, 32, 8, 8, 64, 3, 1, 1, 1, 1),
      images_of(2, 2, 5, 70, 3, 3, 3, 1, 1, 1),   images_of(1, 2, 3, 3, 2, 5, 1, 1, 2, 1),
  };
  for (const std::string& isa : check::isas()) {
    for (const gf_convolution& c : shapes) {
      test_convolution(isa, c, false);
      test_convolution(isa, c, true);
    }
    for (const gf_convolution& c : images) {
      test_convolution(isa, c, false);
    }
    test_refusals(isa);
  }
  return check::finish("convolution_test");
}
