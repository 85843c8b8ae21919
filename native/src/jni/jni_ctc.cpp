#include "gatefold/ctc.h"
#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

GF_JNI(jint, ctcLoss)
(JNIEnv* env, jclass, jlong engine, jintArray settings, jlong logits, jlong lengths,
 jlong label_classes, jlong counts, jlong weights, jlong loss, jlong dlogits) {
  jint i[7];
  env->GetIntArrayRegion(settings, 0, 7, i);
  const gf_ctc ctc{i[0], i[1], i[2], i[3], i[4], i[5], i[6]};
  return gf_ctc_loss(engine_at(engine), &ctc, pointer<float>(logits), pointer<int32_t>(lengths),
                     pointer<int32_t>(label_classes), pointer<int32_t>(counts),
                     pointer<float>(weights), pointer<float>(loss), pointer<float>(dlogits));
}
