// Runs the host's compiler.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim {

// The folder of this library, which holds device/ and libcuda.so.1.
std::string libraryFolder();

// The compiler of the build, or that of the environment variable GATEFOLD_SIM_CXX.
std::string compilerPath();

// Runs a program and waits for it; returns its exit status, -1 where it did not start. What it
// writes to standard error goes into `output`, a file.
int runProgram(const std::vector<std::string>& arguments, const std::string& output);

std::string readFile(const std::string& path);
bool writeFile(const std::string& path, const std::string& text);

// Names of the thread-local variables that an object file uses and does not define: its
// `extern __shared__` arrays.
std::vector<std::string> undefinedSharedNames(const std::string& object);

// Compiler flags of every kernel: instrumentation, the host's instructions; `debug` without
// optimisation, which takes a third of the time to compile and several times as long to run.
std::vector<std::string> kernelFlags(bool debug);

}  // namespace sim
