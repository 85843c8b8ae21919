// What kernels take that read and write whole arrays: none overlaps another.
#pragma once

namespace gatefold {

using FloatIn = const float* __restrict__;
using FloatOut = float* __restrict__;
using IntIn = const int* __restrict__;
using IntOut = int* __restrict__;

}  // namespace gatefold
