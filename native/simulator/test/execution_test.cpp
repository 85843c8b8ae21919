// Kernels compute what they should, on every part of the language.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "test_support.h"

namespace {

using test::check;
using test::need;

void testSimple(test::Device& d) {
  int n = 1000;
  std::vector<float> x(1000);
  for (int i = 0; i < n; ++i) x[static_cast<size_t>(i)] = static_cast<float>(i);
  DevicePointer px = d.upload(x);
  DevicePointer py = d.upload(std::vector<float>(1000, 1.0f));
  need(d.run("axpy", 8, 128, 0, 2.0f, px, py, n), "axpy");
  std::vector<float> y = d.download<float>(py, 1000);
  bool good = true;
  for (int i = 0; i < n; ++i) good &= y[static_cast<size_t>(i)] == 1.0f + 2.0f * i;
  check(good, "axpy");

  DevicePointer sums = d.allocate(4 * sizeof(float));
  need(d.run("block_sum", 4, 256, 0, px, sums, n), "block_sum");
  std::vector<float> s = d.download<float>(sums, 4);
  check(s[0] == 255 * 128 && s[0] + s[1] + s[2] + s[3] == 999 * 500, "block_sum");

  need(d.run("reverse", 1, 512, 512 * sizeof(float), px, py, 512), "reverse");
  y = d.download<float>(py, 512);
  check(y[0] == 511 && y[511] == 0 && y[10] == 501, "reverse");

  need(d.run("scale4", 2, 125, 0, 3.0f, px, py, 250), "scale4");
  y = d.download<float>(py, 1000);
  check(y[999] == 2997 && y[1] == 3, "scale4");

  struct {
    int rows, columns;
    DevicePointer data;
  } shape{3, 5, px};
  DevicePointer out = d.allocate(sizeof(float));
  need(d.run("by_value", 1, 1, 0, shape, static_cast<char>(2), 0.5, out), "by_value");
  check(d.download<float>(out, 1)[0] == 15 + 1 + 2 + 0.5f, "by_value");
}

void testWarps(test::Device& d) {
  std::vector<int> x(64);
  for (int i = 0; i < 64; ++i) x[static_cast<size_t>(i)] = i * 3 % 41;
  DevicePointer px = d.upload(x);
  DevicePointer out = d.allocate(16 * sizeof(int));
  need(d.run("warp_operations", 1, 64, 0, px, out), "warp_operations");
  std::vector<int> r = d.download<int>(out, 16);
  for (size_t w = 0; w < 2; ++w) {
    int sum = 0;
    int most = 0;
    unsigned odd = 0;
    for (size_t l = 0; l < 32; ++l) {
      int v = x[w * 32 + l];
      sum += v;
      most = std::max(most, v);
      odd |= static_cast<unsigned>(v & 1) << l;
    }
    const int* o = &r[w * 8];
    check(o[0] == sum && o[1] == sum, "warp sum and scan");
    check(static_cast<unsigned>(o[2]) == odd, "ballot");
    check(o[3] == 0 && o[4] == 1 && o[5] == most && o[7] == 32, "any, all, max, size");
    check(o[6] == x[w * 32 + 1], "shuffle down within 8");
  }
  std::vector<int> signs(96, 1);
  signs[5] = 0;
  signs[50] = 200;
  DevicePointer ps = d.upload(signs);
  need(d.run("barrier_results", 1, 96, 0, ps, out), "barrier_results");
  r = d.download<int>(out, 3);
  check(r[0] == 95 && r[1] == 1 && r[2] == 0, "barriers with results");
}

void testAtomics(test::Device& d) {
  std::vector<int> x(5000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int>(i * i % 16);
  DevicePointer px = d.upload(x);
  DevicePointer bins = d.upload(std::vector<int>(16, 0));
  DevicePointer total = d.upload(std::vector<float>(1, 0.0f));
  DevicePointer most = d.upload(std::vector<unsigned>(1, 0u));
  need(d.run("histogram", 20, 256, 0, px, bins, total, most, 5000), "histogram");
  std::vector<int> expected(16, 0);
  for (int v : x) ++expected[static_cast<size_t>(v)];
  check(d.download<int>(bins, 16) == expected, "atomic counts");
  check(d.download<float>(total, 1)[0] == 2500.0f, "atomic float sum");
  check(d.download<unsigned>(most, 1)[0] == 9, "atomic maximum");
}

void testCooperative(test::Device& d) {
  constexpr int kBlocks = 6;
  constexpr int kRounds = 9;
  std::vector<float> values(2 * kBlocks, 0.0f);
  for (int b = 0; b < kBlocks; ++b) values[static_cast<size_t>(b)] = static_cast<float>(b + 1);
  DevicePointer p = d.upload(values);
  DevicePointer out = d.allocate(kBlocks * sizeof(float));
  DevicePointer counter = d.upload(std::vector<unsigned>(1, 0u));
  need(d.runCooperative("grid_rounds", kBlocks, 64, 0, p, out, counter, kRounds), "grid_rounds");
  float sum = 21;
  float each = 0;
  for (int r = 0; r < kRounds; ++r) {
    each = sum * 0.5f;
    sum = each * kBlocks;
  }
  for (float v : d.download<float>(out, kBlocks)) check(v == each, "grid barrier");
  int status = d.runCooperative("grid_rounds", 100000, 64, 0, p, out, counter, kRounds);
  check(status == sim::kCooperativeLaunchTooLarge, "cooperative launch too large");
}

void testManyBarriers(test::Device& d) {
  DevicePointer out = d.allocate(8 * sizeof(int));
  need(d.run("many_barriers", 1, 8, 0, out), "many_barriers");
  check(d.download<int>(out, 8) == std::vector<int>(8, 7), "many barriers");
}

uint16_t toBf16(float v) {
  uint32_t u;
  std::memcpy(&u, &v, 4);
  return static_cast<uint16_t>(u >> 16);
}

// Small whole numbers: exact in every format.
uint16_t toF16(int v) {
  if (v == 0) return 0;
  int magnitude = std::abs(v);
  int exponent = 0;
  while (magnitude >> (exponent + 1)) ++exponent;
  int mantissa = (magnitude << (10 - exponent)) & 1023;
  return static_cast<uint16_t>((v < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | mantissa);
}

void testProducts(test::Device& d) {
  int a[16][16], b[16][8];
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < 16; ++k) a[i][k] = (i * 7 + k * 3) % 11 - 5;
    for (int n = 0; n < 8; ++n) b[i][n] = (i * 5 + n * 2) % 9 - 4;
  }
  auto verify = [&](DevicePointer out, int depth, const char* what) {
    std::vector<float> r = d.download<float>(out, 128);
    bool good = true;
    for (int i = 0; i < 16; ++i) {
      for (int n = 0; n < 8; ++n) {
        int sum = 0;
        for (int k = 0; k < depth; ++k) sum += a[i][k] * b[k][n];
        good &= r[static_cast<size_t>(i * 8 + n)] == static_cast<float>(sum);
      }
    }
    check(good, what);
  };
  DevicePointer out = d.allocate(128 * sizeof(float));
  for (bool bf16 : {false, true}) {
    std::vector<uint16_t> ha, hb;
    auto convert = [&](int v) { return bf16 ? toBf16(static_cast<float>(v)) : toF16(v); };
    for (auto& row : a) {
      for (int v : row) ha.push_back(convert(v));
    }
    for (auto& row : b) {
      for (int v : row) hb.push_back(convert(v));
    }
    need(d.run(bf16 ? "product_bf16" : "product_f16", 1, 32, 0, d.upload(ha), d.upload(hb), out),
         "product");
    verify(out, 16, bf16 ? "product_bf16" : "product_f16");
  }
  std::vector<float> fa, fb;
  for (auto& row : a) {
    for (int k = 0; k < 8; ++k) fa.push_back(static_cast<float>(row[k]));
  }
  for (int k = 0; k < 8; ++k) {
    for (int v : b[k]) fb.push_back(static_cast<float>(v));
  }
  need(d.run("product_tf32", 1, 32, 0, d.upload(fa), d.upload(fb), out), "product_tf32");
  verify(out, 8, "product_tf32");
  check(sim::countsAsJson().find("\"mmaFlops\":4096") != std::string::npos, "mma flops counted");
}

void testConversions(test::Device& d) {
  std::vector<float> x = {1.0f,  -2.5f, 65504.0f, 65520.0f, 1e-8f, 6e-8f,
                          3e-5f, 0.1f,  INFINITY, NAN,      0.0f,  1.00048828125f};
  std::vector<uint16_t> half = {0x3c00, 0xc100, 0x7bff, 0x7c00, 0x0000, 0x0001,
                                0x01f7, 0x2e66, 0x7c00, 0x7fff, 0x0000, 0x3c00};
  std::vector<uint16_t> brain = {0x3f80, 0xc020, 0x4780, 0x4780, 0x322c, 0x3381,
                                 0x37fc, 0x3dcd, 0x7f80, 0x7fff, 0x0000, 0x3f80};
  auto n = static_cast<int>(x.size());
  DevicePointer ph = d.allocate(x.size() * 2);
  DevicePointer pb = d.allocate(x.size() * 2);
  DevicePointer back = d.allocate(x.size() * 8);
  need(d.run("conversions", 1, 32, 0, d.upload(x), ph, pb, back, n), "conversions");
  std::vector<uint16_t> gotHalf = d.download<uint16_t>(ph, x.size());
  std::vector<uint16_t> gotBrain = d.download<uint16_t>(pb, x.size());
  std::vector<float> gotBack = d.download<float>(back, 2 * x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    char text[100];
    std::snprintf(text, sizeof text, "conversion of %g: %04x %04x, expected %04x %04x", x[i],
                  gotHalf[i], gotBrain[i], half[i], brain[i]);
    check(gotHalf[i] == half[i] && gotBrain[i] == brain[i], text);
  }
  check(gotBack[0] == 1.0f && gotBack[2] == -2.5f && gotBack[4] == 65504.0f, "conversions back");
  check(gotBack[10] == 0x1p-24f && gotBack[1] == 1.0f, "subnormal back");
}

// Within a unit in the last place, some above what is nearest and some below; no subnormal numbers.
void testReciprocals(test::Device& d) {
  const int n = 1000;
  std::vector<float> x(n);
  for (int i = 0; i < n; ++i)
    x[i] = (i % 2 ? -1.0f : 1.0f) * (1.0f + 0.37f * static_cast<float>(i));
  const std::vector<float> special = {0.0f, -0.0f, 1e-39f, INFINITY, -INFINITY, 0x1.8p126f, NAN};
  x.insert(x.end(), special.begin(), special.end());
  DevicePointer y = d.allocate(x.size() * 4);
  need(d.run("reciprocals", 8, 128, 0, d.upload(x), y, static_cast<int>(x.size())), "reciprocals");
  std::vector<float> got = d.download<float>(y, x.size());
  int above = 0;
  int below = 0;
  bool near = true;
  for (int i = 0; i < n; ++i) {
    const float nearest = 1.0f / x[i];
    above += got[i] == std::nextafter(nearest, 2 * nearest);
    below += got[i] == std::nextafter(nearest, 0.0f);
    near = near && std::fabs(got[i] - nearest) <= std::fabs(nearest) * 0x1p-23f;
  }
  check(near && above > n / 8 && below > n / 8, "reciprocals within one unit");
  const float* const last = got.data() + n;
  check(last[0] == INFINITY && last[1] == -INFINITY && last[2] == INFINITY, "reciprocals of zeros");
  check(last[3] == 0.0f && last[4] == 0.0f && std::signbit(last[4]) && last[5] == 0.0f &&
            std::isnan(last[6]),
        "reciprocals that are zero, or no number");
}

}  // namespace

int main() {
  std::string source = test::readText(SIM_TEST_FOLDER "/kernels/features.cu");
  std::vector<std::string> options = {"--gpu-architecture=sm_90",
                                      "--include-path=" SIM_COMMON_KERNELS};
  test::Compiled code = test::compile(source, "features.cu", options, {"multiply_by<3>"});
  check(code.status == 0, code.log);
  if (code.status) return test::finish();
  // Every schedule gives the same results.
  for (const char* schedule : {"forward", "reverse", "random:7"}) {
    sim::setOption("schedule", schedule);
    test::Device d(code.cubin);
    testSimple(d);
    testWarps(d);
    testAtomics(d);
    testCooperative(d);
    testManyBarriers(d);
    testProducts(d);
    testConversions(d);
    testReciprocals(d);
    DevicePointer x = d.upload(std::vector<float>(100, 2.0f));
    need(d.run(code.lowered[0], 1, 128, 0, x, 100), "multiply_by<3>");
    check(d.download<float>(x, 100)[99] == 6.0f, "template kernel by name expression");
    check(sim::findings().empty(), std::string("no findings, schedule ") + schedule);
    int status = d.run("block_sum", 1, 512, 0, x, x, 1);
    check(status == sim::kLaunchOutOfResources, "more threads than __launch_bounds__");
  }
  // The text form of an image is loaded as the driver loads PTX.
  sim::setOption("schedule", "forward");
  test::Device d(code.ptx);
  testSimple(d);
  // Without optimisation the kernels do the same.
  options.push_back("--device-debug");
  test::Compiled debug = test::compile(source, "features.cu", options, {"multiply_by<3>"});
  check(debug.status == 0, debug.log);
  check(debug.cubin != code.cubin, "--device-debug compiles other code");
  if (debug.status) return test::finish();
  test::Device slow(debug.cubin);
  testSimple(slow);
  testWarps(slow);
  testAtomics(slow);
  testCooperative(slow);
  testProducts(slow);
  testConversions(slow);
  check(sim::findings().empty(), "no findings without optimisation");
  return test::finish();
}
