// What stands around the matrix products of convolutions. A place of y reads `depth` numbers of a
// group: channel by channel, kernel row by kernel row. Steps are [T, N, C], images [N, C, H, W].

#include "common/arrays.cuh"
#include "common/grid.cuh"
#include "common/reduce.cuh"

using namespace gatefold;

namespace gatefold {

// The words of org.gatefold.op.convolution.ConvolutionShape.
struct Convolution {
  int images, count, channels, height, width, outputs, out_height, out_width;
  int kernel_height, kernel_width, stride_height, stride_width;
  int dilation_height, dilation_width, padding_top, padding_left, groups;
};

__device__ __forceinline__ int depth_of(const Convolution& c) {
  return c.channels / c.groups * c.kernel_height * c.kernel_width;
}

__device__ __forceinline__ int valid_height(const Convolution& c, IntIn lengths, int n) {
  return lengths == nullptr ? c.height : lengths[n];
}

}  // namespace gatefold

// unfolded [rows, depth]: what the places from `first` on of a part of y (an image, or all steps)
// read of a group; 0 outside x and behind the lengths.
extern "C" __global__ void __launch_bounds__(256)
    convolution_unfold_f32(FloatIn x, IntIn lengths, FloatOut unfolded, Convolution c, int part,
                           int group, long long first, long long rows) {
  const int depth = depth_of(c), kernel = c.kernel_height * c.kernel_width;
  for (long long e = first_element(); e < rows * depth; e += grid_size()) {
    const long long at = first + e / depth;
    const int k = static_cast<int>(e % depth);
    const int n = c.images ? part : static_cast<int>(at % c.count);
    const int p = static_cast<int>(at / (c.images ? c.out_width : c.count));
    const int q = c.images ? static_cast<int>(at % c.out_width) : 0;
    const int channel = group * (c.channels / c.groups) + k / kernel;
    const int row =
        p * c.stride_height + k % kernel / c.kernel_width * c.dilation_height - c.padding_top;
    const int column = q * c.stride_width + k % c.kernel_width * c.dilation_width - c.padding_left;
    float value = 0.0f;
    if (row >= 0 && row < valid_height(c, lengths, n) && column >= 0 && column < c.width) {
      const long long plane = static_cast<long long>(n) * c.channels + channel;
      const long long step = static_cast<long long>(row) * c.count + n;
      value =
          x[c.images ? (plane * c.height + row) * c.width + column : step * c.channels + channel];
    }
    unfolded[e] = value;
  }
}

// Adds to dx what the places `first` to `first + rows` of a part of y give back of a group: a
// thread for each element of x of the group and part, which gathers in the order of the kernel.
extern "C" __global__ void __launch_bounds__(256)
    convolution_fold_f32(FloatIn unfolded, IntIn lengths, FloatOut dx, Convolution c, int part,
                         int group, long long first, long long rows, long long elements) {
  const int depth = depth_of(c), of_group = c.channels / c.groups;
  for (long long e = first_element(); e < elements; e += grid_size()) {
    int n, channel, row, column;
    if (c.images) {
      n = part;
      channel = static_cast<int>(e / (static_cast<long long>(c.height) * c.width));
      row = static_cast<int>(e / c.width % c.height);
      column = static_cast<int>(e % c.width);
    } else {
      channel = static_cast<int>(e % of_group);
      n = static_cast<int>(e / of_group % c.count);
      row = static_cast<int>(e / of_group / c.count);
      column = 0;
    }
    if (row >= valid_height(c, lengths, n)) continue;
    float sum = 0.0f;
    for (int i = 0; i < c.kernel_height; ++i) {
      const int down = row + c.padding_top - i * c.dilation_height;
      if (down < 0 || down % c.stride_height != 0 || down / c.stride_height >= c.out_height) {
        continue;
      }
      for (int j = 0; j < c.kernel_width; ++j) {
        const int right = column + c.padding_left - j * c.dilation_width;
        if (right < 0 || right % c.stride_width != 0 || right / c.stride_width >= c.out_width) {
          continue;
        }
        const long long p = down / c.stride_height;
        const long long at = c.images ? p * c.out_width + right / c.stride_width : p * c.count + n;
        if (at < first || at >= first + rows) continue;
        sum +=
            unfolded[(at - first) * depth + (channel * c.kernel_height + i) * c.kernel_width + j];
      }
    }
    const int all = group * of_group + channel;
    const long long plane = static_cast<long long>(n) * c.channels + all;
    const long long step = static_cast<long long>(row) * c.count + n;
    dx[c.images ? (plane * c.height + row) * c.width + column : step * c.channels + all] += sum;
  }
}

// y [N, O, places] += b [O]; total = N * O * places.
extern "C" __global__ void __launch_bounds__(256)
    add_channel_bias_f32(FloatIn b, FloatOut y, int outputs, long long places, long long total) {
  for (long long i = first_element(); i < total; i += grid_size()) y[i] += b[i / places % outputs];
}

// sums [O] += the sums of dy [N, O, places]. A block for each output.
extern "C" __global__ void __launch_bounds__(256)
    channel_sums_f32(FloatIn dy, FloatOut sums, int count, int outputs, long long places) {
  __shared__ double shared[256];
  double sum = 0.0;
  for (long long i = threadIdx.x; i < count * places; i += 256) {
    const long long n = i / places;
    sum += static_cast<double>(dy[(n * outputs + blockIdx.x) * places + i % places]);
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) sums[blockIdx.x] += static_cast<float>(sum);
}
