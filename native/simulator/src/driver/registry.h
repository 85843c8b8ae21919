// How the libraries of the simulated device show their entry points and know their handles.
#pragma once

#include <mutex>
#include <set>

#define SIM_API extern "C" __attribute__((visibility("default"))) int

namespace sim {

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
