/// Rows of a table by ids, their gradients and their norms, on every instruction set.

#include <cmath>

#include "check.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

constexpr int64_t T = 5, B = 7, V = 11;
constexpr size_t N = T * B;

struct Case {
  size_t width;
  std::vector<int32_t> ids;
  std::vector<int32_t> lengths;

  explicit Case(size_t of) : width(of) {
    Random random(of);
    for (size_t i = 0; i < N; i++) ids.push_back(random.below(V));
    ids[3] = -1;
    ids[9] = V;
    for (int b = 0; b < B; b++) lengths.push_back(b < T ? b : static_cast<int>(T));
  }
  bool padded(size_t i) const { return static_cast<int>(i / B) >= lengths[i % B]; }
  bool known(size_t i) const { return ids[i] >= 0 && ids[i] < V; }
};

double norm(const Buffer& w, size_t row, size_t width) {
  double sum = 0;
  for (size_t d = 0; d < width; d++)
    sum += static_cast<double>(w[row * width + d]) * w[row * width + d];
  return std::sqrt(sum);
}

void test_forward(const std::string& isa, const Case& c, float max_norm) {
  Random random(2);
  Buffer w = random.buffer(V * c.width, 1), y(N * c.width);
  Engine engine(3, isa);
  const int64_t width = static_cast<int64_t>(c.width);
  CHECK_OK(gf_embedding_forward(engine, T, B, V, width, c.ids.data(), c.lengths.data(), w.data(),
                                max_norm, y.data()));
  std::vector<double> expected(N * c.width, 0.0);
  for (size_t i = 0; i < N; i++) {
    const bool counts = !c.padded(i);
    for (size_t d = 0; d < c.width; d++) {
      float& value = y[i * c.width + d];
      CHECK((value != value) == (counts && !c.known(i)));
      if (counts && !c.known(i)) {
        value = 0;
      } else if (counts) {
        const size_t row = static_cast<size_t>(c.ids[i]);
        const double n = norm(w, row, c.width);
        const double factor = max_norm > 0 && n > max_norm ? max_norm / (n + 1e-7) : 1;
        expected[i * c.width + d] = w[row * c.width + d] * factor;
      }
    }
  }
  CHECK_CLOSE(y, expected, max_norm > 0 ? 3e-7 : 0.0);
  CHECK(y.guards_intact());
}

void test_gradient(const std::string& isa, const Case& c) {
  const int32_t padding_id = 4;
  const int64_t width = static_cast<int64_t>(c.width);
  Random random(3);
  Buffer dy = random.buffer(N * c.width, 1), dw0 = random.buffer(V * c.width, 1);
  std::vector<double> expected(dw0.begin(), dw0.end());
  std::vector<bool> touched(V, false);
  for (size_t i = 0; i < N; i++) {
    if (c.padded(i) || !c.known(i) || c.ids[i] == padding_id) continue;
    touched[static_cast<size_t>(c.ids[i])] = true;
    for (size_t d = 0; d < c.width; d++) {
      expected[static_cast<size_t>(c.ids[i]) * c.width + d] += dy[i * c.width + d];
    }
  }
  for (int threads : {1, 3}) {
    Engine engine(threads, isa);
    std::vector<int32_t> sorted(N, -7), positions(N, -7);
    CHECK_OK(gf_embedding_sort(engine, T, B, V, padding_id, c.ids.data(), c.lengths.data(),
                               sorted.data(), positions.data()));
    for (size_t n = 1; n < N; n++) {
      CHECK(sorted[n - 1] < sorted[n] ||
            (sorted[n - 1] == sorted[n] && positions[n - 1] < positions[n]));
    }
    for (size_t n = 0; n < N; n++) {
      const size_t i = static_cast<size_t>(positions[n]);
      const bool counts = !c.padded(i) && c.known(i) && c.ids[i] != padding_id;
      CHECK(sorted[n] == (counts ? c.ids[i] : V));
    }
    Buffer dw = dw0;
    CHECK_OK(gf_embedding_backward(engine, N, V, width, sorted.data(), positions.data(), dy.data(),
                                   dw.data()));
    CHECK_CLOSE(dw, expected, 3e-7);
    CHECK_OK(gf_embedding_clear(engine, N, V, width, sorted.data(), dw.data()));
    for (size_t k = 0; k < dw.size(); k++) {
      CHECK(dw[k] == (touched[k / c.width] ? 0.0f : dw0[k]));
    }
    Buffer w = dw0;
    const float most = 0.7f * static_cast<float>(norm(w, static_cast<size_t>(sorted[0]), c.width));
    CHECK_OK(gf_embedding_renormalize(engine, N, V, width, sorted.data(), most, w.data()));
    for (size_t v = 0; v < V; v++) {
      const double before = norm(dw0, v, c.width);
      const double after = touched[v] && before > most ? most : before;
      CHECK(std::fabs(norm(w, v, c.width) - after) < 1e-6 * (1 + after));
    }
    CHECK(dw.guards_intact() && w.guards_intact());
  }
}

}  // namespace

int main() {
  for (const std::string& isa : check::isas()) {
    for (size_t width : {1, 16, 37, 130}) {
      check::context = isa + ", width " + std::to_string(width);
      const Case c(width);
      test_forward(isa, c, 0);
      test_forward(isa, c, 0.5f * static_cast<float>(std::sqrt(width)));
      test_gradient(isa, c);
    }
  }
  return check::finish("embedding_test");
}
