// Allocation, copies and fills.
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "../runtime/counters.h"
#include "../runtime/detector/findings.h"
#include "../runtime/device_memory.h"
#include "api.h"

namespace sim {
namespace {

// Host memory made known by cuMemHostRegister: start and size.
std::map<uintptr_t, size_t>& registered() {
  static auto* map = new std::map<uintptr_t, size_t>;
  return *map;
}

DeviceMemory& memory() { return DeviceMemory::instance(); }

bool isDevice(uintptr_t address) {
  Allocation a;
  return memory().contains(address) && !(memory().find(address, 1, &a) && a.host);
}

bool isPinned(uintptr_t address, size_t size) {
  if (memory().contains(address)) return true;
  auto next = registered().upper_bound(address);
  if (next == registered().begin()) return false;
  --next;
  return address + size <= next->first + next->second;
}

int deviceOf(uintptr_t address, size_t size) {
  Allocation a;
  if (!memory().find(address, size, &a) || a.host) return -1;
  return static_cast<const Context*>(a.context)->device;
}

bool isAllocated(uintptr_t address, size_t size) {
  return size == 0 || memory().find(address, size, nullptr);
}

// A copy or fill that runs after its memory was freed.
int lost(const char* what, uintptr_t address) {
  bool freed;
  recordFinding(FindingKind::kUseAfterFree,
                std::string(what) + ": " + memory().describe(address, &freed));
  return kIllegalAddress;
}

int copyNow(uintptr_t to, uintptr_t from, size_t size, bool inGraph) {
  bool toDevice = memory().contains(to);
  bool fromDevice = memory().contains(from);
  if (toDevice && !isAllocated(to, size)) return lost("target of a copy", to);
  if (fromDevice && !isAllocated(from, size)) return lost("source of a copy", from);
  std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), size);
  if (toDevice && fromDevice) {
    memory().copyWritten(to, from, size);
  } else if (toDevice) {
    memory().markWritten(to, size);
  }
  CopyKind kind = CopyKind::kDeviceToHost;
  if (isDevice(to)) {
    kind = !isDevice(from)                              ? CopyKind::kHostToDevice
           : deviceOf(to, size) == deviceOf(from, size) ? CopyKind::kDeviceToDevice
                                                        : CopyKind::kPeer;
  }
  countCopy(kind, size, inGraph);
  return kSuccess;
}

// Copies without the caller's waiting, as far as the driver does so: pageable host memory is read
// before the call returns, and written before it returns.
int copyAsync(Lock& lock, Stream* stream, uintptr_t to, uintptr_t from, size_t size) {
  bool toPageable = !memory().contains(to) && !isPinned(to, size);
  bool fromPageable = !memory().contains(from) && !isPinned(from, size);
  if (fromPageable && !stream->capture) {
    auto staged = std::make_shared<std::vector<char>>(reinterpret_cast<char*>(from),
                                                      reinterpret_cast<char*>(from) + size);
    return submit(lock, stream, NodeType::kCopy, [=](bool inGraph) {
      return copyNow(to, reinterpret_cast<uintptr_t>(staged->data()), size, inGraph);
    });
  }
  int status = submit(lock, stream, NodeType::kCopy,
                      [=](bool inGraph) { return copyNow(to, from, size, inGraph); });
  if (status == kSuccess && toPageable && !stream->capture) waitForStream(lock, stream);
  return status ? status : stream->context->error;
}

int checkRanges(uintptr_t to, uintptr_t from, size_t size) {
  if (memory().contains(to) && !isAllocated(to, size)) return kInvalidValue;
  if (memory().contains(from) && !isAllocated(from, size)) return kInvalidValue;
  if (size > 0 && (to == 0 || from == 0)) return kInvalidValue;
  return kSuccess;
}

// A copy on the default stream; `waits` for those that involve host memory.
int copySync(Lock& lock, Context* context, uintptr_t to, uintptr_t from, size_t size, bool waits) {
  if (int status = refuseInCapture(context)) return status;
  if (int status = checkRanges(to, from, size)) return status;
  if (size == 0) return kSuccess;
  if (int status = copyAsync(lock, context->defaultStream, to, from, size)) return status;
  if (waits) waitForStream(lock, context->defaultStream);
  return context->error;
}

int copyOnStream(Lock& lock, Context* context, uintptr_t to, uintptr_t from, size_t size,
                 void* handle) {
  Stream* stream = findStream(context, handle);
  if (!stream) return kInvalidHandle;
  if (int status = checkRanges(to, from, size)) return status;
  if (size == 0) return kSuccess;
  return copyAsync(lock, stream, to, from, size);
}

// Each address is memory of the device that its context is of.
int copyPeer(Lock& lock, Context* context, uintptr_t to, const Context* toContext, uintptr_t from,
             const Context* fromContext, size_t size, void* handle) {
  if (!isContext(toContext) || !isContext(fromContext)) return kInvalidContext;
  if (deviceOf(to, size) != toContext->device || deviceOf(from, size) != fromContext->device) {
    return kInvalidValue;
  }
  return copyOnStream(lock, context, to, from, size, handle);
}

template <class T>
int fill(Lock& lock, Context* context, DevicePointer to, T value, size_t count, void* handle) {
  Stream* stream = findStream(context, handle);
  if (!stream) return kInvalidHandle;
  if (to % sizeof(T) != 0 || count > ~size_t{0} / sizeof(T)) return kInvalidValue;
  size_t size = count * sizeof(T);
  if (!isAllocated(to, size)) return kInvalidValue;
  if (count == 0) return kSuccess;
  return submit(lock, stream, NodeType::kFill, [=](bool inGraph) {
    if (!isAllocated(to, size)) return lost("target of a fill", to);
    auto* words = reinterpret_cast<T*>(to);
    for (size_t i = 0; i < count; ++i) words[i] = value;
    memory().markWritten(to, size);
    countCopy(CopyKind::kFill, size, inGraph);
    return static_cast<int>(kSuccess);
  });
}

template <class T>
int fillSync(Lock& lock, Context* context, DevicePointer to, T value, size_t count) {
  if (int status = refuseInCapture(context)) return status;
  return fill(lock, context, to, value, count, nullptr);
}

int allocateHost(Context* context, void** pointer, size_t size) {
  if (!pointer || size == 0) return kInvalidValue;
  if (int status = refuseInCapture(context)) return status;
  uintptr_t address = memory().allocate(size, true, context);
  if (!address) return kOutOfMemory;
  *pointer = reinterpret_cast<void*>(address);
  return kSuccess;
}

uintptr_t address(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

// CUDA_MEMCPY2D
struct Copy2D {
  size_t fromX, fromY;
  unsigned fromType;
  const void* fromHost;
  DevicePointer fromDevice;
  void* fromArray;
  size_t fromPitch;
  size_t toX, toY;
  unsigned toType;
  void* toHost;
  DevicePointer toDevice;
  void* toArray;
  size_t toPitch;
  size_t width, height;
};

int copy2D(Lock& lock, Context* context, const Copy2D* c, void* handle, bool waits) {
  enum { kHost = 1, kArray = 3 };
  Stream* stream = findStream(context, handle);
  if (!stream) return kInvalidHandle;
  if (!c || c->fromType == kArray || c->toType == kArray) return kInvalidValue;
  size_t fromPitch = c->fromPitch ? c->fromPitch : c->width;
  size_t toPitch = c->toPitch ? c->toPitch : c->width;
  if (fromPitch < c->fromX + c->width || toPitch < c->toX + c->width) return kInvalidValue;
  if (c->width == 0 || c->height == 0) return kSuccess;
  uintptr_t from = (c->fromType == kHost ? address(c->fromHost) : c->fromDevice) +
                   c->fromY * fromPitch + c->fromX;
  uintptr_t to =
      (c->toType == kHost ? address(c->toHost) : c->toDevice) + c->toY * toPitch + c->toX;
  size_t width = c->width;
  size_t height = c->height;
  if (int status = checkRanges(to, from, 1)) return status;
  if (int status =
          checkRanges(to + (height - 1) * toPitch, from + (height - 1) * fromPitch, width)) {
    return status;
  }
  int status = submit(lock, stream, NodeType::kCopy, [=](bool inGraph) {
    for (size_t row = 0; row < height; ++row) {
      if (int error = copyNow(to + row * toPitch, from + row * fromPitch, width, inGraph)) {
        return error;
      }
    }
    return static_cast<int>(kSuccess);
  });
  bool pageable = !isPinned(to, 1) || !isPinned(from, 1);
  if (status == kSuccess && (waits || pageable) && !stream->capture) waitForStream(lock, stream);
  return status ? status : context->error;
}

}  // namespace
}  // namespace sim

using sim::DevicePointer;

SIM_API cuMemAlloc_v2(DevicePointer* pointer, size_t size) {
  SIM_ENTER();
  if (!pointer || size == 0) return sim::kInvalidValue;
  if (int status = sim::refuseInCapture(context)) return status;
  uintptr_t address = sim::memory().allocate(size, false, context);
  if (!address) return sim::kOutOfMemory;
  *pointer = address;
  return sim::kSuccess;
}

SIM_API cuMemFree_v2(DevicePointer pointer) {
  SIM_ENTER();
  if (!pointer) return sim::kSuccess;
  if (int status = sim::refuseInCapture(context)) return status;
  sim::waitForContext(lock, context);
  if (context->error) return context->error;
  return sim::memory().free(pointer, false) ? sim::kSuccess : sim::kInvalidValue;
}

SIM_API cuMemAllocHost_v2(void** pointer, size_t size) {
  SIM_ENTER();
  return sim::allocateHost(context, pointer, size);
}

SIM_API cuMemHostAlloc(void** pointer, size_t size, unsigned) {
  SIM_ENTER();
  return sim::allocateHost(context, pointer, size);
}

SIM_API cuMemFreeHost(void* pointer) {
  SIM_ENTER();
  if (!pointer) return sim::kSuccess;
  if (int status = sim::refuseInCapture(context)) return status;
  sim::waitForContext(lock, context);
  if (context->error) return context->error;
  return sim::memory().free(sim::address(pointer), true) ? sim::kSuccess : sim::kInvalidValue;
}

SIM_API cuMemHostRegister_v2(void* pointer, size_t size, unsigned) {
  SIM_ENTER();
  if (!pointer || size == 0) return sim::kInvalidValue;
  if (sim::isPinned(sim::address(pointer), size)) return sim::kHostMemoryAlreadyRegistered;
  sim::registered()[sim::address(pointer)] = size;
  return sim::kSuccess;
}

SIM_API cuMemHostUnregister(void* pointer) {
  SIM_ENTER();
  sim::waitForContext(lock, context);
  return sim::registered().erase(sim::address(pointer)) ? sim::kSuccess
                                                        : sim::kHostMemoryNotRegistered;
}

SIM_API cuMemHostGetDevicePointer_v2(DevicePointer* device, void* pointer, unsigned flags) {
  SIM_ENTER();
  sim::Allocation a;
  if (flags != 0 || !sim::memory().find(sim::address(pointer), 1, &a) || !a.host) {
    return sim::kInvalidValue;
  }
  *device = sim::address(pointer);
  return sim::kSuccess;
}

SIM_API cuMemGetInfo_v2(size_t* free, size_t* total) {
  SIM_ENTER();
  *total = sim::options().memoryBytes;
  *free = *total - sim::memory().bytesInUse();
  return sim::kSuccess;
}

SIM_API cuMemGetAddressRange_v2(DevicePointer* base, size_t* size, DevicePointer pointer) {
  SIM_ENTER();
  sim::Allocation a;
  if (!sim::memory().find(pointer, 1, &a)) return sim::kNotFound;
  if (base) *base = a.address;
  if (size) *size = a.size;
  return sim::kSuccess;
}

SIM_API cuPointerGetAttribute(void* data, int attribute, DevicePointer pointer) {
  SIM_ENTER();
  sim::Allocation a;
  if (!data || !sim::memory().find(pointer, 1, &a)) return sim::kInvalidValue;
  switch (attribute) {
    case 1:  // CONTEXT
      *static_cast<const void**>(data) = a.context;
      return sim::kSuccess;
    case 2:  // MEMORY_TYPE: host 1, device 2
      *static_cast<unsigned*>(data) = a.host ? 1 : 2;
      return sim::kSuccess;
    case 3:  // DEVICE_POINTER
    case 4:  // HOST_POINTER
      if (attribute == 4 && !a.host) return sim::kInvalidValue;
      *static_cast<DevicePointer*>(data) = pointer;
      return sim::kSuccess;
    case 8:  // IS_MANAGED
      *static_cast<unsigned*>(data) = 0;
      return sim::kSuccess;
    case 9:  // DEVICE_ORDINAL
      *static_cast<int*>(data) = static_cast<const sim::Context*>(a.context)->device;
      return sim::kSuccess;
    case 11:  // RANGE_START_ADDR
      *static_cast<DevicePointer*>(data) = a.address;
      return sim::kSuccess;
    case 12:  // RANGE_SIZE
      *static_cast<size_t*>(data) = a.size;
      return sim::kSuccess;
    default:
      return sim::kNotSupported;
  }
}

SIM_API cuMemcpyHtoD_v2(DevicePointer to, const void* from, size_t size) {
  SIM_ENTER();
  if (!sim::isAllocated(to, size)) return sim::kInvalidValue;
  return sim::copySync(lock, context, to, sim::address(from), size, true);
}

SIM_API cuMemcpyDtoH_v2(void* to, DevicePointer from, size_t size) {
  SIM_ENTER();
  if (!sim::isAllocated(from, size)) return sim::kInvalidValue;
  return sim::copySync(lock, context, sim::address(to), from, size, true);
}

SIM_API cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from, size_t size) {
  SIM_ENTER();
  if (!sim::isAllocated(to, size) || !sim::isAllocated(from, size)) return sim::kInvalidValue;
  return sim::copySync(lock, context, to, from, size, false);
}

SIM_API cuMemcpy(DevicePointer to, DevicePointer from, size_t size) {
  SIM_ENTER();
  return sim::copySync(lock, context, to, from, size, true);
}

SIM_API cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, size_t size, void* stream) {
  SIM_ENTER();
  if (!sim::isAllocated(to, size)) return sim::kInvalidValue;
  return sim::copyOnStream(lock, context, to, sim::address(from), size, stream);
}

SIM_API cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, size_t size, void* stream) {
  SIM_ENTER();
  if (!sim::isAllocated(from, size)) return sim::kInvalidValue;
  return sim::copyOnStream(lock, context, sim::address(to), from, size, stream);
}

SIM_API cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t size, void* stream) {
  SIM_ENTER();
  if (!sim::isAllocated(to, size) || !sim::isAllocated(from, size)) return sim::kInvalidValue;
  return sim::copyOnStream(lock, context, to, from, size, stream);
}

SIM_API cuMemcpyAsync(DevicePointer to, DevicePointer from, size_t size, void* stream) {
  SIM_ENTER();
  return sim::copyOnStream(lock, context, to, from, size, stream);
}

SIM_API cuMemcpyPeer(DevicePointer to, sim::Context* toContext, DevicePointer from,
                     sim::Context* fromContext, size_t size) {
  SIM_ENTER();
  if (int status = sim::refuseInCapture(context)) return status;
  return sim::copyPeer(lock, context, to, toContext, from, fromContext, size, nullptr);
}

SIM_API cuMemcpyPeerAsync(DevicePointer to, sim::Context* toContext, DevicePointer from,
                          sim::Context* fromContext, size_t size, void* stream) {
  SIM_ENTER();
  return sim::copyPeer(lock, context, to, toContext, from, fromContext, size, stream);
}

SIM_API cuMemcpy2D_v2(const sim::Copy2D* copy) {
  SIM_ENTER();
  if (int status = sim::refuseInCapture(context)) return status;
  return sim::copy2D(lock, context, copy, nullptr, true);
}

SIM_API cuMemcpy2DUnaligned_v2(const sim::Copy2D* copy) {
  SIM_ENTER();
  if (int status = sim::refuseInCapture(context)) return status;
  return sim::copy2D(lock, context, copy, nullptr, true);
}

SIM_API cuMemcpy2DAsync_v2(const sim::Copy2D* copy, void* stream) {
  SIM_ENTER();
  return sim::copy2D(lock, context, copy, stream, false);
}

SIM_API cuMemsetD8_v2(DevicePointer to, unsigned char value, size_t count) {
  SIM_ENTER();
  return sim::fillSync(lock, context, to, value, count);
}

SIM_API cuMemsetD16_v2(DevicePointer to, unsigned short value, size_t count) {
  SIM_ENTER();
  return sim::fillSync(lock, context, to, value, count);
}

SIM_API cuMemsetD32_v2(DevicePointer to, unsigned value, size_t count) {
  SIM_ENTER();
  return sim::fillSync(lock, context, to, value, count);
}

SIM_API cuMemsetD8Async(DevicePointer to, unsigned char value, size_t count, void* stream) {
  SIM_ENTER();
  return sim::fill(lock, context, to, value, count, stream);
}

SIM_API cuMemsetD16Async(DevicePointer to, unsigned short value, size_t count, void* stream) {
  SIM_ENTER();
  return sim::fill(lock, context, to, value, count, stream);
}

SIM_API cuMemsetD32Async(DevicePointer to, unsigned value, size_t count, void* stream) {
  SIM_ENTER();
  return sim::fill(lock, context, to, value, count, stream);
}
