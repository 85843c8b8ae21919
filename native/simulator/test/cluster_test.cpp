// Thread-block clusters: what they compute, what is refused, and that every mistake in what orders
// their blocks is found.
#include "test_support.h"

namespace {

using sim::FindingKind;
using test::check;

constexpr unsigned kBlocks = 4;
constexpr unsigned kThreads = 64;
constexpr unsigned kRounds = 7;

struct Case {
  const char* name;
  std::vector<FindingKind> kinds;  // one of these, by the schedule
};

const Case kCases[] = {
    {"lost_arrival", {FindingKind::kDeadlock}},
    {"lost_write", {FindingKind::kDeadlock}},
    {"flag_before_data", {FindingKind::kRace}},
    {"wrong_parity", {FindingKind::kRace, FindingKind::kCluster}},
    {"slot_reused_early", {FindingKind::kRace}},
    {"read_without_wait", {FindingKind::kRace}},
    {"early_exit", {FindingKind::kCluster}},
    {"no_barrier_at_start", {FindingKind::kCluster}},
    {"no_mbarrier", {FindingKind::kCluster}},
    {"two_arrivals", {FindingKind::kCluster}},
    {"wait_without_arrival", {FindingKind::kCluster}},
    {"arrives_twice", {FindingKind::kCluster}},
    {"no_such_rank", {FindingKind::kCluster}},
    {"past_the_end", {FindingKind::kOutOfBounds}},
    {"misaligned", {FindingKind::kMisaligned}},
    // Bytes that nobody expects end no phase, or a later one too early.
    {"row_too_many", {FindingKind::kDeadlock, FindingKind::kRace}},
    {"half_waits", {FindingKind::kDeadlock}},
    {"half_at_barrier", {FindingKind::kDeadlock}},
    {"late_data", {FindingKind::kRace}},
    {"read_after_release", {FindingKind::kRace}},
    {"data_after_arrival", {FindingKind::kRace}},
    {"other_barrier", {FindingKind::kRace}},
    {"init_race", {FindingKind::kRace, FindingKind::kCluster}},
    {"overwritten", {FindingKind::kCluster}},
    {"overwritten_by_peer", {FindingKind::kCluster}},
    {"made_twice", {FindingKind::kCluster}},
};

bool wasFound(const Case& c) {
  for (const sim::Finding& f : sim::findings()) {
    for (FindingKind kind : c.kinds) {
      if (f.kind == kind && f.text.find(std::string("cluster_") + c.name) != std::string::npos) {
        return true;
      }
    }
  }
  return false;
}

void testMistakes(const std::string& code, const std::string& schedule) {
  sim::setOption("spin_seconds", "1");
  for (const Case& c : kCases) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<unsigned>(kBlocks * kThreads, 1u));
    int status = d.run(std::string("cluster_") + c.name, kBlocks, kThreads, 0, x, kThreads - 1);
    check(status != 0 && wasFound(c), std::string(c.name) + ", schedule " + schedule + ": status " +
                                          std::to_string(status) + ", " + sim::lastFinding());
  }
  sim::setOption("spin_seconds", "30");
}

// Two blocks touch the same word at once: neither may miss the other.
void testAtOnce(const std::string& code) {
  constexpr int kTimes = 200;
  for (int i = 0; i < kTimes && test::failures == 0; ++i) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<unsigned>(kBlocks * kThreads, 1u));
    int status = d.run("cluster_late_data", kBlocks, kThreads, 0, x, kThreads);
    check(status != 0, "late_data found " + std::to_string(i) + " times and then not");
  }
}

void testRight(const std::string& code, const std::string& schedule) {
  for (const char* name : {"own_write", "lanes_apart", "leavers", "block_leaves"}) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<unsigned>(kBlocks * kThreads, 1u));
    int status = d.run(std::string("cluster_") + name, kBlocks, kThreads, 0, x, kThreads);
    check(status == 0 && sim::findings().empty(), std::string(name) + ", schedule " + schedule +
                                                      ": status " + std::to_string(status) + ", " +
                                                      sim::lastFinding());
  }
}

// What the blocks of a cluster have after all rounds.
std::vector<unsigned> expected(std::vector<unsigned> x, unsigned rows) {
  for (unsigned round = 0; round < kRounds; ++round) {
    std::vector<unsigned> next = x;
    for (unsigned i = 0; i < x.size(); ++i) {
      next[i] = x[i] + x[(i + kThreads) % x.size()];
      if (i % kThreads >= rows) next[i] = round % 2 == 0 ? 0u : x[i];
    }
    x = next;
  }
  return x;
}

void testSums(const std::string& code, const std::string& schedule) {
  constexpr unsigned kClusters = 3;
  test::Device d(code);
  std::vector<unsigned> given(kClusters * kBlocks * kThreads);
  for (unsigned i = 0; i < given.size(); ++i) given[i] = i % 97;
  DevicePointer x = d.upload(given);
  int status = d.run("cluster_ok", kClusters * kBlocks, kThreads, 0, x, kThreads);
  check(status == 0 && sim::findings().empty(),
        "sums, schedule " + schedule + ": " + std::to_string(status) + ", " + sim::lastFinding());
  std::vector<unsigned> got = d.download<unsigned>(x, given.size());
  for (unsigned c = 0; c < kClusters; ++c) {
    auto from = c * kBlocks * kThreads, to = from + kBlocks * kThreads;
    std::vector<unsigned> first(given.begin() + from, given.begin() + to);
    check(std::vector<unsigned>(got.begin() + from, got.begin() + to) == expected(first, kThreads),
          "cluster " + std::to_string(c) + ", schedule " + schedule);
  }
}

// Whatever the order of threads, blocks and writes: neither a finding nor a standstill.
void testSchedules(const std::string& code, int count) {
  test::Device d(code);
  std::vector<unsigned> given(kBlocks * kThreads, 1u);
  DevicePointer x = d.upload(given);
  std::vector<unsigned> wanted = expected(given, kThreads);
  for (int seed = 1; seed <= count && test::failures == 0; ++seed) {
    std::string schedule = "random:" + std::to_string(seed);
    sim::setOption("schedule", schedule);
    test::need(cuMemcpyHtoD_v2(x, given.data(), given.size() * sizeof(unsigned)), "cuMemcpyHtoD");
    int status = d.run("cluster_ok", kBlocks, kThreads, 0, x, kThreads);
    check(status == 0 && d.download<unsigned>(x, given.size()) == wanted,
          schedule + ": " + std::to_string(status) + ", " + sim::lastFinding());
  }
  sim::setOption("schedule", "forward");
}

void testRefusals(const std::string& code) {
  auto launch = [&](unsigned grid, unsigned shared) {
    test::Device d(code);
    DevicePointer x = d.upload(std::vector<unsigned>(2 * kBlocks * kThreads, 1u));
    if (shared > 0) {
      test::need(cuFuncSetAttribute(d.function("cluster_ok"), 8, static_cast<int>(shared)),
                 "cuFuncSetAttribute");
    }
    return d.run("cluster_ok", grid, kThreads, shared, x, kThreads);
  };
  check(launch(kBlocks + 1, 0) == sim::kInvalidClusterSize, "blocks that are no whole cluster");
  sim::setOption("multiprocessors", "1");
  check(launch(kBlocks, 200 << 10) == sim::kLaunchOutOfResources, "no room for a cluster");
  sim::setOption("multiprocessors", "4");
  check(launch(kBlocks, 200 << 10) == 0, "room for a cluster: " + sim::lastFinding());
  test::Device together(code);
  DevicePointer x = together.upload(std::vector<unsigned>(kBlocks * kThreads, 1u));
  check(together.runCooperative("cluster_ok", kBlocks, kThreads, 0, x, kThreads) ==
            sim::kNotSupported,
        "clusters in a cooperative launch");
  sim::setOption("capability", "8.9");
  check(launch(kBlocks, 0) == sim::kInvalidClusterSize, "clusters before 9.0");
  sim::setOption("capability", "9.0");
  test::Compiled large =
      test::compile("extern \"C\" __global__ void __cluster_dims__(16, 1, 1) wide() {}", "wide.cu");
  check(large.status == 0, large.log);
  test::Device d(large.cubin);
  check(d.run("wide", 16, 32, 0) == sim::kInvalidClusterSize, "16 blocks a cluster");
}

void testCounts(const std::string& code) {
  test::Device d(code);
  DevicePointer x = d.upload(std::vector<unsigned>(kBlocks * kThreads, 1u));
  check(d.run("cluster_ok", kBlocks, kThreads, 0, x, kThreads) == 0, "counted launch");
  std::string bytes = std::to_string(kRounds * kBlocks * kBlocks * kThreads * 8);
  check(sim::countsAsJson().find("\"clusterWriteBytes\":" + bytes) != std::string::npos,
        "bytes written to other blocks: " + sim::countsAsJson());
}

}  // namespace

int main(int count, char** arguments) {
  sim::setOption("log_findings", "0");
  test::Compiled code =
      test::compile(test::readText(SIM_TEST_FOLDER "/kernels/cluster_bugs.cu"), "cluster_bugs.cu",
                    {"--gpu-architecture=sm_90", "--include-path=" SIM_COMMON_KERNELS});
  check(code.status == 0, code.log);
  if (test::failures) return test::finish();
  for (const char* schedule : {"forward", "reverse", "random:3"}) {
    sim::setOption("schedule", schedule);
    testSums(code.cubin, schedule);
    testMistakes(code.cubin, schedule);
    testRight(code.cubin, schedule);
  }
  sim::setOption("schedule", "forward");
  testRefusals(code.cubin);
  testCounts(code.cubin);
  testAtOnce(code.cubin);
  testSchedules(code.cubin, count > 1 ? std::atoi(arguments[1]) : 50);
  return test::finish();
}
