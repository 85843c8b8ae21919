#include "dnn_handle.h"

#include <cstddef>
#include <cstdio>
#include <map>

#include "../driver/library.h"

namespace sim {
namespace {

std::string& lastError() {
  thread_local std::string text;
  return text;
}

// As the real library names them.
const std::map<int, const char*>& statusNames() {
  static const auto* names = new std::map<int, const char*>{
      {0, "CUDNN_STATUS_SUCCESS"},
      {1001, "CUDNN_STATUS_NOT_INITIALIZED"},
      {1002, "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH"},
      {1003, "CUDNN_STATUS_SERIALIZATION_VERSION_MISMATCH"},
      {1004, "CUDNN_STATUS_DEPRECATED"},
      {1005, "CUDNN_STATUS_LICENSE_ERROR"},
      {1006, "CUDNN_STATUS_RUNTIME_IN_PROGRESS"},
      {1007, "CUDNN_STATUS_RUNTIME_FP_OVERFLOW"},
      {1008, "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED"},
      {2000, "CUDNN_STATUS_BAD_PARAM"},
      {2001, "CUDNN_STATUS_INVALID_VALUE"},
      {2002, "CUDNN_STATUS_BAD_PARAM_NULL_POINTER"},
      {2003, "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER"},
      {2004, "CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED"},
      {2005, "CUDNN_STATUS_BAD_PARAM_OUT_OF_BOUND"},
      {2006, "CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT"},
      {2007, "CUDNN_STATUS_BAD_PARAM_STREAM_MISMATCH"},
      {2008, "CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH"},
      {2009, "CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES"},
      {2010, "CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE"},
      {2011, "CUDNN_STATUS_BAD_PARAM_CUDA_GRAPH_MISMATCH"},
      {3000, "CUDNN_STATUS_NOT_SUPPORTED"},
      {3001, "CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN"},
      {3002, "CUDNN_STATUS_NOT_SUPPORTED_SHAPE"},
      {3003, "CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE"},
      {3004, "CUDNN_STATUS_NOT_SUPPORTED_LAYOUT"},
      {3005, "CUDNN_STATUS_NOT_SUPPORTED_INCOMPATIBLE_CUDA_DRIVER"},
      {3006, "CUDNN_STATUS_NOT_SUPPORTED_INCOMPATIBLE_CUDART"},
      {3007, "CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH"},
      {3008, "CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING"},
      {3009, "CUDNN_STATUS_NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE"},
      {3010, "CUDNN_STATUS_NOT_SUPPORTED_SHARED_MEMORY_INSUFFICIENT"},
      {3011, "CUDNN_STATUS_NOT_SUPPORTED_PADDING"},
      {3012, "CUDNN_STATUS_NOT_SUPPORTED_BAD_LAUNCH_PARAM"},
      {3013, "CUDNN_STATUS_NOT_SUPPORTED_CUDA_GRAPH_NATIVE_API"},
      {4000, "CUDNN_STATUS_INTERNAL_ERROR"},
      {4001, "CUDNN_STATUS_INTERNAL_ERROR_COMPILATION_FAILED"},
      {4002, "CUDNN_STATUS_INTERNAL_ERROR_UNEXPECTED_VALUE"},
      {4003, "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED"},
      {4004, "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"},
      {4005, "CUDNN_STATUS_INTERNAL_ERROR_BAD_LAUNCH_PARAM"},
      {4006, "CUDNN_STATUS_INTERNAL_ERROR_TEXTURE_CREATION_FAILED"},
      {5000, "CUDNN_STATUS_EXECUTION_FAILED"},
      {5001, "CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER"},
      {5002, "CUDNN_STATUS_EXECUTION_FAILED_CUBLAS"},
      {5003, "CUDNN_STATUS_EXECUTION_FAILED_CUDART"},
      {5004, "CUDNN_STATUS_EXECUTION_FAILED_CURAND"},
  };
  return *names;
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
  auto found = sim::statusNames().find(status);
  return found == sim::statusNames().end() ? "CUDNN_UNKNOWN_STATUS" : found->second;
}

// There are no parts of other versions.
SIM_API cudnnAdvVersionCheck() { return sim::kDnnSuccess; }
SIM_API cudnnCnnVersionCheck() { return sim::kDnnSuccess; }
SIM_API cudnnGraphVersionCheck() { return sim::kDnnSuccess; }
SIM_API cudnnOpsVersionCheck() { return sim::kDnnSuccess; }

SIM_API cudnnGetProperty(int type, int* value) {
  constexpr int kVersion[] = {9, 5, 1};
  DNN_REFUSE_IF(sim::kDnnBadParam, !value || type < 0 || type > 2);
  *value = kVersion[type];
  return sim::kDnnSuccess;
}

SIM_API cudnnCreate(DnnHandle** handle) {
  DNN_REFUSE_IF(sim::kDnnBadParam, !handle);
  bool noContext = !sim::hasCurrentContext();
  DNN_REFUSE_IF(sim::kDnnNotInitialized, noContext);
  *handle = sim::Registry<DnnHandle>::instance().create();
  return sim::kDnnSuccess;
}

SIM_API cudnnDestroy(DnnHandle* handle) {
  if (!handle) return sim::kDnnSuccess;
  DNN_REFUSE_IF(sim::kDnnBadParam, !sim::isLive(handle));
  sim::finishLibraryStream(handle->stream);
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
