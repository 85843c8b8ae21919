#include "gatefold/attention.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

namespace {

/// From queries, keys, batch, heads, size, size of values, causal.
gf_attention attention_of(JNIEnv* env, jintArray sizes, jfloat scale) {
  jint i[7];
  env->GetIntArrayRegion(sizes, 0, 7, i);
  return {i[0], i[1], i[2], i[3], i[4], i[5], i[6], scale};
}

}  // namespace

GF_JNI(jint, attentionForward)
(JNIEnv* env, jclass, jlong engine, jintArray sizes, jfloat scale, jlong q, jlong k, jlong v,
 jlong lengths, jlong p, jlong y) {
  const gf_attention attention = attention_of(env, sizes, scale);
  return gf_attention_forward(engine_at(engine), &attention, pointer<float>(q), pointer<float>(k),
                              pointer<float>(v), pointer<int32_t>(lengths), pointer<float>(p),
                              pointer<float>(y));
}

GF_JNI(jint, attentionBackward)
(JNIEnv* env, jclass, jlong engine, jintArray sizes, jfloat scale, jlong q, jlong k, jlong v,
 jlong lengths, jlong p, jlong dy, jlong dq, jlong dk, jlong dv) {
  const gf_attention attention = attention_of(env, sizes, scale);
  return gf_attention_backward(engine_at(engine), &attention, pointer<float>(q), pointer<float>(k),
                               pointer<float>(v), pointer<int32_t>(lengths), pointer<float>(p),
                               pointer<float>(dy), pointer<float>(dq), pointer<float>(dk),
                               pointer<float>(dv));
}
