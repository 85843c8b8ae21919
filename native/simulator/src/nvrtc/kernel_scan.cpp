#include "kernel_scan.h"

#include <algorithm>
#include <cctype>

namespace sim {
namespace {

const std::string kKernelMarker = "sim_kernel_marker";
const std::string kBoundsMarker = "sim_launch_bounds_marker";
const std::string kClusterMarker = "sim_cluster_dims_marker";

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

size_t skipSpace(const std::string& text, size_t at) {
  while (at < text.size()) {
    if (text[at] == '#' && (at == 0 || text[at - 1] == '\n')) {
      at = std::min(text.find('\n', at), text.size());  // a line marker
    } else if (std::isspace(static_cast<unsigned char>(text[at]))) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

// The position behind the parenthesis that closes the one at `open`.
size_t closing(const std::string& text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
  }
  return text.size();
}

void blank(std::string* text, size_t from, size_t to) {
  for (size_t i = from; i < to && i < text->size(); ++i) {
    if ((*text)[i] != '\n') (*text)[i] = ' ';
  }
}

// Blanks the marker at `at` with its parenthesis, whose text it gives.
std::string takeMarker(std::string* text, size_t at, const std::string& marker) {
  size_t open = skipSpace(*text, at + marker.size());
  size_t end = closing(*text, open);
  std::string arguments = text->substr(open, end - open);
  blank(text, at, end);
  return arguments;
}

// The declaration's text before the marker, back to the end of what precedes it.
std::string prefix(const std::string& text, size_t marker) {
  size_t start = text.find_last_of(";}", marker);
  start = start == std::string::npos ? 0 : start + 1;
  return text.substr(start, marker - start);
}

// Reads the declaration from the marker on up to the parameter list.
FoundKernel readDeclaration(std::string* text, size_t at) {
  FoundKernel kernel{"", "0", "()", false, false};
  while (at < text->size()) {
    at = skipSpace(*text, at);
    if (at >= text->size() || (*text)[at] == ';' || (*text)[at] == '{') break;
    if ((*text)[at] == '(') break;
    size_t start = at;
    while (at < text->size() && isWord((*text)[at])) ++at;
    if (at == start) {
      ++at;
      continue;
    }
    std::string word = text->substr(start, at - start);
    if (word == kBoundsMarker) {
      kernel.maxThreads = takeMarker(text, start, word);
    } else if (word == kClusterMarker) {
      kernel.cluster = takeMarker(text, start, word);
    } else if (word == "__attribute__") {
      at = closing(*text, skipSpace(*text, at));
    } else {
      kernel.name = word;
    }
  }
  return kernel;
}

}  // namespace

std::vector<FoundKernel> scanKernels(std::string* text) {
  std::vector<FoundKernel> kernels;
  size_t at = 0;
  while ((at = text->find(kKernelMarker, at)) != std::string::npos) {
    size_t end = at + kKernelMarker.size();
    bool whole = (at == 0 || !isWord((*text)[at - 1])) && !isWord((*text)[end]);
    if (!whole) {
      at = end;
      continue;
    }
    std::string before = prefix(*text, at);
    FoundKernel kernel = readDeclaration(text, end);
    // Both may also stand before the marker.
    size_t bounds = text->rfind(kBoundsMarker, at);
    if (bounds != std::string::npos && bounds + before.size() >= at) {
      kernel.maxThreads = takeMarker(text, bounds, kBoundsMarker);
    }
    size_t cluster = text->rfind(kClusterMarker, at);
    if (cluster != std::string::npos && cluster + before.size() >= at) {
      kernel.cluster = takeMarker(text, cluster, kClusterMarker);
    }
    kernel.isTemplate = before.find("template") != std::string::npos;
    kernel.isExternC = before.find("\"C\"") != std::string::npos;
    blank(text, at, end);
    at = end;
    bool known = std::any_of(kernels.begin(), kernels.end(),
                             [&](const FoundKernel& k) { return k.name == kernel.name; });
    if (!kernel.name.empty() && !known) kernels.push_back(kernel);
  }
  return kernels;
}

std::string registration(size_t number, const std::string& reference, const std::string& name,
                         const std::string& maxThreads, const std::string& cluster) {
  std::string bound = maxThreads == "0" ? "0" : "sim::firstBound" + maxThreads;
  return "static const sim::Registration sim_registration_" + std::to_string(number) +
         "(sim::Registration::describe<&" + reference + ">(\"" + name + "\", " + bound + ", dim3" +
         cluster + "));\n";
}

}  // namespace sim
