/// The linear layer and with it the general matrix product, on every instruction set.

#include "check.h"

namespace {

using check::Buffer;

void test_shape(const std::string& isa, int threads, size_t N, size_t I, size_t O, Buffer* bits) {
  check::context = isa + ", " + std::to_string(threads) + " threads, N " + std::to_string(N) +
                   " I " + std::to_string(I) + " O " + std::to_string(O);
  check::Engine engine(threads, isa);
  check::Random random(N * 31 + I * 7 + O);
  Buffer x = random.buffer(N * I, 1), w = random.buffer(O * I, 1), b = random.buffer(O, 1);
  Buffer dy = random.buffer(N * O, 1), dw0 = random.buffer(O * I, 1), db0 = random.buffer(O, 1);
  Buffer y(N * O), dx(N * I), dw = dw0, db = db0;
  std::vector<double> ey(N * O), edx(N * I, 0.0), edw(O * I), edb(O);
  for (size_t o = 0; o < O; o++) {
    edb[o] = db0[o];
    for (size_t i = 0; i < I; i++) edw[o * I + i] = dw0[o * I + i];
  }
  for (size_t n = 0; n < N; n++) {
    for (size_t o = 0; o < O; o++) {
      double sum = b[o], d = dy[n * O + o];
      for (size_t i = 0; i < I; i++) {
        sum += static_cast<double>(x[n * I + i]) * w[o * I + i];
        edx[n * I + i] += d * w[o * I + i];
        edw[o * I + i] += d * x[n * I + i];
      }
      edb[o] += d;
      ey[n * O + o] = sum;
    }
  }
  int64_t n = static_cast<int64_t>(N), i = static_cast<int64_t>(I), o = static_cast<int64_t>(O);
  CHECK_OK(gf_linear_forward(engine, n, i, o, x.data(), w.data(), b.data(), y.data()));
  CHECK_OK(gf_linear_backward(engine, n, i, o, x.data(), w.data(), dy.data(), dx.data(), dw.data(),
                              db.data()));
  CHECK_CLOSE(y, ey, 3e-6);
  CHECK_CLOSE(dx, edx, 3e-6);
  CHECK_CLOSE(dw, edw, 3e-6);
  CHECK_CLOSE(db, edb, 3e-6);
  for (const Buffer* out : {&y, &dx, &dw, &db}) CHECK(out->guards_intact());
  if (bits->size() == 0) {
    *bits = y;
  }
  CHECK(check::same_bits(y, *bits));
  Buffer only(N * I);
  CHECK_OK(gf_linear_backward(engine, n, i, o, nullptr, w.data(), dy.data(), only.data(), nullptr,
                              nullptr));
  CHECK(check::same_bits(only, dx));
  Buffer plain(N * O);
  CHECK_OK(gf_linear_forward(engine, n, i, o, x.data(), w.data(), nullptr, plain.data()));
  for (size_t k = 0; k < N * O; k++) ey[k] -= b[k % O];
  CHECK_CLOSE(plain, ey, 3e-6);
}

/// Gradients that grow with every row: as exact as those of few rows.
void test_many_rows(const std::string& isa) {
  check::context = isa + ", many rows";
  const size_t N = 150000, I = 3, O = 2;
  check::Random random(5);
  Buffer x(N * I), dy(N * O), dw(O * I, 0), db(O, 0);
  for (float& v : x) v = random.uniform(0.5f, 1.5f);
  for (float& v : dy) v = random.uniform(0.5f, 1.5f);
  std::vector<double> edw(O * I), edb(O);
  for (size_t n = 0; n < N; n++) {
    for (size_t o = 0; o < O; o++) {
      double d = dy[n * O + o];
      for (size_t i = 0; i < I; i++) edw[o * I + i] += d * x[n * I + i];
      edb[o] += d;
    }
  }
  Buffer bits;
  for (int threads : {1, 3}) {
    check::Engine engine(threads, isa);
    Buffer w = dw, b = db;
    CHECK_OK(gf_linear_backward(engine, static_cast<int64_t>(N), I, O, x.data(), nullptr, dy.data(),
                                nullptr, w.data(), b.data()));
    CHECK_CLOSE(w, edw, 5e-7);
    CHECK_CLOSE(b, edb, 5e-7);
    if (threads == 1) bits = w;
    CHECK(check::same_bits(w, bits));
  }
}

}  // namespace

int main() {
  // Sizes about the register tile (6 x 64), the rows of a task (48), the depth (1024) and that of
  // copies (2048).
  const size_t shapes[][3] = {{1, 1, 1},     {2, 3, 5},     {7, 17, 65},
                              {49, 33, 64},  {97, 64, 130}, {5, 1030, 9},
                              {1100, 6, 20}, {3, 70, 1100}, {2100, 5, 150}};
  for (const std::string& isa : check::isas()) {
    for (const auto& s : shapes) {
      Buffer bits;
      for (int threads : {1, 3}) {
        test_shape(isa, threads, s[0], s[1], s[2], &bits);
      }
    }
    test_many_rows(isa);
  }
  return check::finish("linear_test");
}
