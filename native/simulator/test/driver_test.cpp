// Streams, events, capture and graphs behave as the driver's do; a missing wait shows.
#include <cstring>

#include "test_support.h"

namespace {

using test::check;
using test::need;

struct Launcher {
  void* function;
  void axpy(float a, DevicePointer x, DevicePointer y, int n, void* stream) const {
    void* values[] = {&a, &x, &y, &n};
    need(cuLaunchKernel(function, static_cast<unsigned>(n + 127) / 128, 1, 1, 128, 1, 1, 0, stream,
                        values, nullptr),
         "axpy");
  }
};

void* newStream(unsigned flags = 0) {
  void* stream = nullptr;
  need(cuStreamCreate(&stream, flags), "cuStreamCreate");
  return stream;
}

void* newEvent() {
  void* event = nullptr;
  need(cuEventCreate(&event, 0), "cuEventCreate");
  return event;
}

// Copies to the device on one stream, uses the data on another: right only with the event between.
float acrossStreams(test::Device& d, const Launcher& k, bool withEvent) {
  constexpr int n = 256;
  DevicePointer x = d.upload(std::vector<float>(n, 1.0f));
  DevicePointer y = d.upload(std::vector<float>(n, 0.0f));
  void* copies = newStream(1);
  void* compute = newStream(1);
  void* event = newEvent();
  void* pinned = nullptr;
  need(cuMemAllocHost_v2(&pinned, n * sizeof(float)), "cuMemAllocHost");
  for (int i = 0; i < n; ++i) static_cast<float*>(pinned)[i] = 5.0f;
  need(cuMemcpyHtoDAsync_v2(x, pinned, n * sizeof(float), copies), "copy");
  need(cuEventRecord(event, copies), "record");
  if (withEvent) need(cuStreamWaitEvent(compute, event, 0), "wait");
  k.axpy(2.0f, x, y, n, compute);
  need(cuStreamSynchronize(compute), "synchronise");
  float result = d.download<float>(y, n)[n - 1];
  need(cuCtxSynchronize(), "synchronise all");
  need(cuEventDestroy_v2(event), "destroy event");
  need(cuStreamDestroy_v2(copies), "destroy stream");
  need(cuStreamDestroy_v2(compute), "destroy stream");
  need(cuMemFreeHost(pinned), "free pinned");
  return result;
}

size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);) ++count;
  return count;
}

// Streams that come and go, two at a time, use the stacks of those before them.
void testStacksAreUsedAgain(test::Device& d, void* reverse) {
  constexpr unsigned n = 512;
  DevicePointer x = d.upload(std::vector<float>(n, 1.0f));
  DevicePointer y = d.allocate(2 * n * sizeof(float));
  size_t after = 0;
  for (int round = 0; round < 8; ++round) {
    void* streams[] = {newStream(1), newStream(1)};
    for (int i = 0; i < 2; ++i) {
      DevicePointer out = y + static_cast<DevicePointer>(i) * n * sizeof(float);
      int count = n;
      void* values[] = {&x, &out, &count, nullptr};
      need(
          cuLaunchKernel(reverse, 1, 1, 1, n, 1, 1, n * sizeof(float), streams[i], values, nullptr),
          "reverse");
      need(cuStreamSynchronize(streams[i]), "synchronise");
    }
    for (void* stream : streams) need(cuStreamDestroy_v2(stream), "destroy stream");
    if (round == 1) after = mappings();
  }
  check(mappings() < after + n, "stacks are used again");
}

void testOrder(test::Device& d, const Launcher& k) {
  for (const char* mode : {"thread", "delayed", "inline"}) {
    sim::setOption("async", mode);
    check(acrossStreams(d, k, true) == 10.0f, std::string("event between streams, async ") + mode);
  }
  sim::setOption("async", "delayed");
  check(acrossStreams(d, k, false) == 2.0f, "a missing event shows when work is delayed");

  // The default stream and blocking streams follow each other, non-blocking ones do not.
  constexpr int n = 128;
  DevicePointer x = d.upload(std::vector<float>(n, 1.0f));
  DevicePointer y = d.upload(std::vector<float>(n, 0.0f));
  void* blocking = newStream();
  void* independent = newStream(1);
  k.axpy(1.0f, x, y, n, blocking);
  check(d.download<float>(y, 1)[0] == 1.0f, "a copy on the default stream waits for a stream");
  k.axpy(1.0f, x, y, n, independent);
  check(d.download<float>(y, 1)[0] == 1.0f, "it does not wait for a non-blocking stream");
  check(cuStreamQuery(independent) == sim::kNotReady, "query of unfinished work");
  need(cuStreamSynchronize(independent), "synchronise");
  check(d.download<float>(y, 1)[0] == 2.0f, "after synchronisation");
  check(cuStreamQuery(independent) == 0, "query of finished work");

  // Host memory read too early is still old.
  void* pinned = nullptr;
  need(cuMemAllocHost_v2(&pinned, n * sizeof(float)), "cuMemAllocHost");
  std::memset(pinned, 0, n * sizeof(float));
  need(cuMemcpyDtoHAsync_v2(pinned, y, n * sizeof(float), independent), "copy");
  check(static_cast<float*>(pinned)[0] == 0.0f, "pinned memory before synchronisation");
  need(cuStreamSynchronize(independent), "synchronise");
  check(static_cast<float*>(pinned)[0] == 2.0f, "pinned memory after synchronisation");
  // Pageable memory is read at once.
  std::vector<float> pageable(n, 7.0f);
  need(cuMemcpyHtoDAsync_v2(y, pageable.data(), n * sizeof(float), independent), "copy");
  pageable.assign(n, 8.0f);
  need(cuStreamSynchronize(independent), "synchronise");
  check(d.download<float>(y, 1)[0] == 7.0f, "pageable memory is staged");
  need(cuMemFreeHost(pinned), "free");
  sim::setOption("async", "thread");
}

void testCapture(test::Device& d, const Launcher& k) {
  constexpr int n = 128;
  DevicePointer x = d.upload(std::vector<float>(n, 1.0f));
  DevicePointer y = d.upload(std::vector<float>(n, 0.0f));
  DevicePointer z = d.upload(std::vector<float>(n, 0.0f));
  void* main = newStream();
  void* side = newStream();
  void* fork = newEvent();
  void* join = newEvent();
  for (const char* schedule : {"forward", "reverse", "random:5"}) {
    sim::setOption("schedule", schedule);
    need(cuStreamBeginCapture_v2(main, 0), "begin");
    need(cuMemsetD32Async(y, 0, n, main), "fill");
    need(cuEventRecord(fork, main), "fork");
    need(cuStreamWaitEvent(side, fork, 0), "fork");
    k.axpy(1.0f, x, y, n, main);
    k.axpy(3.0f, x, z, n, side);
    need(cuEventRecord(join, side), "join");
    need(cuStreamWaitEvent(main, join, 0), "join");
    k.axpy(10.0f, z, y, n, main);
    void* graph = nullptr;
    need(cuStreamEndCapture(main, &graph), "end");
    size_t nodes = 0;
    need(cuGraphGetNodes(graph, nullptr, &nodes), "nodes");
    check(nodes == 4, "nodes of the graph");
    void* exec = nullptr;
    need(cuGraphInstantiateWithFlags(&exec, graph, 0), "instantiate");
    need(cuGraphDestroy(graph), "destroy graph");
    need(cuMemsetD32_v2(z, 0, n), "clear");
    check(d.download<float>(y, 1)[0] == 0.0f || schedule[0] != 'f', "capture runs nothing");
    need(cuGraphLaunch(exec, main), "launch");
    need(cuGraphLaunch(exec, main), "launch");
    need(cuStreamSynchronize(main), "synchronise");
    check(d.download<float>(y, 1)[0] == 61.0f, std::string("graph's result, ") + schedule);
    need(cuGraphExecDestroy(exec), "destroy");
  }
  sim::setOption("schedule", "forward");

  // What a capture forbids.
  void* graph = nullptr;
  need(cuStreamBeginCapture_v2(main, 0), "begin");
  check(cuStreamSynchronize(main) == sim::kCaptureUnsupported, "synchronise in a capture");
  check(cuStreamEndCapture(main, &graph) == sim::kCaptureInvalidated && !graph, "invalidated");
  need(cuStreamBeginCapture_v2(main, 0), "begin");
  DevicePointer p = 0;
  check(cuMemAlloc_v2(&p, 4) == sim::kCaptureUnsupported, "allocation in a global capture");
  check(cuStreamEndCapture(main, &graph) == sim::kCaptureInvalidated, "invalidated");
  need(cuStreamBeginCapture_v2(main, 2), "begin relaxed");
  need(cuMemAlloc_v2(&p, 4), "allocation in a relaxed capture");
  need(cuStreamEndCapture(main, &graph), "end");
  need(cuGraphDestroy(graph), "destroy");
  need(cuMemFree_v2(p), "free");
  need(cuStreamBeginCapture_v2(main, 0), "begin");
  need(cuEventRecord(fork, main), "fork");
  need(cuStreamWaitEvent(side, fork, 0), "fork");
  k.axpy(1.0f, x, y, n, side);
  check(cuStreamEndCapture(main, &graph) == sim::kCaptureUnjoined, "unjoined stream");
  check(cuStreamBeginCapture_v2(nullptr, 0) == sim::kCaptureUnsupported, "default stream");
  need(cuStreamBeginCapture_v2(main, 0), "begin");
  check(cuMemsetD32Async(y, 0, n, nullptr) == sim::kCaptureImplicit, "default stream's work");
  check(cuStreamEndCapture(main, &graph) == sim::kCaptureInvalidated, "invalidated");
}

void testArguments(test::Device& d, const Launcher& k) {
  DevicePointer x = d.upload(std::vector<float>(16, 1.0f));
  float a = 1;
  int n = 16;
  void* values[] = {&a, &x, &x, &n};
  auto launch = [&](unsigned grid, unsigned block, unsigned shared, void* stream) {
    return cuLaunchKernel(k.function, grid, 1, 1, block, 1, 1, shared, stream, values, nullptr);
  };
  check(launch(0, 128, 0, nullptr) == sim::kInvalidValue, "empty grid");
  check(launch(1, 1025, 0, nullptr) == sim::kInvalidValue, "block of 1025 threads");
  check(launch(1, 128, 60000, nullptr) == sim::kInvalidValue, "shared memory over 48 KiB");
  need(cuFuncSetAttribute(k.function, 8, 60000), "raise the limit");
  check(launch(1, 16, 60000, nullptr) == 0, "shared memory below the raised limit");
  check(cuFuncSetAttribute(k.function, 8, 300000) == sim::kInvalidValue, "limit over the device's");
  int unknown = 0;
  check(launch(1, 16, 0, &unknown) == sim::kInvalidHandle, "unknown stream");
  char host[8];
  check(cuMemcpyDtoH_v2(host, x + 60, 8) == sim::kInvalidValue, "copy past the end");
  void* f = nullptr;
  void* module = nullptr;
  check(cuModuleLoadData(&module, "not an image") == sim::kInvalidImage, "bad image");
  DevicePointer p = 0;
  check(cuMemAlloc_v2(&p, size_t{1} << 50) == sim::kOutOfMemory, "too large an allocation");
  check(f == nullptr, "nothing made");
  int blocks = 0;
  need(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, k.function, 256, 0), "occupancy");
  check(blocks == 8, "2048 threads a multiprocessor");
  need(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, k.function, 256, 100000), "occupancy");
  check(blocks == 2, "228 KiB a multiprocessor");
}

void testCompilerMessages() {
  test::Compiled bad =
      test::compile("\nextern \"C\" __global__ void k(float* x) { x[0] = y; }\n", "bad.cu");
  check(bad.status == 6, "compilation error");
  check(bad.log.find("bad.cu(2): error:") != std::string::npos, bad.log);
  check(bad.log.find("1 error detected in the compilation of \"bad.cu\".") != std::string::npos,
        bad.log);
  test::Compiled header = test::compile("#include <cmath>\n", "header.cu");
  check(header.status == 6, "host headers are not there");
  test::Compiled option = test::compile("", "option.cu", {"--no-such-option"});
  check(option.status == 5, "unknown option");
  test::Compiled architecture = test::compile("", "a.cu", {"--gpu-architecture=sm_12"});
  check(architecture.status == 5, "unknown architecture");
  test::Compiled isVirtual = test::compile("extern \"C\" __global__ void k() {}", "v.cu",
                                           {"--gpu-architecture=compute_90"});
  check(isVirtual.status == 0 && isVirtual.cubin.empty() && !isVirtual.ptx.empty(),
        "no cubin of a virtual architecture");
  test::Compiled macro = test::compile(
      "#if __CUDA_ARCH__ == 860 && WIDTH == 3\nextern \"C\" __global__ void k() {}\n#else\n#error "
      "wrong\n#endif\n",
      "m.cu", {"-arch=sm_86", "-DWIDTH=3", "--fmad=false", "-lineinfo"});
  check(macro.status == 0, macro.log);
  const char* reduce =
      "extern \"C\" __global__ void k(int* x) { x[0] = __reduce_add_sync(~0u, x[0]); }";
  check(test::compile(reduce, "r.cu", {"-arch=sm_80"}).status == 0, "reductions on sm_80");
  check(test::compile(reduce, "r.cu", {"-arch=sm_75"}).status == 6, "no reductions on sm_75");
}

}  // namespace

// Copies what one device's stream writes to another: right only if its stream waits for an event
// of the first.
unsigned acrossDevices(void* contexts[2], bool withEvent) {
  DevicePointer words[2];
  void* streams[2];
  for (int i = 0; i < 2; ++i) {
    need(cuCtxSetCurrent(contexts[i]), "set current");
    need(cuMemAlloc_v2(&words[i], 1 << 10), "allocate");
    need(cuMemsetD32_v2(words[i], 1, 256), "fill");
    need(cuCtxSynchronize(), "synchronise");
    streams[i] = newStream(1);
  }
  need(cuCtxSetCurrent(contexts[0]), "set current");
  void* event = newEvent();
  need(cuMemsetD32Async(words[0], 7, 256, streams[0]), "fill");
  need(cuEventRecord(event, streams[0]), "record");
  need(cuCtxSetCurrent(contexts[1]), "set current");
  if (withEvent) need(cuStreamWaitEvent(streams[1], event, 0), "wait");
  need(cuMemcpyPeerAsync(words[1], contexts[1], words[0], contexts[0], 1 << 10, streams[1]),
       "copy");
  check(cuMemcpyPeerAsync(words[1], contexts[0], words[0], contexts[1], 1 << 10, streams[1]) ==
            sim::kInvalidValue,
        "memory of another device than its context's is refused");
  unsigned value = 0;
  need(cuStreamSynchronize(streams[1]), "synchronise");
  need(cuMemcpyDtoH_v2(&value, words[1], sizeof value), "download");
  for (int i = 0; i < 2; ++i) {
    need(cuCtxSetCurrent(contexts[i]), "set current");
    need(cuCtxSynchronize(), "synchronise");
    need(cuStreamDestroy_v2(streams[i]), "destroy stream");
    need(cuMemFree_v2(words[i]), "free");
    if (i == 0) need(cuEventDestroy_v2(event), "destroy event");
  }
  return value;
}

void testFailuresOnDemand() {
  check(sim::setOption("fail", "cuMemAlloc_v2") != "", "a failure has a status");
  check(sim::setOption("fail", "cuMemAlloc_v2:2").empty(), "set");
  DevicePointer pointer = 0;
  check(cuMemAlloc_v2(&pointer, 64) == sim::kOutOfMemory && pointer == 0, "fails once");
  need(cuMemAlloc_v2(&pointer, 64), "allocate");
  need(cuMemFree_v2(pointer), "free");
}

void testDevices() {
  int count = 0;
  int device = -1;
  need(cuDeviceGetCount(&count), "count");
  check(count == 1 && cuDeviceGet(&device, 1) == sim::kInvalidDevice, "one device by default");
  sim::setOption("devices", "2");
  sim::setOption("async", "delayed");
  need(cuDeviceGetCount(&count), "count");
  check(count == 2, "two devices");
  void* before = nullptr;
  need(cuCtxGetCurrent(&before), "current");
  void* contexts[2];
  for (int i = 0; i < 2; ++i) {
    need(cuDeviceGet(&device, i), "device");
    need(cuDevicePrimaryCtxRetain(&contexts[i], device), "retain");
    need(cuCtxSetCurrent(contexts[i]), "set current");
    need(cuCtxGetDevice(&device), "device of the context");
    check(device == i, "contexts are of their devices");
  }
  int can = 0;
  need(cuDeviceCanAccessPeer(&can, 0, 1), "can access");
  check(can == 1, "devices reach each other");
  need(cuCtxEnablePeerAccess(contexts[0], 0), "enable");
  check(cuCtxEnablePeerAccess(contexts[0], 0) == sim::kPeerAccessAlreadyEnabled, "enabled once");
  check(acrossDevices(contexts, true) == 7, "a wait for another device's event orders");
  check(acrossDevices(contexts, false) == 1, "without it the old contents are copied");
  for (int i = 0; i < 2; ++i) need(cuDevicePrimaryCtxRelease_v2(i), "release");
  need(cuCtxSetCurrent(before), "set current");
  sim::setOption("async", "thread");
  sim::setOption("devices", "1");
}

int main() {
  test::Compiled code =
      test::compile(test::readText(SIM_TEST_FOLDER "/kernels/features.cu"), "features.cu",
                    {"--gpu-architecture=sm_90", "--include-path=" SIM_COMMON_KERNELS});
  check(code.status == 0, code.log);
  if (code.status) return test::finish();
  {
    test::Device d(code.cubin);
    Launcher k{d.function("axpy")};
    testOrder(d, k);
    testStacksAreUsedAgain(d, d.function("reverse"));
    testCapture(d, k);
    testArguments(d, k);
    testDevices();
    testFailuresOnDemand();
    check(sim::findings().empty(), "no findings");
  }
  testCompilerMessages();
  return test::finish();
}
