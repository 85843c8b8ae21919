/// Dot-product attention, on every instruction set, against double precision.

#include <cmath>

#include "check.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

/// Places in queries, keys, values and weights.
struct Places {
  const gf_attention& a;

  size_t of(int step, int b, int head, int i, int size) const {
    return static_cast<size_t>(((step * a.batch + b) * a.heads + head) * size + i);
  }
  size_t weight(int b, int head, int query, int key) const {
    return static_cast<size_t>(((b * a.heads + head) * a.queries + query) * a.keys + key);
  }
};

void test_attention(const std::string& isa, const gf_attention& a, bool ragged) {
  auto count = [&](int steps, int size) {
    return static_cast<size_t>(steps) * static_cast<size_t>(a.batch * a.heads * size);
  };
  const Places at{a};
  Random random(count(a.queries, a.keys));
  Buffer q = random.buffer(count(a.queries, a.size), 1),
         k = random.buffer(count(a.keys, a.size), 1);
  Buffer v = random.buffer(count(a.keys, a.value_size), 1);
  Buffer dy = random.buffer(count(a.queries, a.value_size), 1);
  std::vector<int32_t> lengths;
  for (int b = 0; b < a.batch; b++) lengths.push_back(ragged ? a.keys * b / a.batch : a.keys);
  std::vector<double> ep(count(a.queries, a.keys), 0.0), ey(dy.size(), 0.0);
  std::vector<double> edq(q.size(), 0.0), edk(k.size(), 0.0), edv(v.size(), 0.0);
  for (int b = 0; b < a.batch; b++) {
    for (int h = 0; h < a.heads; h++) {
      for (int i = 0; i < a.queries; i++) {
        int keys = lengths[static_cast<size_t>(b)];
        if (a.causal != 0 && keys > i + 1) keys = i + 1;
        if (keys == 0) continue;
        std::vector<double> p(static_cast<size_t>(keys)), dp(p.size(), 0.0);
        double largest = -INFINITY, total = 0, product = 0;
        for (int j = 0; j < keys; j++) {
          double score = 0;
          for (int s = 0; s < a.size; s++) {
            score +=
                static_cast<double>(q[at.of(i, b, h, s, a.size)]) * k[at.of(j, b, h, s, a.size)];
          }
          p[static_cast<size_t>(j)] = score * a.scale;
          largest = std::fmax(largest, score * a.scale);
        }
        for (double& value : p) total += value = std::exp(value - largest);
        for (int j = 0; j < keys; j++) {
          const size_t n = static_cast<size_t>(j);
          p[n] /= total;
          ep[at.weight(b, h, i, j)] = p[n];
          for (int s = 0; s < a.value_size; s++) {
            const size_t to = at.of(i, b, h, s, a.value_size),
                         from = at.of(j, b, h, s, a.value_size);
            ey[to] += p[n] * v[from];
            edv[from] += p[n] * dy[to];
            dp[n] += static_cast<double>(v[from]) * dy[to];
          }
          product += p[n] * dp[n];
        }
        for (int j = 0; j < keys; j++) {
          const double ds =
              p[static_cast<size_t>(j)] * (dp[static_cast<size_t>(j)] - product) * a.scale;
          for (int s = 0; s < a.size; s++) {
            const size_t query = at.of(i, b, h, s, a.size), key = at.of(j, b, h, s, a.size);
            edq[query] += ds * k[key];
            edk[key] += ds * q[query];
          }
        }
      }
    }
  }
  for (int threads : {1, 3}) {
    check::context = isa + ", " + std::to_string(a.queries) + " queries, " +
                     std::to_string(a.keys) + " keys, size " + std::to_string(a.size) +
                     (a.causal != 0 ? ", causal" : "") + (ragged ? ", lengths" : "");
    Engine engine(threads, isa);
    Buffer p(ep.size()), y(ey.size()), dq(q.size()), dk(k.size()), dv(v.size());
    const int32_t* given = ragged ? lengths.data() : nullptr;
    CHECK_OK(
        gf_attention_forward(engine, &a, q.data(), k.data(), v.data(), given, p.data(), y.data()));
    CHECK_OK(gf_attention_backward(engine, &a, q.data(), k.data(), v.data(), given, p.data(),
                                   dy.data(), dq.data(), dk.data(), dv.data()));
    CHECK_CLOSE(p, ep, 2e-6);
    CHECK_CLOSE(y, ey, 2e-6);
    CHECK_CLOSE(dq, edq, 3e-6);
    CHECK_CLOSE(dk, edk, 3e-6);
    CHECK_CLOSE(dv, edv, 2e-6);
    for (const Buffer* out : {&p, &y, &dq, &dk, &dv}) CHECK(out->guards_intact());
  }
}

}  // namespace

int main() {
  const gf_attention sizes[] = {
      // queries, keys, batch, heads, size, value_size, causal, scale
      {1, 1, 1, 1, 1, 1, 0, 1.0f},    {5, 7, 3, 2, 6, 5, 0, 0.4f},
      {9, 9, 2, 3, 16, 16, 1, 0.25f}, {33, 70, 2, 1, 40, 17, 0, 0.2f},
      {70, 33, 4, 2, 8, 8, 1, 0.5f},  {1, 130, 5, 1, 64, 64, 0, 0.1f},
  };
  for (const std::string& isa : check::isas()) {
    for (const gf_attention& a : sizes) {
      test_attention(isa, a, false);
      test_attention(isa, a, true);
    }
  }
  return check::finish("attention_test");
}
