// Matrix products agree with a plain loop, in every form and precision that is simulated.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "../src/runtime/number_formats.h"
#include "test_support.h"

namespace {

using test::check;
using test::need;

std::vector<float> numbers(size_t count, unsigned seed) {
  std::vector<float> values(count);
  for (float& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return values;
}

struct Sizes {
  int m, n, k;
  bool ta, tb;
};

// C = alpha op(A) op(B) + beta C in double; `round` is applied to the operands.
std::vector<double> expected(const Sizes& s, const std::vector<float>& a, int lda,
                             const std::vector<float>& b, int ldb, float alpha, float beta,
                             const std::vector<float>& c, int ldc, float (*round)(float)) {
  std::vector<double> result(c.begin(), c.end());
  for (int i = 0; i < s.m; ++i) {
    for (int j = 0; j < s.n; ++j) {
      double sum = 0;
      for (int p = 0; p < s.k; ++p) {
        double x = round(a[static_cast<size_t>(s.ta ? i * lda + p : p * lda + i)]);
        double y = round(b[static_cast<size_t>(s.tb ? p * ldb + j : j * ldb + p)]);
        sum += x * y;
      }
      auto at = static_cast<size_t>(j * ldc + i);
      result[at] = alpha * sum + (beta == 0 ? 0 : static_cast<double>(beta) * c[at]);
    }
  }
  return result;
}

double worst(const std::vector<float>& got, const std::vector<double>& want) {
  double error = 0;
  double scale = 1e-30;
  for (size_t i = 0; i < got.size(); ++i) {
    error = std::max(error, std::abs(got[i] - want[i]));
    scale = std::max(scale, std::abs(want[i]));
  }
  return error / scale;
}

float same(float v) { return v; }

void testSgemm(test::Device& d, void* handle) {
  const Sizes all[] = {{1, 1, 1, false, false},
                       {7, 5, 3, true, false},
                       {33, 4, 17, false, true},
                       {64, 70, 129, true, true},
                       {31, 1, 40, true, false}};
  for (int mode : {0, 3}) {  // default, TF32
    need(cublasSetMathMode(handle, mode), "math mode");
    for (const Sizes& s : all) {
      for (float beta : {0.0f, 0.5f}) {
        int lda = (s.ta ? s.k : s.m) + 2;
        int ldb = (s.tb ? s.n : s.k) + 1;
        int ldc = s.m + 3;
        std::vector<float> a = numbers(static_cast<size_t>(lda * (s.ta ? s.m : s.k)), 1);
        std::vector<float> b = numbers(static_cast<size_t>(ldb * (s.tb ? s.k : s.n)), 2);
        std::vector<float> c = numbers(static_cast<size_t>(ldc * s.n), 3);
        std::vector<double> want =
            expected(s, a, lda, b, ldb, 1.5f, beta, c, ldc, mode == 3 ? &sim::roundToTf32 : &same);
        if (beta == 0) c[0] = NAN;  // is not read
        DevicePointer pc = d.upload(c);
        float alpha = 1.5f;
        need(cublasSgemm_v2(handle, s.ta, s.tb, s.m, s.n, s.k, &alpha,
                            reinterpret_cast<float*>(d.upload(a)), lda,
                            reinterpret_cast<float*>(d.upload(b)), ldb, &beta,
                            reinterpret_cast<float*>(pc), ldc),
             "cublasSgemm");
        need(cuCtxSynchronize(), "synchronise");
        double error = worst(d.download<float>(pc, c.size()), want);
        check(error < 2e-6, "sgemm error " + std::to_string(error));
      }
    }
  }
  need(cublasSetMathMode(handle, 0), "math mode");
}

void testGemmEx(test::Device& d, void* handle) {
  constexpr int kF32 = 0, kF16 = 2, kBf16 = 14, kCompute32F = 68;
  Sizes s{40, 9, 23, true, false};
  for (int type : {kF16, kBf16}) {
    std::vector<float> a = numbers(static_cast<size_t>(s.m * s.k), 4);
    std::vector<float> b = numbers(static_cast<size_t>(s.n * s.k), 5);
    std::vector<float> c(static_cast<size_t>(s.m * s.n), 0.0f);
    auto narrow = [&](const std::vector<float>& values) {
      std::vector<uint16_t> result;
      for (float v : values) {
        result.push_back(type == kF16 ? sim::floatToF16(v) : sim::floatToBf16(v));
      }
      return result;
    };
    std::vector<double> want = expected(
        s, a, s.k, b, s.k, 1.0f, 0.0f, c, s.m,
        type == kF16 ? +[](float v) { return sim::f16ToFloat(sim::floatToF16(v)); }
                     : +[](float v) { return sim::bf16ToFloat(sim::floatToBf16(v)); });
    float one = 1;
    float zero = 0;
    DevicePointer pc = d.allocate(c.size() * 4);
    DevicePointer pa = d.upload(narrow(a));
    DevicePointer pb = d.upload(narrow(b));
    need(cublasGemmEx(handle, 1, 0, s.m, s.n, s.k, &one, reinterpret_cast<void*>(pa), type, s.k,
                      reinterpret_cast<void*>(pb), type, s.k, &zero, reinterpret_cast<void*>(pc),
                      kF32, s.m, kCompute32F, 0),
         "cublasGemmEx");
    need(cuCtxSynchronize(), "synchronise");
    double error = worst(d.download<float>(pc, c.size()), want);
    check(error < 2e-6, "gemmEx error " + std::to_string(error));
    check(cublasGemmEx(handle, 1, 0, s.m, s.n, s.k, &one, reinterpret_cast<void*>(pa), type, s.k,
                       reinterpret_cast<void*>(pb), kF32, s.k, &zero, reinterpret_cast<void*>(pc),
                       kF32, s.m, kCompute32F, 0) == 15,
          "mixed operand types are not supported");
  }
}

void testMistakes(test::Device& d, void* handle) {
  float one = 1;
  float zero = 0;
  auto gemm = [&](DevicePointer a, int lda, DevicePointer c) {
    return cublasSgemm_v2(handle, 0, 0, 8, 8, 8, &one, reinterpret_cast<float*>(a), lda,
                          reinterpret_cast<float*>(a), 8, &zero, reinterpret_cast<float*>(c), 8);
  };
  DevicePointer good = d.upload(numbers(64, 6));
  check(gemm(good, 7, good) == 7, "leading dimension too small");
  // A matrix that was never written, last: it ends the context.
  DevicePointer unwritten = d.allocate(64 * sizeof(float));
  need(gemm(unwritten, 8, good), "cublasSgemm");
  check(cuCtxSynchronize() == sim::kLaunchFailed, "unwritten matrix");
  check(sim::lastFinding().find("cublas gemm f32 A") != std::string::npos, sim::lastFinding());
}

}  // namespace

int main() {
  sim::setOption("log_findings", "0");
  test::Device d(test::emptyImage());
  void* handle = nullptr;
  need(cublasCreate_v2(&handle), "cublasCreate");
  testSgemm(d, handle);
  testGemmEx(d, handle);
  testMistakes(d, handle);
  return test::finish();
}
