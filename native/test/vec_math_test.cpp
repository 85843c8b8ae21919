/// exp, sigmoid and tanh against double precision over the whole float range, per instruction set.

#include "check.h"
#include "engine/isa.h"

namespace {

/// Distance of a float from the true value in units of its last place; subnormals included.
double ulps(float actual, double expected) {
  if (std::isnan(expected)) {
    return std::isnan(actual) ? 0 : 1e9;
  }
  float rounded = static_cast<float>(expected);
  if (std::isinf(rounded) || std::isinf(actual)) {
    // Just above the largest float the true value may round either way.
    return actual == rounded || std::fabs(expected) > 3.4028e38 ? 0 : 1e9;
  }
  int exponent;
  std::frexp(std::fabs(expected), &exponent);
  double unit = std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(static_cast<double>(actual) - expected) / unit;
}

using Range = void (*)(int64_t, const float*, float*);

double worst_ulps(Range range, double (*expected)(double), float* where) {
  constexpr int kBlock = 1000;  // off the vector width
  std::vector<float> x(kBlock), y(kBlock);
  double worst = 0;
  uint64_t bits = 0;
  constexpr uint64_t kStride = 1013;  // about four million floats of either sign
  while (bits <= 0xffffffffULL) {
    int n = 0;
    for (; n < kBlock && bits <= 0xffffffffULL; bits += kStride) {
      uint32_t word = static_cast<uint32_t>(bits);
      std::memcpy(&x[static_cast<size_t>(n++)], &word, sizeof word);
    }
    range(n, x.data(), y.data());
    for (size_t i = 0; i < static_cast<size_t>(n); i++) {
      double error = ulps(y[i], expected(x[i]));
      if (error > worst) {
        worst = error;
        *where = x[i];
      }
    }
  }
  return worst;
}

double exact_exp(double x) { return std::exp(x); }
double exact_sigmoid(double x) {
  double s = 1.0 / (1.0 + std::exp(-x));
  return x < static_cast<double>(-87.3f) ? 0.0 : s;  // subnormal
}
double exact_tanh(double x) { return std::tanh(x); }

}  // namespace

int main() {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  struct Function {
    const char* name;
    Range gatefold::PointwiseKernels::*range;
    double (*expected)(double);
    float at_minus_inf, at_inf;
  };
  const Function functions[] = {
      {"exp", &gatefold::PointwiseKernels::exp_range, exact_exp, 0.0f, inf},
      {"sigmoid", &gatefold::PointwiseKernels::sigmoid_range, exact_sigmoid, 0.0f, 1.0f},
      {"tanh", &gatefold::PointwiseKernels::tanh_range, exact_tanh, -1.0f, 1.0f},
  };
  for (const std::string& isa : check::isas()) {
    int status;
    const gatefold::PointwiseKernels& k = *gatefold::find_kernels(isa.c_str(), status)->pointwise;
    for (const Function& f : functions) {
      check::context = isa + ", " + f.name;
      float where = 0;
      double worst = worst_ulps(k.*f.range, f.expected, &where);
      std::printf("%s %s: at most %.3f ulp, at %.9g\n", isa.c_str(), f.name, worst,
                  static_cast<double>(where));
      CHECK(worst < 2);
      float x[4] = {-inf, inf, nan, 0}, y[4];
      (k.*f.range)(4, x, y);
      CHECK(y[0] == f.at_minus_inf);
      CHECK(y[1] == f.at_inf);
      CHECK(std::isnan(y[2]));
      CHECK(y[3] == static_cast<float>(f.expected(0)));
    }
  }
  return check::finish("vec_math_test");
}
