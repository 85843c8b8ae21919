// Matrix products of the simulated cuBLAS.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "../runtime/counters.h"
#include "../runtime/options.h"
#include "../runtime/status.h"
#include "cublas_handle.h"

namespace sim {
namespace {

// Values of cublasComputeType_t.
enum ComputeType {
  kCompute32F = 68,
  kCompute32FPedantic = 69,
  kCompute32FFast16F = 74,
  kCompute32FFast16Bf = 75,
  kCompute32FFastTf32 = 77
};
constexpr int kMathTf32 = 3;
constexpr int kMathPedantic = 2;

struct Call {
  std::string name;
  BlasHandle* handle;
  int transposeA, transposeB;
  Product product;
  const float* alpha;
  const float* beta;
  int batch = 1;
  long long strideA = 0, strideB = 0, strideC = 0;  // in elements
  // Device arrays of pointers, for the batched forms.
  const void* const* pointersA = nullptr;
  const void* const* pointersB = nullptr;
  void* const* pointersC = nullptr;
};

std::optional<ElementType> elementType(int type) {
  switch (type) {
    case 0:
      return ElementType::kF32;
    case 2:
      return ElementType::kF16;
    case 14:
      return ElementType::kBf16;
    default:
      return std::nullopt;
  }
}

const char* typeName(ElementType type) {
  return type == ElementType::kF32 ? "f32" : type == ElementType::kF16 ? "f16" : "bf16";
}

std::optional<Rounding> roundingOf(const BlasHandle& handle, int compute, ElementType operands) {
  bool ampere = options().capabilityMajor >= 8;
  if (operands != ElementType::kF32) {
    bool known = compute == kCompute32F || compute == kCompute32FPedantic;
    return known ? std::optional<Rounding>(Rounding::kNone) : std::nullopt;
  }
  switch (compute) {
    case kCompute32F:
      return (handle.mathMode & 15) == kMathTf32 && ampere ? Rounding::kTf32 : Rounding::kNone;
    case kCompute32FPedantic:
      return Rounding::kNone;
    case kCompute32FFastTf32:
      if (!ampere || (handle.mathMode & 15) == kMathPedantic) return Rounding::kNone;
      return Rounding::kTf32;
    case kCompute32FFast16F:
      return Rounding::kF16;
    case kCompute32FFast16Bf:
      return ampere ? Rounding::kBf16 : Rounding::kNone;
    default:
      return std::nullopt;
  }
}

int runOne(const std::string& name, const Product& p) {
  int rowsA = p.transposeA ? p.k : p.m;
  int columnsA = p.transposeA ? p.m : p.k;
  int rowsB = p.transposeB ? p.n : p.k;
  int columnsB = p.transposeB ? p.k : p.n;
  if (int s = checkMatrixRead(name + " A", p.a, p.typeA, rowsA, columnsA, p.lda)) return s;
  if (int s = checkMatrixRead(name + " B", p.b, p.typeB, rowsB, columnsB, p.ldb)) return s;
  if (p.beta != 0) {
    if (int s = checkMatrixRead(name + " C", p.c, p.typeC, p.m, p.n, p.ldc)) return s;
  }
  if (int s = checkMatrixWrite(name + " C", p.c, p.typeC, p.m, p.n, p.ldc)) return s;
  multiply(p);
  return kSuccess;
}

template <class T>
T* advance(T* pointer, ElementType type, long long elements) {
  using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
  return reinterpret_cast<Byte*>(pointer) + elements * static_cast<long long>(elementSize(type));
}

void count(const std::string& name, const Product& p, int batch, bool inGraph,
           double milliseconds) {
  auto area = [&](int rows, int columns, ElementType type) {
    return static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns) * elementSize(type) *
           static_cast<uint64_t>(batch);
  };
  KernelCounts c;
  c.launches = 1;
  c.graphLaunches = inGraph;
  uint64_t sizeC = area(p.m, p.n, p.typeC);
  c.globalReadBytes = area(p.m, p.k, p.typeA) + area(p.k, p.n, p.typeB) + (p.beta != 0 ? sizeC : 0);
  c.globalReadDistinctBytes = c.globalReadBytes;
  c.globalWriteBytes = c.globalWriteDistinctBytes = sizeC;
  c.otherFlops = 2 * static_cast<uint64_t>(p.m) * static_cast<uint64_t>(p.n) *
                 static_cast<uint64_t>(p.k) * static_cast<uint64_t>(batch);
  c.milliseconds = milliseconds;
  countKernel(name, c);
}

int runAll(const Call& call, Product p, bool inGraph) {
  auto start = std::chrono::steady_clock::now();
  auto size = static_cast<size_t>(call.batch) * sizeof(void*);
  if (call.pointersA) {
    const std::string& name = call.name;
    if (int s = checkLibraryRead(name + " array of A", call.pointersA, size)) return s;
    if (int s = checkLibraryRead(name + " array of B", call.pointersB, size)) return s;
    if (int s = checkLibraryRead(name + " array of C", call.pointersC, size)) return s;
  }
  const Product first = p;
  for (int i = 0; i < call.batch; ++i) {
    if (call.pointersA) {
      p.a = call.pointersA[i];
      p.b = call.pointersB[i];
      p.c = call.pointersC[i];
    } else {
      p.a = advance(first.a, p.typeA, i * call.strideA);
      p.b = advance(first.b, p.typeB, i * call.strideB);
      p.c = advance(first.c, p.typeC, i * call.strideC);
    }
    if (int status = runOne(call.name, p)) return status;
  }
  count(
      call.name, p, call.batch, inGraph,
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  return kSuccess;
}

int submitProduct(Call call) {
  if (!isLive(call.handle)) return kBlasNotInitialized;
  Product& p = call.product;
  if (call.transposeA < 0 || call.transposeA > 2 || call.transposeB < 0 || call.transposeB > 2 ||
      p.m < 0 || p.n < 0 || p.k < 0 || call.batch < 0 || !call.alpha || !call.beta) {
    return kBlasInvalidValue;
  }
  p.transposeA = call.transposeA != 0;
  p.transposeB = call.transposeB != 0;
  if (p.lda < std::max(1, p.transposeA ? p.k : p.m) ||
      p.ldb < std::max(1, p.transposeB ? p.n : p.k) || p.ldc < std::max(1, p.m)) {
    return kBlasInvalidValue;
  }
  if (p.m == 0 || p.n == 0 || call.batch == 0) return kBlasSuccess;
  auto alpha = readScalar(*call.handle, call.name, call.alpha);
  auto beta = readScalar(*call.handle, call.name, call.beta);
  return submitBlas(call.handle, [call, alpha, beta](bool inGraph) {
    Product product = call.product;
    if (int status = alpha(&product.alpha)) return status;
    if (int status = beta(&product.beta)) return status;
    return runAll(call, product, inGraph);
  });
}

Call singleCall(BlasHandle* handle, int transposeA, int transposeB, int m, int n, int k,
                const float* alpha, const void* a, int lda, const void* b, int ldb,
                const float* beta, void* c, int ldc) {
  Call call;
  call.name = "cublas gemm f32";
  call.handle = handle;
  call.transposeA = transposeA;
  call.transposeB = transposeB;
  call.alpha = alpha;
  call.beta = beta;
  bool tf32 =
      isLive(handle) && options().capabilityMajor >= 8 && (handle->mathMode & 15) == kMathTf32;
  if (tf32) call.name = "cublas gemm tf32";
  call.product = {false,
                  false,
                  m,
                  n,
                  k,
                  0,
                  0,
                  a,
                  ElementType::kF32,
                  lda,
                  b,
                  ElementType::kF32,
                  ldb,
                  c,
                  ElementType::kF32,
                  ldc,
                  tf32 ? Rounding::kTf32 : Rounding::kNone};
  return call;
}

// So many products, whose matrices lie so many elements apart.
Call strided(Call call, int batch, long long strideA, long long strideB, long long strideC) {
  call.batch = batch;
  call.strideA = strideA;
  call.strideB = strideB;
  call.strideC = strideC;
  return call;
}

// Fills in the types of a GemmEx call; kBlasNotSupported for a combination it lacks.
int setTypes(Call* call, int typeA, int typeB, int typeC, int compute) {
  if (!isLive(call->handle)) return kBlasNotInitialized;
  std::optional<ElementType> a = elementType(typeA);
  std::optional<ElementType> b = elementType(typeB);
  std::optional<ElementType> c = elementType(typeC);
  if (!a || !b || !c || *a != *b || (*c != *a && *c != ElementType::kF32)) {
    return kBlasNotSupported;
  }
  std::optional<Rounding> rounding = roundingOf(*call->handle, compute, *a);
  if (!rounding) return kBlasNotSupported;
  if (*a == ElementType::kBf16 && options().capabilityMajor < 8) return kBlasNotSupported;
  call->product.typeA = *a;
  call->product.typeB = *b;
  call->product.typeC = *c;
  call->product.rounding = *rounding;
  call->name = std::string("cublas gemm ") + (*rounding == Rounding::kTf32   ? "tf32"
                                              : *rounding == Rounding::kF16  ? "f32 as f16"
                                              : *rounding == Rounding::kBf16 ? "f32 as bf16"
                                                                             : typeName(*a));
  return kBlasSuccess;
}

}  // namespace
}  // namespace sim

using sim::BlasHandle;
using sim::Call;

SIM_API cublasSgemm_v2(BlasHandle* handle, int transposeA, int transposeB, int m, int n, int k,
                       const float* alpha, const float* a, int lda, const float* b, int ldb,
                       const float* beta, float* c, int ldc) {
  return sim::submitProduct(sim::singleCall(handle, transposeA, transposeB, m, n, k, alpha, a, lda,
                                            b, ldb, beta, c, ldc));
}

SIM_API cublasSgemmStridedBatched(BlasHandle* handle, int transposeA, int transposeB, int m, int n,
                                  int k, const float* alpha, const float* a, int lda,
                                  long long strideA, const float* b, int ldb, long long strideB,
                                  const float* beta, float* c, int ldc, long long strideC,
                                  int batch) {
  Call call =
      sim::singleCall(handle, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  return sim::submitProduct(sim::strided(call, batch, strideA, strideB, strideC));
}

SIM_API cublasSgemmBatched(BlasHandle* handle, int transposeA, int transposeB, int m, int n, int k,
                           const float* alpha, const float* const* a, int lda,
                           const float* const* b, int ldb, const float* beta, float* const* c,
                           int ldc, int batch) {
  Call call = sim::singleCall(handle, transposeA, transposeB, m, n, k, alpha, nullptr, lda, nullptr,
                              ldb, beta, nullptr, ldc);
  call.batch = batch;
  call.pointersA = reinterpret_cast<const void* const*>(a);
  call.pointersB = reinterpret_cast<const void* const*>(b);
  call.pointersC = reinterpret_cast<void* const*>(c);
  return sim::submitProduct(call);
}

SIM_API cublasGemmEx(BlasHandle* handle, int transposeA, int transposeB, int m, int n, int k,
                     const void* alpha, const void* a, int typeA, int lda, const void* b, int typeB,
                     int ldb, const void* beta, void* c, int typeC, int ldc, int compute, int) {
  Call call =
      sim::singleCall(handle, transposeA, transposeB, m, n, k, static_cast<const float*>(alpha), a,
                      lda, b, ldb, static_cast<const float*>(beta), c, ldc);
  if (int status = sim::setTypes(&call, typeA, typeB, typeC, compute)) return status;
  return sim::submitProduct(call);
}

SIM_API cublasGemmStridedBatchedEx(BlasHandle* handle, int transposeA, int transposeB, int m, int n,
                                   int k, const void* alpha, const void* a, int typeA, int lda,
                                   long long strideA, const void* b, int typeB, int ldb,
                                   long long strideB, const void* beta, void* c, int typeC, int ldc,
                                   long long strideC, int batch, int compute, int) {
  Call call =
      sim::singleCall(handle, transposeA, transposeB, m, n, k, static_cast<const float*>(alpha), a,
                      lda, b, ldb, static_cast<const float*>(beta), c, ldc);
  if (int status = sim::setTypes(&call, typeA, typeB, typeC, compute)) return status;
  return sim::submitProduct(sim::strided(call, batch, strideA, strideB, strideC));
}

SIM_API cublasGemmBatchedEx(BlasHandle* handle, int transposeA, int transposeB, int m, int n, int k,
                            const void* alpha, const void* const* a, int typeA, int lda,
                            const void* const* b, int typeB, int ldb, const void* beta,
                            void* const* c, int typeC, int ldc, int batch, int compute, int) {
  Call call =
      sim::singleCall(handle, transposeA, transposeB, m, n, k, static_cast<const float*>(alpha),
                      nullptr, lda, nullptr, ldb, static_cast<const float*>(beta), nullptr, ldc);
  if (int status = sim::setTypes(&call, typeA, typeB, typeC, compute)) return status;
  call.batch = batch;
  call.pointersA = a;
  call.pointersB = b;
  call.pointersC = c;
  return sim::submitProduct(call);
}

// y = alpha op(A) x + beta y as a product with one column.
SIM_API cublasSgemv_v2(BlasHandle* handle, int transpose, int m, int n, const float* alpha,
                       const float* a, int lda, const float* x, int incrementX, const float* beta,
                       float* y, int incrementY) {
  if (incrementX == 0 || incrementY == 0) return sim::kBlasInvalidValue;
  if (incrementX != 1 || incrementY != 1) return sim::kBlasNotSupported;
  int rows = transpose ? n : m;
  int depth = transpose ? m : n;
  return sim::submitProduct(sim::singleCall(handle, transpose, 0, rows, 1, depth, alpha, a, lda, x,
                                            std::max(1, depth), beta, y, std::max(1, rows)));
}
