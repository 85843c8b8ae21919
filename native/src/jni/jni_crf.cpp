#include "gatefold/crf.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

namespace {

/// The fields in the order of gf_crf: three sizes, five addresses.
gf_crf crf_of(JNIEnv* env, jlongArray words) {
  jlong v[8];
  env->GetLongArrayRegion(words, 0, 8, v);
  return {v[0],
          v[1],
          v[2],
          pointer<float>(v[3]),
          pointer<float>(v[4]),
          pointer<float>(v[5]),
          pointer<float>(v[6]),
          pointer<int32_t>(v[7])};
}

}  // namespace

GF_JNI(jint, crfLogLikelihood)
(JNIEnv* env, jclass, jlong engine, jlongArray crf, jlong right, jlong y) {
  const gf_crf given = crf_of(env, crf);
  return gf_crf_log_likelihood(engine_at(engine), &given, pointer<int32_t>(right),
                               pointer<float>(y));
}

GF_JNI(jint, crfLogLikelihoodBackward)
(JNIEnv* env, jclass, jlong engine, jlongArray crf, jlong right, jlong dy, jlong demissions,
 jlong dtransitions, jlong dstart, jlong dend) {
  const gf_crf given = crf_of(env, crf);
  return gf_crf_log_likelihood_backward(engine_at(engine), &given, pointer<int32_t>(right),
                                        pointer<float>(dy), pointer<float>(demissions),
                                        pointer<float>(dtransitions), pointer<float>(dstart),
                                        pointer<float>(dend));
}

GF_JNI(jint, crfDecode)
(JNIEnv* env, jclass, jlong engine, jlongArray crf, jlong path, jlong best) {
  const gf_crf given = crf_of(env, crf);
  return gf_crf_decode(engine_at(engine), &given, pointer<int32_t>(path), pointer<float>(best));
}
