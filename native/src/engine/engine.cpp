#include "engine/engine.h"

#include <cstdlib>
#include <new>
#include <thread>

#include "engine/isa.h"

extern "C" const char* gf_status_name(int status) {
  switch (status) {
    case GF_OK:
      return "ok";
    case GF_INVALID_ARGUMENT:
      return "invalid argument";
    case GF_OUT_OF_MEMORY:
      return "out of memory or threads";
    case GF_UNKNOWN_ISA:
      return "unknown instruction set; known are amx, avx512bf16, avx512, avx2, generic";
    case GF_ISA_UNAVAILABLE:
      return "this machine lacks the instruction set asked for";
    default:
      return "unknown status";
  }
}

extern "C" int32_t gf_abi_version(void) { return GF_ABI_VERSION; }

extern "C" int gf_engine_create(int32_t threads, const char* isa, gf_engine** engine) {
  constexpr int32_t kMostThreads = 1024;
  if (engine == nullptr || threads < 0 || threads > kMostThreads) {
    return GF_INVALID_ARGUMENT;
  }
  *engine = nullptr;
  if (isa == nullptr || isa[0] == '\0') {
    isa = std::getenv("GATEFOLD_ISA");
  }
  int status;
  const gatefold::Kernels* kernels = gatefold::find_kernels(isa, status);
  if (kernels == nullptr) {
    return status;
  }
  if (threads == 0) {
    threads = static_cast<int32_t>(std::thread::hardware_concurrency());
    threads = threads < 1 ? 1 : threads > kMostThreads ? kMostThreads : threads;
  }
  gf_engine* made = new (std::nothrow) gf_engine{};
  if (made == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  made->kernels = kernels;
  made->team = gatefold::ThreadTeam::create(threads);
  if (made->team == nullptr) {
    delete made;
    return GF_OUT_OF_MEMORY;
  }
  *engine = made;
  return GF_OK;
}

extern "C" int gf_engine_destroy(gf_engine* engine) {
  if (engine != nullptr) {
    gatefold::ThreadTeam::destroy(engine->team);
    delete engine;
  }
  return GF_OK;
}

extern "C" int32_t gf_engine_threads(const gf_engine* engine) {
  return engine == nullptr ? 0 : engine->team->threads();
}

extern "C" const char* gf_engine_isa(const gf_engine* engine) {
  return engine == nullptr ? "" : engine->kernels->isa;
}
