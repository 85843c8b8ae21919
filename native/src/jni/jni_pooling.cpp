#include "gatefold/pooling.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

static_assert(sizeof(gf_window_pooling) == 15 * sizeof(jint), "PoolingShape lays it out");

GF_JNI(jint, windowPoolingForward)
(JNIEnv* env, jclass, jlong engine, jintArray shape, jlong x, jlong lengths, jlong y) {
  const gf_window_pooling pooling = gatefold::of_words<gf_window_pooling>(env, shape);
  return gf_window_pooling_forward(engine_at(engine), &pooling, pointer<float>(x),
                                   pointer<int32_t>(lengths), pointer<float>(y));
}

GF_JNI(jint, windowPoolingBackward)
(JNIEnv* env, jclass, jlong engine, jintArray shape, jlong x, jlong lengths, jlong dy, jlong dx) {
  const gf_window_pooling pooling = gatefold::of_words<gf_window_pooling>(env, shape);
  return gf_window_pooling_backward(engine_at(engine), &pooling, pointer<float>(x),
                                    pointer<int32_t>(lengths), pointer<float>(dy),
                                    pointer<float>(dx));
}

GF_JNI(jint, poolForward)
(JNIEnv*, jclass, jlong engine, jint pooling, jlong steps, jlong batch, jlong features, jlong x,
 jlong lengths, jlong y) {
  return gf_pool_forward(engine_at(engine), pooling, steps, batch, features, pointer<float>(x),
                         pointer<int32_t>(lengths), pointer<float>(y));
}

GF_JNI(jint, poolBackward)
(JNIEnv*, jclass, jlong engine, jint pooling, jlong steps, jlong batch, jlong features, jlong x,
 jlong lengths, jlong dy, jlong dx) {
  return gf_pool_backward(engine_at(engine), pooling, steps, batch, features, pointer<float>(x),
                          pointer<int32_t>(lengths), pointer<float>(dy), pointer<float>(dx));
}
