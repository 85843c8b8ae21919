// The handle of the simulated cuBLAS and the checks of its entry points.
#pragma once

#include <functional>
#include <string>

#include "../driver/library.h"
#include "../driver/registry.h"
#include "matrix.h"

namespace sim {

// Values of cublasStatus_t.
enum BlasStatus : int {
  kBlasSuccess = 0,
  kBlasNotInitialized = 1,
  kBlasInvalidValue = 7,
  kBlasExecutionFailed = 13,
  kBlasNotSupported = 15
};

struct BlasHandle {
  void* stream = nullptr;
  void* workspace = nullptr;
  size_t workspaceBytes = 0;
  int pointerMode = 0;  // scalars: host 0, device 1
  int mathMode = 0;
  int atomicsMode = 0;
  int smCountTarget = 0;
};

// A scalar argument: read at once from host memory, when the work runs from device memory.
std::function<int(float*)> readScalar(const BlasHandle& handle, const std::string& name,
                                      const float* pointer);

// Puts a body that returns a driver status on the handle's stream.
int submitBlas(BlasHandle* handle, std::function<int(bool inGraph)> body);

// Checks a column-major matrix of `rows` by `columns`, column by column.
int checkMatrixRead(const std::string& name, const void* data, ElementType type, int rows,
                    int columns, int ld);
int checkMatrixWrite(const std::string& name, void* data, ElementType type, int rows, int columns,
                     int ld);

}  // namespace sim
