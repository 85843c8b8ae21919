// What the NVRTC stand-in and the driver agree on about images of modules.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sim {

// The symbol that marks the dynamic shared memory of a module; every `extern __shared__` array is
// another name of it.
constexpr const char* kDynamicSharedSymbol = "sim_dynamic_shared";
constexpr size_t kDynamicSharedLimit = 232448;  // 227 KiB, the most a block can ask for

// An image as text, in place of PTX, which names the kernels as PTX does.
std::string imageToText(const std::string& bytes, const std::string& architecture,
                        const std::vector<std::string>& kernels);
bool isImageText(const char* text);
bool textToImage(const char* text, std::string* bytes);

}  // namespace sim
