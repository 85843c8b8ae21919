// Matrix products as cuBLAS defines them, column-major, in fp32 accumulation.
#pragma once

#include <cstddef>

namespace sim {

// Values of cudaDataType.
enum class ElementType { kF32 = 0, kF16 = 2, kBf16 = 14 };

size_t elementSize(ElementType type);

// How fp32 operands are rounded before they are multiplied.
enum class Rounding { kNone, kTf32, kF16, kBf16 };

// C = alpha op(A) op(B) + beta C: op(A) [m, k], op(B) [k, n], C [m, n].
struct Product {
  bool transposeA, transposeB;
  int m, n, k;
  float alpha, beta;
  const void* a;
  ElementType typeA;
  int lda;
  const void* b;
  ElementType typeB;
  int ldb;
  void* c;
  ElementType typeC;
  int ldc;
  Rounding rounding;
};

// Sums over k in ascending order, so equal inputs give equal bits.
void multiply(const Product& p);

}  // namespace sim
