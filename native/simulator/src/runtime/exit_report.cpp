// What the simulated device writes when the process ends.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "counters.h"
#include "device_memory.h"
#include "options.h"

namespace {

// Memory of contexts that are still there, and the counts of the whole process in the file that
// GATEFOLD_SIM_COUNTS names.
struct ExitReport {
  ~ExitReport() {
    size_t bytes = 0;
    std::vector<sim::Allocation> live;
    if (sim::DeviceMemory::isReserved()) live = sim::DeviceMemory::instance().live(nullptr);
    for (const sim::Allocation& a : live) bytes += a.size;
    if (!live.empty() && sim::options().logFindings) {
      std::fprintf(stderr, "simulated device: %zu allocations of %zu bytes were never freed\n",
                   live.size(), bytes);
    }
    if (const char* path = std::getenv("GATEFOLD_SIM_COUNTS")) {
      std::ofstream stream(path);
      stream << sim::countsAsJson();
    }
  }
};

const ExitReport kExitReport;

}  // namespace
