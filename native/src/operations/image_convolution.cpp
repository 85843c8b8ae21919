/// Convolutions over images [count, channels, height, width], by single steps. What the places of
/// a row see in one row of one channel stands side by side: products take it from a copy of the
/// image between zeros.
#include <cstring>

#include "operations/convolution_shape.h"
#include "operations/gemm_call.h"
#include "operations/scratch.h"

namespace gatefold {
namespace {

/// Numbers that places see which are made at a time: they stay in a cache of the second level.
constexpr int64_t kSeen = 64 * 1024;

/// Places that one float sums up in the gradient of the weights.
constexpr int64_t kSummedPlaces = 1024;

/// Floats behind the last one of a copy: its vectors end somewhere.
constexpr int64_t kBehind = 64;

int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

/// Some rows of y of one image, and the rows of some channels that they see.
struct Rows {
  int64_t n, g, channel, channels;
  int64_t first, count;

  int64_t seen(const Convolution& c) const { return c.seen_rows(count); }
  int64_t floats(const Convolution& c) const {
    return whole_lines(channels * seen(c) * c.seen_columns() + kBehind);
  }

  /// Copies what they see, with zeros around the image, unless these stand there already.
  void copy(const Convolution& c, const float* x, bool framed, float* to) const {
    const int64_t columns = c.seen_columns();
    const int64_t left = c.padding_left < 0         ? 0
                         : c.padding_left < columns ? c.padding_left
                                                    : columns;
    const int64_t from = c.padding_left < 0 ? -c.padding_left : 0;
    const int64_t room = columns - left;
    const int64_t some = c.width - from < room ? c.width - from : room;
    const int64_t inside = some < 0 ? 0 : some;
    const int64_t rows = seen(c);
    if (!framed) {
      std::memset(to, 0, static_cast<size_t>(floats(c)) * sizeof(float));
    }
    const int64_t top = first < c.padding_top ? c.padding_top - first : 0;
    const int64_t past = c.height + c.padding_top - first;
    const int64_t bottom = past < rows ? past : rows;
    for (int64_t k = 0; k < channels && inside > 0; k++) {
      const float* plane =
          x + (n * c.channels + g * c.group_channels() + channel + k) * c.height * c.width + from;
      for (int64_t r = top; r < bottom; r++) {
        std::memcpy(to + (k * rows + r) * columns + left,
                    plane + (first + r - c.padding_top) * c.width,
                    static_cast<size_t>(inside) * sizeof(float));
      }
    }
  }
};

ImageView view_of(const Convolution& c, const Rows& rows, const float* copied) {
  ImageView view{};
  view.x = copied;
  view.channels = rows.channels;
  view.plane = rows.seen(c) * c.seen_columns();
  view.width = c.seen_columns();
  view.kernel_height = c.kernel_height;
  view.kernel_width = c.kernel_width;
  view.dilation_height = c.dilation_height;
  view.dilation_width = c.dilation_width;
  view.out_rows = rows.count;
  view.out_width = c.out_width;
  return view;
}

int64_t rows_at_a_time(const Convolution& c, int64_t places) {
  const int64_t rows = places / c.out_width;
  return rows < 1 ? 1 : rows < c.out_height ? rows : c.out_height;
}

/// y = the convolution with weights [outputs, depth].
int convolve(gf_engine* engine, const Convolution& c, const float* x, const float* w,
             const float* b, float* y) {
  const GemmKernels& kernels = *engine->kernels->gemm;
  const int64_t most = rows_at_a_time(c, kSeen / c.depth());
  const int64_t chunks = (c.out_height + most - 1) / most;
  const int64_t work = c.group_outputs() * c.depth() * most * c.out_width;
  bool failed = false;
  auto some = [&](int64_t begin, int64_t end) {
    Rows largest{0, 0, 0, c.group_channels(), 0, most};
    float* copied = scratch(
        ScratchUse::kPart, largest.floats(c) + kernels.gemm_scratch(most * c.out_width, c.depth()));
    if (copied == nullptr) {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      return;
    }
    for (int64_t at = begin; at < end; at++) {
      Rows rows = largest;
      rows.n = at / chunks / c.groups;
      rows.g = at / chunks % c.groups;
      rows.first = at % chunks * most;
      rows.count = c.out_height - rows.first < most ? c.out_height - rows.first : most;
      rows.copy(c, x, chunks == 1 && at > begin, copied);
      GemmCall call{};
      call.m = c.group_outputs();
      call.n = rows.count * c.out_width;
      call.k = c.depth();
      call.a = w + rows.g * c.group_outputs() * c.depth();
      call.a_distance = c.depth();
      call.c = y + c.y_index(rows.n, rows.g, rows.first * c.out_width);
      call.c_distance = c.places();
      call.row_bias = b == nullptr ? nullptr : b + rows.g * c.group_outputs();
      call.scratch = copied + largest.floats(c);
      call.packed = true;
      kernels.image_panels(view_of(c, rows, copied), call.scratch);
      kernels.gemm(call, Team{0, 1, nullptr});
    }
  };
  parallel_for(engine, c.count * c.groups * chunks, kConvolutionWork / work + 1, 1, some);
  return failed ? GF_OUT_OF_MEMORY : GF_OK;
}

/// The weights of the way back: [channels of all groups][outputs of one, kernel flipped].
void flip_weights(const Convolution& c, const float* w, float* to) {
  const int64_t outputs = c.group_outputs(), channels = c.group_channels(), kernel = c.kernel();
  for (int64_t g = 0; g < c.groups; g++) {
    for (int64_t k = 0; k < channels; k++) {
      for (int64_t o = 0; o < outputs; o++) {
        const float* from = w + ((g * outputs + o) * channels + k) * kernel;
        for (int64_t i = kernel - 1; i >= 0; i--) {
          *to++ = from[i];
        }
      }
    }
  }
}

/// Some channels and outputs of the gradient of the weights of one group.
struct WeightPart {
  int64_t g, channel, channels, output, outputs;
};

/// dw += the sums over all places of all images, places of a fixed number being summed up at a
/// time; false without memory.
bool add_part(gf_engine* engine, const Convolution& c, const WeightPart& part, const float* x,
              const float* dy, float* dw) {
  const GemmKernels& kernels = *engine->kernels->gemm;
  const int64_t most = rows_at_a_time(c, kSummedPlaces);
  const int64_t depth = part.channels * c.kernel();
  Rows rows{0, part.g, part.channel, part.channels, 0, most};
  const int64_t copied_floats = rows.floats(c);
  const int64_t sums_floats = whole_lines(depth * part.outputs);
  constexpr int64_t kPointer = sizeof(const float*) / sizeof(float);
  float* copied =
      scratch(ScratchUse::kPart, copied_floats + sums_floats + whole_lines(depth * kPointer) +
                                     kernels.gemm_scratch(part.outputs, most * c.out_width));
  if (copied == nullptr) {
    return false;
  }
  float* sums = copied + copied_floats;
  const float** starts = reinterpret_cast<const float**>(sums + sums_floats);
  GemmCall call{};
  call.m = depth;
  call.n = part.outputs;
  call.rows = starts;
  call.run = c.out_width;
  call.run_distance = c.seen_columns();
  call.b_distance = c.places();
  call.b_transposed = true;
  call.c = sums;
  call.c_distance = part.outputs;
  call.scratch = sums + sums_floats + whole_lines(depth * kPointer);
  for (rows.n = 0; rows.n < c.count; rows.n++) {
    for (rows.first = 0; rows.first < c.out_height; rows.first += rows.count) {
      rows.count = c.out_height - rows.first < most ? c.out_height - rows.first : most;
      rows.copy(c, x, most == c.out_height && rows.n > 0, copied);
      for (int64_t r = 0; r < depth; r++) {
        const int64_t i = r % c.kernel();
        starts[r] = copied +
                    (r / c.kernel() * rows.seen(c) + i / c.kernel_width * c.dilation_height) *
                        c.seen_columns() +
                    i % c.kernel_width * c.dilation_width;
      }
      call.k = rows.count * c.out_width;
      call.b = dy + c.y_index(rows.n, part.g, rows.first * c.out_width) + part.output * c.places();
      kernels.gemm(call, Team{0, 1, nullptr});
      call.add = true;
    }
  }
  for (int64_t o = 0; o < part.outputs; o++) {
    float* to =
        dw + (part.g * c.group_outputs() + part.output + o) * c.depth() + part.channel * c.kernel();
    for (int64_t r = 0; r < depth; r++) {
      to[r] += sums[r * part.outputs + o];
    }
  }
  return true;
}

/// Threads share out the channels or, of few, the outputs: each has its own sums over all images.
int weight_gradient(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  constexpr int64_t kOutputs = 16;
  bool failed = false;
  const bool by_outputs = c.group_channels() < 8;
  const int64_t items = by_outputs ? c.group_outputs() : c.group_channels();
  const int64_t work = c.count * c.places() * c.group_outputs() * c.depth() / items;
  for (int64_t g = 0; g < c.groups; g++) {
    parallel_for(engine, items, kConvolutionWork / work + 1, by_outputs ? kOutputs : 1,
                 [&](int64_t begin, int64_t end) {
                   const WeightPart part =
                       by_outputs ? WeightPart{g, 0, c.group_channels(), begin, end - begin}
                                  : WeightPart{g, begin, end - begin, 0, c.group_outputs()};
                   if (!add_part(engine, c, part, given.x, given.dy, given.dw)) {
                     __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
                   }
                 });
  }
  return failed ? GF_OUT_OF_MEMORY : GF_OK;
}

}  // namespace

int image_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given) {
  return convolve(engine, c, given.x, given.w, given.b, given.y);
}

int image_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  int status = GF_OK;
  if (given.dx != nullptr) {
    float* flipped = scratch(ScratchUse::kCall, c.outputs * c.depth());
    if (flipped == nullptr) {
      return GF_OUT_OF_MEMORY;
    }
    flip_weights(c, given.w, flipped);
    status = convolve(engine, c.backward(), given.dy, flipped, nullptr, given.dx);
  }
  if (given.dw != nullptr && status == GF_OK) {
    status = weight_gradient(engine, c, given);
  }
  return status;
}

}  // namespace gatefold
