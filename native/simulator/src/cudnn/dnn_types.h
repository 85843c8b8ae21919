// Numbers of cuDNN 9's interface that the simulated library uses, and how a call is refused.
#pragma once

#include "../driver/registry.h"

namespace sim {

// Values of cudnnStatus_t. A thousand is a category, as the real library's error strings say.
enum DnnStatus : int {
  kDnnSuccess = 0,
  kDnnNotInitialized = 1001,
  kDnnBadParam = 2000,
  kDnnNotSupported = 3000,
  kDnnExecutionFailed = 5000
};

// Values of cudnnDataType_t; the others exist but have no meaning for a recurrent layer.
enum DnnType { kDnnFloat = 0, kDnnDouble = 1, kDnnHalf = 2, kDnnTypes = 14 };

// Values of cudnnMathType_t.
enum DnnMath { kMathDefault = 0, kMathTensorOp = 1, kMathAllowConversion = 2, kMathFma = 3 };

// Keeps the condition for cudnnGetLastErrorString and returns `status`.
int refuse(int status, const char* condition);

}  // namespace sim

// Ends the entry point with `status` where `condition` holds; its text is what the application
// can ask for.
#define DNN_REFUSE_IF(status, condition) \
  if (condition) return sim::refuse(status, #condition)
