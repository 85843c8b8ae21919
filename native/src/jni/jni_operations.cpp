#include <cstring>

#include "gatefold/elementwise.h"
#include "gatefold/linear.h"
#include "gatefold/optimizer.h"
#include "gatefold/sequence.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

GF_JNI(jint, linearForward)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong inputs, jlong outputs, jlong x, jlong w, jlong b,
 jlong y) {
  return gf_linear_forward(engine_at(engine), rows, inputs, outputs, pointer<float>(x),
                           pointer<float>(w), pointer<float>(b), pointer<float>(y));
}

GF_JNI(jint, linearBackward)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong inputs, jlong outputs, jlong x, jlong w, jlong dy,
 jlong dx, jlong dw, jlong db) {
  return gf_linear_backward(engine_at(engine), rows, inputs, outputs, pointer<float>(x),
                            pointer<float>(w), pointer<float>(dy), pointer<float>(dx),
                            pointer<float>(dw), pointer<float>(db));
}

GF_JNI(jint, activationForward)
(JNIEnv*, jclass, jlong engine, jint kind, jfloat alpha, jfloat beta, jlong count, jlong x,
 jlong y) {
  return gf_activation_forward(engine_at(engine), kind, alpha, beta, count, pointer<float>(x),
                               pointer<float>(y));
}

GF_JNI(jint, activationBackward)
(JNIEnv*, jclass, jlong engine, jint kind, jfloat alpha, jfloat beta, jlong count, jlong x, jlong y,
 jlong dy, jlong dx) {
  return gf_activation_backward(engine_at(engine), kind, alpha, beta, count, pointer<float>(x),
                                pointer<float>(y), pointer<float>(dy), pointer<float>(dx));
}

GF_JNI(jint, binary)
(JNIEnv*, jclass, jlong engine, jint kind, jlong count, jlong a, jlong b, jlong y) {
  return gf_binary_apply(engine_at(engine), kind, count, pointer<float>(a), pointer<float>(b),
                         pointer<float>(y));
}

GF_JNI(jint, scale)
(JNIEnv*, jclass, jlong engine, jlong count, jfloat alpha, jlong x, jlong y) {
  return gf_scale(engine_at(engine), count, alpha, pointer<float>(x), pointer<float>(y));
}

GF_JNI(jint, scaledAdd)
(JNIEnv*, jclass, jlong engine, jlong count, jfloat alpha, jlong x, jlong y) {
  return gf_scaled_add(engine_at(engine), count, alpha, pointer<float>(x), pointer<float>(y));
}

GF_JNI(jint, dropout)
(JNIEnv*, jclass, jlong engine, jlong count, jfloat p, jlong seed, jint stream, jlong x, jlong y) {
  return gf_dropout(engine_at(engine), count, p, static_cast<uint64_t>(seed),
                    static_cast<uint32_t>(stream), pointer<float>(x), pointer<float>(y));
}

GF_JNI(jint, softmaxForward)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong columns, jboolean logarithm, jlong x, jlong y) {
  return gf_softmax_forward(engine_at(engine), rows, columns, logarithm, pointer<float>(x),
                            pointer<float>(y));
}

GF_JNI(jint, softmaxBackward)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong columns, jboolean logarithm, jlong y, jlong dy,
 jlong dx) {
  return gf_softmax_backward(engine_at(engine), rows, columns, logarithm, pointer<float>(y),
                             pointer<float>(dy), pointer<float>(dx));
}

GF_JNI(jint, gradientNorm)
(JNIEnv*, jclass, jlong engine, jlong gradient, jlong segments, jlong segment, jfloat maxNorm,
 jfloat lossScale, jlong requiredCount, jlong required, jlong squares, jlong result) {
  return gf_gradient_norm(engine_at(engine), pointer<float>(gradient), segments,
                          pointer<gf_segment>(segment), maxNorm, lossScale, requiredCount,
                          pointer<float>(required), pointer<float>(squares),
                          pointer<float>(result));
}

GF_JNI(jint, clipValue)(JNIEnv*, jclass, jlong engine, jlong count, jfloat limit, jlong gradient) {
  return gf_clip_value(engine_at(engine), count, limit, pointer<float>(gradient));
}

GF_JNI(jint, gradientNoise)
(JNIEnv*, jclass, jlong engine, jlong segments, jlong segment, jfloat deviation, jlong key,
 jlong scale, jlong gradient) {
  return gf_gradient_noise(engine_at(engine), segments, pointer<gf_segment>(segment), deviation,
                           static_cast<uint64_t>(key), pointer<float>(scale),
                           pointer<float>(gradient));
}

static_assert(sizeof(gf_segment) == 24, "NativeLibrary lays it out as 6 words");

GF_JNI(jint, optimizerStep)
(JNIEnv* env, jclass, jlong engine, jintArray integers, jlong step, jfloatArray floats,
 jlong parameters, jlong gradient, jlong state1, jlong state2, jlong state3, jlong segments,
 jlong segment, jlong scale) {
  jint i[4];
  jfloat f[11];
  env->GetIntArrayRegion(integers, 0, 4, i);
  env->GetFloatArrayRegion(floats, 0, 11, f);
  gf_optimizer o{};
  o.kind = i[0];
  o.nesterov = i[1];
  o.centered = i[2];
  o.decoupled = i[3];
  o.step = step;
  o.rate = f[0];
  o.momentum = f[1];
  o.dampening = f[2];
  o.alpha = f[3];
  o.beta1 = f[4];
  o.beta2 = f[5];
  o.epsilon = f[6];
  o.l1 = f[7];
  o.l2 = f[8];
  o.mean_factor = f[9];
  o.gradient_factor = f[10];
  return gf_optimizer_step(engine_at(engine), &o, pointer<float>(parameters),
                           pointer<float>(gradient), pointer<float>(state1), pointer<float>(state2),
                           pointer<float>(state3), segments, pointer<gf_segment>(segment),
                           pointer<float>(scale));
}

GF_JNI(jint, swapAxes)
(JNIEnv*, jclass, jlong engine, jlong a, jlong b, jlong features, jlong x, jlong y) {
  return gf_swap_axes(engine_at(engine), a, b, features, pointer<float>(x), pointer<float>(y));
}

GF_JNI(jint, lengthMask)
(JNIEnv*, jclass, jlong engine, jlong steps, jlong batch, jlong lengths, jlong weights) {
  return gf_length_mask(engine_at(engine), steps, batch, pointer<int32_t>(lengths),
                        pointer<float>(weights));
}

GF_JNI(jint, concatColumns)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong p, jlong q, jlong a, jlong b, jlong y) {
  return gf_concat_columns(engine_at(engine), rows, p, q, pointer<float>(a), pointer<float>(b),
                           pointer<float>(y));
}

GF_JNI(jint, splitColumns)
(JNIEnv*, jclass, jlong engine, jlong rows, jlong p, jlong q, jlong y, jlong a, jlong b) {
  return gf_split_columns(engine_at(engine), rows, p, q, pointer<float>(y), pointer<float>(a),
                          pointer<float>(b));
}
