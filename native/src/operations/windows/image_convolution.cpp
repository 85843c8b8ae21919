/// Convolutions over images [count, channels, height, width], by single steps. What the places of
/// a row see in one row of one channel stands side by side: products take it from a copy of the
/// image between zeros.
#include <cstring>

#include "engine/scratch.h"
#include "operations/gemm_call.h"
#include "operations/windows/convolution_shape.h"
#include "product/image_rows_call.h"

namespace gatefold {
namespace {

/// Numbers that places see which are made at a time: they stay in a cache of the second level.
constexpr int64_t kSeen = 64 * 1024;

/// Sums that are added up in one float where outputs fill vectors.
constexpr int64_t kMostSums = 64;

/// Places that one float sums up in the gradient of the weights.
constexpr int64_t kSummedPlaces = 1024;

/// Floats behind the last one of a copy: its vectors end somewhere.
constexpr int64_t kBehind = 64;

int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

/// As memcpy, for rows so short that its call takes longer than the copy.
void copy_row(const float* from, int64_t count, float* to) {
  constexpr int64_t kSome = 4, kLong = 64;
  if (count < kSome || count > kLong) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
    return;
  }
  for (int64_t i = 0; i < count - kSome; i += kSome) {
    std::memcpy(to + i, from + i, kSome * sizeof(float));
  }
  std::memcpy(to + count - kSome, from + count - kSome, kSome * sizeof(float));
}

/// Some rows of y of one image, and the rows of some channels that they see.
struct Rows {
  int64_t n, g, channel, channels;
  int64_t first, count;
  int64_t kept;  ///< rows of a channel in a copy

  int64_t seen(const Convolution& c) const { return c.seen_rows(count); }
  int64_t floats(const Convolution& c) const {
    return whole_lines(channels * kept * c.seen_columns() + kBehind);
  }

  /// These being as many as are gone through at a time: those of number `at`, of all images.
  Rows numbered(const Convolution& c, int64_t at) const {
    const int64_t chunks = (c.out_height + count - 1) / count;
    Rows rows = *this;
    rows.n = at / chunks / c.groups;
    rows.g = at / chunks % c.groups;
    rows.first = at % chunks * count;
    rows.count = c.out_height - rows.first < count ? c.out_height - rows.first : count;
    return rows;
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
        copy_row(plane + (first + r - c.padding_top) * c.width, inside,
                 to + (k * kept + r) * columns + left);
      }
    }
  }
};

ImageView view_of(const Convolution& c, const Rows& rows, const float* copied) {
  ImageView view{};
  view.x = copied;
  view.channels = rows.channels;
  view.plane = rows.kept * c.seen_columns();
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

/// Floats that so many numbers of 64 bits take.
int64_t floats_of(int64_t numbers) {
  return whole_lines(numbers * static_cast<int64_t>(sizeof(int64_t) / sizeof(float)));
}

ImageDepth depth_of(const Convolution& c) {
  return {c.group_channels(), c.kernel_height, c.kernel_width};
}

/// Whether vectors of outputs are full, compared to vectors of places, and sums as short as needed.
bool outputs_fill_vectors(const gf_engine* engine, const Convolution& c) {
  const int64_t lanes = engine->kernels->recurrent->lanes;
  auto filled = [lanes](int64_t count) { return (count + lanes - 1) / lanes * lanes; };
  return c.kernel() <= ImageDepth::kSummed && depth_of(c).sums() <= kMostSums &&
         4 * c.group_outputs() * filled(c.places()) >= 3 * c.places() * filled(c.group_outputs());
}

/// Calls body with chunks of at most `most` rows of outputs, and with what of x these see, copied
/// to memory of the thread that has room for `extra` floats behind it. Rows are spread over
/// threads.
template <typename Body>
int each_rows(gf_engine* engine, const Convolution& c, const float* x, int64_t most, int64_t extra,
              Body body) {
  const int64_t chunks = (c.out_height + most - 1) / most;
  const int64_t work = c.group_outputs() * c.depth() * most * c.out_width;
  const Rows largest{0, 0, 0, c.group_channels(), 0, most, c.seen_rows(most)};
  bool failed = false;
  auto some = [&](int64_t begin, int64_t end) {
    float* copied = scratch(ScratchUse::kPart, largest.floats(c) + extra);
    if (copied == nullptr) {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      return;
    }
    for (int64_t at = begin; at < end; at++) {
      const Rows rows = largest.numbered(c, at);
      rows.copy(c, x, chunks == 1 && at > begin, copied);
      body(rows, copied, copied + largest.floats(c));
    }
  };
  parallel_for(engine, c.count * c.groups * chunks, kConvolutionWork / work + 1, 1, some);
  return failed ? GF_OUT_OF_MEMORY : GF_OK;
}

/// y = the convolution, outputs filling vectors.
int convolve_rows(gf_engine* engine, const Convolution& c, const float* x, ImageWeights w,
                  const float* b, float* y) {
  const GemmKernels& kernels = *engine->kernels->gemm;
  const int64_t depth = c.depth();
  const int64_t of_group = kernels.image_weights(c.group_outputs(), depth);
  float* packed = scratch(ScratchUse::kCall, c.groups * of_group + floats_of(depth));
  if (packed == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  for (int64_t g = 0; g < c.groups; g++, w.w += c.group_outputs() * depth) {
    kernels.pack_image_weights(w, packed + g * of_group);
  }
  const int64_t most = rows_at_a_time(c, kSeen / c.group_channels());
  const int64_t kept = c.seen_rows(most);
  int64_t* offsets = reinterpret_cast<int64_t*>(packed + c.groups * of_group);
  int64_t* offset = offsets;
  w.depth.each([&](int64_t k, int64_t i, int64_t j) {
    *offset++ = (k * kept + i * c.dilation_height) * c.seen_columns() + j * c.dilation_width;
  });
  return each_rows(engine, c, x, most, 0, [&](const Rows& rows, const float* copied, float*) {
    ImageRows call{};
    call.x = copied;
    call.row_distance = c.seen_columns();
    call.depth = w.depth;
    call.offsets = offsets;
    call.dilation_height = c.dilation_height;
    call.dilation_width = c.dilation_width;
    call.top = rows.first - c.padding_top;
    call.height = c.height;
    call.padding_left = c.padding_left;
    call.width = c.width;
    call.outputs = c.group_outputs();
    call.w = packed + rows.g * of_group;
    call.bias = b == nullptr ? nullptr : b + rows.g * c.group_outputs();
    call.y = y + c.y_index(rows.n, rows.g, rows.first * c.out_width);
    call.y_distance = c.places();
    call.out_rows = rows.count;
    call.out_width = c.out_width;
    kernels.image_rows(call);
  });
}

/// y = the convolution with weights [outputs, depth].
int convolve(gf_engine* engine, const Convolution& c, const float* x, const float* w,
             const float* b, float* y) {
  const GemmKernels& kernels = *engine->kernels->gemm;
  const int64_t most = rows_at_a_time(c, kSeen / c.depth());
  const int64_t panels = kernels.gemm_scratch(most * c.out_width, c.depth());
  return each_rows(engine, c, x, most, panels, [&](const Rows& rows, float* copied, float* extra) {
    GemmCall call{};
    call.m = c.group_outputs();
    call.n = rows.count * c.out_width;
    call.k = c.depth();
    call.a = w + rows.g * c.group_outputs() * c.depth();
    call.a_distance = c.depth();
    call.c = y + c.y_index(rows.n, rows.g, rows.first * c.out_width);
    call.c_distance = c.places();
    call.row_bias = b == nullptr ? nullptr : b + rows.g * c.group_outputs();
    call.scratch = extra;
    call.packed = true;
    kernels.image_panels(view_of(c, rows, copied), call.scratch);
    kernels.gemm(call, Team{0, 1, nullptr});
  });
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

/// Some channels and outputs of the gradient of the weights of one group, and the gradient of the
/// bias of these outputs, or null.
struct WeightPart {
  int64_t g, channel, channels, output, outputs;
  float* db;
};

/// dw += the sums over all places of all images, places of a fixed number being summed up at a
/// time, and db along with them, while dy is at hand; false without memory.
bool add_part(gf_engine* engine, const Convolution& c, const WeightPart& part, const float* x,
              const float* dy, float* dw) {
  const GemmKernels& kernels = *engine->kernels->gemm;
  const int64_t most = rows_at_a_time(c, kSummedPlaces);
  const int64_t depth = part.channels * c.kernel();
  Rows rows{0, part.g, part.channel, part.channels, 0, most, c.seen_rows(most)};
  const int64_t copied_floats = rows.floats(c);
  const int64_t sums_floats = whole_lines(depth * part.outputs);
  constexpr int64_t kPointer = sizeof(const float*) / sizeof(float);
  const int64_t starts_floats = whole_lines(depth * kPointer);
  const int64_t totals_floats = floats_of(part.outputs);
  float* copied =
      scratch(ScratchUse::kPart, copied_floats + sums_floats + starts_floats + totals_floats +
                                     kernels.gemm_scratch(part.outputs, most * c.out_width));
  if (copied == nullptr) {
    return false;
  }
  float* sums = copied + copied_floats;
  const float** starts = reinterpret_cast<const float**>(sums + sums_floats);
  double* totals = reinterpret_cast<double*>(sums + sums_floats + starts_floats);
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
  call.scratch = sums + sums_floats + starts_floats + totals_floats;
  for (int64_t o = 0; o < part.outputs; o++) {
    totals[o] = 0;
  }
  for (rows.n = 0; rows.n < c.count; rows.n++) {
    for (rows.first = 0; rows.first < c.out_height; rows.first += rows.count) {
      rows.count = c.out_height - rows.first < most ? c.out_height - rows.first : most;
      rows.copy(c, x, most == c.out_height && rows.n > 0, copied);
      for (int64_t r = 0; r < depth; r++) {
        const int64_t i = r % c.kernel();
        starts[r] = copied +
                    (r / c.kernel() * rows.kept + i / c.kernel_width * c.dilation_height) *
                        c.seen_columns() +
                    i % c.kernel_width * c.dilation_width;
      }
      call.k = rows.count * c.out_width;
      call.b = dy + c.y_index(rows.n, part.g, rows.first * c.out_width) + part.output * c.places();
      call.next = most == c.out_height ? call.b + c.outputs * c.places() : nullptr;
      for (int64_t o = 0; part.db != nullptr && o < part.outputs; o++) {
        totals[o] += engine->kernels->pointwise->sum(call.k, call.b + o * c.places());
      }
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
    if (part.db != nullptr) {
      part.db[o] += static_cast<float>(totals[o]);
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
                   WeightPart part{g, 0, c.group_channels(), 0, c.group_outputs(), nullptr};
                   (by_outputs ? part.output : part.channel) = begin;
                   (by_outputs ? part.outputs : part.channels) = end - begin;
                   if (given.db != nullptr && part.channel == 0) {
                     part.db = given.db + g * c.group_outputs() + part.output;
                   }
                   if (!add_part(engine, c, part, given.x, given.dy, given.dw)) {
                     __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
                   }
                 });
  }
  return failed ? GF_OUT_OF_MEMORY : GF_OK;
}

}  // namespace

int image_forward(gf_engine* engine, const Convolution& c, const ConvolutionForward& given) {
  if (outputs_fill_vectors(engine, c)) {
    const ImageWeights w{given.w, c.group_outputs(), depth_of(c), c.depth(), c.kernel(), false};
    return convolve_rows(engine, c, given.x, w, given.b, given.y);
  }
  return convolve(engine, c, given.x, given.w, given.b, given.y);
}

namespace {

int input_gradient(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  const Convolution back = c.backward();
  if (outputs_fill_vectors(engine, back)) {
    const ImageWeights w{given.w, c.group_channels(), depth_of(back), c.kernel(), c.depth(), true};
    return convolve_rows(engine, back, given.dy, w, nullptr, given.dx);
  }
  float* flipped = scratch(ScratchUse::kCall, c.outputs * c.depth());
  if (flipped == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  flip_weights(c, given.w, flipped);
  return convolve(engine, back, given.dy, flipped, nullptr, given.dx);
}

}  // namespace

int image_backward(gf_engine* engine, const Convolution& c, const ConvolutionBackward& given) {
  const int status = given.dx == nullptr ? GF_OK : input_gradient(engine, c, given);
  return given.dw == nullptr || status != GF_OK ? status : weight_gradient(engine, c, given);
}

}  // namespace gatefold
