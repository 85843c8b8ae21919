#include "counters.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <sstream>

namespace sim {
namespace {

struct CopyCounts {
  uint64_t count = 0;
  uint64_t bytes = 0;
  uint64_t graphCount = 0;
};

struct Totals {
  std::mutex mutex;
  std::map<std::string, KernelCounts> kernels;
  uint64_t launchesSoFar = 0;
  CopyCounts copies[5];
  uint64_t graphsMade = 0;
  uint64_t graphLaunches = 0;
  uint64_t graphNodes = 0;
  uint64_t submissions = 0;
};

Totals& totals() {
  static auto* instance = new Totals;
  return *instance;
}

constexpr const char* kCopyNames[5] = {"hostToDevice", "deviceToHost", "deviceToDevice", "peer",
                                       "fill"};

}  // namespace

void KernelCounts::add(const KernelCounts& other) {
  launches += other.launches;
  graphLaunches += other.graphLaunches;
  blocks += other.blocks;
  threads += other.threads;
  globalReadBytes += other.globalReadBytes;
  globalWriteBytes += other.globalWriteBytes;
  globalReadDistinctBytes += other.globalReadDistinctBytes;
  globalWriteDistinctBytes += other.globalWriteDistinctBytes;
  sharedReadBytes += other.sharedReadBytes;
  sharedWriteBytes += other.sharedWriteBytes;
  clusterWriteBytes += other.clusterWriteBytes;
  atomics += other.atomics;
  blockBarriers += other.blockBarriers;
  warpOperations += other.warpOperations;
  mmaFlops += other.mmaFlops;
  otherFlops += other.otherFlops;
  milliseconds += other.milliseconds;
}

void countKernel(const std::string& kernel, const KernelCounts& counts) {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  t.kernels[kernel].add(counts);
  t.launchesSoFar += counts.launches;
}

uint64_t launchesSoFar() {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  return t.launchesSoFar;
}

void countCopy(CopyKind kind, uint64_t bytes, bool inGraph) {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  CopyCounts& c = t.copies[static_cast<int>(kind)];
  ++c.count;
  c.bytes += bytes;
  c.graphCount += inGraph;
}

void countSubmission() {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  ++t.submissions;
}

void countGraphMade() {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  ++t.graphsMade;
}

void countGraphLaunch(uint64_t nodes) {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  ++t.graphLaunches;
  t.graphNodes += nodes;
}

void resetCounts() {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  t.kernels.clear();
  for (CopyCounts& c : t.copies) c = CopyCounts();
  t.graphsMade = t.graphLaunches = t.graphNodes = t.submissions = 0;
}

std::string countsAsJson() {
  Totals& t = totals();
  std::lock_guard<std::mutex> guard(t.mutex);
  std::ostringstream out;
  out << "{\"kernels\":{";
  const char* separator = "";
  for (const auto& [name, c] : t.kernels) {
    out << separator << "\n\"" << name << "\":{";
    separator = ",";
    const std::pair<const char*, uint64_t> fields[] = {
        {"launches", c.launches},
        {"graphLaunches", c.graphLaunches},
        {"blocks", c.blocks},
        {"threads", c.threads},
        {"globalReadBytes", c.globalReadBytes},
        {"globalWriteBytes", c.globalWriteBytes},
        {"globalReadDistinctBytes", c.globalReadDistinctBytes},
        {"globalWriteDistinctBytes", c.globalWriteDistinctBytes},
        {"sharedReadBytes", c.sharedReadBytes},
        {"sharedWriteBytes", c.sharedWriteBytes},
        {"clusterWriteBytes", c.clusterWriteBytes},
        {"atomics", c.atomics},
        {"blockBarriers", c.blockBarriers},
        {"warpOperations", c.warpOperations},
        {"mmaFlops", c.mmaFlops},
        {"otherFlops", c.otherFlops}};
    for (const auto& field : fields) out << "\"" << field.first << "\":" << field.second << ",";
    char milliseconds[32];
    std::snprintf(milliseconds, sizeof milliseconds, "%.3f", c.milliseconds);
    out << "\"milliseconds\":" << milliseconds << "}";
  }
  out << "},\n\"copies\":{";
  for (int i = 0; i < 5; ++i) {
    const CopyCounts& c = t.copies[i];
    out << (i ? "," : "") << "\"" << kCopyNames[i] << "\":{\"count\":" << c.count
        << ",\"bytes\":" << c.bytes << ",\"graphCount\":" << c.graphCount << "}";
  }
  out << "},\n\"graphs\":{\"made\":" << t.graphsMade << ",\"launches\":" << t.graphLaunches
      << ",\"nodes\":" << t.graphNodes << "},\n\"submissions\":" << t.submissions << "}\n";
  return out.str();
}

}  // namespace sim
