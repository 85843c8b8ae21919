#include "gatefold/convolution.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

static_assert(sizeof(gf_convolution) == 17 * sizeof(jint), "ConvolutionShape lays it out");

GF_JNI(jint, convolutionForward)
(JNIEnv* env, jclass, jlong engine, jintArray shape, jlong x, jlong lengths, jlong w, jlong b,
 jlong y) {
  const gf_convolution convolution = gatefold::of_words<gf_convolution>(env, shape);
  return gf_convolution_forward(engine_at(engine), &convolution, pointer<float>(x),
                                pointer<int32_t>(lengths), pointer<float>(w), pointer<float>(b),
                                pointer<float>(y));
}

GF_JNI(jint, convolutionBackward)
(JNIEnv* env, jclass, jlong engine, jintArray shape, jlong x, jlong lengths, jlong w, jlong dy,
 jlong dx, jlong dw, jlong db) {
  const gf_convolution convolution = gatefold::of_words<gf_convolution>(env, shape);
  return gf_convolution_backward(engine_at(engine), &convolution, pointer<float>(x),
                                 pointer<int32_t>(lengths), pointer<float>(w), pointer<float>(dy),
                                 pointer<float>(dx), pointer<float>(dw), pointer<float>(db));
}
