#include "gatefold/norm.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

GF_JNI(jint, layerNormForward)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong width, jlong x, jlong gamma, jlong beta,
 jfloat epsilon, jlong y) {
  return gf_layer_norm_forward(engine_at(engine), rows, width, pointer<float>(x),
                               pointer<float>(gamma), pointer<float>(beta), epsilon,
                               pointer<float>(y));
}

GF_JNI(jint, layerNormBackward)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong width, jlong x, jlong gamma, jfloat epsilon,
 jlong dy, jlong dx, jlong dgamma, jlong dbeta) {
  return gf_layer_norm_backward(engine_at(engine), rows, width, pointer<float>(x),
                                pointer<float>(gamma), epsilon, pointer<float>(dy),
                                pointer<float>(dx), pointer<float>(dgamma), pointer<float>(dbeta));
}

GF_JNI(jint, batchStatistics)
(JNIEnv*, jclass, jlong engine, jlong count, jlong channels, jlong places, jlong batch, jlong x,
 jlong lengths, jfloat momentum, jlong mean, jlong variance, jlong runningMean,
 jlong runningVariance) {
  return gf_batch_statistics(engine_at(engine), count, channels, places, batch, pointer<float>(x),
                             pointer<int32_t>(lengths), momentum, pointer<float>(mean),
                             pointer<float>(variance), pointer<float>(runningMean),
                             pointer<float>(runningVariance));
}

GF_JNI(jint, batchNormForward)
(JNIEnv*, jclass, jlong engine, jlong count, jlong channels, jlong places, jlong batch, jlong x,
 jlong lengths, jlong mean, jlong variance, jlong gamma, jlong beta, jfloat epsilon, jlong y) {
  return gf_batch_norm_forward(engine_at(engine), count, channels, places, batch, pointer<float>(x),
                               pointer<int32_t>(lengths), pointer<float>(mean),
                               pointer<float>(variance), pointer<float>(gamma),
                               pointer<float>(beta), epsilon, pointer<float>(y));
}

GF_JNI(jint, batchNormBackward)
(JNIEnv*, jclass, jlong engine, jboolean ofBatch, jlong count, jlong channels, jlong places,
 jlong batch, jlong x, jlong lengths, jlong mean, jlong variance, jlong gamma, jfloat epsilon,
 jlong dy, jlong dx, jlong dgamma, jlong dbeta) {
  return gf_batch_norm_backward(engine_at(engine), ofBatch, count, channels, places, batch,
                                pointer<float>(x), pointer<int32_t>(lengths), pointer<float>(mean),
                                pointer<float>(variance), pointer<float>(gamma), epsilon,
                                pointer<float>(dy), pointer<float>(dx), pointer<float>(dgamma),
                                pointer<float>(dbeta));
}
