#include "image_text.h"

#include <cstring>

namespace sim {
namespace {

constexpr const char* kStart = "// simulated PTX\n";
constexpr const char* kBytes = "// bytes ";

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string imageToText(const std::string& bytes, const std::string& architecture,
                        const std::vector<std::string>& kernels) {
  static const char* kDigits = "0123456789abcdef";
  std::string text = kStart;
  text += ".version 8.5\n.target " + architecture + "\n.address_size 64\n";
  for (const std::string& kernel : kernels) text += ".visible .entry " + kernel + "()\n";
  text += kBytes;
  for (char c : bytes) {
    auto u = static_cast<unsigned char>(c);
    text += kDigits[u >> 4];
    text += kDigits[u & 15];
  }
  return text + "\n";
}

bool isImageText(const char* text) { return std::strncmp(text, kStart, std::strlen(kStart)) == 0; }

bool textToImage(const char* text, std::string* bytes) {
  const char* start = std::strstr(text, kBytes);
  if (!start) return false;
  for (const char* p = start + std::strlen(kBytes); *p != '\0' && *p != '\n'; p += 2) {
    int high = hexDigit(p[0]);
    int low = high < 0 ? -1 : hexDigit(p[1]);
    if (low < 0) return false;
    *bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

}  // namespace sim
