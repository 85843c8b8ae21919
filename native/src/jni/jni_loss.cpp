#include "gatefold/loss.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

GF_JNI(jint, pointwiseLoss)
(JNIEnv*, jclass, jlong engine, jint kind, jint parts, jlong terms, jdouble first, jdouble second,
 jlong rows, jlong columns, jlong table, jlong x, jlong target, jlong weights, jlong loss,
 jlong dx) {
  return gf_pointwise_loss(engine_at(engine), kind, parts, terms, first, second, rows, columns,
                           pointer<float>(table), pointer<float>(x), pointer<float>(target),
                           pointer<float>(weights), pointer<float>(loss), pointer<float>(dx));
}

GF_JNI(jint, crossEntropy)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong columns, jlong logits, jlong labels,
 jint ignoreIndex, jfloat smoothing, jlong classWeights, jlong weights, jlong loss, jlong dlogits) {
  return gf_cross_entropy(engine_at(engine), rows, columns, pointer<float>(logits),
                          pointer<int32_t>(labels), ignoreIndex, smoothing,
                          pointer<float>(classWeights), pointer<float>(weights),
                          pointer<float>(loss), pointer<float>(dlogits));
}

GF_JNI(jint, cosineEmbeddingLoss)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong columns, jlong a, jlong b, jlong together,
 jfloat margin, jlong weights, jlong loss, jlong da, jlong db) {
  return gf_cosine_embedding_loss(engine_at(engine), rows, columns, pointer<float>(a),
                                  pointer<float>(b), pointer<float>(together), margin,
                                  pointer<float>(weights), pointer<float>(loss), pointer<float>(da),
                                  pointer<float>(db));
}
