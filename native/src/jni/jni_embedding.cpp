#include "gatefold/embedding.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

GF_JNI(jint, embeddingForward)
(JNIEnv*, jclass, jlong engine, jlong steps, jlong batch, jlong vocabulary, jlong width, jlong ids,
 jlong lengths, jlong w, jfloat maxNorm, jlong y) {
  return gf_embedding_forward(engine_at(engine), steps, batch, vocabulary, width,
                              pointer<int32_t>(ids), pointer<int32_t>(lengths), pointer<float>(w),
                              maxNorm, pointer<float>(y));
}

GF_JNI(jint, embeddingSort)
(JNIEnv*, jclass, jlong engine, jlong steps, jlong batch, jlong vocabulary, jlong paddingId,
 jlong ids, jlong lengths, jlong sorted, jlong positions) {
  return gf_embedding_sort(engine_at(engine), steps, batch, vocabulary, paddingId,
                           pointer<int32_t>(ids), pointer<int32_t>(lengths),
                           pointer<int32_t>(sorted), pointer<int32_t>(positions));
}

GF_JNI(jint, embeddingBackward)
(JNIEnv*, jclass, jlong engine, jlong count, jlong vocabulary, jlong width, jlong sorted,
 jlong positions, jlong dy, jlong dw) {
  return gf_embedding_backward(engine_at(engine), count, vocabulary, width,
                               pointer<int32_t>(sorted), pointer<int32_t>(positions),
                               pointer<float>(dy), pointer<float>(dw));
}

GF_JNI(jint, embeddingRenormalize)
(JNIEnv*, jclass, jlong engine, jlong count, jlong vocabulary, jlong width, jlong sorted,
 jfloat maxNorm, jlong w) {
  return gf_embedding_renormalize(engine_at(engine), count, vocabulary, width,
                                  pointer<int32_t>(sorted), maxNorm, pointer<float>(w));
}

GF_JNI(jint, embeddingClear)
(JNIEnv*, jclass, jlong engine, jlong count, jlong vocabulary, jlong width, jlong sorted,
 jlong dw) {
  return gf_embedding_clear(engine_at(engine), count, vocabulary, width, pointer<int32_t>(sorted),
                            pointer<float>(dw));
}
