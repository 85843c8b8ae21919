// Modules, functions, launches and occupancy.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "../runtime/launch.h"
#include "api.h"
#include "device_properties.h"

namespace sim {
namespace {

int loadModule(Context* context, Module** module, const void* bytes) {
  if (!module || !bytes) return kInvalidValue;
  std::string error;
  std::shared_ptr<const Image> image = Image::load(bytes, &error);
  if (!image) {
    std::fprintf(stderr, "simulated device: module not loaded: %s\n", error.c_str());
    return kInvalidImage;
  }
  *module = new Module;
  (*module)->context = context;
  (*module)->image = image;
  context->modules.insert(*module);
  return kSuccess;
}

// Values of the launch's `extra` array.
void* const kBufferPointer = reinterpret_cast<void*>(1);
void* const kBufferSize = reinterpret_cast<void*>(2);

int readArguments(const SimKernel& kernel, void** values, void** extra,
                  std::shared_ptr<Arguments>* arguments) {
  if (values) {
    for (unsigned i = 0; i < kernel.parameterCount; ++i) {
      if (!values[i]) return kInvalidValue;
    }
    *arguments = std::make_shared<Arguments>(kernel, values);
    return kSuccess;
  }
  const char* buffer = nullptr;
  size_t size = 0;
  for (int i = 0; extra && extra[i]; i += 2) {
    if (extra[i] == kBufferPointer) buffer = static_cast<const char*>(extra[i + 1]);
    if (extra[i] == kBufferSize) size = *static_cast<const size_t*>(extra[i + 1]);
  }
  if (kernel.parameterCount > 0 && !buffer) return kInvalidValue;
  bool fits;
  *arguments = std::make_shared<Arguments>(kernel, buffer, size, &fits);
  return fits ? kSuccess : kInvalidValue;
}

// Blocks of a cluster that every device from 9.0 on takes.
constexpr uint64_t kPortableCluster = 8;

int checkCluster(const SimKernel& kernel, Index3 grid, uint64_t residentBlocks, bool cooperative) {
  const unsigned* c = kernel.cluster;
  uint64_t size = uint64_t{c[0]} * c[1] * c[2];
  if (size == 1) return kSuccess;
  bool whole = size != 0 && grid.x % c[0] == 0 && grid.y % c[1] == 0 && grid.z % c[2] == 0;
  if (!whole || size > kPortableCluster || options().capabilityMajor < 9) {
    return kInvalidClusterSize;
  }
  if (cooperative) return kNotSupported;  // clusters run one after the other
  return size <= residentBlocks ? kSuccess : kLaunchOutOfResources;
}

int launchKernel(Lock& lock, Context* context, Function* function, Index3 grid, Index3 block,
                 unsigned shared, void* handle, void** values, void** extra, bool cooperative) {
  Stream* stream = findStream(context, handle);
  if (!stream || !context->functions.count(function)) return kInvalidHandle;
  const SimKernel& kernel = *function->kernel;
  uint64_t threads = static_cast<uint64_t>(block.x) * block.y * block.z;
  uint64_t blocks = static_cast<uint64_t>(grid.x) * grid.y * grid.z;
  if (threads == 0 || threads > kMaxThreadsPerBlock || block.z > 64) return kInvalidValue;
  if (blocks == 0 || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) {
    return kInvalidValue;
  }
  if (shared > function->maxDynamicShared) return kInvalidValue;
  if (kernel.maxThreadsPerBlock && threads > kernel.maxThreadsPerBlock) {
    return kLaunchOutOfResources;
  }
  uint64_t resident = static_cast<uint64_t>(options().multiprocessors) *
                      static_cast<uint64_t>(residentBlocks(static_cast<int>(threads),
                                                           shared + function->staticShared));
  if (cooperative && blocks > resident) return kCooperativeLaunchTooLarge;
  if (int status = checkCluster(kernel, grid, resident, cooperative)) return status;
  std::shared_ptr<Arguments> arguments;
  if (int status = readArguments(kernel, values, extra, &arguments)) return status;
  std::shared_ptr<const Image> image = function->module->image;
  const SimKernel* code = function->kernel;
  return submit(lock, stream, NodeType::kKernel, [=](bool inGraph) {
    Launch launch;
    launch.image = image;
    launch.kernel = code;
    launch.grid = grid;
    launch.block = block;
    launch.dynamicShared = shared;
    launch.arguments = arguments;
    launch.cooperative = cooperative;
    launch.inGraph = inGraph;
    return runLaunch(launch);
  });
}

int occupancy(Context* context, int* blocks, Function* function, int threads, size_t shared) {
  if (!blocks || !context->functions.count(function)) return kInvalidValue;
  if (threads <= 0) return kInvalidValue;
  const SimKernel& kernel = *function->kernel;
  unsigned most = kernel.maxThreadsPerBlock ? kernel.maxThreadsPerBlock : kMaxThreadsPerBlock;
  *blocks = static_cast<unsigned>(threads) > most
                ? 0
                : residentBlocks(threads, shared + function->staticShared);
  return kSuccess;
}

}  // namespace
}  // namespace sim

using sim::Function;
using sim::Module;

SIM_API cuModuleLoadData(Module** module, const void* image) {
  SIM_ENTER();
  return sim::loadModule(context, module, image);
}

SIM_API cuModuleLoadDataEx(Module** module, const void* image, unsigned, int*, void**) {
  SIM_ENTER();
  return sim::loadModule(context, module, image);
}

SIM_API cuModuleLoadFatBinary(Module** module, const void* image) {
  SIM_ENTER();
  return sim::loadModule(context, module, image);
}

SIM_API cuModuleLoad(Module** module, const char* file) {
  SIM_ENTER();
  std::ifstream stream(file ? file : "", std::ios::binary);
  if (!stream) return sim::kFileNotFound;
  std::stringstream bytes;
  bytes << stream.rdbuf();
  return sim::loadModule(context, module, bytes.str().c_str());
}

SIM_API cuModuleUnload(Module* module) {
  SIM_ENTER();
  if (!context->modules.count(module)) return sim::kInvalidHandle;
  sim::waitForContext(lock, context);
  for (Function* f : module->functions) {
    context->functions.erase(f);
    delete f;
  }
  context->modules.erase(module);
  delete module;
  return context->error;
}

SIM_API cuModuleGetLoadingMode(int* mode) {
  SIM_ENTER_DEVICE();
  *mode = 1;  // eager
  return sim::kSuccess;
}

SIM_API cuModuleGetFunction(Function** function, Module* module, const char* name) {
  SIM_ENTER();
  if (!function || !name) return sim::kInvalidValue;
  if (!context->modules.count(module)) return sim::kInvalidHandle;
  const SimKernel* kernel = module->image->kernel(name);
  if (!kernel) return sim::kNotFound;
  for (Function* f : module->functions) {
    if (f->kernel == kernel) {
      *function = f;
      return sim::kSuccess;
    }
  }
  auto* f = new Function;
  f->module = module;
  f->kernel = kernel;
  f->staticShared = static_cast<unsigned>(module->image->staticShared(name));
  f->maxDynamicShared =
      sim::kDefaultDynamicShared - std::min(sim::kDefaultDynamicShared, f->staticShared);
  module->functions.push_back(f);
  context->functions.insert(f);
  *function = f;
  return sim::kSuccess;
}

SIM_API cuFuncGetModule(Module** module, Function* function) {
  SIM_ENTER();
  if (!context->functions.count(function)) return sim::kInvalidHandle;
  *module = function->module;
  return sim::kSuccess;
}

SIM_API cuFuncGetAttribute(int* value, int attribute, Function* function) {
  SIM_ENTER();
  if (!context->functions.count(function)) return sim::kInvalidHandle;
  unsigned bound = function->kernel->maxThreadsPerBlock;
  int capability = sim::options().capabilityMajor * 10 + sim::options().capabilityMinor;
  switch (attribute) {
    case 0:  // MAX_THREADS_PER_BLOCK
      *value = bound ? static_cast<int>(bound) : sim::kMaxThreadsPerBlock;
      break;
    case 1:  // SHARED_SIZE_BYTES
      *value = static_cast<int>(function->staticShared);
      break;
    case 2:  // CONST_SIZE_BYTES
    case 3:  // LOCAL_SIZE_BYTES: spills are not simulated
      *value = 0;
      break;
    case 4:  // NUM_REGS: registers are not simulated
      *value = 32;
      break;
    case 5:  // PTX_VERSION
    case 6:  // BINARY_VERSION
      *value = capability;
      break;
    case 8:  // MAX_DYNAMIC_SHARED_SIZE_BYTES
      *value = static_cast<int>(function->maxDynamicShared);
      break;
    default:
      *value = 0;
  }
  return sim::kSuccess;
}

SIM_API cuFuncSetAttribute(Function* function, int attribute, int value) {
  SIM_ENTER();
  if (!context->functions.count(function)) return sim::kInvalidHandle;
  if (attribute == 8) {  // MAX_DYNAMIC_SHARED_SIZE_BYTES
    int limit = sim::multiprocessor().sharedOptInBytes - static_cast<int>(function->staticShared);
    if (value < 0 || value > limit) return sim::kInvalidValue;
    function->maxDynamicShared = static_cast<unsigned>(value);
    return sim::kSuccess;
  }
  return attribute == 9 ? sim::kSuccess : sim::kInvalidValue;  // 9: shared memory carve-out
}

SIM_API cuFuncSetCacheConfig(Function* function, int) {
  SIM_ENTER();
  return context->functions.count(function) ? sim::kSuccess : sim::kInvalidHandle;
}

SIM_API cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ,
                       unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared,
                       void* stream, void** values, void** extra) {
  SIM_ENTER();
  return sim::launchKernel(lock, context, function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ},
                           shared, stream, values, extra, false);
}

SIM_API cuLaunchCooperativeKernel(Function* function, unsigned gridX, unsigned gridY,
                                  unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
                                  unsigned shared, void* stream, void** values) {
  SIM_ENTER();
  return sim::launchKernel(lock, context, function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ},
                           shared, stream, values, nullptr, true);
}

SIM_API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function* function, int threads,
                                                    size_t shared) {
  SIM_ENTER();
  return sim::occupancy(context, blocks, function, threads, shared);
}

SIM_API cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, Function* function,
                                                             int threads, size_t shared, unsigned) {
  SIM_ENTER();
  return sim::occupancy(context, blocks, function, threads, shared);
}

SIM_API cuOccupancyAvailableDynamicSMemPerBlock(size_t* shared, Function* function, int blocks,
                                                int) {
  SIM_ENTER();
  if (!shared || blocks <= 0 || !context->functions.count(function)) return sim::kInvalidValue;
  sim::Multiprocessor m = sim::multiprocessor();
  int each = m.sharedBytes / blocks - 1024 - static_cast<int>(function->staticShared);
  *shared = static_cast<size_t>(std::clamp(each, 0, m.sharedOptInBytes));
  return sim::kSuccess;
}
