// Initialisation, the device and its contexts.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "../runtime/detector/findings.h"
#include "api.h"
#include "device_properties.h"

namespace sim {
namespace {

bool gInitialised = false;
struct Primary {
  Context* context = nullptr;
  int users = 0;
  unsigned flags = 0;
};

Primary gPrimaries[kMostDevices];
thread_local std::vector<Context*>* tStack = nullptr;

std::vector<Context*>& stack() {
  if (!tStack) tStack = new std::vector<Context*>;
  return *tStack;
}

}  // namespace

bool isInitialised() { return gInitialised; }

bool isDevice(int device) { return device >= 0 && device < options().devices; }

Context* currentContext() {
  if (stack().empty()) return nullptr;
  Context* context = stack().back();
  return isContext(context) ? context : nullptr;
}

}  // namespace sim

using sim::Context;

SIM_API cuInit(unsigned flags) {
  if (flags != 0) return sim::kInvalidValue;
  sim::Lock lock(sim::engineMutex());
  sim::gInitialised = true;
  return sim::kSuccess;
}

SIM_API cuDriverGetVersion(int* version) {
  if (!version) return sim::kInvalidValue;
  *version = 13000;
  return sim::kSuccess;
}

SIM_API cuDeviceGetCount(int* count) {
  SIM_ENTER_DEVICE();
  *count = sim::options().devices;
  return sim::kSuccess;
}

SIM_API cuDeviceGet(int* device, int ordinal) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(ordinal)) return sim::kInvalidDevice;
  *device = ordinal;
  return sim::kSuccess;
}

SIM_API cuDeviceGetName(char* name, int length, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  if (length > 0) {
    std::snprintf(name, static_cast<size_t>(length), "Gatefold simulated device (sm_%d%d)",
                  sim::options().capabilityMajor, sim::options().capabilityMinor);
  }
  return sim::kSuccess;
}

SIM_API cuDeviceTotalMem_v2(size_t* bytes, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  *bytes = sim::options().memoryBytes;
  return sim::kSuccess;
}

SIM_API cuDeviceComputeCapability(int* major, int* minor, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  *major = sim::options().capabilityMajor;
  *minor = sim::options().capabilityMinor;
  return sim::kSuccess;
}

SIM_API cuDeviceGetUuid(void* uuid, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  char text[17];
  std::snprintf(text, sizeof text, "gatefoldsimul%03d", device);
  std::memcpy(uuid, device == 0 ? "gatefoldsimulate" : text, 16);
  return sim::kSuccess;
}

SIM_API cuDeviceGetPCIBusId(char* text, int length, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  std::snprintf(text, static_cast<size_t>(length), "0000:%02x:00.0", static_cast<unsigned>(device));
  return sim::kSuccess;
}

SIM_API cuDeviceGetAttribute(int* value, int attribute, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  if (!value || attribute <= 0 || attribute > sim::kLastDeviceAttribute) {
    return sim::kInvalidValue;
  }
  *value = sim::deviceAttribute(attribute);
  return sim::kSuccess;
}

SIM_API cuDevicePrimaryCtxRetain(Context** context, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  sim::Primary& primary = sim::gPrimaries[device];
  if (!primary.context) primary.context = sim::createContext(device);
  primary.context->flags = primary.flags;
  ++primary.users;
  *context = primary.context;
  return sim::kSuccess;
}

static void destroyPrimary(sim::Lock& lock, int device) {
  sim::Primary& primary = sim::gPrimaries[device];
  Context* context = primary.context;
  primary.context = nullptr;
  primary.users = 0;
  if (context) sim::destroyContext(lock, context);
}

SIM_API cuDevicePrimaryCtxRelease_v2(int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  sim::Primary& primary = sim::gPrimaries[device];
  if (primary.users == 0) return sim::kInvalidContext;
  if (--primary.users == 0) destroyPrimary(lock, device);
  return sim::kSuccess;
}

SIM_API cuDevicePrimaryCtxReset_v2(int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  destroyPrimary(lock, device);
  return sim::kSuccess;
}

SIM_API cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  *flags = sim::gPrimaries[device].flags;
  *active = sim::gPrimaries[device].context != nullptr;
  return sim::kSuccess;
}

SIM_API cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  sim::gPrimaries[device].flags = flags;
  return sim::kSuccess;
}

SIM_API cuCtxCreate_v2(Context** context, unsigned flags, int device) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device)) return sim::kInvalidDevice;
  *context = sim::createContext(device);
  (*context)->flags = flags;
  sim::stack().push_back(*context);
  return sim::kSuccess;
}

SIM_API cuCtxDestroy_v2(Context* context) {
  SIM_ENTER_DEVICE();
  if (!sim::isContext(context)) return sim::kInvalidContext;
  if (context == sim::gPrimaries[context->device].context) return sim::kInvalidContext;
  auto& stack = sim::stack();
  if (!stack.empty() && stack.back() == context) stack.pop_back();
  sim::destroyContext(lock, context);
  return sim::kSuccess;
}

SIM_API cuCtxSetCurrent(Context* context) {
  SIM_ENTER_DEVICE();
  auto& stack = sim::stack();
  if (!context) {
    if (!stack.empty()) stack.pop_back();
    return sim::kSuccess;
  }
  if (!sim::isContext(context)) return sim::kInvalidContext;
  if (stack.empty()) {
    stack.push_back(context);
  } else {
    stack.back() = context;
  }
  return sim::kSuccess;
}

SIM_API cuCtxPushCurrent_v2(Context* context) {
  SIM_ENTER_DEVICE();
  if (!sim::isContext(context)) return sim::kInvalidContext;
  sim::stack().push_back(context);
  return sim::kSuccess;
}

SIM_API cuCtxPopCurrent_v2(Context** context) {
  SIM_ENTER_DEVICE();
  auto& stack = sim::stack();
  if (stack.empty()) return sim::kInvalidContext;
  if (context) *context = stack.back();
  stack.pop_back();
  return sim::kSuccess;
}

SIM_API cuCtxGetCurrent(Context** context) {
  SIM_ENTER_DEVICE();
  *context = sim::currentContext();
  return sim::kSuccess;
}

SIM_API cuCtxGetDevice(int* device) {
  SIM_ENTER();
  *device = context->device;
  return sim::kSuccess;
}

SIM_API cuCtxGetFlags(unsigned* flags) {
  SIM_ENTER();
  *flags = context->flags;
  return sim::kSuccess;
}

SIM_API cuCtxGetId(Context* of, unsigned long long* id) {
  SIM_ENTER();
  if (of && !sim::isContext(of)) return sim::kInvalidContext;
  *id = (of ? of : context)->id;
  return sim::kSuccess;
}

SIM_API cuCtxGetApiVersion(Context* of, unsigned* version) {
  SIM_ENTER();
  if (of && !sim::isContext(of)) return sim::kInvalidContext;
  *version = 13000;
  return sim::kSuccess;
}

SIM_API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  SIM_ENTER();
  if (least) *least = 0;
  if (greatest) *greatest = -5;
  return sim::kSuccess;
}

SIM_API cuDeviceCanAccessPeer(int* can, int device, int peer) {
  SIM_ENTER_DEVICE();
  if (!sim::isDevice(device) || !sim::isDevice(peer)) return sim::kInvalidDevice;
  *can = device != peer;
  return sim::kSuccess;
}

SIM_API cuCtxEnablePeerAccess(Context* peer, unsigned flags) {
  SIM_ENTER();
  if (flags != 0) return sim::kInvalidValue;
  if (!sim::isContext(peer)) return sim::kInvalidContext;
  if (peer->device == context->device) return sim::kInvalidDevice;
  return context->peers.insert(peer->id).second ? sim::kSuccess : sim::kPeerAccessAlreadyEnabled;
}

SIM_API cuCtxDisablePeerAccess(Context* peer) {
  SIM_ENTER();
  if (!sim::isContext(peer)) return sim::kInvalidContext;
  return context->peers.erase(peer->id) ? sim::kSuccess : sim::kPeerAccessNotEnabled;
}

SIM_API cuCtxSynchronize() {
  SIM_ENTER();
  if (int status = sim::refuseInCapture(context)) return status;
  sim::waitForContext(lock, context);
  return context->error;
}

SIM_API cuGetErrorName(int status, const char** name) {
  *name = sim::statusName(status);
  return *name ? sim::kSuccess : sim::kInvalidValue;
}

// Behind a launch error stands what the detectors found.
SIM_API cuGetErrorString(int status, const char** text) {
  *text = sim::statusDescription(status);
  if (!*text) return sim::kInvalidValue;
  bool ofLaunch = status == sim::kIllegalAddress || status == sim::kLaunchTimeout ||
                  status == sim::kAssert || status == sim::kMisalignedAddress ||
                  status == sim::kLaunchFailed;
  std::string finding = ofLaunch ? sim::lastFinding() : "";
  if (!finding.empty()) {
    thread_local std::string* buffer = nullptr;
    if (!buffer) buffer = new std::string;
    *buffer = std::string(*text) + " (" + finding + ")";
    *text = buffer->c_str();
  }
  return sim::kSuccess;
}
