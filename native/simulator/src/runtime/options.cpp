#include "options.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>

namespace sim {
namespace {

using Setter = std::function<bool(Options&, const std::string&)>;

bool parseWhole(const std::string& text, long low, long high, long* result) {
  char* end = nullptr;
  long value = std::strtol(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || value < low || value > high) return false;
  *result = value;
  return true;
}

bool parseChecks(const std::string& text, unsigned* checks) {
  static const std::map<std::string, unsigned> kNames = {
      {"all", kCheckAll},          {"none", 0},
      {"bounds", kCheckBounds},    {"init", kCheckInitialisation},
      {"races", kCheckRaces},      {"align", kCheckAlignment},
      {"barriers", kCheckBarriers}};
  unsigned result = 0;
  std::stringstream stream(text);
  std::string word;
  while (std::getline(stream, word, ',')) {
    auto found = kNames.find(word);
    if (found == kNames.end()) return false;
    result |= found->second;
  }
  *checks = result;
  return true;
}

bool parseSchedule(Options& o, const std::string& text) {
  size_t colon = text.find(':');
  std::string word = text.substr(0, colon);
  if (colon != std::string::npos) {
    long seed;
    if (word != "random" || !parseWhole(text.substr(colon + 1), 0, 1L << 40, &seed)) return false;
    o.seed = static_cast<uint64_t>(seed);
  }
  if (word == "forward") {
    o.schedule = Schedule::kForward;
  } else if (word == "reverse") {
    o.schedule = Schedule::kReverse;
  } else if (word == "random") {
    o.schedule = Schedule::kRandom;
  } else {
    return false;
  }
  return true;
}

bool parseCapability(Options& o, const std::string& text) {
  size_t dot = text.find('.');
  long major;
  long minor;
  if (dot == std::string::npos || !parseWhole(text.substr(0, dot), 5, 19, &major) ||
      !parseWhole(text.substr(dot + 1), 0, 9, &minor)) {
    return false;
  }
  o.capabilityMajor = static_cast<int>(major);
  o.capabilityMinor = static_cast<int>(minor);
  return true;
}

bool parseFailure(Options& o, const std::string& text) {
  size_t colon = text.find(':');
  long status = 0;
  if (colon != std::string::npos && !parseWhole(text.substr(colon + 1), 1, 999, &status)) {
    return false;
  }
  if (text.empty() != (colon == std::string::npos)) return false;
  o.failing = text.substr(0, colon);
  o.failingStatus = static_cast<int>(status);
  return true;
}

template <class T>
Setter whole(T Options::*field, long low, long high, long scale = 1) {
  return [=](Options& o, const std::string& text) {
    long value;
    if (!parseWhole(text, low, high, &value)) return false;
    o.*field = static_cast<T>(value * scale);
    return true;
  };
}

const std::map<std::string, Setter>& setters() {
  static const auto* map = new std::map<std::string, Setter>{
      {"async",
       [](Options& o, const std::string& text) {
         if (text == "thread") {
           o.async = AsyncMode::kThread;
         } else if (text == "delayed") {
           o.async = AsyncMode::kDelayed;
         } else if (text == "inline") {
           o.async = AsyncMode::kInline;
         } else {
           return false;
         }
         return true;
       }},
      {"schedule", parseSchedule},
      {"fail", parseFailure},
      {"check", [](Options& o, const std::string& text) { return parseChecks(text, &o.checks); }},
      {"capability", parseCapability},
      {"devices", whole(&Options::devices, 1, kMostDevices)},
      {"multiprocessors", whole(&Options::multiprocessors, 1, 256)},
      {"workers", whole(&Options::workers, 1, 64)},
      {"memory_mb", whole(&Options::memoryBytes, 1, 65536, 1L << 20)},
      {"spin_seconds", whole(&Options::spinSeconds, 1, 86400)},
      {"second_ms", whole(&Options::secondMillis, 1, 1000000000)},
      {"clock",
       [](Options& o, const std::string& text) {
         if (text != "wall" && text != "launches") return false;
         o.clock = text == "wall" ? Clock::kWall : Clock::kLaunches;
         return true;
       }},
      {"trace", whole(&Options::trace, 0, 1)},
      {"log_findings", whole(&Options::logFindings, 0, 1)}};
  return *map;
}

std::string apply(Options& o, const std::string& name, const std::string& value) {
  auto found = setters().find(name);
  if (found == setters().end()) return "unknown option '" + name + "'";
  if (!found->second(o, value)) return "option '" + name + "': bad value '" + value + "'";
  return "";
}

Options& mutableOptions() {
  static Options* instance = [] {
    auto* o = new Options;
    for (const auto& entry : setters()) {
      std::string variable = "GATEFOLD_SIM_";
      for (char c : entry.first) {
        variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      }
      if (const char* value = std::getenv(variable.c_str())) {
        std::string error = apply(*o, entry.first, value);
        if (!error.empty()) std::fprintf(stderr, "simulated device: %s\n", error.c_str());
      }
    }
    return o;
  }();
  return *instance;
}

}  // namespace

const Options& options() { return mutableOptions(); }

int takeFailure(const char* function) {
  Options& o = mutableOptions();
  if (o.failing.empty() || o.failing != function) return 0;
  o.failing.clear();
  return o.failingStatus;
}

std::string setOption(const std::string& name, const std::string& value) {
  if (name == "memory_mb") return "option 'memory_mb' is read from the environment only";
  return apply(mutableOptions(), name, value);
}

}  // namespace sim
