// The symbols of an ELF file in memory.
#pragma once

#include <elf.h>

#include <cstddef>

namespace sim {

// Calls `body(name, symbol)` for every symbol of the symbol tables of a complete 64-bit ELF file.
template <class Body>
void forEachSymbol(const char* bytes, Body body) {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(bytes);
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(bytes + header->e_shoff);
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const char* names = bytes + sections[sections[i].sh_link].sh_offset;
    const auto* symbols = reinterpret_cast<const Elf64_Sym*>(bytes + sections[i].sh_offset);
    for (size_t s = 0; s < sections[i].sh_size / sizeof(Elf64_Sym); ++s) {
      body(names + symbols[s].st_name, symbols[s]);
    }
  }
}

}  // namespace sim
