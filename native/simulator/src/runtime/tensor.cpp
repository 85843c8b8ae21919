// Tensor-core products, matrix loads and asynchronous copies.
#include <cmath>
#include <cstring>

#include "block.h"
#include "number_formats.h"

namespace sim {
namespace {

struct MmaLane {
  float* d;
  const unsigned* a;
  const unsigned* b;
};

// Matrices of one product, gathered from the lanes' registers; layouts in PTX ISA, "Matrix
// fragments for mma.m16n8k16" and "…k8".
struct Matrices {
  float a[16][16];
  float b[16][8];
};

void gather16(MmaLane* lanes[32], float (*decode)(uint16_t), Matrices* m) {
  for (int l = 0; l < 32; ++l) {
    int g = l / 4;
    int t = l % 4;
    for (int r = 0; r < 4; ++r) {
      int row = g + (r & 1) * 8;
      int column = 2 * t + (r >> 1) * 8;
      m->a[row][column] = decode(static_cast<uint16_t>(lanes[l]->a[r]));
      m->a[row][column + 1] = decode(static_cast<uint16_t>(lanes[l]->a[r] >> 16));
    }
    for (int r = 0; r < 2; ++r) {
      int row = 2 * t + r * 8;
      m->b[row][g] = decode(static_cast<uint16_t>(lanes[l]->b[r]));
      m->b[row + 1][g] = decode(static_cast<uint16_t>(lanes[l]->b[r] >> 16));
    }
  }
}

// The hardware drops the 13 lowest mantissa bits of its operands.
float decodeTf32(unsigned bits) { return bitsToFloat(bits & 0xffffe000u); }

void gatherTf32(MmaLane* lanes[32], Matrices* m) {
  for (int l = 0; l < 32; ++l) {
    int g = l / 4;
    int t = l % 4;
    for (int r = 0; r < 4; ++r) {
      m->a[g + (r & 1) * 8][t + (r >> 1) * 4] = decodeTf32(lanes[l]->a[r]);
    }
    for (int r = 0; r < 2; ++r) m->b[t + r * 4][g] = decodeTf32(lanes[l]->b[r]);
  }
}

template <int kDepth>
void multiply(MmaLane* lanes[32], const Matrices& m) {
  for (int row = 0; row < 16; ++row) {
    float sum[8];
    int first = (row % 8) * 4;
    int half = row / 8 * 2;
    for (int n = 0; n < 8; ++n) sum[n] = lanes[first + n / 2]->d[half + n % 2];
    for (int k = 0; k < kDepth; ++k) {
      for (int n = 0; n < 8; ++n) sum[n] += m.a[row][k] * m.b[k][n];
    }
    for (int n = 0; n < 8; ++n) lanes[first + n / 2]->d[half + n % 2] = sum[n];
  }
}

template <int kKind>
void mmaTogether(void** values, unsigned) {
  auto** lanes = reinterpret_cast<MmaLane**>(values);
  Matrices m;
  if (kKind == kSimMmaTf32K8) {
    gatherTf32(lanes, &m);
    multiply<8>(lanes, m);
  } else {
    gather16(lanes, kKind == kSimMmaBf16K16 ? &bf16ToFloat : &f16ToFloat, &m);
    multiply<16>(lanes, m);
  }
}

struct MatrixLane {
  unsigned* registers;
  const void* row;
  int count;
  bool transposed;
};

void loadTogether(void** values, unsigned) {
  auto** lanes = reinterpret_cast<MatrixLane**>(values);
  for (int matrix = 0; matrix < lanes[0]->count; ++matrix) {
    uint16_t rows[8][8];
    for (int r = 0; r < 8; ++r) std::memcpy(rows[r], lanes[matrix * 8 + r]->row, 16);
    for (int l = 0; l < 32; ++l) {
      int g = l / 4;
      int t = l % 4;
      bool transposed = lanes[l]->transposed;
      unsigned low = transposed ? rows[2 * t][g] : rows[g][2 * t];
      unsigned high = transposed ? rows[2 * t + 1][g] : rows[g][2 * t + 1];
      lanes[l]->registers[matrix] = low | high << 16;
    }
  }
}

void together(WarpFunction function, void* mine, const char* file, int line) {
  WarpRequest request;
  request.operation = kSimTogether;
  request.mask = 0xffffffffu;
  request.value = reinterpret_cast<uint64_t>(mine);
  request.function = function;
  Block* block = currentBlock();
  if (block->launch->block.x * block->launch->block.y * block->launch->block.z % 32 != 0) {
    block->fail(FindingKind::kWarpDivergence,
                "a warp-wide instruction needs whole warps: the block has " +
                    std::to_string(block->launch->block.x * block->launch->block.y *
                                   block->launch->block.z) +
                    " threads");
  }
  block->warp(request, file, line);
}

void needAligned(const void* pointer, unsigned alignment, const char* what) {
  if (reinterpret_cast<uintptr_t>(pointer) % alignment != 0) {
    currentBlock()->fail(FindingKind::kMisaligned, std::string(what) + ": the address is not a " +
                                                       "multiple of " + std::to_string(alignment));
  }
}

void perform(const AsyncCopy& copy) {
  sim_check_write(copy.to, copy.size);
  std::memcpy(copy.to, copy.from, copy.sourceSize);
  std::memset(copy.to + copy.sourceSize, 0, copy.size - copy.sourceSize);
}

}  // namespace
}  // namespace sim

extern "C" {

void sim_mma(int kind, float* d, const unsigned* a, const unsigned* b, const char* file, int line) {
  sim::MmaLane lane{d, a, b};
  sim::KernelCounts& counts = sim::currentBlock()->counts;
  switch (kind) {
    case kSimMmaF16K16:
      sim::together(&sim::mmaTogether<kSimMmaF16K16>, &lane, file, line);
      counts.mmaFlops += 2 * 16 * 8 * 16 / 32;
      break;
    case kSimMmaBf16K16:
      sim::together(&sim::mmaTogether<kSimMmaBf16K16>, &lane, file, line);
      counts.mmaFlops += 2 * 16 * 8 * 16 / 32;
      break;
    default:
      sim::together(&sim::mmaTogether<kSimMmaTf32K8>, &lane, file, line);
      counts.mmaFlops += 2 * 16 * 8 * 8 / 32;
  }
}

void sim_ldmatrix(unsigned* registers, int count, int transposed, const void* row, const char* file,
                  int line) {
  if (static_cast<int>(sim::currentBlock()->running().number % 32) < count * 8) {
    sim::needAligned(row, 16, "ldmatrix");
    sim_check_read(row, 16);
  }
  sim::MatrixLane lane{registers, row, count, transposed != 0};
  sim::together(&sim::loadTogether, &lane, file, line);
}

// The copy happens when the thread waits for it, as late as a device may do it: data used before
// that wait is still unwritten.
void sim_copy_async(void* shared, const void* global, unsigned size, unsigned sourceSize) {
  sim::needAligned(shared, size, "cp.async to shared memory");
  if (sourceSize) {
    sim::needAligned(global, size, "cp.async from global memory");
    sim_check_read(global, sourceSize);
  }
  sim::DeviceThread& t = sim::currentBlock()->running();
  t.copies.push_back({static_cast<char*>(shared), static_cast<const char*>(global), size,
                      sourceSize, t.copyGroup});
}

void sim_copy_async_commit() { ++sim::currentBlock()->running().copyGroup; }

void sim_copy_async_wait(int pendingGroups) {
  sim::DeviceThread& t = sim::currentBlock()->running();
  size_t kept = 0;
  for (size_t i = 0; i < t.copies.size(); ++i) {
    const sim::AsyncCopy copy = t.copies[i];
    // Copies behind the last commit belong to no group yet.
    if (copy.group < t.copyGroup &&
        copy.group + static_cast<unsigned>(pendingGroups) < t.copyGroup) {
      sim::perform(copy);
    } else {
      t.copies[kept++] = copy;
    }
  }
  t.copies.resize(kept);
}

unsigned short sim_f16_from_float(float value) { return sim::floatToF16(value); }
float sim_float_from_f16(unsigned short bits) { return sim::f16ToFloat(bits); }
unsigned short sim_bf16_from_float(float value) { return sim::floatToBf16(value); }

}  // extern "C"
