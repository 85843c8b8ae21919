#include "rnn_reserve.h"

#include <cstring>

#include "../../driver/library.h"
#include "../../runtime/detector/findings.h"
#include "../../runtime/status.h"
#include "../descriptor/tensor_descriptor.h"
#include "rnn_memory.h"

namespace sim {
namespace {

constexpr uint64_t kMark = 0x65767265736572ff;
constexpr size_t kStampBytes = 128;
static_assert(sizeof(ReserveStamp) <= kStampBytes);

int elementType(const RnnProblem& problem) {
  return problem.rnn.dataType == kDnnDouble ? kDnnDouble : kDnnFloat;
}

size_t bytesOf(const RnnProblem& problem, size_t elements) {
  return kStampBytes + elements * typeSize(elementType(problem));
}

int misuse(const std::string& text) {
  recordFinding(FindingKind::kMisuse, text);
  return findingStatus(FindingKind::kMisuse);
}

}  // namespace

uint64_t fingerprint(const void* data, size_t bytes, uint64_t start) {
  // FNV-1a, by words where there are whole ones.
  constexpr uint64_t kPrime = 0x100000001b3u;
  const auto* at = static_cast<const unsigned char*>(data);
  uint64_t hash = start;
  for (; bytes >= sizeof(uint64_t); at += sizeof(uint64_t), bytes -= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  }
  for (; bytes > 0; ++at, --bytes) hash = (hash ^ *at) * kPrime;
  return hash;
}

uint64_t fingerprint(const Values& values) {
  return fingerprint(values.data(), values.size() * sizeof(double));
}

uint64_t fingerprint(const std::vector<RnnWeights>& weights) {
  uint64_t hash = 0;
  for (const RnnWeights& w : weights) {
    for (const Values* v :
         {&w.input, &w.recurrent, &w.inputBias, &w.recurrentBias, &w.projection}) {
      hash = hash * 31 + fingerprint(*v);
    }
  }
  return hash;
}

uint64_t fingerprint(const RnnProblem& problem) {
  const RnnDescriptor& r = problem.rnn;
  const int numbers[] = {static_cast<int>(r.algorithm),
                         static_cast<int>(r.cell),
                         static_cast<int>(r.bias),
                         r.bidirectional,
                         r.skipInput,
                         r.dataType,
                         r.mathPrecision,
                         r.mathType,
                         r.inputSize,
                         r.hiddenSize,
                         r.projSize,
                         r.numLayers,
                         problem.steps,
                         problem.batch};
  uint64_t hash = fingerprint(numbers, sizeof numbers);
  return fingerprint(problem.lengths.data(), problem.lengths.size() * sizeof(int), hash);
}

size_t reserveBytes(const RnnProblem& problem, bool dropout) {
  return bytesOf(problem, RnnTrace(problem, dropout).size());
}

int writeReserve(const std::string& name, void* reserve, const RnnProblem& problem,
                 ReserveStamp stamp, ReserveStage stage, RnnTrace* trace) {
  size_t bytes = bytesOf(problem, trace->size());
  if (int status = checkLibraryWrite(name + " reserve space", reserve, bytes)) return status;
  char* contents = static_cast<char*>(reserve) + kStampBytes;
  size_t next = 0;
  trace->forEach([&](const Values& values) {
    for (double v : values) storeElement(contents, elementType(problem), next++, v);
  });
  stamp.mark = kMark;
  stamp.stage = static_cast<uint64_t>(stage);
  stamp.problem = fingerprint(problem);
  stamp.contents = fingerprint(contents, bytes - kStampBytes);
  std::memset(reserve, 0, kStampBytes);
  std::memcpy(reserve, &stamp, sizeof stamp);
  return kSuccess;
}

int readReserve(const std::string& name, const void* reserve, const RnnProblem& problem,
                ReserveStage stage, ReserveStamp* stamp, RnnTrace* trace) {
  size_t bytes = bytesOf(problem, trace->size());
  if (int status = checkLibraryRead(name + " reserve space", reserve, bytes)) return status;
  std::memcpy(stamp, reserve, sizeof *stamp);
  if (stamp->mark != kMark) {
    return misuse(name + ": the reserve space is not one that a forward call in training wrote");
  }
  if (int status =
          requireSame(name, "the descriptors or lengths", fingerprint(problem), stamp->problem)) {
    return status;
  }
  const char* contents = static_cast<const char*>(reserve) + kStampBytes;
  if (fingerprint(contents, bytes - kStampBytes) != stamp->contents) {
    return misuse(name + ": the reserve space was altered since the call before");
  }
  if (stamp->stage != static_cast<uint64_t>(stage)) {
    return misuse(name + (stage == ReserveStage::kDataDone
                              ? ": cudnnRNNBackwardData_v8 has to come before it"
                              : ": the reserve space has been through this call already"));
  }
  size_t next = 0;
  trace->forEach([&](Values& values) {
    for (double& v : values) v = loadElement(contents, elementType(problem), next++);
  });
  return kSuccess;
}

int requireSame(const std::string& name, const char* what, uint64_t now, uint64_t forward) {
  if (now == forward) return kSuccess;
  return misuse(name + ": " + what +
                " are not those of the forward call whose reserve space this is");
}

}  // namespace sim
