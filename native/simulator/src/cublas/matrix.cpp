#include "matrix.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../runtime/number_formats.h"

namespace sim {
namespace {

constexpr int kRows = 32;
constexpr int kColumns = 4;

float load(const void* data, ElementType type, size_t index) {
  switch (type) {
    case ElementType::kF16:
      return f16ToFloat(static_cast<const uint16_t*>(data)[index]);
    case ElementType::kBf16:
      return bf16ToFloat(static_cast<const uint16_t*>(data)[index]);
    default:
      return static_cast<const float*>(data)[index];
  }
}

void store(void* data, ElementType type, size_t index, float value) {
  switch (type) {
    case ElementType::kF16:
      static_cast<uint16_t*>(data)[index] = floatToF16(value);
      break;
    case ElementType::kBf16:
      static_cast<uint16_t*>(data)[index] = floatToBf16(value);
      break;
    default:
      static_cast<float*>(data)[index] = value;
  }
}

float round(float value, Rounding rounding) {
  switch (rounding) {
    case Rounding::kTf32:
      return roundToTf32(value);
    case Rounding::kF16:
      return f16ToFloat(floatToF16(value));
    case Rounding::kBf16:
      return bf16ToFloat(floatToBf16(value));
    default:
      return value;
  }
}

// sums[column][row] += a[p][row] * b[column][p] over a tile; rows of `a` are kRows long.
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void multiplyTile(const float* a, const float* const* b, int depth, float* sums) {
  float local[kColumns][kRows];
  for (int j = 0; j < kColumns; ++j) {
    for (int i = 0; i < kRows; ++i) local[j][i] = 0;
  }
  for (int p = 0; p < depth; ++p) {
    const float* column = a + static_cast<size_t>(p) * kRows;
    for (int j = 0; j < kColumns; ++j) {
      float factor = b[j][p];
      for (int i = 0; i < kRows; ++i) local[j][i] += column[i] * factor;
    }
  }
  std::memcpy(sums, local, sizeof local);
}

}  // namespace

size_t elementSize(ElementType type) { return type == ElementType::kF32 ? 4 : 2; }

void multiply(const Product& p) {
  auto m = static_cast<size_t>(p.m);
  auto n = static_cast<size_t>(p.n);
  auto k = static_cast<size_t>(p.k);
  // op(B) by columns, op(A) by strips of kRows rows; both padded with zeros to whole tiles.
  size_t columns = (n + kColumns - 1) / kColumns * kColumns;
  std::vector<float> b(columns * k, 0.0f);
  for (size_t j = 0; j < n; ++j) {
    for (size_t q = 0; q < k; ++q) {
      size_t index =
          p.transposeB ? q * static_cast<size_t>(p.ldb) + j : j * static_cast<size_t>(p.ldb) + q;
      b[j * k + q] = round(load(p.b, p.typeB, index), p.rounding);
    }
  }
  std::vector<float> strip(k * kRows);
  float sums[kColumns * kRows];
  for (size_t row = 0; row < m; row += kRows) {
    size_t rows = std::min<size_t>(kRows, m - row);
    std::fill(strip.begin(), strip.end(), 0.0f);
    for (size_t q = 0; q < k; ++q) {
      for (size_t i = 0; i < rows; ++i) {
        size_t index = p.transposeA ? (row + i) * static_cast<size_t>(p.lda) + q
                                    : q * static_cast<size_t>(p.lda) + row + i;
        strip[q * kRows + i] = round(load(p.a, p.typeA, index), p.rounding);
      }
    }
    for (size_t column = 0; column < n; column += kColumns) {
      const float* bs[kColumns];
      for (size_t j = 0; j < kColumns; ++j) bs[j] = b.data() + (column + j) * k;
      multiplyTile(strip.data(), bs, p.k, sums);
      for (size_t j = 0; j < kColumns && column + j < n; ++j) {
        for (size_t i = 0; i < rows; ++i) {
          size_t index = (column + j) * static_cast<size_t>(p.ldc) + row + i;
          float value = p.alpha * sums[j * kRows + i];
          // With beta = 0 the old C may be anything, NaN too.
          if (p.beta != 0) value += p.beta * load(p.c, p.typeC, index);
          store(p.c, p.typeC, index, value);
        }
      }
    }
  }
}

}  // namespace sim
