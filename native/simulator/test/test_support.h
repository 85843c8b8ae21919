// What the simulator's tests share: the entry points they call and a few shorthands.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../src/runtime/counters.h"
#include "../src/runtime/detector/findings.h"
#include "../src/runtime/options.h"
#include "../src/runtime/status.h"

using DevicePointer = unsigned long long;

extern "C" {
int nvrtcCreateProgram(void** program, const char* source, const char* name, int headers,
                       const char* const* texts, const char* const* names);
int nvrtcCompileProgram(void* program, int count, const char* const* options);
int nvrtcGetProgramLogSize(void* program, size_t* size);
int nvrtcGetProgramLog(void* program, char* log);
int nvrtcGetCUBINSize(void* program, size_t* size);
int nvrtcGetCUBIN(void* program, char* cubin);
int nvrtcGetPTXSize(void* program, size_t* size);
int nvrtcGetPTX(void* program, char* ptx);
int nvrtcAddNameExpression(void* program, const char* expression);
int nvrtcGetLoweredName(void* program, const char* expression, const char** name);
int nvrtcDestroyProgram(void** program);
int cuInit(unsigned flags);
int cuCtxCreate_v2(void** context, unsigned flags, int device);
int cuCtxDestroy_v2(void* context);
int cuCtxSynchronize();
int cuCtxSetCurrent(void* context);
int cuCtxGetCurrent(void** context);
int cuCtxGetDevice(int* device);
int cuCtxEnablePeerAccess(void* peer, unsigned flags);
int cuDeviceGet(int* device, int ordinal);
int cuDeviceGetCount(int* count);
int cuDeviceCanAccessPeer(int* can, int device, int peer);
int cuDevicePrimaryCtxRetain(void** context, int device);
int cuDevicePrimaryCtxRelease_v2(int device);
int cuMemcpyPeerAsync(DevicePointer to, void* toContext, DevicePointer from, void* fromContext,
                      size_t size, void* stream);
int cuMemAlloc_v2(DevicePointer* pointer, size_t size);
int cuMemFree_v2(DevicePointer pointer);
int cuMemAllocHost_v2(void** pointer, size_t size);
int cuMemFreeHost(void* pointer);
int cuMemcpyHtoD_v2(DevicePointer to, const void* from, size_t size);
int cuMemcpyDtoH_v2(void* to, DevicePointer from, size_t size);
int cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, size_t size, void* stream);
int cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, size_t size, void* stream);
int cuMemsetD32_v2(DevicePointer to, unsigned value, size_t count);
int cuMemsetD32Async(DevicePointer to, unsigned value, size_t count, void* stream);
int cuModuleLoadData(void** module, const void* image);
int cuModuleUnload(void* module);
int cuModuleGetFunction(void** function, void* module, const char* name);
int cuFuncSetAttribute(void* function, int attribute, int value);
int cuFuncGetAttribute(int* value, int attribute, void* function);
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* function, int threads,
                                                size_t shared);
int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned shared, void* stream, void** values, void** extra);
int cuLaunchCooperativeKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                              unsigned by, unsigned bz, unsigned shared, void* stream,
                              void** values);
int cuStreamCreate(void** stream, unsigned flags);
int cuStreamDestroy_v2(void* stream);
int cuStreamSynchronize(void* stream);
int cuStreamQuery(void* stream);
int cuStreamWaitEvent(void* stream, void* event, unsigned flags);
int cuStreamBeginCapture_v2(void* stream, int mode);
int cuStreamEndCapture(void* stream, void** graph);
int cuEventCreate(void** event, unsigned flags);
int cuEventDestroy_v2(void* event);
int cuEventRecord(void* event, void* stream);
int cuEventSynchronize(void* event);
int cuGraphInstantiateWithFlags(void** exec, void* graph, unsigned long long flags);
int cuGraphLaunch(void* exec, void* stream);
int cuGraphExecDestroy(void* exec);
int cuGraphDestroy(void* graph);
int cuGraphGetNodes(void* graph, void** nodes, size_t* count);
int cuGetErrorString(int status, const char** text);
int cublasCreate_v2(void** handle);
int cublasDestroy_v2(void* handle);
int cublasSetStream_v2(void* handle, void* stream);
int cublasSetMathMode(void* handle, int mode);
int cublasSgemm_v2(void* handle, int ta, int tb, int m, int n, int k, const float* alpha,
                   const float* a, int lda, const float* b, int ldb, const float* beta, float* c,
                   int ldc);
int cublasGemmEx(void* handle, int ta, int tb, int m, int n, int k, const void* alpha,
                 const void* a, int typeA, int lda, const void* b, int typeB, int ldb,
                 const void* beta, void* c, int typeC, int ldc, int compute, int algorithm);
}

namespace test {

inline int failures = 0;

inline void check(bool good, const std::string& what) {
  if (!good) {
    ++failures;
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
  }
}

// Ends the test on an unexpected status: nothing behind it would mean anything.
inline void need(int status, const std::string& what) {
  if (status != 0) {
    std::fprintf(stderr, "FAILED: %s returned %d (%s)\n", what.c_str(), status,
                 sim::lastFinding().c_str());
    std::exit(1);
  }
}

inline std::string readText(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "FAILED: no file %s\n", path.c_str());
    std::exit(1);
  }
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Compiled {
  int status;
  std::string log;
  std::string cubin;
  std::string ptx;
  std::vector<std::string> lowered;
};

inline Compiled compile(const std::string& source, const std::string& name,
                        std::vector<std::string> options = {},
                        const std::vector<std::string>& expressions = {}) {
  void* program = nullptr;
  need(nvrtcCreateProgram(&program, source.c_str(), name.c_str(), 0, nullptr, nullptr),
       "nvrtcCreateProgram");
  for (const std::string& e : expressions) {
    need(nvrtcAddNameExpression(program, e.c_str()), "nvrtcAddNameExpression");
  }
  if (options.empty()) options.push_back("--gpu-architecture=sm_90");
  std::vector<const char*> pointers;
  for (const std::string& o : options) pointers.push_back(o.c_str());
  Compiled result;
  result.status = nvrtcCompileProgram(program, static_cast<int>(pointers.size()), pointers.data());
  size_t size = 0;
  need(nvrtcGetProgramLogSize(program, &size), "nvrtcGetProgramLogSize");
  result.log.resize(size);
  need(nvrtcGetProgramLog(program, result.log.data()), "nvrtcGetProgramLog");
  result.log.resize(size - 1);
  if (result.status == 0) {
    need(nvrtcGetCUBINSize(program, &size), "nvrtcGetCUBINSize");
    result.cubin.resize(size);
    if (size > 0) need(nvrtcGetCUBIN(program, result.cubin.data()), "nvrtcGetCUBIN");
    need(nvrtcGetPTXSize(program, &size), "nvrtcGetPTXSize");
    result.ptx.resize(size);
    need(nvrtcGetPTX(program, result.ptx.data()), "nvrtcGetPTX");
    for (const std::string& e : expressions) {
      const char* name = nullptr;
      need(nvrtcGetLoweredName(program, e.c_str(), &name), "nvrtcGetLoweredName");
      result.lowered.push_back(name);
    }
  }
  nvrtcDestroyProgram(&program);
  return result;
}

// The image of a module for tests that launch no kernel of their own.
inline std::string emptyImage() {
  Compiled code = compile("extern \"C\" __global__ void nothing() {}", "nothing.cu");
  check(code.status == 0, code.log);
  return code.cubin;
}

// A context with one module; everything is freed at the end.
class Device {
 public:
  explicit Device(const std::string& image) {
    need(cuInit(0), "cuInit");
    need(cuCtxCreate_v2(&context_, 0, 0), "cuCtxCreate");
    need(cuModuleLoadData(&module_, image.c_str()), "cuModuleLoadData");
    sim::clearFindings();
    sim::resetCounts();
  }
  ~Device() {
    for (DevicePointer p : allocated_) cuMemFree_v2(p);
    cuCtxDestroy_v2(context_);
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  void* function(const std::string& name) {
    void* f = nullptr;
    need(cuModuleGetFunction(&f, module_, name.c_str()), "cuModuleGetFunction " + name);
    return f;
  }

  template <class T>
  DevicePointer upload(const std::vector<T>& values) {
    DevicePointer p = allocate(values.size() * sizeof(T));
    need(cuMemcpyHtoD_v2(p, values.data(), values.size() * sizeof(T)), "cuMemcpyHtoD");
    return p;
  }

  DevicePointer allocate(size_t bytes) {
    DevicePointer p = 0;
    need(cuMemAlloc_v2(&p, bytes), "cuMemAlloc");
    allocated_.push_back(p);
    return p;
  }

  template <class T>
  std::vector<T> download(DevicePointer p, size_t count) {
    std::vector<T> values(count);
    need(cuMemcpyDtoH_v2(values.data(), p, count * sizeof(T)), "cuMemcpyDtoH");
    return values;
  }

  // Launches and waits; returns the status of the wait.
  template <class... A>
  int run(const std::string& name, unsigned grid, unsigned block, unsigned shared, A... arguments) {
    void* values[] = {static_cast<void*>(&arguments)..., nullptr};
    int status =
        cuLaunchKernel(function(name), grid, 1, 1, block, 1, 1, shared, nullptr, values, nullptr);
    return status ? status : cuCtxSynchronize();
  }

  template <class... A>
  int runCooperative(const std::string& name, unsigned grid, unsigned block, unsigned shared,
                     A... arguments) {
    void* values[] = {static_cast<void*>(&arguments)..., nullptr};
    int status =
        cuLaunchCooperativeKernel(function(name), grid, 1, 1, block, 1, 1, shared, nullptr, values);
    return status ? status : cuCtxSynchronize();
  }

 private:
  void* context_ = nullptr;
  void* module_ = nullptr;
  std::vector<DevicePointer> allocated_;
};

inline int finish() {
  if (failures == 0) return 0;
  std::fprintf(stderr, "%d checks failed\n", failures);
  return 1;
}

}  // namespace test
