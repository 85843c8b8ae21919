#include "program.h"

#include <stdlib.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <sstream>

#include "../runtime/image/image_text.h"
#include "compiler.h"
#include "kernel_scan.h"

namespace sim {
namespace {

// Options without a meaning for the host's compiler; NVRTC accepts them.
constexpr const char* kIgnoredPrefixes[] = {"--use_fast_math",
                                            "-use_fast_math",
                                            "--fmad",
                                            "-fmad",
                                            "--ftz",
                                            "-ftz",
                                            "--prec-sqrt",
                                            "-prec-sqrt",
                                            "--prec-div",
                                            "-prec-div",
                                            "--maxrregcount",
                                            "-maxrregcount",
                                            "--generate-line-info",
                                            "-lineinfo",
                                            "--extra-device-vectorization",
                                            "--default-device",
                                            "-default-device",
                                            "--disable-warnings",
                                            "-w",
                                            "--restrict",
                                            "-restrict",
                                            "--builtin-",
                                            "--relocatable-device-code=false",
                                            "-rdc=false",
                                            "--device-as-default-execution-space",
                                            "--extensible-whole-program",
                                            "-ewp",
                                            "--display-error-number",
                                            "-err-no",
                                            "--diag-",
                                            "-diag-",
                                            "--ptxas-options",
                                            "-Xptxas",
                                            "--minimal",
                                            "-minimal",
                                            "--time",
                                            "-time",
                                            "--split-compile",
                                            "-split-compile",
                                            "--dopt",
                                            "-dopt",
                                            "--version-ident"};

// A folder for one compilation, removed with its contents.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "gatefold-simulated-nvrtc-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool startsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// Splits "--name=value" or "-n value"; the value may be the following option.
bool takeValue(const std::vector<std::string>& options, size_t* i,
               const std::vector<std::string>& names, std::string* value) {
  for (const std::string& name : names) {
    if (options[*i] == name && *i + 1 < options.size()) {
      *value = options[++*i];
      return true;
    }
    if (startsWith(options[*i], name + "=")) {
      *value = options[*i].substr(name.size() + 1);
      return true;
    }
    bool shortName = name.size() == 2 && options[*i].size() > 2;
    if (shortName && startsWith(options[*i], name)) {
      *value = options[*i].substr(2);
      return true;
    }
  }
  return false;
}

// The linker's input that gives a name to the memory behind `extern __shared__` arrays.
std::string dynamicSharedAssembly(const std::vector<std::string>& names) {
  std::string text = ".section .tbss,\"awT\",@nobits\n.balign 128\n";
  auto label = [&](const std::string& name) {
    text += ".globl " + name + "\n.type " + name + ", @tls_object\n.size " + name + ", " +
            std::to_string(kDynamicSharedLimit) + "\n" + name + ":\n";
  };
  label(kDynamicSharedSymbol);
  for (const std::string& name : names) label(name);
  return text + ".zero " + std::to_string(kDynamicSharedLimit) +
         "\n.section .note.GNU-stack,\"\",@progbits\n";
}

}  // namespace

Program::Program(std::string source, std::string name, std::map<std::string, std::string> headers)
    : source_(std::move(source)), name_(std::move(name)), headers_(std::move(headers)) {}

int Program::addNameExpression(const std::string& expression) {
  if (compiled_) return kNvrtcNoNameExpressionsAfterCompilation;
  expressions_.push_back(expression);
  return kNvrtcSuccess;
}

const char* Program::loweredName(const std::string& expression) const {
  auto found = lowered_.find(expression);
  return compiled_ && found != lowered_.end() ? found->second.c_str() : nullptr;
}

int Program::refuseOption(const std::string& text) {
  log_ = "nvrtc: error: " + text + "\n";
  return kNvrtcInvalidOption;
}

int Program::parse(const std::vector<std::string>& options, Settings* settings) {
  for (size_t i = 0; i < options.size(); ++i) {
    std::string value;
    if (takeValue(options, &i, {"--gpu-architecture", "-arch"}, &value)) {
      std::smatch match;
      static const std::regex kPattern("(sm|compute)_([0-9]+)[af]?");
      bool known = std::regex_match(value, match, kPattern);
      int capability = known ? std::stoi(match[2]) : 0;
      known = known && std::count(std::begin(kSupportedArchitectures),
                                  std::end(kSupportedArchitectures), capability);
      if (!known) return refuseOption("invalid value for --gpu-architecture (-arch)");
      settings->capability = capability;
      settings->virtualArchitecture = match[1] == "compute";
    } else if (takeValue(options, &i, {"--std", "-std"}, &value)) {
      static const std::vector<std::string> kStandards = {"c++03", "c++11", "c++14", "c++17",
                                                          "c++20"};
      if (!std::count(kStandards.begin(), kStandards.end(), value)) {
        return refuseOption("invalid value for --std (-std)");
      }
      // The language header is written in C++17.
      settings->standard = value == "c++20" ? value : "c++17";
    } else if (takeValue(options, &i, {"--define-macro", "-D"}, &value)) {
      settings->forwarded.push_back("-D" + value);
    } else if (takeValue(options, &i, {"--undefine-macro", "-U"}, &value)) {
      settings->forwarded.push_back("-U" + value);
    } else if (takeValue(options, &i, {"--include-path", "-I"}, &value)) {
      settings->forwarded.push_back("-I" + value);
    } else if (takeValue(options, &i,
                         {"--maxrregcount", "-maxrregcount", "--ptxas-options", "-Xptxas"},
                         &value)) {
      continue;
    } else if (options[i] == "--device-debug" || options[i] == "-G") {
      settings->debug = true;
    } else if (std::none_of(std::begin(kIgnoredPrefixes), std::end(kIgnoredPrefixes),
                            [&](const char* p) { return startsWith(options[i], p); })) {
      return refuseOption("unrecognized option " + options[i] + " found");
    }
  }
  return kNvrtcSuccess;
}

// "file:3:5: error: text" as "file(3): error: text", and the closing line that NVRTC writes.
int Program::failCompilation(const std::string& compilerOutput) {
  std::istringstream lines(compilerOutput);
  static const std::regex kMessage("^(.*?):([0-9]+)(:[0-9]+)?: (fatal error|error|note): (.*)$");
  std::string line;
  int errors = 0;
  while (std::getline(lines, line)) {
    std::smatch match;
    if (!std::regex_match(line, match, kMessage)) continue;
    std::string kind = match[4];
    if (kind == "fatal error") kind = "catastrophic error";
    errors += kind != "note";
    log_ += match[1].str() + "(" + match[2].str() + "): " + kind + ": " + match[5].str() + "\n\n";
  }
  if (errors == 0) log_ += compilerOutput;
  log_ += std::to_string(errors) + (errors == 1 ? " error" : " errors") +
          " detected in the compilation of \"" + name_ + "\".\n";
  return kNvrtcCompilation;
}

int Program::compile(const std::vector<std::string>& options) {
  log_.clear();
  Settings settings;
  if (int status = parse(options, &settings)) return status;
  ScratchFolder folder;
  if (folder.path().empty()) return kNvrtcInternalError;
  int status = build(settings, folder.path());
  compiled_ = status == kNvrtcSuccess;
  return status;
}

int Program::build(const Settings& settings, const std::string& folder) {
  std::filesystem::create_directory(folder + "/headers");
  for (const auto& [name, text] : headers_) {
    std::filesystem::path path = std::filesystem::path(folder) / "headers" / name;
    std::filesystem::create_directories(path.parent_path());
    if (!writeFile(path.string(), text)) return kNvrtcInternalError;
  }
  std::string device = libraryFolder() + "/device";
  // The line directive makes messages carry the program's own name.
  std::string input = folder + "/program.cu";
  if (!writeFile(input, "#line 1 \"" + name_ + "\"\n" + source_)) return kNvrtcInternalError;

  std::string messages = folder + "/messages";
  std::string preprocessed = folder + "/preprocessed.cpp";
  std::vector<std::string> command = {compilerPath(),
                                      "-E",
                                      "-x",
                                      "c++",
                                      "-std=" + settings.standard,
                                      "-nostdinc",
                                      "-nostdinc++",
                                      "-include",
                                      device + "/simulated_device.h",
                                      "-D__CUDA_ARCH__=" + std::to_string(settings.capability * 10),
                                      "-I" + folder + "/headers"};
  if (settings.debug) command.push_back("-D__CUDACC_DEBUG__");
  command.insert(command.end(), settings.forwarded.begin(), settings.forwarded.end());
  command.insert(command.end(), {"-I" + device, input, "-o", preprocessed});
  int exit = runProgram(command, messages);
  if (exit < 0) {
    log_ = "nvrtc: error: cannot run the compiler " + compilerPath() + "\n";
    return kNvrtcBuiltinOperationFailure;
  }
  if (exit != 0) return failCompilation(readFile(messages));

  std::string text = readFile(preprocessed);
  std::vector<FoundKernel> kernels = scanKernels(&text);
  text += "\n# 1 \"" + name_ + " (name expressions)\"\n";
  size_t number = 0;
  std::vector<std::string> names;
  for (const FoundKernel& k : kernels) {
    if (!k.isExternC || k.isTemplate) continue;
    text += registration(number++, k.name, k.name, k.maxThreads, k.cluster);
    names.push_back(k.name);
  }
  lowered_.clear();
  for (const std::string& expression : expressions_) {
    std::string reference = expression[0] == '&' ? expression.substr(1) : expression;
    std::string name = "_Z_simulated_" + std::to_string(lowered_.size()) + "_";
    for (char c : reference) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    std::string base = reference.substr(0, reference.find('<'));
    base = base.substr(base.rfind(':') == std::string::npos ? 0 : base.rfind(':') + 1);
    auto known = std::find_if(kernels.begin(), kernels.end(),
                              [&](const FoundKernel& k) { return k.name == base; });
    bool plain = known != kernels.end() && known->isExternC;
    // What depends on template parameters cannot be evaluated outside of the template.
    lowered_[expression] = plain ? base : name;
    if (!plain) text += registration(number++, reference, name, "0", "()");
  }
  std::string object = folder + "/program.o";
  if (!writeFile(preprocessed, text)) return kNvrtcInternalError;
  command = {compilerPath(), "-c", "-x", "c++-cpp-output", "-std=" + settings.standard};
  for (const std::string& flag : kernelFlags(settings.debug)) command.push_back(flag);
  command.insert(command.end(), {preprocessed, "-o", object});
  if (runProgram(command, messages) != 0) return failCompilation(readFile(messages));

  command = {compilerPath(), "-shared", "-nostdlib", object};
  std::vector<std::string> shared = undefinedSharedNames(readFile(object));
  if (!shared.empty()) {
    std::string assembly = folder + "/shared.s";
    if (!writeFile(assembly, dynamicSharedAssembly(shared))) return kNvrtcInternalError;
    command.push_back(assembly);
  }
  std::string library = folder + "/program.so";
  command.insert(command.end(),
                 {"-L" + libraryFolder(), "-l:libcuda.so.1", "-lm", "-lc", "-lgcc", "-o", library});
  if (runProgram(command, messages) != 0) {
    log_ = readFile(messages);
    return kNvrtcCompilation;
  }
  std::string bytes = readFile(library);
  std::string number10 = std::to_string(settings.capability);
  ptx_ = imageToText(bytes, "sm_" + number10, names);
  cubin_ = settings.virtualArchitecture ? "" : bytes;
  return kNvrtcSuccess;
}

}  // namespace sim
