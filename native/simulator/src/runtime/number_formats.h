// Half-precision formats: conversions to the nearest number, ties to even.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace sim {

inline float bitsToFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t floatToBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float bf16ToFloat(uint16_t h) { return bitsToFloat(static_cast<uint32_t>(h) << 16); }

inline uint16_t floatToBf16(float value) {
  uint32_t u = floatToBits(value);
  if (value != value) return 0x7fff;
  return static_cast<uint16_t>((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}

inline float f16ToFloat(uint16_t h) {
  uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16;
  uint32_t exponent = (h >> 10) & 31;
  uint32_t mantissa = h & 1023;
  if (exponent == 0) {
    // Subnormal: mantissa * 2^-24 is exact in fp32.
    float value = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -value : value;
  }
  if (exponent == 31) return bitsToFloat(sign | 0x7f800000 | mantissa << 13);
  return bitsToFloat(sign | (exponent + 112) << 23 | mantissa << 13);
}

inline uint16_t floatToF16(float value) {
  uint32_t u = floatToBits(value);
  auto sign = static_cast<uint16_t>((u >> 16) & 0x8000);
  u &= 0x7fffffff;
  if (u > 0x7f800000) return 0x7fff;
  if (u >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // rounds to infinity
  if (u < 0x38800000) {
    // Subnormal in f16: the value in units of 2^-24, rounded by the addition of 2^23.
    float scaled = std::fabs(value) * 0x1p24f;
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(std::nearbyintf(scaled)));
  }
  u += 0xfff + ((u >> 13) & 1);
  return static_cast<uint16_t>(sign | ((u - 0x38000000) >> 13));
}

// Nearest tf32 number, ties away from zero.
inline float roundToTf32(float value) {
  uint32_t u = floatToBits(value);
  if ((u & 0x7f800000) == 0x7f800000) return value;
  return bitsToFloat((u + 0x1000) & 0xffffe000);
}

}  // namespace sim
