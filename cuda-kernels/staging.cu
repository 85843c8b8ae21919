// Brings sequences, states and weights into the form in which a library works on them, and back:
// turned round, with cleared padding, in half precision, packed. Grid-stride loops over the
// elements of the result; neighbouring threads handle neighbouring elements. No shared memory.
// lengths [B], or null for T everywhere. Any block and grid size, unless noted.

#include "common/grid.cuh"
#include "common/ptx.cuh"

namespace gatefold {

// A half-precision number by its bits.
struct Half {
  unsigned short bits;
};

__device__ __forceinline__ float widened(float x) { return x; }
__device__ __forceinline__ float widened(Half x) { return ptx::float_from_f16(x.bits); }

__device__ __forceinline__ void store(float* to, float x) { *to = x; }
__device__ __forceinline__ void store(Half* to, float x) { to->bits = ptx::f16_from_float(x); }

// y [T, B, F] = x where it is data, 0 in padding; x null means zeros. With `reversed` a row's data
// stand in y from its last valid step to its first: doing it twice gives them back.
template <typename From, typename To>
__device__ __forceinline__ void stage_sequence(const From* x, const int* lengths, To* y, int steps,
                                               int batch, int features, int reversed) {
  const long long total = static_cast<long long>(steps) * batch * features;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const long long row = i / features;
    const int t = static_cast<int>(row / batch), b = static_cast<int>(row % batch);
    const int length = lengths == nullptr ? steps : lengths[b];
    float value = 0.0f;
    if (t < length && x != nullptr) {
      const int from = reversed != 0 ? length - 1 - t : t;
      value =
          widened(x[(static_cast<long long>(from) * batch + b) * features + (i - row * features)]);
    }
    store(y + i, value);
  }
}

// to [S, B, H] = from, but `empty` in rows of length 0; from or empty null means zeros.
template <typename From, typename To>
__device__ __forceinline__ void stage_states(const From* from, const float* empty,
                                             const int* lengths, To* to, int sets, int batch,
                                             int hidden) {
  const long long total = static_cast<long long>(sets) * batch * hidden;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const bool none = lengths != nullptr && lengths[i / hidden % batch] == 0;
    float value = 0.0f;
    if (none) {
      if (empty != nullptr) value = empty[i];
    } else if (from != nullptr) {
      value = widened(from[i]);
    }
    store(to + i, value);
  }
}

// A run of parameters: `count` of them from `parameters` on, and from element `place` of the
// packed space on.
struct ParameterRun {
  float* parameters;
  long long place;
  long long count;
};

}  // namespace gatefold

using namespace gatefold;

#define STAGE_SEQUENCE(kernel, From, To)                                                   \
  extern "C" __global__ void __launch_bounds__(256)                                        \
      kernel(const From* x, const int* lengths, To* y, int steps, int batch, int features, \
             int reversed) {                                                               \
    stage_sequence(x, lengths, y, steps, batch, features, reversed);                       \
  }
STAGE_SEQUENCE(stage_sequence_f32_to_f32, float, float)
STAGE_SEQUENCE(stage_sequence_f32_to_f16, float, Half)
STAGE_SEQUENCE(stage_sequence_f16_to_f32, Half, float)

#define STAGE_STATES(kernel, From, To)                                                   \
  extern "C" __global__ void __launch_bounds__(256)                                      \
      kernel(const From* from, const float* empty, const int* lengths, To* to, int sets, \
             int batch, int hidden) {                                                    \
    stage_states(from, empty, lengths, to, sets, batch, hidden);                         \
  }
STAGE_STATES(stage_states_f32_to_f32, float, float)
STAGE_STATES(stage_states_f32_to_f16, float, Half)
STAGE_STATES(stage_states_f16_to_f32, Half, float)

// Sets the padding of x [T, B, F] to 0 where it stands; reads nothing of x.
extern "C" __global__ void __launch_bounds__(256)
    zero_padding_f32(float* x, const int* __restrict__ lengths, int steps, int batch,
                     int features) {
  const long long total = static_cast<long long>(steps) * batch * features;
  for (long long i = first_element(); i < total; i += grid_size()) {
    const long long row = i / features;
    if (row / batch >= lengths[row % batch]) x[i] = 0.0f;
  }
}

// Copies runs of parameters into a packed space. Grid (any, runs): blockIdx.y names the run.
#define PACK_PARAMETERS(kernel, Number)                                           \
  extern "C" __global__ void __launch_bounds__(256)                               \
      kernel(const ParameterRun* __restrict__ runs, Number* __restrict__ space) { \
    const ParameterRun run = runs[blockIdx.y];                                    \
    for (long long i = first_element(); i < run.count; i += grid_size()) {        \
      store(space + run.place + i, run.parameters[i]);                            \
    }                                                                             \
  }
PACK_PARAMETERS(pack_parameters_f32, float)
PACK_PARAMETERS(pack_parameters_f16, Half)

// Adds what stands in a packed space onto runs of parameters: gradients. Grid as above.
#define ADD_PACKED(kernel, Number)                                                      \
  extern "C" __global__ void __launch_bounds__(256)                                     \
      kernel(const ParameterRun* __restrict__ runs, const Number* __restrict__ space) { \
    const ParameterRun run = runs[blockIdx.y];                                          \
    for (long long i = first_element(); i < run.count; i += grid_size()) {              \
      run.parameters[i] += widened(space[run.place + i]);                               \
    }                                                                                   \
  }
ADD_PACKED(add_packed_f32, float)
ADD_PACKED(add_packed_f16, Half)
