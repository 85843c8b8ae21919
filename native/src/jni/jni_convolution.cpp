#include <cstring>

#include "gatefold/convolution.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

namespace {

static_assert(sizeof(gf_convolution) == 17 * sizeof(jint), "ConvolutionShape lays it out");

gf_convolution convolution_of(JNIEnv* env, jintArray words) {
  jint values[17];
  env->GetIntArrayRegion(words, 0, 17, values);
  gf_convolution convolution;
  std::memcpy(&convolution, values, sizeof(convolution));
  return convolution;
}

}  // namespace

GF_JNI(jint, convolutionForward)
(JNIEnv* env, jclass, jlong engine, jintArray shape, jlong x, jlong lengths, jlong w, jlong b,
 jlong y) {
  const gf_convolution convolution = convolution_of(env, shape);
  return gf_convolution_forward(engine_at(engine), &convolution, pointer<float>(x),
                                pointer<int32_t>(lengths), pointer<float>(w), pointer<float>(b),
                                pointer<float>(y));
}

GF_JNI(jint, convolutionBackward)
(JNIEnv* env, jclass, jlong engine, jintArray shape, jlong x, jlong lengths, jlong w, jlong dy,
 jlong dx, jlong dw, jlong db) {
  const gf_convolution convolution = convolution_of(env, shape);
  return gf_convolution_backward(engine_at(engine), &convolution, pointer<float>(x),
                                 pointer<int32_t>(lengths), pointer<float>(w), pointer<float>(dy),
                                 pointer<float>(dx), pointer<float>(dw), pointer<float>(db));
}
