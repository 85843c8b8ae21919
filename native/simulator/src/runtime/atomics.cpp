// Atomic operations on global and shared memory.
#include <cstring>
#include <type_traits>

#include "../../device/simulated_abi.h"
#include "block.h"

extern "C" void sim_check_atomic(void* address, unsigned size, int write);

namespace {

template <class T>
T fromBits(unsigned long long bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

template <class T>
unsigned long long toBits(T value) {
  unsigned long long bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

template <class T>
T combine(int operation, T old, T value) {
  switch (operation) {
    case kSimAtomicAdd:
    case kSimAtomicAddRelease:
      return static_cast<T>(old + value);
    case kSimAtomicExchange:
      return value;
    case kSimAtomicMin:
      return value < old ? value : old;
    case kSimAtomicMax:
      return old < value ? value : old;
    case kSimAtomicIncrement:
      return old >= value ? T(0) : static_cast<T>(old + T(1));
    case kSimAtomicDecrement:
      return old == T(0) || old > value ? value : static_cast<T>(old - T(1));
    default:
      break;
  }
  if constexpr (std::is_integral_v<T>) {
    if (operation == kSimAtomicAnd) return static_cast<T>(old & value);
    if (operation == kSimAtomicOr) return static_cast<T>(old | value);
    if (operation == kSimAtomicXor) return static_cast<T>(old ^ value);
  }
  return old;
}

sim::Effect effect(int operation) {
  switch (operation) {
    case kSimAtomicLoad:
      return sim::Effect::kAcquire;
    case kSimAtomicStore:
      return sim::Effect::kRelease;
    case kSimAtomicAddRelease:
      return sim::Effect::kReleaseMore;
    default:
      return sim::Effect::kBoth;
  }
}

// One operation and what it does for the order of blocks, as a whole.
class Ordered {
 public:
  Ordered(void* pointer, int operation)
      : block_(sim::currentBlock()),
        address_(reinterpret_cast<uintptr_t>(pointer)),
        operation_(operation) {
    if (!block_) return;
    if (effect(operation) != sim::Effect::kAcquire) block_->linger();
    lock_ = block_->orderLock(address_);
  }
  ~Ordered() {
    if (lock_) block_->order(address_, effect(operation_));
  }
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;

 private:
  sim::Block* block_;
  uintptr_t address_;
  int operation_;
  std::unique_lock<std::mutex> lock_;
};

template <class T>
unsigned long long apply(int operation, void* address, unsigned long long valueBits,
                         unsigned long long compareBits) {
  bool read = operation == kSimAtomicLoad;
  sim_check_atomic(address, sizeof(T), !read);
  Ordered ordered(address, operation);
  auto* p = static_cast<T*>(address);
  T value = fromBits<T>(valueBits);
  T old;
  if (read) {
    __atomic_load(p, &old, __ATOMIC_ACQUIRE);
    return toBits(old);
  }
  if (operation == kSimAtomicStore) {
    __atomic_store(p, &value, __ATOMIC_RELEASE);
    return 0;
  }
  if (operation == kSimAtomicCompareExchange) {
    old = fromBits<T>(compareBits);
    __atomic_compare_exchange(p, &old, &value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return toBits(old);
  }
  __atomic_load(p, &old, __ATOMIC_RELAXED);
  T next;
  do {
    next = combine(operation, old, value);
  } while (!__atomic_compare_exchange(p, &old, &next, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  return toBits(old);
}

}  // namespace

extern "C" unsigned long long sim_atomic(int operation, int type, void* address,
                                         unsigned long long value, unsigned long long compare) {
  switch (type) {
    case kSimInt32:
      return apply<int>(operation, address, value, compare);
    case kSimUint32:
      return apply<unsigned>(operation, address, value, compare);
    case kSimInt64:
      return apply<long long>(operation, address, value, compare);
    case kSimUint64:
      return apply<unsigned long long>(operation, address, value, compare);
    case kSimFloat:
      return apply<float>(operation, address, value, compare);
    case kSimDouble:
      return apply<double>(operation, address, value, compare);
    default:
      return apply<unsigned short>(operation, address, value, compare);
  }
}
