/// Convolutions over steps [steps, count, channels]. What a place sees are runs of channels in
/// several steps: products take them where they stand.
#include <cstring>

#include "engine/scratch.h"
#include "operations/gemm_call.h"
#include "operations/windows/convolution_shape.h"

namespace gatefold {
namespace {

/// Steps that one float sums up, of all rows together, in the gradient of the weights.
constexpr int64_t kSummedRows = 1024;

/// Channels of a part of that gradient.
constexpr int64_t kChannelBlock = 48;

/// All that places see: the steps of x with zeros where there are none or where they are behind the
/// lengths.
struct SeenSteps {
  const float* first;
  float* copied;
  int64_t steps;

  SeenSteps(const Convolution& c, const float* x, const int32_t* lengths)
      : first(x), copied(nullptr), steps(c.seen_rows(c.out_height)) {
    copies = c.padding_top != 0 || steps > c.height || lengths != nullptr;
  }

  bool copies;
  int64_t floats(const Convolution& c) const { return copies ? steps * c.count * c.channels : 0; }

  void fill(gf_engine* engine, const Convolution& c, const float* x, const int32_t* lengths,
            float* to) {
    if (!copies) {
      return;
    }
    first = to;
    const int64_t row = c.count * c.channels;
    parallel_for(engine, steps, kConvolutionWork / row + 1, 1, [=, &c](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const int64_t from = t - c.padding_top;
        float* at = to + t * row;
        const size_t all = static_cast<size_t>(row) * sizeof(float);
        if (from < 0 || from >= c.height) {
          std::memset(at, 0, all);
          continue;
        }
        std::memcpy(at, x + from * row, all);
        for (int64_t n = 0; lengths != nullptr && n < c.count; n++) {
          if (from >= lengths[n]) {
            std::memset(at + n * c.channels, 0, static_cast<size_t>(c.channels) * sizeof(float));
          }
        }
      }
    });
  }
};

/// Weights [groups][outputs of one][kernel][channels of one], from w or, flipped, from the w of the
/// convolution that this one leads back through.
void turn_weights(const Convolution& c, bool flipped, const float* w, float* to) {
  const int64_t outputs = c.group_outputs(), channels = c.group_channels(), kernel = c.kernel();
  for (int64_t g = 0; g < c.groups; g++) {
    for (int64_t o = 0; o < outputs; o++) {
      for (int64_t i = 0; i < kernel; i++) {
        for (int64_t k = 0; k < channels; k++) {
          *to++ = flipped ? w[((g * channels + k) * outputs + o) * kernel + kernel - 1 - i]
                          : w[((g * outputs + o) * channels + k) * kernel + i];
        }
      }
    }
  }
}

/// y = the convolution with turned weights.
int convolve(gf_engine* engine, const Convolution& c, bool flipped,
             const ConvolutionForward& given) {
  SeenSteps seen(c, given.x, given.lengths);
  const int64_t rows = c.places();
  const int64_t weights = c.outputs * c.depth();
  const int64_t copied = (seen.floats(c) + weights + 15) / 16 * 16;
  constexpr int64_t kPointer = sizeof(const float*) / sizeof(float);
  float* memory = scratch(ScratchUse::kCall, copied + rows * kPointer);
  if (memory == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  float* turned = memory + seen.floats(c);
  const float** starts = reinterpret_cast<const float**>(memory + copied);
  turn_weights(c, flipped, given.w, turned);
  seen.fill(engine, c, given.x, given.lengths, memory);
  int status = GF_OK;
  for (int64_t g = 0; g < c.groups && status == GF_OK; g++) {
    for (int64_t row = 0; row < rows; row++) {
      const int64_t step = row / c.count * c.stride_height;
      starts[row] =
          seen.first + (step * c.count + row % c.count) * c.channels + g * c.group_channels();
    }
    GemmCall call{};
    call.m = rows;
    call.n = c.group_outputs();
    call.k = c.depth();
    call.rows = starts;
    call.run = c.group_channels();
    call.run_distance = c.dilation_height * c.count * c.channels;
    call.b = turned + g * c.group_outputs() * c.depth();
    call.b_distance = c.depth();
    call.b_transposed = true;
    call.c = given.y + g * c.group_outputs();
    call.c_distance = c.outputs;
    call.bias = given.b == nullptr ? nullptr : given.b + g * c.group_outputs();
    status = run_gemm(engine, call);
  }
  return status;
}

/// A part of the gradient of the weights: some channels of one step of the kernel, of one group.
struct WeightPart {
  int64_t g, i, channel, channels;

  WeightPart(const Convolution& c, int64_t number) {
    const int64_t blocks = count(c, 1);
    g = number / (c.kernel() * blocks);
    i = number / blocks % c.kernel();
    channel = number % blocks * kChannelBlock;
    const int64_t left = c.group_channels() - channel;
    channels = left < kChannelBlock ? left : kChannelBlock;
  }

  static int64_t count(const Convolution& c, int64_t of_blocks) {
    return of_blocks * ((c.group_channels() + kChannelBlock - 1) / kChannelBlock);
  }
};

/// dw += parts [begin, end), in each of which rows of a fixed number are summed up at a time;
/// false without memory.
bool add_parts(gf_engine* engine, const Convolution& c, const float* seen, const float* dy,
               int64_t begin, int64_t end, float* dw) {
  const int64_t outputs = c.group_outputs();
  const GemmKernels& kernels = *engine->kernels->gemm;
  const int64_t part_floats = kChannelBlock * outputs;
  const int64_t sums_floats = ((end - begin) * part_floats + 15) / 16 * 16;
  float* sums =
      scratch(ScratchUse::kPart, sums_floats + kernels.gemm_scratch(outputs, kSummedRows));
  if (sums == nullptr) {
    return false;
  }
  int64_t packed = -1;
  for (int64_t row = 0; row < c.places(); row += kSummedRows) {
    packed = -1;
    const int64_t left = c.places() - row;
    for (int64_t number = begin; number < end; number++) {
      const WeightPart part(c, number);
      GemmCall call{};
      call.m = part.channels;
      call.n = outputs;
      call.k = left < kSummedRows ? left : kSummedRows;
      call.a = seen + (part.i * c.dilation_height * c.count + row) * c.channels +
               part.g * c.group_channels() + part.channel;
      call.a_distance = c.channels;
      call.a_by_columns = true;
      call.b = dy + row * c.outputs + part.g * outputs;
      call.b_distance = c.outputs;
      call.c = sums + (number - begin) * part_floats;
      call.c_distance = outputs;
      call.add = row > 0;
      call.scratch = sums + sums_floats;
      call.packed = packed == part.g;
      packed = part.g;
      kernels.gemm(call, Team{0, 1, nullptr});
    }
  }
  for (int64_t number = begin; number < end; number++) {
    const WeightPart part(c, number);
    const float* from = sums + (number - begin) * part_floats;
    for (int64_t k = 0; k < part.channels; k++) {
      for (int64_t o = 0; o < outputs; o++) {
        dw[((part.g * outputs + o) * c.group_channels() + part.channel + k) * c.kernel() +
           part.i] += from[k * outputs + o];
      }
    }
  }
  return true;
}

int weight_gradient(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  SeenSteps seen(c, given.x, given.lengths);
  float* memory = scratch(ScratchUse::kCall, seen.floats(c) + 1);
  if (memory == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  seen.fill(engine, c, given.x, given.lengths, memory);
  const int64_t parts = WeightPart::count(c, c.groups * c.kernel());
  const int64_t work = c.places() * c.outputs * c.depth() / parts;
  bool failed = false;
  parallel_for(engine, parts, kConvolutionWork / work + 1, 1, [&](int64_t begin, int64_t end) {
    if (!add_parts(engine, c, seen.first, given.dy, begin, end, given.dw)) {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    }
  });
  return failed ? GF_OUT_OF_MEMORY : GF_OK;
}

}  // namespace

int step_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given) {
  return convolve(engine, c, false, given);
}

int step_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  int status = GF_OK;
  if (given.dx != nullptr) {
    status = convolve(engine, c.backward(), true, {given.dy, nullptr, given.w, nullptr, given.dx});
    for (int64_t n = 0; given.lengths != nullptr && n < c.count; n++) {
      for (int64_t t = given.lengths[n]; t < c.height; t++) {
        std::memset(given.dx + (t * c.count + n) * c.channels, 0,
                    static_cast<size_t>(c.channels) * sizeof(float));
      }
    }
  }
  if (given.dw != nullptr && status == GF_OK) {
    status = weight_gradient(engine, c, given);
  }
  return status;
}

}  // namespace gatefold
