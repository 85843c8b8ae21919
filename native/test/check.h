/// The little that these test programs need: checks that count failures, guarded buffers,
/// repeatable random numbers, and engines of every instruction set of this machine.
#ifndef GATEFOLD_TEST_CHECK_H
#define GATEFOLD_TEST_CHECK_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gatefold.h"
#include "room.h"

namespace check {

inline int failures = 0;
inline int checks = 0;
/// What is being tested, printed with a failure.
inline std::string context;

inline void report(bool ok, const char* file, int line, const std::string& what) {
  checks++;
  if (!ok) {
    failures++;
    if (failures <= 40) {
      std::fprintf(stderr, "%s:%d: %s [%s]\n", file, line, what.c_str(), context.c_str());
    }
  }
}

inline int finish(const char* name) {
  std::printf("%s: %d checks, %d failures\n", name, checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}

#define CHECK(condition) check::report((condition), __FILE__, __LINE__, #condition)
#define CHECK_OK(call) check::report((call) == GF_OK, __FILE__, __LINE__, #call " is GF_OK")

/// Largest difference over the largest reference value: one number per tensor, so that tiny values
/// are neither lost nor judged by their own noise.
template <class A, class B>
double normalised_error(const A& actual, const B& expected) {
  double scale = 1e-30;
  double worst = 0;
  for (size_t i = 0; i < expected.size(); i++) {
    double e = expected[i];
    double d = std::fabs(static_cast<double>(actual[i]) - e);
    scale = std::fmax(scale, std::fabs(e));
    worst = d > worst || d != d ? d : worst;  // a NaN stays
  }
  return worst / scale;
}

#define CHECK_CLOSE(actual, expected, bound)                                             \
  do {                                                                                   \
    double error_ = check::normalised_error(actual, expected);                           \
    check::report(error_ <= (bound), __FILE__, __LINE__,                                 \
                  std::string(#actual) + ": error " + std::to_string(error_ / (bound)) + \
                      " times the bound");                                               \
  } while (false)

template <class A, class B>
bool same_bits(const A& a, const B& b) {
  return a.size() == b.size() && std::memcmp(&a[0], &b[0], a.size() * sizeof(float)) == 0;
}

/// Floats with a guard zone on either side, in memory aligned as the engine asks.
class Buffer {
 public:
  /// Of values that are no numbers.
  explicit Buffer(size_t size = 0) : Buffer(size, Guarded()) { spoil(); }
  Buffer(size_t size, float fill) : Buffer(size, Guarded()) { std::fill(begin(), end(), fill); }
  Buffer(const Buffer& other) : Buffer(other.size_, Guarded()) { copy(other); }
  Buffer& operator=(const Buffer& other) {
    if (size_ != other.size_) {
      *this = Buffer(other.size_, Guarded());
    }
    copy(other);
    return *this;
  }
  Buffer(Buffer&&) = default;
  Buffer& operator=(Buffer&&) = default;

  float* data() { return base() + kGuard; }
  const float* data() const { return base() + kGuard; }
  float& operator[](size_t i) { return data()[i]; }
  const float& operator[](size_t i) const { return data()[i]; }
  size_t size() const { return size_; }
  float* begin() { return data(); }
  float* end() { return data() + size_; }

  /// Makes all values such that are no numbers: every bit is set.
  void spoil() { std::memset(static_cast<void*>(data()), 0xff, size_ * sizeof(float)); }

  bool guards_intact() const {
    for (size_t i = 0; i < kGuard; i++) {
      if (base()[i] != kSentinel || base()[kGuard + size_ + i] != kSentinel) {
        return false;
      }
    }
    return true;
  }

 private:
  static constexpr size_t kGuard = 64;
  static constexpr float kSentinel = -1234567.0f;

  struct Give {
    size_t bytes;
    void operator()(float* p) const { Room::give(p, bytes); }
  };
  struct Guarded {};

  static size_t bytes_of(size_t size) {
    if (size > std::numeric_limits<size_t>::max() / 16) std::abort();
    return (size + 2 * kGuard) * sizeof(float);
  }

  /// Guard zones alone are written.
  Buffer(size_t size, Guarded)
      : storage_(static_cast<float*>(Room::take(bytes_of(size))), Give{bytes_of(size)}),
        size_(size) {
    std::fill_n(base(), kGuard, kSentinel);
    std::fill_n(base() + kGuard + size, kGuard, kSentinel);
  }

  float* base() const { return storage_.get(); }
  void copy(const Buffer& other) { std::memcpy(data(), other.data(), size_ * sizeof(float)); }

  std::unique_ptr<float, Give> storage_;
  size_t size_;
};

/// A small linear congruential generator; the same numbers everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2862933555777941757ULL + 3037000493ULL) {}
  uint32_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<uint32_t>(state_ >> 33);
  }
  float uniform(float low, float high) {
    return low + (high - low) * static_cast<float>(next()) / 2147483648.0f;
  }
  int below(int bound) { return static_cast<int>(next() % static_cast<uint32_t>(bound)); }
  Buffer buffer(size_t size, float range) {
    Buffer b(size);
    for (float& v : b) {
      v = uniform(-range, range);
    }
    return b;
  }

 private:
  uint64_t state_;
};

/// Instruction sets to test: all that this machine has. GATEFOLD_TEST_REQUIRE names some, separated
/// by commas, that must be among them, so that a build machine cannot pass by not having them.
inline std::vector<std::string> isas() {
  std::vector<std::string> found;
  for (const char* name : {"amx", "avx512bf16", "avx512", "avx2", "generic"}) {
    gf_engine* engine = nullptr;
    if (gf_engine_create(1, name, &engine) == GF_OK) {
      found.push_back(name);
      gf_engine_destroy(engine);
    } else {
      std::printf("skipped: this machine has no %s\n", name);
    }
  }
  const char* required = std::getenv("GATEFOLD_TEST_REQUIRE");
  std::string names = required == nullptr ? "" : required;
  for (size_t begin = 0; begin < names.size();) {
    size_t end = std::min(names.find(',', begin), names.size());
    std::string wanted = names.substr(begin, end - begin);
    bool present = false;
    for (const std::string& name : found) {
      present = present || name == wanted;
    }
    report(present, __FILE__, __LINE__, "required instruction set " + wanted);
    begin = end + 1;
  }
  return found;
}

/// An engine that closes itself.
class Engine {
 public:
  Engine(int threads, const std::string& isa) {
    report(gf_engine_create(threads, isa.c_str(), &engine_) == GF_OK, __FILE__, __LINE__,
           "engine of " + isa);
  }
  ~Engine() { gf_engine_destroy(engine_); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  operator gf_engine*() const { return engine_; }

 private:
  gf_engine* engine_ = nullptr;
};

}  // namespace check

#endif  // GATEFOLD_TEST_CHECK_H
