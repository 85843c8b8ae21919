// Lets Java tests set options, read findings and counts: org.gatefold.simulator.SimulatedDevice.
#include <jni.h>

#include <string>

#include "../runtime/counters.h"
#include "../runtime/detector/findings.h"
#include "../runtime/device_memory.h"
#include "../runtime/options.h"

namespace {

std::string toString(JNIEnv* env, jstring text) {
  const char* chars = env->GetStringUTFChars(text, nullptr);
  std::string result = chars ? chars : "";
  if (chars) env->ReleaseStringUTFChars(text, chars);
  return result;
}

}  // namespace

extern "C" {

JNIEXPORT jstring JNICALL Java_org_gatefold_simulator_SimulatedDevice_setOption0(JNIEnv* env,
                                                                                 jclass,
                                                                                 jstring name,
                                                                                 jstring value) {
  return env->NewStringUTF(sim::setOption(toString(env, name), toString(env, value)).c_str());
}

JNIEXPORT jobjectArray JNICALL Java_org_gatefold_simulator_SimulatedDevice_findings0(JNIEnv* env,
                                                                                     jclass) {
  std::vector<sim::Finding> found = sim::findings();
  jobjectArray result = env->NewObjectArray(static_cast<jsize>(found.size()),
                                            env->FindClass("java/lang/String"), nullptr);
  if (!result) return nullptr;
  for (size_t i = 0; i < found.size(); ++i) {
    std::string text = std::string(sim::findingName(found[i].kind)) + ": " + found[i].text;
    jstring element = env->NewStringUTF(text.c_str());
    env->SetObjectArrayElement(result, static_cast<jsize>(i), element);
    env->DeleteLocalRef(element);
  }
  return result;
}

JNIEXPORT void JNICALL Java_org_gatefold_simulator_SimulatedDevice_clearFindings0(JNIEnv*, jclass) {
  sim::clearFindings();
}

JNIEXPORT jstring JNICALL Java_org_gatefold_simulator_SimulatedDevice_counts0(JNIEnv* env, jclass) {
  return env->NewStringUTF(sim::countsAsJson().c_str());
}

JNIEXPORT void JNICALL Java_org_gatefold_simulator_SimulatedDevice_resetCounts0(JNIEnv*, jclass) {
  sim::resetCounts();
}

JNIEXPORT jlong JNICALL Java_org_gatefold_simulator_SimulatedDevice_liveAllocations0(JNIEnv*,
                                                                                     jclass) {
  return static_cast<jlong>(sim::DeviceMemory::instance().live(nullptr).size());
}

}  // extern "C"
