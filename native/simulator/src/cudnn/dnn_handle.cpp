#include "dnn_handle.h"

#include <cstddef>
#include <cstdio>

#include "../driver/library.h"

extern "C" {
int cuCtxGetCurrent(void** context);
int cuStreamSynchronize(void* stream);
int cuStreamIsCapturing(void* stream, int* state);
}

namespace sim {
namespace {

std::string& lastError() {
  thread_local std::string text;
  return text;
}

}  // namespace

int refuse(int status, const char* condition) {
  lastError() = condition;
  return status;
}

int submitDnn(const DnnHandle* handle, std::function<int(bool)> body) {
  return submitLibraryWork(handle->stream, std::move(body))
             ? refuse(kDnnExecutionFailed, "the stream takes no work")
             : static_cast<int>(kDnnSuccess);
}

}  // namespace sim

using sim::DnnHandle;

extern "C" size_t cudnnGetVersion() { return 90501; }

extern "C" size_t cudnnGetMaxDeviceVersion() { return 900; }

extern "C" size_t cudnnGetCudartVersion() { return 12060; }

extern "C" void cudnnGetLastErrorString(char* message, size_t size) {
  if (message && size > 0) std::snprintf(message, size, "%s", sim::lastError().c_str());
  sim::lastError().clear();
}

extern "C" const char* cudnnGetErrorString(int status) {
  switch (status) {
    case sim::kDnnSuccess:
      return "CUDNN_STATUS_SUCCESS";
    case sim::kDnnNotInitialized:
      return "CUDNN_STATUS_NOT_INITIALIZED";
    case sim::kDnnBadParam:
      return "CUDNN_STATUS_BAD_PARAM";
    case sim::kDnnNotSupported:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case sim::kDnnExecutionFailed:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "CUDNN_UNKNOWN_STATUS";
  }
}

SIM_API cudnnCreate(DnnHandle** handle) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !handle);
  void* context = nullptr;
  bool noContext = cuCtxGetCurrent(&context) != 0 || !context;
  DNN_REFUSE_IF(sim::kDnnNotInitialized, noContext);
  *handle = sim::Registry<DnnHandle>::instance().create();
  return sim::kDnnSuccess;
}

SIM_API cudnnDestroy(DnnHandle* handle) {
  if (!handle) return sim::kDnnSuccess;
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle));
  int capturing = 0;
  cuStreamIsCapturing(handle->stream, &capturing);
  if (!capturing) cuStreamSynchronize(handle->stream);
  sim::Registry<DnnHandle>::instance().destroy(handle);
  return sim::kDnnSuccess;
}

SIM_API cudnnSetStream(DnnHandle* handle, void* stream) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle));
  handle->stream = stream;
  return sim::kDnnSuccess;
}

SIM_API cudnnGetStream(DnnHandle* handle, void** stream) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle));
  DNN_REFUSE_IF(sim::kDnnBadParam, !stream);
  *stream = handle->stream;
  return sim::kDnnSuccess;
}
