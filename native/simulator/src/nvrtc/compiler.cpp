#include "compiler.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "../runtime/image/elf_symbols.h"

extern char** environ;

namespace sim {

std::string libraryFolder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&libraryFolder), &info)) return ".";
  std::string path = info.dli_fname;
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string compilerPath() {
  const char* chosen = std::getenv("GATEFOLD_SIM_CXX");
  return chosen && *chosen ? chosen : GATEFOLD_SIM_DEFAULT_CXX;
}

int runProgram(const std::vector<std::string>& arguments, const std::string& output) {
  std::vector<char*> argv;
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child;
  int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed) return -1;
  int status;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string readFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool writeFile(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  return static_cast<bool>(stream);
}

std::vector<std::string> undefinedSharedNames(const std::string& object) {
  std::vector<std::string> result;
  const char* bytes = object.data();
  if (object.size() < sizeof(Elf64_Ehdr) || std::memcmp(bytes, ELFMAG, SELFMAG) != 0) return result;
  forEachSymbol(bytes, [&result](const std::string& name, const Elf64_Sym& symbol) {
    if (symbol.st_shndx != SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_TLS) return;
    if (name != "threadIdx" && name != "blockIdx" && name != "blockDim" && name != "gridDim") {
      result.push_back(name);
    }
  });
  return result;
}

std::vector<std::string> kernelFlags(bool debug) {
  std::vector<std::string> flags = {
      debug ? "-O0" : "-O2", "-g1", "-fPIC", "-w", "-fno-exceptions", "-fno-rtti",
      "-fno-math-errno", "-ffp-contract=fast", "-fno-extern-tls-init", "-ftls-model=global-dynamic",
      "-fno-gnu-unique", "-fno-asynchronous-unwind-tables", "-fno-stack-protector",
      // Every load and store reports to the runtime, which checks and counts it.
      "-fsanitize=thread", "--param=tsan-instrument-func-entry-exit=0",
      // What is lost when an access is split or merged is checked where it stands in the source.
      "-fsanitize=alignment,bounds-strict,integer-divide-by-zero"};
#if defined(__x86_64__)
  // Multiply-adds are fused on a device, so they are here where the processor can.
  if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) {
    flags.push_back("-march=x86-64-v3");
  }
#endif
  return flags;
}

}  // namespace sim
