#include "image.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "elf_symbols.h"
#include "image_text.h"

extern "C" void* __tls_get_addr(void* index);

namespace sim {
namespace {

thread_local Image* tLoading = nullptr;

// The length of a shared object, from its headers: an image comes without one.
size_t objectLength(const char* bytes) {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(bytes);
  size_t end = header->e_shoff + size_t{header->e_shnum} * header->e_shentsize;
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(bytes + header->e_shoff);
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_NOBITS) {
      end = std::max(end, static_cast<size_t>(sections[i].sh_offset + sections[i].sh_size));
    }
  }
  return end;
}

}  // namespace

std::unique_ptr<Image> Image::load(const void* image, std::string* error) {
  const auto* bytes = static_cast<const char*>(image);
  std::string decoded;
  if (isImageText(bytes)) {
    if (!textToImage(bytes, &decoded)) {
      *error = "the text of the image is damaged";
      return nullptr;
    }
    bytes = decoded.data();
  }
  if (std::memcmp(bytes, ELFMAG, SELFMAG) != 0) {
    *error = "the image is none that the simulated device's NVRTC made";
    return nullptr;
  }
  size_t length = objectLength(bytes);
  int file = memfd_create("gatefold-simulated-module", MFD_CLOEXEC);
  if (file < 0 || write(file, bytes, length) != static_cast<ssize_t>(length)) {
    if (file >= 0) close(file);
    *error = "cannot write the image to memory";
    return nullptr;
  }
  // The file stays open as long as the module is loaded: dlopen would take an equal path for a
  // module that it knows.
  std::string path = "/proc/self/fd/" + std::to_string(file);
  std::unique_ptr<Image> result(new Image);
  result->file_ = file;
  tLoading = result.get();
  result->handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  tLoading = nullptr;
  if (!result->handle_) {
    *error = dlerror();
    return nullptr;
  }
  result->readSymbols(bytes);
  if (!result->locate()) {
    *error = "cannot find the loaded image";
    return nullptr;
  }
  return result;
}

Image::~Image() {
  if (handle_) dlclose(handle_);
  if (file_ >= 0) close(file_);
}

const SimKernel* Image::kernel(const std::string& name) const {
  auto found = kernels_.find(name);
  return found == kernels_.end() ? nullptr : found->second;
}

void Image::readSymbols(const char* bytes) {
  forEachSymbol(bytes, [this](const std::string& name, const Elf64_Sym& symbol) {
    if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_TLS) return;
    if (name == kDynamicSharedSymbol) {
      hasDynamic_ = true;
      dynamicOffset_ = symbol.st_value;
    } else {
      tlsNames_.push_back({name, symbol.st_value, symbol.st_size});
    }
  });
  for (const NamedVariable& v : tlsNames_) {
    if (!hasDynamic_ || v.offset != dynamicOffset_) shared_.push_back({v.offset, v.size});
  }
}

bool Image::locate() {
  struct Query {
    Image* image;
    uintptr_t inside;
    bool found;
  };
  const auto* map = static_cast<const link_map*>(handle_);
  Query query{this, map->l_addr, false};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) -> int {
        auto* q = static_cast<Query*>(data);
        if (info->dlpi_addr != q->inside) return 0;
        Image* image = q->image;
        image->low_ = ~uintptr_t{0};
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& p = info->dlpi_phdr[i];
          uintptr_t start = info->dlpi_addr + p.p_vaddr;
          if (p.p_type == PT_LOAD) {
            image->low_ = std::min(image->low_, start);
            image->high_ = std::max(image->high_, start + p.p_memsz);
          } else if (p.p_type == PT_TLS) {
            image->tlsSize_ = p.p_memsz;
          }
        }
        image->tlsModule_ = info->dlpi_tls_modid;
        q->found = true;
        return 1;
      },
      &query);
  return query.found;
}

char* Image::sharedBase() const {
  if (tlsSize_ == 0) return nullptr;
  struct {
    unsigned long module;
    unsigned long offset;
  } index{tlsModule_, 0};
  return static_cast<char*>(__tls_get_addr(&index));
}

size_t Image::staticShared(const std::string& kernelName) const {
  // Variables inside a function are mangled _ZZ<length><function>E…; those of other kernels do not
  // count.
  auto prefix = [](const std::string& k) { return "_ZZ" + std::to_string(k.size()) + k + "E"; };
  auto startsWith = [](const std::string& text, const std::string& p) {
    return text.compare(0, p.size(), p) == 0;
  };
  size_t total = 0;
  for (const NamedVariable& v : tlsNames_) {
    if (hasDynamic_ && v.offset == dynamicOffset_) continue;
    bool others = false;
    for (const auto& k : kernels_) {
      others |= k.first != kernelName && startsWith(v.name, prefix(k.first));
    }
    if (!others) total += v.size;
  }
  return total;
}

}  // namespace sim

extern "C" void sim_register_kernel(const SimKernel* kernel) {
  if (sim::tLoading) sim::tLoading->add(kernel);
}
