/// Losses, gradient norm and optimisers against double precision, on every instruction set.

#include <functional>

#include "check.h"
#include "engine/philox.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

struct Function {
  int kind, parts;
  int64_t terms;
  double first, second;
};

int apply(gf_engine* engine, const Function& f, int64_t rows, int64_t columns, const float* table,
          const float* x, const float* target, const float* weights, float* loss, float* dx) {
  return gf_pointwise_loss(engine, f.kind, f.parts, f.terms, f.first, f.second, rows, columns,
                           table, x, target, weights, loss, dx);
}

void test_regression(const std::string& isa) {
  const size_t N = 300, F = 11;
  Random random(1);
  Buffer x = random.buffer(N * F, 2), target = random.buffer(N * F, 2), weights(N);
  for (float& w : weights) w = static_cast<float>(random.below(3)) * 0.5f;
  for (size_t f = 0; f < F; f++) {
    weights[4] = 0;
    x[4 * F + f] = std::nanf("");  // a row of weight 0 has no effect
  }
  const double delta = 0.75;
  for (int kind : {GF_MSE, GF_MAE, GF_HUBER}) {
    for (bool weighted : {true, false}) {
      check::context = isa + ", loss " + std::to_string(kind) + (weighted ? ", weighted" : "");
      if (!weighted) {
        for (size_t f = 0; f < F; f++) x[4 * F + f] = 1;
      } else {
        for (size_t f = 0; f < F; f++) x[4 * F + f] = std::nanf("");
      }
      double total = 0, sum = 0;
      std::vector<double> slopes(N * F, 0.0);
      for (size_t n = 0; n < N; n++) {
        double w = weighted ? weights[n] : 1;
        total += w;
        for (size_t f = 0; f < F && w != 0; f++) {
          double d = static_cast<double>(x[n * F + f]) - target[n * F + f], a = std::fabs(d);
          double sign = d > 0 ? 1 : -1;
          sum += w * (kind == GF_MSE   ? d * d
                      : kind == GF_MAE ? a
                      : a <= delta     ? d * d / 2
                                       : delta * (a - delta / 2));
          slopes[n * F + f] = w * (kind == GF_MSE   ? 2 * d
                                   : kind == GF_MAE ? sign
                                   : a <= delta     ? d
                                                    : delta * sign);
        }
      }
      for (double& s : slopes) s /= total * F;
      Buffer bits;
      for (int threads : {1, 3}) {
        Engine engine(threads, isa);
        Buffer loss(1), dx(N * F);
        const float* w = weighted ? weights.data() : nullptr;
        const Function function = Function{kind, 1, F, delta, 0};
        CHECK_OK(apply(engine, function, N, F, nullptr, x.data(), target.data(), w, loss.data(),
                       dx.data()));
        CHECK_CLOSE(loss, std::vector<double>{sum / (total * F)}, 1e-6);
        CHECK_CLOSE(dx, slopes, 1e-6);
        CHECK(dx.guards_intact() && loss.guards_intact());
        if (bits.size() == 0) bits = loss;
        CHECK(check::same_bits(bits, loss));
        Buffer alone(1);
        CHECK_OK(apply(engine, function, N, F, nullptr, x.data(), target.data(), w, alone.data(),
                       nullptr));
        CHECK(check::same_bits(alone, loss));
      }
    }
  }
  Engine engine(1, isa);
  Buffer none(N, 0), loss(1), dx(N * F);
  const Function mse = Function{GF_MSE, 1, F, 0, 0};
  CHECK_OK(apply(engine, mse, N, F, nullptr, x.data(), target.data(), none.data(), loss.data(),
                 dx.data()));
  bool zero = loss[0] == 0;
  for (float d : dx) zero = zero && d == 0;
  CHECK(zero);
}

/// Every kind, by the value of one target that can be worked out by hand, and its slopes.
void test_pointwise(const std::string& isa) {
  struct Case {
    int kind, parts;
    double first, second;
    float x[2], target, table[2];
    double value, slopes[2];
  };
  const double log_two = std::log(2.0), log_two_pi = std::log(2 * 3.14159265358979323846);
  const Case cases[] = {
      {GF_LOG_COSH, 1, 0, 0, {1, 0}, 1, {}, 0, {0, 0}},
      {GF_BINARY_CROSS_ENTROPY, 1, 0, 0, {0, 0}, 1, {3, 0}, 3 * log_two, {-1.5, 0}},
      {GF_FOCAL, 1, 2, 0.25, {0, 0}, 0, {}, 0.1875 * log_two, {0.1875 * (0.5 + log_two), 0}},
      {GF_HINGE, 1, 0, 0, {0.25f, 0}, 1, {}, 0.75, {-1, 0}},
      {GF_SQUARED_HINGE, 1, 0, 0, {0.5f, 0}, -1, {}, 2.25, {3, 0}},
      {GF_QUANTILE, 2, 0, 0, {1, 3}, 2, {0.25f, 0.75f}, 0.5, {-0.25, 0.25}},
      {GF_GAUSSIAN_NLL, 2, 0, 0, {1, 0}, 3, {}, (4 + log_two_pi) / 2, {-2, -1.5}},
      {GF_STUDENT_T_NLL, 2, 1, 0.5, {1, 0}, 2, {}, log_two + 0.5, {-1, 0}},
      {GF_KL_DIVERGENCE, 1, 0, 0, {-1, 0}, 0.5f, {}, 0.5 * (1 - log_two), {-0.5, 0}},
  };
  Engine engine(2, isa);
  for (const Case& c : cases) {
    check::context = isa + ", pointwise loss " + std::to_string(c.kind);
    const Function function = Function{c.kind, c.parts, 1, c.first, c.second};
    Buffer loss(1), dx(static_cast<size_t>(c.parts));
    const bool table = c.kind == GF_QUANTILE || c.kind == GF_BINARY_CROSS_ENTROPY;
    CHECK_OK(apply(engine, function, 1, 1, table ? c.table : nullptr, c.x, &c.target, nullptr,
                   loss.data(), dx.data()));
    CHECK_CLOSE(loss, std::vector<double>{c.value}, 1e-6);
    CHECK_CLOSE(dx, std::vector<double>(c.slopes, c.slopes + c.parts), 1e-6);
    CHECK(dx.guards_intact() && loss.guards_intact());
  }
  const float x[] = {0, 0};
  Buffer loss(1);
  const Function wrong[] = {Function{GF_KL_DIVERGENCE + 1, 1, 1, 0, 0},
                            Function{GF_MSE, 2, 1, 0, 0}, Function{GF_HUBER, 1, 1, 0, 0},
                            Function{GF_QUANTILE, 1, 1, 0, 0}, Function{GF_MSE, 1, 0, 0, 0}};
  for (const Function& function : wrong) {
    CHECK(apply(engine, function, 1, 1, nullptr, x, x, nullptr, loss.data(), nullptr) ==
          GF_INVALID_ARGUMENT);
  }
}

/// Triangles of sides 3, 4, 5; a row of weight 0, and one that does not belong together.
void test_cosine(const std::string& isa) {
  check::context = isa + ", cosine embedding";
  const float nan = std::nanf("");
  const float a[] = {3, 4, nan, nan, 3, 4}, b[] = {5, 0, 1, 1, 0, 5};
  const float together[] = {1, 1, -1}, weights[] = {1, 0, 3};
  Engine engine(2, isa);
  Buffer loss(1), da(6), db(6);
  CHECK_OK(gf_cosine_embedding_loss(engine, 3, 2, a, b, together, 0.5f, weights, loss.data(),
                                    da.data(), db.data()));
  CHECK_CLOSE(loss, std::vector<double>{(0.4 + 3 * 0.3) / 4}, 1e-6);
  CHECK_CLOSE(da, (std::vector<double>{-0.128 / 4, 0.096 / 4, 0, 0, -0.096 * 0.75, 0.072 * 0.75}),
              1e-6);
  CHECK_CLOSE(db, (std::vector<double>{0, -0.16 / 4, 0, 0, 0.12 * 0.75, 0}), 1e-6);
  CHECK(da.guards_intact() && db.guards_intact() && loss.guards_intact());
}

void test_cross_entropy(const std::string& isa) {
  const size_t N = 200, C = 37;
  Random random(2);
  Buffer x = random.buffer(N * C, 6), weights(N);
  std::vector<int32_t> labels(N);
  for (size_t n = 0; n < N; n++) {
    labels[n] = random.below(7) == 0 ? -1 : random.below(static_cast<int>(C));
    weights[n] = static_cast<float>(random.below(4)) * 0.25f;
  }
  for (float smoothing : {0.0f, 0.1f}) {
    for (bool weighted : {true, false}) {
      check::context = isa + ", cross-entropy";
      double total = 0, sum = 0, s = smoothing;
      std::vector<double> edx(N * C, 0.0);
      for (size_t n = 0; n < N; n++) {
        double w = weighted ? weights[n] : 1, z = 0;
        if (labels[n] < 0 || w == 0) continue;
        total += w;
        for (size_t c = 0; c < C; c++) z += std::exp(static_cast<double>(x[n * C + c]));
        for (size_t c = 0; c < C; c++) {
          double q = s / C + (static_cast<int>(c) == labels[n] ? 1 - s : 0);
          sum -= w * q * (x[n * C + c] - std::log(z));
          edx[n * C + c] = w * (std::exp(static_cast<double>(x[n * C + c])) / z - q);
        }
      }
      for (double& d : edx) d /= total;
      Buffer bits;
      for (int threads : {1, 3}) {
        Engine engine(threads, isa);
        Buffer loss(1), dx(N * C);
        CHECK_OK(gf_cross_entropy(engine, N, C, x.data(), labels.data(), -1, smoothing, nullptr,
                                  weighted ? weights.data() : nullptr, loss.data(), dx.data()));
        CHECK_CLOSE(loss, std::vector<double>{sum / total}, 1e-6);
        CHECK_CLOSE(dx, edx, 2e-6);
        CHECK(dx.guards_intact() && loss.guards_intact());
        if (bits.size() == 0) bits = loss;
        CHECK(check::same_bits(bits, loss));
      }
    }
  }
  Engine engine(1, isa);
  Buffer loss(1), dx(N * C);
  std::vector<int32_t> ignored(N, -1);
  CHECK_OK(gf_cross_entropy(engine, N, C, x.data(), ignored.data(), -1, 0, nullptr, nullptr,
                            loss.data(), dx.data()));
  CHECK(loss[0] == 0 && dx[5] == 0);
  labels[9] = static_cast<int32_t>(C);
  CHECK_OK(gf_cross_entropy(engine, N, C, x.data(), labels.data(), -1, 0, nullptr, nullptr,
                            loss.data(), dx.data()));
  CHECK(std::isnan(loss[0]));
}

void test_norm(const std::string& isa) {
  check::context = isa + ", norm";
  const size_t P = 70000;
  Random random(5);
  Buffer g = random.buffer(P, 1);
  const gf_segment segments[] = {{0, 60000, 1, 1}, {60016, 37, 1, 1}, {60100, 9000, 1, 1}};
  std::vector<double> squares;
  double total = 0;
  for (const gf_segment& s : segments) {
    double sum = 0;
    for (int64_t i = 0; i < s.length; i++) {
      double v = g[static_cast<size_t>(s.offset + i)];
      sum += v * v;
    }
    squares.push_back(sum);
    total += sum;
  }
  Buffer bits;
  for (int threads : {1, 3}) {
    Engine engine(threads, isa);
    Buffer got(3), result(2);
    CHECK_OK(gf_gradient_norm(engine, g.data(), 3, segments, 2.5f, 1, 0, nullptr, got.data(),
                              result.data()));
    double norm = std::sqrt(total);
    CHECK_CLOSE(got, squares, 1e-7);
    CHECK_CLOSE(result, (std::vector<double>{norm, 2.5 / (norm + 1e-6)}), 1e-7);
    if (bits.size() == 0) bits = got;
    CHECK(check::same_bits(bits, got));
    CHECK_OK(gf_gradient_norm(engine, g.data(), 3, segments, std::numeric_limits<float>::infinity(),
                              1, 0, nullptr, got.data(), result.data()));
    CHECK(result[1] == 1);
    CHECK_OK(gf_gradient_norm(engine, g.data(), 3, segments, 2.5f, 8, 0, nullptr, got.data(),
                              result.data()));
    CHECK_CLOSE(got, squares, 1e-7);
    CHECK_CLOSE(result, (std::vector<double>{norm / 8, 2.5 / (norm / 8 + 1e-6) / 8}), 1e-7);
    Buffer required(2);
    required[0] = 3;
    required[1] = -4;
    CHECK_OK(gf_gradient_norm(engine, g.data(), 3, segments, 2.5f, 8, 2, required.data(),
                              got.data(), result.data()));
    CHECK_CLOSE(result, (std::vector<double>{norm / 8, 2.5 / (norm / 8 + 1e-6) / 8}), 1e-7);
    required[1] = -std::numeric_limits<float>::infinity();
    CHECK_OK(gf_gradient_norm(engine, g.data(), 3, segments, 2.5f, 8, 2, required.data(),
                              got.data(), result.data()));
    CHECK(result[0] == static_cast<float>(norm / 8) && std::isnan(result[1]));
    Buffer bad = g;
    bad[60020] = std::numeric_limits<float>::infinity();
    CHECK_OK(gf_gradient_norm(engine, bad.data(), 3, segments, 1, 1, 0, nullptr, got.data(),
                              result.data()));
    CHECK(!std::isfinite(result[0]) && std::isnan(result[1]));
    CHECK(std::isfinite(got[0]) && !std::isfinite(got[1]) && std::isfinite(got[2]));
    bad[0] = std::nanf("");
    bad[1] = -3;
    CHECK_OK(gf_clip_value(engine, P, 0.5f, bad.data()));
    CHECK(std::isnan(bad[0]) && bad[1] == -0.5f && bad[60020] == 0.5f && bad.guards_intact());
  }
}

/// The formula of gf_gradient_noise in double precision, its words by philox itself.
double normal(uint64_t key, uint64_t e) {
  const gatefold::PhiloxBlock block =
      gatefold::philox(static_cast<uint32_t>(e / 4), static_cast<uint32_t>(e >> 34), 0x6E6F6973, 0,
                       static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32));
  const size_t pair = e % 4 / 2 * 2;
  const double a = ((block.word[pair] >> 8) + 1) / 16777216.0;
  const double angle = (block.word[pair + 1] >> 8) / 16777216.0 * 2 * std::acos(-1.0);
  return std::sqrt(-2 * std::log(a)) * (e % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

void test_noise(const std::string& isa) {
  check::context = isa + ", noise";
  const size_t P = 70000;
  const gf_segment segments[] = {{3, 60001, 1, 1}, {60016, 37, 1, 1}, {60101, 9000, 1, 1}};
  const uint64_t key = 0x123456789ABCDEF0;
  const float scale = 0.5f, none = std::nanf("");
  Buffer bits;
  for (int threads : {1, 3}) {
    Engine engine(threads, isa);
    Buffer g(P);
    std::vector<double> expected(P, 0.0);
    for (size_t i = 0; i < P; i++) {
      g[i] = static_cast<float>(i % 7);
      expected[i] = g[i];
    }
    for (const gf_segment& s : segments) {
      for (int64_t i = s.offset; i < s.offset + s.length; i++) {
        expected[static_cast<size_t>(i)] += 6 * normal(key, static_cast<uint64_t>(i));
      }
    }
    CHECK_OK(gf_gradient_noise(engine, 3, segments, 3, key, &none, g.data()));
    CHECK(g[5] == 5);
    CHECK_OK(gf_gradient_noise(engine, 3, segments, 3, key, &scale, g.data()));
    CHECK_CLOSE(g, expected, 1e-6);
    CHECK(g.guards_intact());
    if (bits.size() == 0) bits = g;
    CHECK(check::same_bits(bits, g));
    CHECK(gf_gradient_noise(engine, 3, segments, -1, key, &scale, g.data()) != GF_OK);
  }
}

/// PyTorch's formulas for one parameter.
struct Rule {
  gf_optimizer o;
  double v = 0, a = 0, m = 0;

  double step(double p, double g, int64_t n, double rate, double decay) {
    if (o.l1 != 0 && p != 0) g += o.l1 * decay * (p > 0 ? 1 : -1);
    if (o.decoupled != 0) {
      p -= rate * o.l2 * decay * p;
    } else {
      g += o.l2 * decay * p;
    }
    if (o.kind == GF_SGD) {
      if (o.momentum > 0) {
        m = n == 1 ? g : o.momentum * m + (1 - o.dampening) * g;
        g = o.nesterov != 0 ? g + o.momentum * m : m;
      }
      return p - rate * g;
    }
    if (o.kind == GF_RMSPROP) {
      v = o.alpha * v + (1 - o.alpha) * g * g;
      double square = v;
      if (o.centered != 0) {
        a = o.alpha * a + (1 - o.alpha) * g;
        square -= a * a;
      }
      double d = g / (std::sqrt(square) + o.epsilon);
      if (o.momentum > 0) {
        m = o.momentum * m + d;
        d = m;
      }
      return p - rate * d;
    }
    double count = static_cast<double>(n);
    if (o.kind == GF_ADAGRAD) {
      v += g * g;
      return p - rate * g / (std::sqrt(v) + o.epsilon);
    }
    if (o.kind == GF_ADADELTA) {
      v = o.alpha * v + (1 - o.alpha) * g * g;
      double d = std::sqrt(m + o.epsilon) / std::sqrt(v + o.epsilon) * g;
      m = o.alpha * m + (1 - o.alpha) * d * d;
      return p - rate * d;
    }
    m = o.beta1 * m + (1 - o.beta1) * g;
    if (o.kind == GF_ADAMAX) {
      v = std::max(o.beta2 * v, std::fabs(g) + static_cast<double>(o.epsilon));
      return p - rate / (1 - std::pow(o.beta1, count)) * m / v;
    }
    v = o.beta2 * v + (1 - o.beta2) * g * g;
    if (o.kind == GF_NADAM) {
      double ahead = o.mean_factor * m + o.gradient_factor * g;
      return p - rate * ahead / (std::sqrt(v / (1 - std::pow(o.beta2, count))) + o.epsilon);
    }
    double corrected = std::sqrt(v / (1 - std::pow(o.beta2, count))) + o.epsilon;
    return p - rate / (1 - std::pow(o.beta1, count)) * m / corrected;
  }
};

void test_optimizer(const std::string& isa, const char* name, gf_optimizer o) {
  check::context = isa + ", " + name;
  const size_t P = 50000;
  Random random(6);
  Buffer start = random.buffer(P, 1), first(0);
  const gf_segment segments[] = {{0, 100, 1, 1}, {112, 33000, 0.5f, 0}, {40000, 7, 0, 1}};
  o.rate = 0.01f;
  for (int threads : {1, 3}) {
    Engine engine(threads, isa);
    Buffer p = start, s1(P, 0), s2(P, 0), s3(P, 0);
    std::vector<Rule> rules(P, Rule{o});
    std::vector<double> expected(p.begin(), p.end());
    Random gradients(7);
    for (int64_t n = 1; n <= 4; n++) {
      Buffer g = gradients.buffer(P, 2);
      float scale = 0.5f;
      o.step = n;
      CHECK_OK(gf_optimizer_step(engine, &o, p.data(), g.data(), s1.data(), s2.data(), s3.data(), 3,
                                 segments, &scale));
      for (const gf_segment& s : segments) {
        for (int64_t i = s.offset; i < s.offset + s.length; i++) {
          size_t k = static_cast<size_t>(i);
          expected[k] = rules[k].step(expected[k], 0.5 * g[k], n,
                                      static_cast<double>(o.rate) * s.rate_scale, s.decay_scale);
        }
      }
    }
    CHECK_CLOSE(p, expected, 2e-6);
    CHECK(p[105] == start[105] && p[45000] == start[45000]);  // between the segments
    CHECK(p[40003] == start[40003]);                          // rate scale 0
    CHECK(p.guards_intact() && s1.guards_intact() && s2.guards_intact() && s3.guards_intact());
    if (first.size() == 0) first = p;
    CHECK(check::same_bits(first, p));
    Buffer before = p, state = s1, g = gradients.buffer(P, 2);
    float scale = std::nanf("");
    CHECK_OK(gf_optimizer_step(engine, &o, p.data(), g.data(), s1.data(), s2.data(), s3.data(), 3,
                               segments, &scale));
    CHECK(check::same_bits(before, p) && check::same_bits(state, s1));
  }
}

/// LAMB, whose ratio is taken over a segment.
void test_lamb(const std::string& isa) {
  check::context = isa + ", lamb";
  const size_t P = 50000;
  Random random(8);
  Buffer start = random.buffer(P, 1), first(0);
  const gf_segment segments[] = {{0, 101, 1, 1}, {112, 33001, 0.5f, 0.5f}, {40000, 7, 0, 1}};
  gf_optimizer o{};
  o.kind = GF_LAMB;
  o.rate = 0.01f;
  o.beta1 = 0.9f;
  o.beta2 = 0.999f;
  o.epsilon = 1e-6f;
  o.l2 = 0.1f;
  o.decoupled = 1;
  for (int threads : {1, 3}) {
    Engine engine(threads, isa);
    Buffer p = start, s1(P, 0), s2(P, 0);
    std::vector<double> expected(p.begin(), p.end()), m(P), v(P), change(P);
    Random gradients(9);
    for (int64_t n = 1; n <= 3; n++) {
      Buffer g = gradients.buffer(P, 2);
      o.step = n;
      CHECK_OK(gf_optimizer_step(engine, &o, p.data(), g.data(), s1.data(), s2.data(), nullptr, 3,
                                 segments, nullptr));
      for (const gf_segment& s : segments) {
        double weights = 0, changes = 0;
        size_t begin = static_cast<size_t>(s.offset), end = begin + static_cast<size_t>(s.length);
        for (size_t i = begin; i < end; i++) {
          m[i] = o.beta1 * m[i] + (1 - o.beta1) * static_cast<double>(g[i]);
          v[i] = o.beta2 * v[i] + (1 - o.beta2) * static_cast<double>(g[i]) * g[i];
          double count = static_cast<double>(n);
          double root = std::sqrt(v[i] / (1 - std::pow(o.beta2, count))) + o.epsilon;
          change[i] =
              m[i] / (1 - std::pow(o.beta1, count)) / root + o.l2 * s.decay_scale * expected[i];
          weights += expected[i] * expected[i];
          changes += change[i] * change[i];
        }
        double rate = o.rate * s.rate_scale * std::sqrt(weights) / std::sqrt(changes);
        for (size_t i = begin; i < end; i++) expected[i] -= rate * change[i];
      }
    }
    CHECK_CLOSE(p, expected, 2e-6);
    CHECK(p.guards_intact() && s1.guards_intact() && s2.guards_intact());
    if (first.size() == 0) first = p;
    CHECK(check::same_bits(first, p));
  }
}

void test_optimizers(const std::string& isa) {
  gf_optimizer sgd{};
  sgd.kind = GF_SGD;
  test_optimizer(isa, "sgd", sgd);
  sgd.momentum = 0.9f;
  sgd.dampening = 0.1f;
  sgd.l2 = 0.02f;
  sgd.l1 = 0.01f;
  test_optimizer(isa, "sgd, momentum, penalties", sgd);
  sgd.dampening = 0;
  sgd.nesterov = 1;
  test_optimizer(isa, "sgd, nesterov", sgd);
  gf_optimizer rms{};
  rms.kind = GF_RMSPROP;
  rms.alpha = 0.95f;
  rms.epsilon = 1e-6f;
  test_optimizer(isa, "rmsprop", rms);
  rms.momentum = 0.8f;
  test_optimizer(isa, "rmsprop, momentum", rms);
  rms.centered = 1;
  rms.epsilon = 0.1f;  // the centred square may be tiny
  test_optimizer(isa, "rmsprop, centred, momentum", rms);
  gf_optimizer adam{};
  adam.kind = GF_ADAM;
  adam.beta1 = 0.9f;
  adam.beta2 = 0.999f;
  adam.epsilon = 1e-8f;
  test_optimizer(isa, "adam", adam);
  adam.l2 = 0.05f;
  test_optimizer(isa, "adam, l2", adam);
  adam.decoupled = 1;
  test_optimizer(isa, "adamw", adam);
  gf_optimizer other = adam;
  other.kind = GF_NADAM;
  other.mean_factor = 0.8f;
  other.gradient_factor = 0.3f;
  test_optimizer(isa, "nadam, decoupled", other);
  other.kind = GF_ADAMAX;
  other.epsilon = 1e-4f;
  test_optimizer(isa, "adamax, decoupled", other);
  other.kind = GF_ADAGRAD;
  test_optimizer(isa, "adagrad, decoupled", other);
  other.kind = GF_ADADELTA;
  other.alpha = 0.9f;
  test_optimizer(isa, "adadelta, decoupled", other);
}

}  // namespace

int main() {
  for (const std::string& isa : check::isas()) {
    test_regression(isa);
    test_pointwise(isa);
    test_cosine(isa);
    test_cross_entropy(isa);
    test_norm(isa);
    test_noise(isa);
    test_optimizers(isa);
    test_lamb(isa);
  }
  return check::finish("training_test");
}
