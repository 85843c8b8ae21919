/// Activations, arithmetic, dropout, softmax, losses and sequence operations against double
/// precision, on every instruction set.

#include <cmath>
#include <functional>

#include "check.h"
#include "engine/philox.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

constexpr size_t kSizes[] = {1, 5, 16, 37, 20001};

struct Reference {
  int kind;
  const char* name;
  std::function<double(double)> value;
};

double normal(double x) { return 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }

void test_activations(const std::string& isa) {
  const float alpha = 0.3f, beta = 0.8f;
  const double a = alpha, b = beta;
  const Reference functions[] = {
      {GF_SIGMOID, "sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {GF_TANH, "tanh", [](double x) { return std::tanh(x); }},
      {GF_RELU, "relu", [](double x) { return std::fmax(0, x); }},
      {GF_LEAKY_RELU, "leaky_relu", [a](double x) { return x > 0 ? x : a * x; }},
      {GF_ELU, "elu", [a](double x) { return x > 0 ? x : a * std::expm1(x); }},
      {GF_GELU, "gelu", [](double x) { return x * normal(x); }},
      {GF_SILU, "silu", [](double x) { return x / (1 + std::exp(-x)); }},
      {GF_SOFTPLUS, "softplus", [](double x) { return std::log1p(std::exp(x)); }},
      {GF_EXP, "exp", [](double x) { return std::exp(x); }},
      {GF_HARD_SIGMOID, "hard_sigmoid",
       [a, b](double x) { return std::fmin(1, std::fmax(0, a * x + b)); }},
      {GF_SOFTSIGN, "softsign", [](double x) { return x / (1 + std::fabs(x)); }},
      {GF_CLIP, "clip", [a, b](double x) { return std::fmin(b, std::fmax(a, x)); }},
      {GF_SELU, "selu", [a, b](double x) { return b * (x > 0 ? x : a * std::expm1(x)); }},
      {GF_MISH, "mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
      {GF_HARD_SWISH, "hard_swish",
       [](double x) { return x * std::fmin(1, std::fmax(0, x / 6 + 0.5)); }},
      {GF_GELU_TANH, "gelu_tanh",
       [](double x) {
         return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
       }},
      {GF_THRESHOLDED_RELU, "thresholded_relu", [a](double x) { return x > a ? x : 0; }},
  };
  Engine engine(2, isa);
  for (const Reference& f : functions) {
    for (size_t n : kSizes) {
      check::context = isa + ", " + f.name + ", " + std::to_string(n);
      Random random(n);
      // Errors are judged by a tensor's largest value: alone, a saturated one has few digits.
      Buffer x = random.buffer(n, n < 16 ? 1 : 5), dy = random.buffer(n, 1), y(n), dx(n);
      int64_t count = static_cast<int64_t>(n);
      CHECK_OK(gf_activation_forward(engine, f.kind, alpha, beta, count, x.data(), y.data()));
      CHECK_OK(gf_activation_backward(engine, f.kind, alpha, beta, count, x.data(), y.data(),
                                      dy.data(), dx.data()));
      std::vector<double> ey, edx;
      for (size_t i = 0; i < n; i++) {
        double v = x[i], h = 1e-5;
        ey.push_back(f.value(v));
        edx.push_back(dy[i] * (f.value(v + h) - f.value(v - h)) / (2 * h));
      }
      CHECK_CLOSE(y, ey, 5e-7);
      CHECK_CLOSE(dx, edx, 2e-6);
      CHECK(y.guards_intact() && dx.guards_intact());
      Buffer in_place = x;
      CHECK_OK(gf_activation_forward(engine, f.kind, alpha, beta, count, in_place.data(),
                                     in_place.data()));
      CHECK(check::same_bits(in_place, y));
    }
    float special[2] = {std::nanf(""), -100}, out[2];
    CHECK_OK(gf_activation_forward(engine, f.kind, alpha, beta, 2, special, out));
    CHECK(std::isnan(out[0]));
    CHECK(std::isfinite(out[1]));
  }
  // Far out, slopes are those of the lines that the functions run along.
  const struct {
    int32_t kind;
    float left, right;
  } lines[] = {{GF_SIGMOID, 0, 0},      {GF_TANH, 0, 0},
               {GF_RELU, 0, 1},         {GF_LEAKY_RELU, alpha, 1},
               {GF_ELU, 0, 1},          {GF_GELU, 0, 1},
               {GF_SILU, 0, 1},         {GF_SOFTPLUS, 0, 1},
               {GF_HARD_SIGMOID, 0, 0}, {GF_SOFTSIGN, 0, 0},
               {GF_CLIP, 0, 0},         {GF_SELU, 0, beta},
               {GF_MISH, 0, 1},         {GF_HARD_SWISH, 0, 1},
               {GF_GELU_TANH, 0, 1},    {GF_THRESHOLDED_RELU, 0, 1}};
  for (const auto& line : lines) {
    const float x[3] = {-1e30f, 1e12f, 1e30f}, dy[3] = {1, 1, 1};
    float y[3], dx[3];
    CHECK_OK(gf_activation_forward(engine, line.kind, alpha, beta, 3, x, y));
    CHECK_OK(gf_activation_backward(engine, line.kind, alpha, beta, 3, x, y, dy, dx));
    for (int i = 0; i < 3; i++) {
      CHECK(std::fabs(dx[i] - (i == 0 ? line.left : line.right)) < 1e-6f);
    }
  }
}

void test_arithmetic(const std::string& isa) {
  Engine engine(2, isa);
  for (size_t n : kSizes) {
    check::context = isa + ", arithmetic, " + std::to_string(n);
    Random random(n);
    int64_t count = static_cast<int64_t>(n);
    Buffer a = random.buffer(n, 3), b = random.buffer(n, 3), y(n);
    for (int kind :
         {GF_ADD, GF_SUBTRACT, GF_MULTIPLY, GF_AVERAGE, GF_DIVIDE, GF_MAXIMUM, GF_MINIMUM}) {
      CHECK_OK(gf_binary_apply(engine, kind, count, a.data(), b.data(), y.data()));
      bool same = true;
      for (size_t i = 0; i < n; i++) {
        float e = kind == GF_ADD        ? a[i] + b[i]
                  : kind == GF_SUBTRACT ? a[i] - b[i]
                  : kind == GF_MULTIPLY ? a[i] * b[i]
                  : kind == GF_DIVIDE   ? a[i] / b[i]
                  : kind == GF_MAXIMUM  ? std::fmax(a[i], b[i])
                  : kind == GF_MINIMUM  ? std::fmin(a[i], b[i])
                                        : 0.5f * (a[i] + b[i]);
        same = same && y[i] == e;
      }
      CHECK(same && y.guards_intact());
    }
    Buffer sum = b, scaled(n), filled(n), copied(n);
    CHECK_OK(gf_scaled_add(engine, count, -0.5f, a.data(), sum.data()));
    CHECK_OK(gf_scale(engine, count, 2.5f, a.data(), scaled.data()));
    CHECK_OK(gf_fill(engine, filled.data(), count, 4.25f));
    CHECK_OK(gf_copy(engine, copied.data(), a.data(), count * 4));
    std::vector<double> es;
    bool same = true;
    for (size_t i = 0; i < n; i++) {
      es.push_back(b[i] - 0.5 * a[i]);
      same = same && scaled[i] == 2.5f * a[i] && filled[i] == 4.25f && copied[i] == a[i];
    }
    CHECK(same);
    CHECK_CLOSE(sum, es, 1e-7);
    CHECK(sum.guards_intact() && scaled.guards_intact() && filled.guards_intact() &&
          copied.guards_intact());
  }
}

/// Known answers of Random123's distribution for philox4x32-10.
void test_philox() {
  check::context = "philox";
  struct Known {
    uint32_t counter[4], key[2], expected[4];
  };
  const Known all[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const Known& k : all) {
    gatefold::PhiloxBlock block = gatefold::philox(k.counter[0], k.counter[1], k.counter[2],
                                                   k.counter[3], k.key[0], k.key[1]);
    CHECK(std::memcmp(block.word, k.expected, sizeof k.expected) == 0);
  }
}

void test_dropout(const std::string& isa) {
  check::context = isa + ", dropout";
  constexpr size_t kCount = 50001;
  Buffer x(kCount, 1), one(kCount), three(kCount);
  x[7] = std::numeric_limits<float>::infinity();
  Engine single(1, isa), team(3, isa);
  CHECK_OK(gf_dropout(single, kCount, 0.25f, 42, 5, x.data(), one.data()));
  CHECK_OK(gf_dropout(team, kCount, 0.25f, 42, 5, x.data(), three.data()));
  CHECK(check::same_bits(one, three));
  size_t kept = 0;
  bool right = true;
  for (size_t e = 0; e < kCount; e++) {
    gatefold::PhiloxBlock block = gatefold::philox(static_cast<uint32_t>(e / 4), 0, 5, 0, 42, 0);
    bool keep = static_cast<float>(block.word[e % 4] >> 8) / 16777216.0f >= 0.25f;
    right = right && one[e] == (keep ? x[e] * (1.0f / 0.75f) : 0.0f);
    kept += keep ? 1 : 0;
  }
  CHECK(right);
  CHECK(std::fabs(static_cast<double>(kept) / kCount - 0.75) < 0.01);
  CHECK(gf_dropout(single, 4, 1.0f, 0, 0, x.data(), one.data()) == GF_INVALID_ARGUMENT);
}

void test_softmax(const std::string& isa) {
  Engine engine(2, isa);
  for (size_t C : {size_t{1}, size_t{3}, size_t{16}, size_t{33}, size_t{5000}}) {
    check::context = isa + ", softmax, C " + std::to_string(C);
    size_t N = 7;
    Random random(C);
    Buffer x = random.buffer(N * C, 30), dy = random.buffer(N * C, 1);
    for (int log_form : {0, 1}) {
      Buffer y(N * C), dx(N * C);
      int64_t n = static_cast<int64_t>(N), c = static_cast<int64_t>(C);
      CHECK_OK(gf_softmax_forward(engine, n, c, log_form, x.data(), y.data()));
      CHECK_OK(gf_softmax_backward(engine, n, c, log_form, y.data(), dy.data(), dx.data()));
      std::vector<double> ey(N * C), edx(N * C);
      for (size_t r = 0; r < N; r++) {
        double largest = -1e300, sum = 0, dot = 0, dsum = 0;
        for (size_t i = 0; i < C; i++) largest = std::fmax(largest, x[r * C + i]);
        for (size_t i = 0; i < C; i++) sum += std::exp(x[r * C + i] - largest);
        for (size_t i = 0; i < C; i++) {
          double p = std::exp(x[r * C + i] - largest) / sum;
          ey[r * C + i] = log_form != 0 ? x[r * C + i] - largest - std::log(sum) : p;
          dot += p * dy[r * C + i];
          dsum += dy[r * C + i];
        }
        for (size_t i = 0; i < C; i++) {
          double p = std::exp(x[r * C + i] - largest) / sum;
          edx[r * C + i] = log_form != 0 ? dy[r * C + i] - p * dsum : p * (dy[r * C + i] - dot);
        }
      }
      CHECK_CLOSE(y, ey, 1e-6);
      if (C > 1) CHECK_CLOSE(dx, edx, 3e-6);
      CHECK(y.guards_intact() && dx.guards_intact());
      Buffer in_place = x;
      CHECK_OK(gf_softmax_forward(engine, n, c, log_form, in_place.data(), in_place.data()));
      CHECK(check::same_bits(in_place, y));
    }
  }
}

/// A mean of many steps is as exact as one of few.
void test_length_mask(const std::string& isa) {
  check::context = isa + ", mask of lengths";
  const size_t T = 5, B = 4;
  const int32_t lengths[B] = {3, 0, 5, 1};
  Engine engine(2, isa);
  Buffer mask(T * B);
  CHECK_OK(gf_length_mask(engine, T, B, lengths, mask.data()));
  bool right = true;
  for (size_t t = 0; t < T; t++) {
    for (size_t b = 0; b < B; b++) {
      right = right && mask[t * B + b] == (static_cast<int>(t) < lengths[b] ? 1.0f : 0.0f);
    }
  }
  CHECK(right && mask.guards_intact());
}

void test_moves(const std::string& isa) {
  check::context = isa + ", moves";
  const size_t A = 6, B = 9, F = 5;
  Random random(4);
  Engine engine(2, isa);
  Buffer x = random.buffer(A * B * F, 1), y(A * B * F), back(A * B * F);
  CHECK_OK(gf_swap_axes(engine, A, B, F, x.data(), y.data()));
  CHECK_OK(gf_swap_axes(engine, B, A, F, y.data(), back.data()));
  CHECK(check::same_bits(x, back));
  CHECK(y[(3 * A + 2) * F + 4] == x[(2 * B + 3) * F + 4]);
  Buffer left = random.buffer(A * 3, 1), right = random.buffer(A * 4, 1), both(A * 7);
  Buffer left2(A * 3), right2(A * 4);
  CHECK_OK(gf_concat_columns(engine, A, 3, 4, left.data(), right.data(), both.data()));
  CHECK(both[7 * 2 + 2] == left[3 * 2 + 2] && both[7 * 2 + 3] == right[4 * 2]);
  CHECK_OK(gf_split_columns(engine, A, 3, 4, both.data(), left2.data(), right2.data()));
  CHECK(check::same_bits(left, left2) && check::same_bits(right, right2));
  CHECK(y.guards_intact() && both.guards_intact() && left2.guards_intact());
}

}  // namespace

int main() {
  test_philox();
  for (const std::string& isa : check::isas()) {
    test_activations(isa);
    test_arithmetic(isa);
    test_dropout(isa);
    test_softmax(isa);
    test_length_mask(isa);
    test_moves(isa);
  }
  return check::finish("pointwise_test");
}
