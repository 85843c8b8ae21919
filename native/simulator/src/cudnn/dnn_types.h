// Numbers of cuDNN 9's interface that the simulated library uses, and how a call is refused.
#pragma once

#include <mutex>
#include <set>
#include <string>

#define SIM_API extern "C" __attribute__((visibility("default"))) int

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

// The objects of one kind that the application holds. Handles are pointers to them, looked up
// before they are used. Thread-safe; lives as long as the process.
template <class T>
class Registry {
 public:
  T* create() {
    std::lock_guard<std::mutex> guard(mutex_);
    return *live_.insert(new T).first;
  }
  bool destroy(T* object) {
    std::lock_guard<std::mutex> guard(mutex_);
    if (live_.erase(object) == 0) return false;
    delete object;
    return true;
  }
  bool contains(const T* object) {
    std::lock_guard<std::mutex> guard(mutex_);
    return live_.count(const_cast<T*>(object)) != 0;
  }
  static Registry& instance() {
    static auto* registry = new Registry;
    return *registry;
  }

 private:
  std::mutex mutex_;
  std::set<T*> live_;
};

template <class T>
bool isLive(const T* object) {
  return Registry<T>::instance().contains(object);
}

}  // namespace sim

// Ends the entry point with `status` where `condition` holds; its text is what the application
// can ask for.
#define DNN_REFUSE_IF(status, condition) \
  if (condition) return sim::refuse(status, #condition)
