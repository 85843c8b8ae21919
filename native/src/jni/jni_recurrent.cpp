#include <new>
#include <vector>

#include "gatefold/recurrent.h"
#include "jni/jni_calls.h"

namespace {

using gatefold::engine_at;
using gatefold::pointer;

constexpr jsize kSpecWords = 44;
static_assert(sizeof(gf_recurrent_spec) == kSpecWords * sizeof(jint),
              "CpuRecurrentOp lays it out as so many ints");

/// The spec as Java gives it: the struct's words in order, floats as their bits.
gf_recurrent_spec spec_of(JNIEnv* env, jintArray words) {
  return gatefold::of_words<gf_recurrent_spec>(env, words);
}

/// Addresses of wx, wh, b, p, wr and norm of every weight set, in this order.
struct WeightPointers {
  WeightPointers(JNIEnv* env, jlongArray addresses) {
    if (addresses == nullptr) {
      return;
    }
    size_t count = static_cast<size_t>(env->GetArrayLength(addresses)) / kParts;
    std::vector<jlong> all(kParts * count);
    env->GetLongArrayRegion(addresses, 0, static_cast<jsize>(kParts * count), all.data());
    for (size_t i = 0; i < count; i++) {
      wx.push_back(pointer<float>(all[kParts * i]));
      wh.push_back(pointer<float>(all[kParts * i + 1]));
      b.push_back(pointer<float>(all[kParts * i + 2]));
      p.push_back(pointer<float>(all[kParts * i + 3]));
      wr.push_back(pointer<float>(all[kParts * i + 4]));
      norm.push_back(pointer<float>(all[kParts * i + 5]));
    }
  }

  /// Null without weights: the first may be missing where others are not.
  float* const* inputs() const { return wx.empty() ? nullptr : wx.data(); }

  static constexpr size_t kParts = 6;
  std::vector<float*> wx, wh, b, p, wr, norm;
};

/// Null for a part that is not there.
float* const* or_null(const std::vector<float*>& pointers) {
  return pointers.empty() || pointers[0] == nullptr ? nullptr : pointers.data();
}

}  // namespace

GF_JNI(jlong, recurrentPackedBytes)(JNIEnv* env, jclass, jlong engine, jintArray words) {
  gf_recurrent_spec spec = spec_of(env, words);
  return gf_recurrent_packed_bytes(engine_at(engine), &spec);
}

GF_JNI(jlong, recurrentWorkspaceBytes)(JNIEnv* env, jclass, jlong engine, jintArray words) {
  gf_recurrent_spec spec = spec_of(env, words);
  return gf_recurrent_workspace_bytes(engine_at(engine), &spec);
}

GF_JNI(jlong, recurrentReserveBytes)(JNIEnv* env, jclass, jlong engine, jintArray words) {
  gf_recurrent_spec spec = spec_of(env, words);
  return gf_recurrent_reserve_bytes(engine_at(engine), &spec);
}

GF_JNI(jint, recurrentPack)
(JNIEnv* env, jclass, jlong engine, jintArray words, jlongArray weights, jlong packed) {
  try {
    gf_recurrent_spec spec = spec_of(env, words);
    WeightPointers w(env, weights);
    return gf_recurrent_pack(engine_at(engine), &spec, w.wx.data(), w.wh.data(), w.b.data(),
                             or_null(w.p), or_null(w.wr), or_null(w.norm), pointer<void>(packed));
  } catch (const std::bad_alloc&) {
    return GF_OUT_OF_MEMORY;
  }
}

GF_JNI(jint, recurrentForward)
(JNIEnv* env, jclass, jlong engine, jintArray words, jlong packed, jlong x, jlong lengths, jlong h0,
 jlong c0, jlong y, jlong hn, jlong cn, jlong reserve, jlong workspace, jlong seed) {
  gf_recurrent_spec spec = spec_of(env, words);
  return gf_recurrent_forward(engine_at(engine), &spec, pointer<void>(packed), pointer<float>(x),
                              pointer<int32_t>(lengths), pointer<float>(h0), pointer<float>(c0),
                              pointer<float>(y), pointer<float>(hn), pointer<float>(cn),
                              pointer<void>(reserve), pointer<void>(workspace),
                              static_cast<uint64_t>(seed));
}

GF_JNI(jint, recurrentBackward)
(JNIEnv* env, jclass, jlong engine, jintArray words, jlong packed, jlong x, jlong lengths, jlong h0,
 jlong c0, jlong y, jlong dy, jlong dhn, jlong dcn, jlong dx, jlong dh0, jlong dc0,
 jlongArray gradients, jlong reserve, jlong workspace, jlong seed) {
  try {
    gf_recurrent_spec spec = spec_of(env, words);
    WeightPointers d(env, gradients);
    return gf_recurrent_backward(
        engine_at(engine), &spec, pointer<void>(packed), pointer<float>(x),
        pointer<int32_t>(lengths), pointer<float>(h0), pointer<float>(c0), pointer<float>(y),
        pointer<float>(dy), pointer<float>(dhn), pointer<float>(dcn), pointer<float>(dx),
        pointer<float>(dh0), pointer<float>(dc0), d.inputs(), or_null(d.wh), or_null(d.b),
        or_null(d.p), or_null(d.wr), or_null(d.norm), pointer<void>(reserve),
        pointer<void>(workspace), static_cast<uint64_t>(seed));
  } catch (const std::bad_alloc&) {
    return GF_OUT_OF_MEMORY;
  }
}
