/// The engine behind the C ABI: a thread team and the kernels of one instruction set.
///
/// For baseline code only (it uses the standard library's inline functions).
#ifndef GATEFOLD_ENGINE_H
#define GATEFOLD_ENGINE_H

#include <cstdint>

#include "engine/kernels.h"
#include "engine/thread_team.h"
#include "gatefold/engine.h"

struct gf_engine {
  gatefold::ThreadTeam* team;
  const gatefold::Kernels* kernels;
};

namespace gatefold {

/// Splits `count` items, at multiples of `grain`, over as many threads as get at least `least`
/// items each, and calls body(begin, end) for each part. The parts must not interact.
template <class Body>
void parallel_for(gf_engine* engine, int64_t count, int64_t least, int64_t grain,
                  const Body& body) {
  if (count <= 0) {
    return;
  }
  struct Context {
    const Body* body;
    int64_t count, grain;
  } context{&body, count, grain};
  int64_t wanted = count / least;
  wanted = wanted < 1 ? 1 : wanted;
  if (wanted > engine->team->threads()) {
    wanted = engine->team->threads();
  }
  engine->team->run(
      static_cast<int>(wanted),
      [](void* opaque, const Team& team) {
        const Context& c = *static_cast<const Context*>(opaque);
        Range grains = part_of((c.count + c.grain - 1) / c.grain, team.rank, team.size);
        int64_t begin = grains.begin * c.grain;
        int64_t end = grains.end * c.grain < c.count ? grains.end * c.grain : c.count;
        if (begin < end) {
          (*c.body)(begin, end);
        }
      },
      &context);
}

/// Sums a function over fixed parts of `count` rows, whose number depends on the shape alone, so
/// that the result does not depend on the threads: body(begin, end) gives the sum of a part.
template <class Body>
double parallel_row_sum(gf_engine* engine, int64_t rows, int64_t columns, const Body& body) {
  constexpr int64_t kParts = 64;
  constexpr int64_t kElementsPerPart = 1024;
  constexpr int64_t kPartsPerThread = 8;
  double sums[kParts] = {};
  int64_t parts = rows * columns / kElementsPerPart;
  parts = parts > rows ? rows : parts;
  parts = parts < 1 ? 1 : parts > kParts ? kParts : parts;
  parallel_for(engine, parts, kPartsPerThread, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++) {
      Range part = part_of(rows, p, parts);
      sums[p] = body(part.begin, part.end);
    }
  });
  double total = 0;
  for (int64_t p = 0; p < parts; p++) {
    total += sums[p];
  }
  return total;
}

/// The same over single elements.
template <class Body>
double parallel_sum(gf_engine* engine, int64_t count, const Body& body) {
  return parallel_row_sum(engine, count, 1, body);
}

}  // namespace gatefold

#endif  // GATEFOLD_ENGINE_H
