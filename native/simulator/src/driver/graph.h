// Graphs of work: nodes with dependencies, made by capture and run as a whole.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sim {

// Values of CUgraphNodeType.
enum class NodeType { kKernel = 0, kCopy = 1, kFill = 2, kHost = 3, kEmpty = 5, kEventRecord = 7 };

// Work to run; told whether it runs as a node of a graph. Returns a driver status.
using Body = std::function<int(bool inGraph)>;

struct GraphNode {
  NodeType type;
  Body body;
  std::vector<GraphNode*> after;
};

struct Graph {
  std::vector<std::unique_ptr<GraphNode>> nodes;
};

// Owns copies of the nodes, in the order they were captured.
struct GraphExec {
  struct Step {
    Body body;
    std::vector<size_t> after;
  };
  std::vector<Step> steps;
};

GraphExec* instantiate(const Graph& graph);

// Runs every step once, each behind those it depends on; among the ready ones the schedule option
// decides. Stops at the first error.
int runGraph(const GraphExec& exec);

}  // namespace sim
