#include <cstring>

#include "jni/jni_calls.h"

using gatefold::engine_at;
using gatefold::pointer;

GF_JNI(jint, abiVersion)(JNIEnv*, jclass) { return gf_abi_version(); }

GF_JNI(jstring, statusName)(JNIEnv* env, jclass, jint status) {
  return env->NewStringUTF(gf_status_name(status));
}

GF_JNI(jint, createEngine)(JNIEnv* env, jclass, jint threads, jstring isa, jlongArray handle) {
  const char* name = isa == nullptr ? nullptr : env->GetStringUTFChars(isa, nullptr);
  if (isa != nullptr && name == nullptr) {
    return GF_OUT_OF_MEMORY;
  }
  gf_engine* engine = nullptr;
  int status = gf_engine_create(threads, name, &engine);
  if (name != nullptr) {
    env->ReleaseStringUTFChars(isa, name);
  }
  jlong address = static_cast<jlong>(reinterpret_cast<intptr_t>(engine));
  env->SetLongArrayRegion(handle, 0, 1, &address);
  return status;
}

GF_JNI(void, destroyEngine)(JNIEnv*, jclass, jlong engine) { gf_engine_destroy(engine_at(engine)); }

GF_JNI(jint, engineThreads)(JNIEnv*, jclass, jlong engine) {
  return gf_engine_threads(engine_at(engine));
}

GF_JNI(jstring, engineIsa)(JNIEnv* env, jclass, jlong engine) {
  return env->NewStringUTF(gf_engine_isa(engine_at(engine)));
}

GF_JNI(jlong, allocate)(JNIEnv*, jclass, jlong bytes) {
  void* memory = nullptr;
  gf_alloc(bytes, &memory);
  return static_cast<jlong>(reinterpret_cast<intptr_t>(memory));
}

GF_JNI(void, free)(JNIEnv*, jclass, jlong address) { gf_free(pointer<void>(address)); }

GF_JNI(jobject, view)(JNIEnv* env, jclass, jlong address, jlong bytes) {
  return env->NewDirectByteBuffer(pointer<void>(address), bytes);
}

GF_JNI(void, writeFloats)
(JNIEnv* env, jclass, jlong to, jfloatArray from, jint at, jint count) {
  env->GetFloatArrayRegion(from, at, count, pointer<jfloat>(to));
}

GF_JNI(void, writeInts)(JNIEnv* env, jclass, jlong to, jintArray from, jint at, jint count) {
  env->GetIntArrayRegion(from, at, count, pointer<jint>(to));
}

GF_JNI(void, readFloats)
(JNIEnv* env, jclass, jlong from, jfloatArray to, jint at, jint count) {
  env->SetFloatArrayRegion(to, at, count, pointer<jfloat>(from));
}

GF_JNI(void, readInts)(JNIEnv* env, jclass, jlong from, jintArray to, jint at, jint count) {
  env->SetIntArrayRegion(to, at, count, pointer<jint>(from));
}

GF_JNI(void, fillWords)(JNIEnv*, jclass, jlong address, jlong words, jint bits) {
  jint* to = pointer<jint>(address);
  if (bits == 0) {
    std::memset(to, 0, static_cast<size_t>(words) * sizeof(jint));
    return;
  }
  for (jlong i = 0; i < words; i++) {
    to[i] = bits;
  }
}

GF_JNI(void, copyBytes)(JNIEnv*, jclass, jlong to, jlong from, jlong bytes) {
  std::memmove(pointer<void>(to), pointer<void>(from), static_cast<size_t>(bytes));
}
