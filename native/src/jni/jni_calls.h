/// What the JNI files share: addresses as pointers. The Java side has checked every argument.
#ifndef GATEFOLD_JNI_CALLS_H
#define GATEFOLD_JNI_CALLS_H

#include <jni.h>

#include <cstdint>
#include <cstring>

#include "gatefold/engine.h"

#define GF_JNI(result, name) \
  extern "C" JNIEXPORT result JNICALL Java_org_gatefold_backend_cpu_NativeLibrary_##name

namespace gatefold {

template <class T>
T* pointer(jlong address) {
  return reinterpret_cast<T*>(static_cast<intptr_t>(address));
}

inline gf_engine* engine_at(jlong address) { return pointer<gf_engine>(address); }

/// A structure of 32-bit integers that Java lays out as the words of an array.
template <class T>
T of_words(JNIEnv* env, jintArray array) {
  constexpr jsize kWords = sizeof(T) / sizeof(jint);
  static_assert(sizeof(T) == kWords * sizeof(jint), "words only");
  jint words[kWords];
  env->GetIntArrayRegion(array, 0, kWords, words);
  T structure;
  std::memcpy(&structure, words, sizeof(structure));
  return structure;
}

}  // namespace gatefold

#endif  // GATEFOLD_JNI_CALLS_H
