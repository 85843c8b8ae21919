// Compiles kernel sources for the simulated device: every file named on the command line.
// Without optimisation: whether they compile is all that is asked.
#include "test_support.h"

int main(int count, char** arguments) {
  test::need(count < 3, "usage: compile_kernels_test INCLUDE_FOLDER FILE...");
  for (int i = 2; i < count; ++i) {
    std::string path = arguments[i];
    std::string name = path.substr(path.rfind('/') + 1);
    test::Compiled compiled = test::compile(test::readText(path), name,
                                            {"--gpu-architecture=sm_90", "--device-debug",
                                             std::string("--include-path=") + arguments[1]});
    test::check(compiled.status == 0, path + "\n" + compiled.log);
  }
  return test::finish();
}
