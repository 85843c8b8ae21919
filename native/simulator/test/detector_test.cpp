// Every kind of mistake is found where it is made, and its twin without the mistake passes.
#include "../src/runtime/device_memory.h"
#include "test_support.h"

namespace {

using sim::FindingKind;
using test::check;
using test::need;

constexpr int kSize = 64;  // what the kernels are told; their block has 128 threads

struct Case {
  const char* name;
  FindingKind kind;
  int status;
  const char* text;  // part of the finding
  unsigned grid = 1;
  unsigned shared = 128 * sizeof(float);
};

const Case kCases[] = {
    {"write_past_end", FindingKind::kOutOfBounds, sim::kIllegalAddress,
     "block (0,0,0), thread (64,0,0): write of 4 bytes"},
    {"null_pointer", FindingKind::kOutOfBounds, sim::kIllegalAddress, "null pointer"},
    {"misaligned", FindingKind::kMisaligned, sim::kMisalignedAddress, "multiple of 16"},
    {"unwritten_shared", FindingKind::kUninitialisedRead, sim::kLaunchFailed, "shared memory"},
    {"shared_index", FindingKind::kOutOfBounds, sim::kIllegalAddress, "index 128"},
    {"dynamic_shared", FindingKind::kOutOfBounds, sim::kIllegalAddress,
     "512 bytes of dynamic shared"},
    {"shared_race", FindingKind::kRace, sim::kLaunchFailed, "in shared memory"},
    {"reuse_race", FindingKind::kRace, sim::kLaunchFailed, "in shared memory"},
    {"warp_race", FindingKind::kRace, sim::kLaunchFailed, "in shared memory"},
    {"global_race", FindingKind::kRace, sim::kLaunchFailed, "in global memory"},
    {"halves", FindingKind::kRace, sim::kLaunchFailed, "in global memory"},
    {"block_race", FindingKind::kRace, sim::kLaunchFailed, "in global memory", 2},
    {"plain_counter", FindingKind::kRace, sim::kLaunchFailed, "in global memory"},
    {"divergent_barrier", FindingKind::kBarrierDivergence, sim::kLaunchFailed, "bugs.cu:"},
    {"early_exit", FindingKind::kBarrierDivergence, sim::kLaunchFailed, "have exited"},
    {"shuffle_mask", FindingKind::kWarpDivergence, sim::kLaunchFailed, "0xffffffff"},
    {"shuffle_source", FindingKind::kWarpDivergence, sim::kLaunchFailed, "reads lane 20"},
    {"division", FindingKind::kArithmetic, sim::kLaunchFailed, "bugs.cu:"},
    {"trap", FindingKind::kTrap, sim::kLaunchFailed, "bugs.cu:"},
    {"assertion", FindingKind::kAssertion, sim::kAssert, "n < 10"},
};

bool wasFound(FindingKind kind, const std::string& text) {
  for (const sim::Finding& f : sim::findings()) {
    if (f.kind == kind && f.text.find(text) != std::string::npos) return true;
  }
  return false;
}

void testCase(const std::string& code, const Case& c, const std::string& schedule) {
  for (bool bug : {true, false}) {
    test::Device d(code);
    std::string name = std::string(c.name) + (bug ? "_bug" : "_ok");
    // Large enough for every thread where the kernel does not mind n.
    bool exact = std::string(c.name) == "write_past_end";
    size_t count = exact ? kSize : 128;
    DevicePointer x = d.upload(std::vector<float>(count, 0.5f));
    int status = d.run(name, c.grid, 128, c.shared, x, kSize);
    std::string label = name + ", schedule " + schedule + ": ";
    if (bug) {
      check(status == c.status, label + "status " + std::to_string(status));
      check(wasFound(c.kind, c.text), label + "finding '" + sim::lastFinding() + "'");
      check(wasFound(c.kind, "kernel " + name), label + "names the kernel");
      const char* text = nullptr;
      need(cuGetErrorString(status, &text), "cuGetErrorString");
      check(std::string(text).find(name) != std::string::npos, label + "in the error's text");
      float value;
      check(cuMemcpyDtoH_v2(&value, x, 4) == c.status, label + "the error stays");
    } else {
      check(status == 0 && sim::findings().empty(), label + sim::lastFinding());
    }
  }
}

void testUnwritten(const std::string& code) {
  for (bool bug : {true, false}) {
    test::Device d(code);
    DevicePointer x = d.allocate(kSize * sizeof(float));
    DevicePointer out = d.allocate(kSize * sizeof(float));
    int status =
        d.run(bug ? "unwritten_global_bug" : "unwritten_global_ok", 1, 128, 0, x, kSize, out);
    check(bug ? status == sim::kLaunchFailed &&
                    wasFound(FindingKind::kUninitialisedRead, "byte 0 of allocation")
              : status == 0,
          "read of unwritten global memory: " + sim::lastFinding());
  }
}

void testOneByte(const std::string& code) {
  for (bool bug : {true, false}) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<unsigned char>(61, 7));
    DevicePointer out = d.allocate(sizeof(int));
    int status = d.run(bug ? "read_one_byte_bug" : "read_one_byte_ok", 1, 32, 0, x, 61, out);
    check(
        bug ? status == sim::kIllegalAddress && wasFound(FindingKind::kOutOfBounds, "0 bytes after")
            : status == 0,
        "one byte past the end: " + sim::lastFinding());
  }
}

void testUseAfterFree(const std::string& code) {
  test::Device d(code);
  DevicePointer x = 0;
  need(cuMemAlloc_v2(&x, kSize * sizeof(float)), "cuMemAlloc");
  need(d.run("write_past_end_ok", 1, 128, 0, x, kSize), "before the free");
  need(cuMemFree_v2(x), "cuMemFree");
  check(cuMemFree_v2(x) == sim::kInvalidValue, "double free");
  DevicePointer other = d.upload(std::vector<float>(kSize, 0.0f));
  check(other != x, "freed memory is not handed out again at once");
  int status = d.run("write_past_end_ok", 1, 128, 0, x, kSize);
  check(status == sim::kIllegalAddress && wasFound(FindingKind::kUseAfterFree, "freed allocation"),
        "use after free: " + sim::lastFinding());
}

void testLeak(const std::string& code) {
  size_t before = sim::DeviceMemory::instance().live(nullptr).size();
  {
    test::Device d(code);
    DevicePointer forgotten = 0;
    void* pinned = nullptr;
    need(cuMemAlloc_v2(&forgotten, 1234), "cuMemAlloc");
    need(cuMemAllocHost_v2(&pinned, 4321), "cuMemAllocHost");
  }
  check(wasFound(FindingKind::kLeak, "1234 bytes") && wasFound(FindingKind::kLeak, "4321 bytes"),
        "leaks at the end of the context");
  check(sim::DeviceMemory::instance().live(nullptr).size() == before, "leaked memory is released");
}

void testCopies(const std::string& code) {
  const struct {
    const char* name;
    FindingKind kind;
    bool bug;
  } cases[] = {{"copy_wait_bug", FindingKind::kUninitialisedRead, true},
               {"copy_barrier_bug", FindingKind::kRace, true},
               {"copy_ok", FindingKind::kRace, false}};
  for (const auto& c : cases) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<float>(128, 1.0f));
    DevicePointer y = d.allocate(128 * sizeof(float));
    int status = d.run(c.name, 1, 128, 0, x, y);
    check(c.bug ? status == sim::kLaunchFailed && !sim::findings().empty() : status == 0,
          std::string(c.name) + ": " + sim::lastFinding());
  }
}

// Blocks of a cooperative launch are ordered by what they release and acquire, and by nothing else.
void testOrderOfBlocks(const std::string& code, const std::string& schedule) {
  const struct {
    const char* name;
    FindingKind kind;
    int status;
  } cases[] = {{"no_mistake", FindingKind::kRace, 0},
               {"message", FindingKind::kRace, 0},
               {"late_message", FindingKind::kRace, sim::kLaunchFailed},
               {"flag_before_data", FindingKind::kRace, sim::kLaunchFailed},
               {"target_off_by_one", FindingKind::kRace, sim::kLaunchFailed},
               {"slot_reused_early", FindingKind::kRace, sim::kLaunchFailed},
               {"read_without_wait", FindingKind::kRace, sim::kLaunchFailed},
               {"lost_arrival", FindingKind::kDeadlock, sim::kLaunchTimeout},
               {"barrier_in_a_branch", FindingKind::kBarrierDivergence, sim::kLaunchFailed}};
  constexpr unsigned kBlocks = 4;
  sim::setOption("spin_seconds", "1");
  for (const auto& c : cases) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<float>(2 * kBlocks * 64, 1.0f));
    DevicePointer counter = d.upload(std::vector<unsigned>(1, 0u));
    int status = d.runCooperative(c.name, kBlocks, 64, 0, x, counter);
    check(status == c.status && sim::findings().empty() == (c.status == 0) &&
              (c.status == 0 || wasFound(c.kind, std::string("kernel ") + c.name)),
          std::string(c.name) + ", schedule " + schedule + ": status " + std::to_string(status) +
              ", " + sim::lastFinding());
    if (c.name == std::string("no_mistake")) {
      check(d.download<float>(x, 1)[0] == 64, "blocks hand on the right numbers");
    }
  }
  sim::setOption("spin_seconds", "30");
}

void testChecksCanBeTurnedOff(const std::string& code) {
  sim::setOption("check", "bounds,init");
  {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<float>(128, 0.5f));
    check(d.run("shared_race_ok", 1, 128, 0, x, kSize) == 0, "clean kernel, checks off");
    check(d.run("global_race_bug", 1, 128, 0, x, kSize) == 0, "race with the check off");
    check(d.run("early_exit_bug", 1, 128, 0, x, kSize) == 0, "exit with the check off");
  }
  sim::setOption("check", "all");
  check(!sim::setOption("check", "everything").empty(), "unknown check is refused");
}

}  // namespace

int main() {
  sim::setOption("log_findings", "0");
  test::Compiled code =
      test::compile(test::readText(SIM_TEST_FOLDER "/kernels/bugs.cu"), "bugs.cu");
  check(code.status == 0, code.log);
  test::Compiled copies =
      test::compile(test::readText(SIM_TEST_FOLDER "/kernels/copy_bugs.cu"), "copy_bugs.cu",
                    {"--gpu-architecture=sm_90", "--include-path=" SIM_COMMON_KERNELS});
  check(copies.status == 0, copies.log);
  test::Compiled order =
      test::compile(test::readText(SIM_TEST_FOLDER "/kernels/order_bugs.cu"), "order_bugs.cu",
                    {"--gpu-architecture=sm_90", "--include-path=" SIM_COMMON_KERNELS});
  check(order.status == 0, order.log);
  if (test::failures) return test::finish();
  // What is found must not depend on the order of the threads.
  for (const char* schedule : {"forward", "reverse", "random:3"}) {
    sim::setOption("schedule", schedule);
    for (const Case& c : kCases) testCase(code.cubin, c, schedule);
    testCopies(copies.cubin);
    testOrderOfBlocks(order.cubin, schedule);
  }
  sim::setOption("schedule", "forward");
  testUnwritten(code.cubin);
  testOneByte(code.cubin);
  testUseAfterFree(code.cubin);
  testLeak(code.cubin);
  testChecksCanBeTurnedOff(code.cubin);
  return test::finish();
}
