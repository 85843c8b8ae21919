// The entry points of NVRTC.
#include <cstring>
#include <string>
#include <vector>

#include "program.h"

#define SIM_API extern "C" __attribute__((visibility("default")))

using sim::Program;

namespace {

int sizeOf(Program* program, const std::string& (Program::*text)() const, size_t end,
           size_t* size) {
  if (!program) return sim::kNvrtcInvalidProgram;
  if (!size) return sim::kNvrtcInvalidInput;
  if (!program->compiled()) return sim::kNvrtcInvalidProgram;
  const std::string& value = (program->*text)();
  *size = value.empty() ? 0 : value.size() + end;
  return sim::kNvrtcSuccess;
}

int copyOf(Program* program, const std::string& (Program::*text)() const, size_t end, char* to) {
  if (!program || !program->compiled()) return sim::kNvrtcInvalidProgram;
  const std::string& value = (program->*text)();
  if (!to || value.empty()) return sim::kNvrtcInvalidInput;
  std::memcpy(to, value.c_str(), value.size() + end);
  return sim::kNvrtcSuccess;
}

}  // namespace

SIM_API const char* nvrtcGetErrorString(int status) {
  switch (status) {
    case sim::kNvrtcSuccess:
      return "NVRTC_SUCCESS";
    case sim::kNvrtcOutOfMemory:
      return "NVRTC_ERROR_OUT_OF_MEMORY";
    case sim::kNvrtcProgramCreationFailure:
      return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
    case sim::kNvrtcInvalidInput:
      return "NVRTC_ERROR_INVALID_INPUT";
    case sim::kNvrtcInvalidProgram:
      return "NVRTC_ERROR_INVALID_PROGRAM";
    case sim::kNvrtcInvalidOption:
      return "NVRTC_ERROR_INVALID_OPTION";
    case sim::kNvrtcCompilation:
      return "NVRTC_ERROR_COMPILATION";
    case sim::kNvrtcBuiltinOperationFailure:
      return "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE";
    case sim::kNvrtcNoNameExpressionsAfterCompilation:
      return "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION";
    case sim::kNvrtcNoLoweredNamesBeforeCompilation:
      return "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION";
    case sim::kNvrtcNameExpressionNotValid:
      return "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID";
    case sim::kNvrtcInternalError:
      return "NVRTC_ERROR_INTERNAL_ERROR";
    default:
      return "NVRTC_ERROR unknown";
  }
}

SIM_API int nvrtcVersion(int* major, int* minor) {
  if (!major || !minor) return sim::kNvrtcInvalidInput;
  *major = 12;
  *minor = 6;
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcGetNumSupportedArchs(int* count) {
  if (!count) return sim::kNvrtcInvalidInput;
  *count = sizeof sim::kSupportedArchitectures / sizeof(int);
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcGetSupportedArchs(int* architectures) {
  if (!architectures) return sim::kNvrtcInvalidInput;
  std::memcpy(architectures, sim::kSupportedArchitectures, sizeof sim::kSupportedArchitectures);
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcCreateProgram(Program** program, const char* source, const char* name,
                               int headerCount, const char* const* headers,
                               const char* const* includeNames) {
  if (!program || !source || headerCount < 0) return sim::kNvrtcInvalidInput;
  if (headerCount > 0 && (!headers || !includeNames)) return sim::kNvrtcInvalidInput;
  std::map<std::string, std::string> files;
  for (int i = 0; i < headerCount; ++i) files[includeNames[i]] = headers[i];
  *program = new Program(source, name && *name ? name : "default_program", std::move(files));
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcDestroyProgram(Program** program) {
  if (!program || !*program) return sim::kNvrtcInvalidProgram;
  delete *program;
  *program = nullptr;
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  if (!program) return sim::kNvrtcInvalidProgram;
  if (count < 0 || (count > 0 && !options)) return sim::kNvrtcInvalidInput;
  return program->compile(std::vector<std::string>(options, options + count));
}

SIM_API int nvrtcAddNameExpression(Program* program, const char* expression) {
  if (!program) return sim::kNvrtcInvalidProgram;
  if (!expression || !*expression) return sim::kNvrtcInvalidInput;
  return program->addNameExpression(expression);
}

SIM_API int nvrtcGetLoweredName(Program* program, const char* expression, const char** name) {
  if (!program) return sim::kNvrtcInvalidProgram;
  if (!expression || !name) return sim::kNvrtcInvalidInput;
  if (!program->compiled()) return sim::kNvrtcNoLoweredNamesBeforeCompilation;
  *name = program->loweredName(expression);
  return *name ? sim::kNvrtcSuccess : sim::kNvrtcNameExpressionNotValid;
}

SIM_API int nvrtcGetProgramLogSize(Program* program, size_t* size) {
  if (!program) return sim::kNvrtcInvalidProgram;
  if (!size) return sim::kNvrtcInvalidInput;
  *size = program->log().size() + 1;
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcGetProgramLog(Program* program, char* log) {
  if (!program) return sim::kNvrtcInvalidProgram;
  if (!log) return sim::kNvrtcInvalidInput;
  std::memcpy(log, program->log().c_str(), program->log().size() + 1);
  return sim::kNvrtcSuccess;
}

SIM_API int nvrtcGetPTXSize(Program* program, size_t* size) {
  return sizeOf(program, &Program::ptx, 1, size);
}

SIM_API int nvrtcGetPTX(Program* program, char* ptx) {
  return copyOf(program, &Program::ptx, 1, ptx);
}

SIM_API int nvrtcGetCUBINSize(Program* program, size_t* size) {
  return sizeOf(program, &Program::cubin, 0, size);
}

SIM_API int nvrtcGetCUBIN(Program* program, char* cubin) {
  return copyOf(program, &Program::cubin, 0, cubin);
}
