// A program under compilation: source, included headers, log and results.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace sim {

// Values of nvrtcResult.
enum NvrtcStatus : int {
  kNvrtcSuccess = 0,
  kNvrtcOutOfMemory = 1,
  kNvrtcProgramCreationFailure = 2,
  kNvrtcInvalidInput = 3,
  kNvrtcInvalidProgram = 4,
  kNvrtcInvalidOption = 5,
  kNvrtcCompilation = 6,
  kNvrtcBuiltinOperationFailure = 7,
  kNvrtcNoNameExpressionsAfterCompilation = 8,
  kNvrtcNoLoweredNamesBeforeCompilation = 9,
  kNvrtcNameExpressionNotValid = 10,
  kNvrtcInternalError = 11
};

// Compute capabilities that NVRTC 12.6 compiles for.
constexpr int kSupportedArchitectures[] = {50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90};

// Not thread-safe: one thread at a time, as with NVRTC. Different programs are independent.
class Program {
 public:
  Program(std::string source, std::string name, std::map<std::string, std::string> headers);

  int addNameExpression(const std::string& expression);
  int compile(const std::vector<std::string>& options);
  // Null where the expression is unknown or the program is not compiled.
  const char* loweredName(const std::string& expression) const;

  bool compiled() const { return compiled_; }
  const std::string& log() const { return log_; }
  const std::string& cubin() const { return cubin_; }
  const std::string& ptx() const { return ptx_; }

 private:
  struct Settings {
    int capability = 75;
    bool virtualArchitecture = false;
    bool debug = false;  // compiled without optimisation
    std::string standard = "c++17";
    std::vector<std::string> forwarded;  // -D, -U, -I
  };
  int parse(const std::vector<std::string>& options, Settings* settings);
  int build(const Settings& settings, const std::string& folder);
  int refuseOption(const std::string& text);
  int failCompilation(const std::string& compilerOutput);

  std::string source_;
  std::string name_;
  std::map<std::string, std::string> headers_;
  std::vector<std::string> expressions_;
  std::map<std::string, std::string> lowered_;
  bool compiled_ = false;
  std::string log_;
  std::string cubin_;
  std::string ptx_;
};

}  // namespace sim
