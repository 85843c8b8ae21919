// What the simulated device writes when the process ends.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "counters.h"

namespace {

// GATEFOLD_SIM_COUNTS names a file for the counts of the whole process.
struct ExitReport {
  ~ExitReport() {
    if (const char* path = std::getenv("GATEFOLD_SIM_COUNTS")) {
      std::ofstream stream(path);
      stream << sim::countsAsJson();
    }
  }
};

const ExitReport kExitReport;

}  // namespace
