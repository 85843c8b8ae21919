// Four consecutive floats of a row: one 16-byte access where the row is aligned, single ones where
// not.
#pragma once

namespace gatefold {

struct Quad {
  float v[4];
};

__device__ __forceinline__ Quad as_quad(const float4& f) {
  Quad q;
  q.v[0] = f.x;
  q.v[1] = f.y;
  q.v[2] = f.z;
  q.v[3] = f.w;
  return q;
}

// Loads up to `count` floats; the rest is 0. `vector` says that p is 16-byte aligned and count
// is 4.
__device__ __forceinline__ Quad load_quad(const float* p, int count, bool vector) {
  if (vector) return as_quad(*reinterpret_cast<const float4*>(p));
  Quad q;
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = k < count ? p[k] : 0.0f;
  return q;
}

// Stores the first `count` floats.
__device__ __forceinline__ void store_quad(float* p, const Quad& q, int count, bool vector) {
  if (vector) {
    *reinterpret_cast<float4*>(p) = make_float4(q.v[0], q.v[1], q.v[2], q.v[3]);
  } else {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (k < count) p[k] = q.v[k];
    }
  }
}

__device__ __forceinline__ Quad zero_quad() {
  Quad q;
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] = 0.0f;
  return q;
}

__device__ __forceinline__ void add_quad(Quad& q, const Quad& p) {
#pragma unroll
  for (int k = 0; k < 4; ++k) q.v[k] += p.v[k];
}

}  // namespace gatefold
