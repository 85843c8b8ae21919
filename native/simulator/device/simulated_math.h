// CUDA's mathematical functions and conversions on the host's.
//
// The approximate intrinsics are evaluated as the device does (ex2 of x * log2 e and so on), but
// with the host's exp2f: the rounding of the device's approximations is not reproduced.
#pragma once

extern "C" {
int printf(const char* format, ...);

#define SIM_MATH_1(name) \
  float name##f(float);  \
  double name(double);
#define SIM_MATH_2(name)       \
  float name##f(float, float); \
  double name(double, double);
SIM_MATH_1(acos)
SIM_MATH_1(asin)
SIM_MATH_1(atan)
SIM_MATH_1(cbrt)
SIM_MATH_1(ceil)
SIM_MATH_1(cos)
SIM_MATH_1(cosh)
SIM_MATH_1(erf)
SIM_MATH_1(erfc)
SIM_MATH_1(exp)
SIM_MATH_1(exp2)
SIM_MATH_1(exp10)
SIM_MATH_1(expm1)
SIM_MATH_1(fabs)
SIM_MATH_1(floor)
SIM_MATH_1(lgamma)
SIM_MATH_1(log)
SIM_MATH_1(log10)
SIM_MATH_1(log1p)
SIM_MATH_1(log2)
SIM_MATH_1(nearbyint)
SIM_MATH_1(rint)
SIM_MATH_1(round)
SIM_MATH_1(sin)
SIM_MATH_1(sinh)
SIM_MATH_1(sqrt)
SIM_MATH_1(tan)
SIM_MATH_1(tanh)
SIM_MATH_1(tgamma)
SIM_MATH_1(trunc)
SIM_MATH_2(atan2)
SIM_MATH_2(copysign)
SIM_MATH_2(fmax)
SIM_MATH_2(fmin)
SIM_MATH_2(fmod)
SIM_MATH_2(hypot)
SIM_MATH_2(pow)
SIM_MATH_2(remainder)
#undef SIM_MATH_1
#undef SIM_MATH_2
float fmaf(float, float, float);
double fma(double, double, double);
float ldexpf(float, int);
double ldexp(double, int);
float frexpf(float, int*);
long lrintf(float);
long lroundf(float);
int abs(int);
long labs(long);
long long llabs(long long);
}

#define SIM_OVERLOAD_1(name) \
  inline float name(float x) { return name##f(x); }
SIM_OVERLOAD_1(ceil)
SIM_OVERLOAD_1(cos)
SIM_OVERLOAD_1(exp)
SIM_OVERLOAD_1(exp2)
SIM_OVERLOAD_1(expm1)
SIM_OVERLOAD_1(fabs)
SIM_OVERLOAD_1(floor)
SIM_OVERLOAD_1(log)
SIM_OVERLOAD_1(log1p)
SIM_OVERLOAD_1(log2)
SIM_OVERLOAD_1(round)
SIM_OVERLOAD_1(sin)
SIM_OVERLOAD_1(sqrt)
SIM_OVERLOAD_1(tanh)
SIM_OVERLOAD_1(trunc)
#undef SIM_OVERLOAD_1
inline float fmax(float a, float b) { return fmaxf(a, b); }
inline float fmin(float a, float b) { return fminf(a, b); }
inline float fma(float a, float b, float c) { return fmaf(a, b, c); }
inline float pow(float a, float b) { return powf(a, b); }
inline float fmod(float a, float b) { return fmodf(a, b); }
inline float copysign(float a, float b) { return copysignf(a, b); }
inline float abs(float x) { return fabsf(x); }
inline double abs(double x) { return fabs(x); }
inline long long abs(long long x) { return llabs(x); }

#define SIM_MIN_MAX(type)                                   \
  inline type min(type a, type b) { return b < a ? b : a; } \
  inline type max(type a, type b) { return a < b ? b : a; }
SIM_MIN_MAX(int)
SIM_MIN_MAX(unsigned)
SIM_MIN_MAX(long)
SIM_MIN_MAX(unsigned long)
SIM_MIN_MAX(long long)
SIM_MIN_MAX(unsigned long long)
#undef SIM_MIN_MAX
inline unsigned min(int a, unsigned b) { return min(static_cast<unsigned>(a), b); }
inline unsigned min(unsigned a, int b) { return min(a, static_cast<unsigned>(b)); }
inline unsigned max(int a, unsigned b) { return max(static_cast<unsigned>(a), b); }
inline unsigned max(unsigned a, int b) { return max(a, static_cast<unsigned>(b)); }
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

inline bool isnan(float x) { return __builtin_isnan(x); }
inline bool isnan(double x) { return __builtin_isnan(x); }
inline bool isinf(float x) { return __builtin_isinf(x); }
inline bool isinf(double x) { return __builtin_isinf(x); }
inline bool isfinite(float x) { return __builtin_isfinite(x); }
inline bool isfinite(double x) { return __builtin_isfinite(x); }
inline bool signbit(float x) { return __builtin_signbit(x); }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float rsqrt(float x) { return rsqrtf(x); }
inline void sincosf(float x, float* sine, float* cosine) {
  *sine = sinf(x);
  *cosine = cosf(x);
}

// The C library has symbols of some of these names: the macros keep clear of them.
static inline float sim_fast_exp(float x) { return exp2f(x * 1.4426950408889634f); }
#define __expf sim_fast_exp
static inline float sim_fast_exp10(float x) { return exp2f(x * 3.321928094887362f); }
#define __exp10f sim_fast_exp10
static inline float sim_fast_log(float x) { return log2f(x) * 0.6931471805599453f; }
#define __logf sim_fast_log
static inline float sim_fast_log2(float x) { return log2f(x); }
#define __log2f sim_fast_log2
static inline float sim_fast_pow(float x, float y) { return exp2f(y * log2f(x)); }
#define __powf sim_fast_pow
static inline float sim_fast_sin(float x) { return sinf(x); }
#define __sinf sim_fast_sin
static inline float sim_fast_cos(float x) { return cosf(x); }
#define __cosf sim_fast_cos
static inline float sim_fast_tan(float x) { return tanf(x); }
#define __tanf sim_fast_tan
// As documented: 0 for 2^126 < |y| < 2^128, where the quotient would be subnormal.
inline float __fdividef(float x, float y) {
  float a = fabsf(y);
  return a > 0x1p126f && a < __builtin_inff() ? 0.0f * x : x / y;
}
inline float __saturatef(float x) { return x > 1.0f ? 1.0f : x > 0.0f ? x : 0.0f; }

// Barriers against contraction: the _rn operations are never fused into a multiply-add.
inline float sim_unfused(float x) {
  __asm__("" : "+x"(x));
  return x;
}
inline float __fadd_rn(float a, float b) { return sim_unfused(sim_unfused(a) + sim_unfused(b)); }
inline float __fsub_rn(float a, float b) { return sim_unfused(sim_unfused(a) - sim_unfused(b)); }
inline float __fmul_rn(float a, float b) { return sim_unfused(a * b); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __frsqrt_rn(float a) { return 1.0f / sqrtf(a); }

inline int __float_as_int(float x) { return sim::bits<int>(x); }
inline unsigned __float_as_uint(float x) { return sim::bits<unsigned>(x); }
inline float __int_as_float(int x) { return sim::bits<float>(x); }
inline float __uint_as_float(unsigned x) { return sim::bits<float>(x); }
inline long long __double_as_longlong(double x) { return sim::bits<long long>(x); }
inline double __longlong_as_double(long long x) { return sim::bits<double>(x); }
inline int __float2int_rn(float x) { return static_cast<int>(lrintf(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline int __float2int_rd(float x) { return static_cast<int>(floorf(x)); }
inline int __float2int_ru(float x) { return static_cast<int>(ceilf(x)); }
inline unsigned __float2uint_rn(float x) { return static_cast<unsigned>(lrintf(x)); }
inline unsigned __float2uint_rz(float x) { return static_cast<unsigned>(x); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x ? __builtin_clz(static_cast<unsigned>(x)) : 32; }
inline int __clzll(long long x) {
  return x ? __builtin_clzll(static_cast<unsigned long long>(x)) : 64;
}
inline int __ffs(int x) { return __builtin_ffs(x); }
inline unsigned __brev(unsigned x) {
  unsigned result = 0;
  for (int i = 0; i < 32; ++i) result |= ((x >> i) & 1u) << (31 - i);
  return result;
}
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<unsigned long long>(a) * b) >> 32);
}
inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<long long>(a) * b) >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>((static_cast<unsigned __int128>(a) * b) >> 64);
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  shift &= 31u;
  return shift ? (high << shift) | (low >> (32u - shift)) : high;
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  shift &= 31u;
  return shift ? (low >> shift) | (high << (32u - shift)) : low;
}
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
  unsigned long long bytes = (static_cast<unsigned long long>(b) << 32) | a;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    unsigned pick = (selector >> (4 * i)) & 7u;
    result |= static_cast<unsigned>((bytes >> (8 * pick)) & 0xffu) << (8 * i);
  }
  return result;
}
inline int __mul24(int a, int b) { return a * b; }

// Copies whose accesses the compiler leaves to the C library are checked as one range.
inline void* sim_memory_copy(void* to, const void* from, size_t size) {
  if (__builtin_constant_p(size) && size <= 16) return __builtin_memcpy(to, from, size);
  sim_check_read(from, size);
  sim_check_write(to, size);
  return __builtin_memcpy(to, from, size);
}
inline void* sim_memory_set(void* to, int value, size_t size) {
  sim_check_write(to, size);
  return __builtin_memset(to, value, size);
}
#define memcpy sim_memory_copy
#define memset sim_memory_set
