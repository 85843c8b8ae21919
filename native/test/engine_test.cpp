/// The engine itself: instruction sets by name, memory, and many callers on one engine.

#include <thread>

#include "check.h"

namespace {

void test_isa() {
  check::context = "isa";
  gf_engine* engine = nullptr;
  CHECK(gf_engine_create(1, "sse9", &engine) == GF_UNKNOWN_ISA && engine == nullptr);
  CHECK(gf_engine_create(1, "AVX2", &engine) == GF_UNKNOWN_ISA);
  CHECK(gf_engine_create(-1, nullptr, &engine) == GF_INVALID_ARGUMENT);
  CHECK(gf_engine_create(1, nullptr, nullptr) == GF_INVALID_ARGUMENT);
  setenv("GATEFOLD_ISA", "generic", 1);
  CHECK_OK(gf_engine_create(1, nullptr, &engine));
  CHECK(std::string(gf_engine_isa(engine)) == "generic");
  gf_engine_destroy(engine);
  setenv("GATEFOLD_ISA", "fast", 1);
  CHECK(gf_engine_create(1, nullptr, &engine) == GF_UNKNOWN_ISA);
  unsetenv("GATEFOLD_ISA");
  CHECK_OK(gf_engine_create(0, nullptr, &engine));
  CHECK(std::string(gf_engine_isa(engine)) == gf_best_isa());
  CHECK(gf_engine_threads(engine) >= 1);
  gf_engine_destroy(engine);
  CHECK_OK(gf_engine_destroy(nullptr));
  CHECK(gf_abi_version() == GF_ABI_VERSION);
  for (int status = GF_OK; status <= GF_ISA_UNAVAILABLE; status++) {
    CHECK(std::string(gf_status_name(status)) != gf_status_name(1000));
  }
}

void test_memory() {
  check::context = "memory";
  for (int64_t bytes : {int64_t{1}, int64_t{100}, int64_t{3} << 20}) {
    void* memory = nullptr;
    CHECK_OK(gf_alloc(bytes, &memory));
    CHECK(reinterpret_cast<uintptr_t>(memory) % 64 == 0);
    std::memset(memory, 1, static_cast<size_t>(bytes));
    CHECK_OK(gf_free(memory));
  }
  void* memory = nullptr;
  CHECK(gf_alloc(0, &memory) == GF_INVALID_ARGUMENT);
  CHECK(gf_alloc(INT64_MAX, &memory) == GF_OUT_OF_MEMORY && memory == nullptr);
  // Beyond any machine's memory, within its address space: where the system overcommits, it would
  // not refuse.
  CHECK(gf_alloc(int64_t{1} << 46, &memory) == GF_OUT_OF_MEMORY && memory == nullptr);
  CHECK_OK(gf_free(nullptr));
}

/// Several threads call at once; each must get what it would get alone.
void test_callers() {
  check::context = "callers";
  check::Engine engine(3, "generic");
  const int64_t rows = 60, inputs = 90, outputs = 110;
  check::Random random(1);
  check::Buffer x = random.buffer(rows * inputs, 1), w = random.buffer(outputs * inputs, 1);
  check::Buffer expected(rows * outputs);
  CHECK_OK(gf_linear_forward(engine, rows, inputs, outputs, x.data(), w.data(), nullptr,
                             expected.data()));
  constexpr int kCallers = 4;
  std::vector<int> wrong(kCallers, 0);
  std::vector<std::thread> callers;
  for (size_t c = 0; c < kCallers; c++) {
    callers.emplace_back([&, c] {
      check::Buffer y(rows * outputs);
      for (int i = 0; i < 50; i++) {
        for (float& v : y) v = -1;
        if (gf_linear_forward(engine, rows, inputs, outputs, x.data(), w.data(), nullptr,
                              y.data()) != GF_OK ||
            !check::same_bits(y, expected)) {
          wrong[c]++;
        }
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  for (int count : wrong) {
    CHECK(count == 0);
  }
}

/// Regions of changing size one after the other, with pauses long enough for workers to sleep.
void test_sleeping_workers() {
  check::context = "sleeping workers";
  check::Engine engine(4, "generic");
  std::vector<float> x(400000);
  for (int i = 0; i < 30; i++) {
    int64_t count = i % 3 == 0 ? 400000 : i % 3 == 1 ? 70000 : 10;
    CHECK_OK(gf_fill(engine, x.data(), count, static_cast<float>(i)));
    bool right = true;
    for (int64_t k = 0; k < count; k++) {
      right = right && x[static_cast<size_t>(k)] == static_cast<float>(i);
    }
    CHECK(right);
    if (i % 10 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

}  // namespace

int main() {
  test_isa();
  test_memory();
  test_callers();
  test_sleeping_workers();
  return check::finish("engine_test");
}
