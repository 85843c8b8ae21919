#include "cublas_handle.h"

#include "../runtime/status.h"

namespace sim {

std::function<int(float*)> readScalar(const BlasHandle& handle, const std::string& name,
                                      const float* pointer) {
  if (handle.pointerMode == 0) {
    float value = *pointer;
    return [value](float* result) {
      *result = value;
      return static_cast<int>(kSuccess);
    };
  }
  return [name, pointer](float* result) {
    if (int status = checkLibraryRead(name + " (scalar)", pointer, sizeof(float))) return status;
    *result = *pointer;
    return static_cast<int>(kSuccess);
  };
}

int submitBlas(BlasHandle* handle, std::function<int(bool)> body) {
  return submitLibraryWork(handle->stream, std::move(body)) ? kBlasExecutionFailed : kBlasSuccess;
}

int checkMatrixRead(const std::string& name, const void* data, ElementType type, int rows,
                    int columns, int ld) {
  size_t size = elementSize(type);
  const auto* start = static_cast<const char*>(data);
  for (int c = 0; c < columns; ++c) {
    const char* column = start + static_cast<size_t>(c) * static_cast<size_t>(ld) * size;
    if (int status = checkLibraryRead(name, column, static_cast<size_t>(rows) * size)) {
      return status;
    }
  }
  return kSuccess;
}

int checkMatrixWrite(const std::string& name, void* data, ElementType type, int rows, int columns,
                     int ld) {
  size_t size = elementSize(type);
  auto* start = static_cast<char*>(data);
  for (int c = 0; c < columns; ++c) {
    char* column = start + static_cast<size_t>(c) * static_cast<size_t>(ld) * size;
    if (int status = checkLibraryWrite(name, column, static_cast<size_t>(rows) * size)) {
      return status;
    }
  }
  return kSuccess;
}

}  // namespace sim

using sim::BlasHandle;

SIM_API cublasCreate_v2(BlasHandle** handle) {
  if (!handle) return sim::kBlasInvalidValue;
  if (!sim::hasCurrentContext()) return sim::kBlasNotInitialized;
  *handle = sim::Registry<BlasHandle>::instance().create();
  return sim::kBlasSuccess;
}

SIM_API cublasDestroy_v2(BlasHandle* handle) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  sim::finishLibraryStream(handle->stream);
  sim::Registry<BlasHandle>::instance().destroy(handle);
  return sim::kBlasSuccess;
}

SIM_API cublasGetVersion_v2(BlasHandle*, int* version) {
  if (!version) return sim::kBlasInvalidValue;
  *version = 120601;
  return sim::kBlasSuccess;
}

SIM_API cublasGetProperty(int type, int* value) {
  constexpr int kVersion[] = {12, 6, 1};
  if (!value || type < 0 || type > 2) return sim::kBlasInvalidValue;
  *value = kVersion[type];
  return sim::kBlasSuccess;
}

SIM_API cublasSetStream_v2(BlasHandle* handle, void* stream) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  handle->stream = stream;
  // As the real library: the workspace goes back to its own.
  handle->workspace = nullptr;
  handle->workspaceBytes = 0;
  return sim::kBlasSuccess;
}

SIM_API cublasGetStream_v2(BlasHandle* handle, void** stream) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  if (!stream) return sim::kBlasInvalidValue;
  *stream = handle->stream;
  return sim::kBlasSuccess;
}

SIM_API cublasSetWorkspace_v2(BlasHandle* handle, void* workspace, size_t bytes) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  if (reinterpret_cast<size_t>(workspace) % 256 != 0) return sim::kBlasInvalidValue;
  handle->workspace = workspace;
  handle->workspaceBytes = bytes;
  return sim::kBlasSuccess;
}

SIM_API cublasSetPointerMode_v2(BlasHandle* handle, int mode) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  if (mode != 0 && mode != 1) return sim::kBlasInvalidValue;
  handle->pointerMode = mode;
  return sim::kBlasSuccess;
}

SIM_API cublasGetPointerMode_v2(BlasHandle* handle, int* mode) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  *mode = handle->pointerMode;
  return sim::kBlasSuccess;
}

SIM_API cublasSetMathMode(BlasHandle* handle, int mode) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  int basic = mode & 15;  // bit 4 disallows reduced-precision reductions, which never happen here
  if (mode < 0 || mode > 31 || basic > 3) return sim::kBlasInvalidValue;
  handle->mathMode = mode;
  return sim::kBlasSuccess;
}

SIM_API cublasGetMathMode(BlasHandle* handle, int* mode) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  *mode = handle->mathMode;
  return sim::kBlasSuccess;
}

SIM_API cublasSetAtomicsMode(BlasHandle* handle, int mode) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  handle->atomicsMode = mode;
  return sim::kBlasSuccess;
}

SIM_API cublasGetAtomicsMode(BlasHandle* handle, int* mode) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  *mode = handle->atomicsMode;
  return sim::kBlasSuccess;
}

SIM_API cublasSetSmCountTarget(BlasHandle* handle, int count) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  handle->smCountTarget = count;
  return sim::kBlasSuccess;
}

SIM_API cublasGetSmCountTarget(BlasHandle* handle, int* count) {
  if (!sim::isLive(handle)) return sim::kBlasNotInitialized;
  *count = handle->smCountTarget;
  return sim::kBlasSuccess;
}

extern "C" const char* cublasGetStatusName(int status) {
  switch (status) {
    case sim::kBlasSuccess:
      return "CUBLAS_STATUS_SUCCESS";
    case sim::kBlasNotInitialized:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case sim::kBlasInvalidValue:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case sim::kBlasExecutionFailed:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case sim::kBlasNotSupported:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}

extern "C" const char* cublasGetStatusString(int status) { return cublasGetStatusName(status); }
