#include "gatefold/linear.h"

#include "engine/engine.h"
#include "engine/scratch.h"
#include "operations/gemm_call.h"

namespace gatefold {
namespace {

constexpr double kWorkPerThread = 400e3;

/// Numbers added up or scaled that a thread is worth.
constexpr int64_t kSumsPerThread = 256 * 1024;

}  // namespace

int run_gemm(gf_engine* engine, GemmCall call) {
  const GemmKernels& kernels = *engine->kernels->gemm;
  if (!kernels.has_few_rows(call)) {
    call.scratch = scratch(ScratchUse::kPanels, kernels.gemm_scratch(call.n, call.k));
    if (call.scratch == nullptr) {
      return GF_OUT_OF_MEMORY;
    }
  }
  double wanted = static_cast<double>(call.m) * static_cast<double>(call.n) *
                  static_cast<double>(call.k) / kWorkPerThread;
  int most = engine->team->threads();
  struct Context {
    const GemmCall* call;
    const GemmKernels* kernels;
  } context{&call, &kernels};
  engine->team->run(
      wanted >= most ? most
      : wanted < 1   ? 1
                     : static_cast<int>(wanted),
      [](void* opaque, const Team& team) {
        const Context& c = *static_cast<const Context*>(opaque);
        c.kernels->gemm(*c.call, team);
      },
      &context);
  return GF_OK;
}

namespace {

enum LeftLayout { kByRows, kByColumns };
enum RightLayout { kAsItIs, kTransposed };

/// c [m, n] = a b without gaps between rows: a [m, k] or by columns [k, m], b [k, n] or transposed
/// [n, k].
GemmCall dense(int64_t m, int64_t n, int64_t k, const float* a, LeftLayout left, const float* b,
               RightLayout right, float* c) {
  GemmCall call{};
  call.m = m;
  call.n = n;
  call.k = k;
  call.a = a;
  call.a_distance = left == kByColumns ? m : k;
  call.a_by_columns = left == kByColumns;
  call.b = b;
  call.b_distance = right == kTransposed ? k : n;
  call.b_transposed = right == kTransposed;
  call.c = c;
  call.c_distance = n;
  return call;
}

/// dx and dw of one output, without products that would fill one lane of a vector.
void one_output_backward(gf_engine* engine, int64_t rows, int64_t inputs, const float* x,
                         const float* w, const float* dy, float* dx, float* dw) {
  if (dx != nullptr) {
    parallel_for(engine, rows, kSumsPerThread / inputs + 1, 1, [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        engine->kernels->pointwise->scale(inputs, dy[r], w, dx + r * inputs);
      }
    });
  }
  if (dw != nullptr) {
    parallel_for(engine, inputs, kSumsPerThread / rows + 16, 16, [=](int64_t begin, int64_t end) {
      engine->kernels->gemm->column_sums(x, inputs, rows, dy, begin, end, dw);
    });
  }
}

}  // namespace

}  // namespace gatefold

using gatefold::GemmCall;

extern "C" int gf_linear_forward(gf_engine* engine, int64_t rows, int64_t inputs, int64_t outputs,
                                 const float* x, const float* w, const float* b, float* y) {
  if (engine == nullptr || rows < 1 || inputs < 1 || outputs < 1 || x == nullptr || w == nullptr ||
      y == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  if (outputs == 1) {  // its sums stand side by side, as those of one row of weights
    GemmCall call =
        gatefold::dense(1, rows, inputs, w, gatefold::kByRows, x, gatefold::kTransposed, y);
    call.row_bias = b;
    call.few_rows = true;
    if (engine->kernels->gemm->has_few_rows(call)) {  // else x would be packed
      return gatefold::run_gemm(engine, call);
    }
  }
  GemmCall call =
      gatefold::dense(rows, outputs, inputs, x, gatefold::kByRows, w, gatefold::kTransposed, y);
  call.bias = b;
  return gatefold::run_gemm(engine, call);
}

extern "C" int gf_linear_backward(gf_engine* engine, int64_t rows, int64_t inputs, int64_t outputs,
                                  const float* x, const float* w, const float* dy, float* dx,
                                  float* dw, float* db) {
  if (engine == nullptr || rows < 1 || inputs < 1 || outputs < 1 || dy == nullptr ||
      (dx != nullptr && w == nullptr) || (dw != nullptr && x == nullptr)) {
    return GF_INVALID_ARGUMENT;
  }
  int status = GF_OK;
  if (outputs == 1) {
    gatefold::one_output_backward(engine, rows, inputs, x, w, dy, dx, dw);
  } else if (dx != nullptr) {
    status = gatefold::run_gemm(
        engine,
        gatefold::dense(rows, inputs, outputs, dy, gatefold::kByRows, w, gatefold::kAsItIs, dx));
  }
  if (dw != nullptr && outputs > 1 && status == GF_OK) {
    GemmCall call =
        gatefold::dense(outputs, inputs, rows, dy, gatefold::kByColumns, x, gatefold::kAsItIs, dw);
    call.add = true;
    call.a_sums = db;
    return gatefold::run_gemm(engine, call);
  }
  if (db != nullptr && status == GF_OK) {
    int64_t least = gatefold::kSumsPerThread / rows + 16;
    gatefold::parallel_for(engine, outputs, least, 16, [=](int64_t begin, int64_t end) {
      engine->kernels->gemm->column_sums(dy, outputs, rows, nullptr, begin, end, db);
    });
  }
  return status;
}
