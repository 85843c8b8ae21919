#include "library.h"

#include "../runtime/detector/findings.h"
#include "../runtime/device_memory.h"
#include "api.h"

extern "C" {
int cuStreamSynchronize(void* stream);
int cuStreamIsCapturing(void* stream, int* state);
}

namespace sim {
namespace {

int report(const std::string& name, bool write, uintptr_t address, bool accessible) {
  bool freed;
  std::string where = DeviceMemory::instance().describe(address, &freed);
  FindingKind kind = accessible ? FindingKind::kUninitialisedRead
                     : freed    ? FindingKind::kUseAfterFree
                                : FindingKind::kOutOfBounds;
  recordFinding(kind, name + (write ? ": write of " : ": read of ") + where);
  return findingStatus(kind);
}

}  // namespace

bool hasCurrentContext() {
  Lock lock(engineMutex());
  return isInitialised() && currentContext() != nullptr;
}

void finishLibraryStream(void* stream) {
  int capturing = 0;
  cuStreamIsCapturing(stream, &capturing);
  if (!capturing) cuStreamSynchronize(stream);
}

int submitLibraryWork(void* handle, std::function<int(bool)> body) {
  SIM_ENTER();
  Stream* stream = findStream(context, handle);
  if (!stream) return kInvalidHandle;
  return submit(lock, stream, NodeType::kKernel, std::move(body));
}

int checkLibraryRead(const std::string& name, const void* pointer, size_t size) {
  auto address = reinterpret_cast<uintptr_t>(pointer);
  uintptr_t bad;
  DeviceMemory& memory = DeviceMemory::instance();
  if ((options().checks & kCheckBounds) && !memory.isAccessible(address, size, &bad)) {
    return report(name, false, bad, false);
  }
  if ((options().checks & kCheckInitialisation) && !memory.isWritten(address, size, &bad)) {
    return report(name, false, bad, true);
  }
  return kSuccess;
}

int checkLibraryWrite(const std::string& name, void* pointer, size_t size) {
  auto address = reinterpret_cast<uintptr_t>(pointer);
  uintptr_t bad;
  DeviceMemory& memory = DeviceMemory::instance();
  if ((options().checks & kCheckBounds) && !memory.isAccessible(address, size, &bad)) {
    return report(name, true, bad, false);
  }
  memory.markWritten(address, size);
  return kSuccess;
}

}  // namespace sim
