// A whole stretch of steps of a recurrent layer in one cooperative launch: the weights are read
// once and stay in shared memory; between steps, blocks hand on nothing but operands of the next
// product.
//
// gridDim.x groups of units by gridDim.y groups of rows. A block handles `width` consecutive groups
// of FusedBlock's units, whose weights it keeps, in every gridDim.y-th group of its rows, one after
// the other. Since a row's steps need that row alone, only the blocks of one blockIdx.y wait for
// each other, after every step. Operands take turns in two buffers: what a step overwrites was read
// in the step before, which every block of these has left.
//
// Everything else a thread reads it has written itself, or nobody in this launch.
#pragma once

#include "common/recurrent/fused_step.cuh"

namespace gatefold {

// Words by which blocks wait for each other, a cache line each; zero before the launch. The first
// is not 0 once a block has given up; that of blockIdx.y counts arrivals of its blocks at the place
// behind it.
struct alignas(128) StretchWord {
  unsigned value;
  unsigned unused[31];
};

// What an alarm is raised by, as driver.Alarm is told.
constexpr unsigned kGridGaveUp = 1;
constexpr unsigned kClusterGaveUp = 2;

// Waits for others, but not for ever.
class StretchPatience {
 public:
  // alarm: in the host's memory; set to `number` before the launch ends if a block gave up.
  __device__ __forceinline__ StretchPatience(StretchWord* words, unsigned* alarm, unsigned number)
      : gave_up_(&words[0].value), alarm_(alarm), number_(number) {}

  // Waits until they have come, as `have_come` sees by a look with acquire. False, for every thread
  // of the block, if that takes longer than any step can or another block gave up for this reason:
  // the block must end. The first warp waits as a whole.
  template <class Come>
  __device__ __forceinline__ bool wait(const Come& have_come) {
    bool gave_up = false;
    if (threadIdx.x < 32) {
      unsigned long long since = 0;
      for (unsigned looks = 1; !have_come(); ++looks) {
        ptx::spin_pause();
        if (looks % kLooksBetweenTimes == 0) {
          const unsigned long long now = ptx::global_timer();
          if (since == 0) since = now;
          gave_up = now - since > kPatience || ptx::load_acquire_gpu(gave_up_) != 0;
          if (gave_up) break;
        }
      }
    }
    if (__syncthreads_or(gave_up) == 0) return true;
    if (threadIdx.x == 0 && atomicExch(gave_up_, 1u) == 0) *alarm_ = number_;
    return false;
  }

 private:
  static constexpr unsigned kLooksBetweenTimes = 256;
  static constexpr unsigned long long kPatience = 2000000000;  // nanoseconds

  unsigned* gave_up_;
  unsigned* alarm_;
  unsigned number_;
};

// Where blocks of one blockIdx.y wait for each other. Every thread of the block calls both parts,
// in turn; between them a block may do what does not depend on others.
class StretchBarrier {
 public:
  __device__ __forceinline__ StretchBarrier(StretchWord* words, unsigned* alarm)
      : patience_(words, alarm, kGridGaveUp), arrivals_(&words[1 + blockIdx.y].value) {}

  // What the block has written before is there for the others behind their wait.
  __device__ __forceinline__ void arrive() {
    __syncthreads();
    if (threadIdx.x == 0) ptx::atomic_add_release_gpu(arrivals_, 1u);
    awaited_ += gridDim.x;
  }

  // Waits until all have arrived; false as StretchPatience has it.
  __device__ __forceinline__ bool wait() {
    return patience_.wait([&] { return ptx::load_acquire_gpu(arrivals_) >= awaited_; });
  }

 private:
  StretchPatience patience_;
  unsigned* arrivals_;
  unsigned awaited_ = 0;
};

// What a launch is told beside its step's own.
struct Stretch {
  int steps;
  int width;             // groups of units of a block
  const uint4* weights;  // packed
  void* operands[2];     // forward, the first is that before step 0; backward, the second is what
                         // step 0 is given
  StretchWord* words;
  unsigned* alarm;
};

// What a block has in shared memory beside its weights. backend/cuda's PersistentSize.java counts
// on no more than is asserted here.
template <class Step>
struct StretchRoom {
  StepFrame frame;
  typename Step::Room step;

  // The frame, read once. Ends with a barrier.
  __device__ __forceinline__ const StepFrame& read(const StepFrame* from) {
    static_assert(sizeof(StretchRoom) <= (Step::kBackward ? 9 : 33) * 1024 &&
                  sizeof(StepFrame) % sizeof(unsigned) == 0);
    const auto* words = reinterpret_cast<const unsigned*>(from);
    auto* to = reinterpret_cast<unsigned*>(&frame);
    const auto count = static_cast<unsigned>(sizeof(StepFrame) / sizeof(unsigned));
    for (unsigned i = threadIdx.x; i < count; i += kTileThreads) to[i] = words[i];
    __syncthreads();
    return frame;
  }
};

// Fetches pieces to shared memory, whatever time that takes. Every thread of the block calls it; it
// ends with a barrier.
__device__ __forceinline__ void load_pieces(uint4* to, const uint4* from, int count) {
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kTileThreads) {
    ptx::cp_async_16(to + i, from + i);
  }
  ptx::cp_async_commit();
  ptx::cp_async_wait<0>();
  __syncthreads();
}

// Runs the steps of a cell, forward from 0 or backward to it.
template <class Step>
__device__ __forceinline__ void run_stretch(const Step& step, StretchRoom<Step>& shared,
                                            const Stretch& s) {
  using Block = typename Step::Block;
  extern __shared__ uint4 resident[];
  typename Step::Room& room = shared.step;
  const int first_units = static_cast<int>(blockIdx.x) * s.width;
  const int first_rows = static_cast<int>(blockIdx.y);
  const int all_units = (step.hidden + Block::kUnits - 1) / Block::kUnits;
  const int end_units = first_units + s.width < all_units ? first_units + s.width : all_units;
  const int end_rows = (step.batch + Block::kRows - 1) / Block::kRows;
  const size_t pieces = Block::pieces(step.segments());

  load_pieces(resident, s.weights + first_units * pieces,
              (end_units - first_units) * static_cast<int>(pieces));

  StretchBarrier barrier(s.words, s.alarm);
  int units = first_units, rows = first_rows, done = 0, j = Step::kBackward ? s.steps - 1 : 0;
  FusedPlace place = Block::place(units, rows, step.batch);
  auto fetched = step.fetch(room, j, place);
  for (;;) {
    // Not an array that is indexed, which would stand in local memory.
    void* const even = s.operands[0];
    void* const odd = s.operands[1];
    const bool reads_odd = Step::kBackward ? j % 2 == 0 : j % 2 != 0;
    step.run(room, fetched, j, place, resident + (units - first_units) * pieces,
             GlobalOperands<typename Step::Operand>{
                 static_cast<const uint4*>(reads_odd ? odd : even), reads_odd ? even : odd});
    if (++units == end_units) {
      units = first_units;
      rows += static_cast<int>(gridDim.y);
    }
    const bool turns = rows >= end_rows;
    if (turns) {
      if (++done == s.steps) return;
      rows = first_rows;
      j += Step::kBackward ? -1 : 1;
      barrier.arrive();
    } else {
      __syncthreads();  // the room is free
    }
    place = Block::place(units, rows, step.batch);
    fetched = step.fetch(room, j, place);
    if (turns && !barrier.wait()) return;
  }
}

}  // namespace gatefold
