#include "graph.h"

#include <map>

#include "../runtime/counters.h"
#include "../runtime/options.h"

namespace sim {

GraphExec* instantiate(const Graph& graph) {
  auto* exec = new GraphExec;
  std::map<const GraphNode*, size_t> index;
  for (const auto& node : graph.nodes) {
    GraphExec::Step step;
    step.body = node->body;
    for (const GraphNode* before : node->after) step.after.push_back(index.at(before));
    index[node.get()] = exec->steps.size();
    exec->steps.push_back(std::move(step));
  }
  return exec;
}

int runGraph(const GraphExec& exec) {
  size_t count = exec.steps.size();
  countGraphLaunch(count);
  Schedule schedule = options().schedule;
  if (schedule == Schedule::kForward) {
    for (const GraphExec::Step& step : exec.steps) {
      if (int status = step.body(true)) return status;
    }
    return 0;
  }
  std::vector<size_t> missing(count);
  std::vector<std::vector<size_t>> followers(count);
  std::vector<size_t> ready;
  for (size_t i = 0; i < count; ++i) {
    missing[i] = exec.steps[i].after.size();
    for (size_t before : exec.steps[i].after) followers[before].push_back(i);
    if (missing[i] == 0) ready.push_back(i);
  }
  uint64_t random = options().seed * 0x9e3779b97f4a7c15u | 1;
  while (!ready.empty()) {
    size_t pick = ready.size() - 1;
    if (schedule == Schedule::kRandom) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      pick = random % ready.size();
    }
    size_t step = ready[pick];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(pick));
    if (int status = exec.steps[step].body(true)) return status;
    for (size_t next : followers[step]) {
      if (--missing[next] == 0) ready.push_back(next);
    }
  }
  return 0;
}

}  // namespace sim
