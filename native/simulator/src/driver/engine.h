// Contexts, streams, events and the work in them.
//
// One mutex guards all of it; work runs without the mutex, on one thread per stream. Handles given
// to the application are pointers to these objects and are looked up before they are used.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "../runtime/image/image.h"
#include "../runtime/status.h"
#include "graph.h"

namespace sim {

using Lock = std::unique_lock<std::mutex>;
std::mutex& engineMutex();

struct Capture;
struct Context;
struct Stream;

struct Work {
  Body body;
  Stream* stream = nullptr;
  std::vector<std::shared_ptr<Work>> after;  // of other streams
  std::vector<Stream*> before;               // streams with work that comes after this
  bool demanded = false;                     // may run; false only in the delayed mode
  bool awaited = false;                      // by a thread of the application
  bool done = false;
};

struct Event {
  Context* context = nullptr;
  bool timing = true;
  std::shared_ptr<Work> work;    // of the last record; null before
  std::shared_ptr<double> time;  // milliseconds, of the last record
  Capture* capture = nullptr;    // last recorded in this capture
  std::vector<GraphNode*> nodes;
};

struct Stream {
  Context* context = nullptr;
  bool isDefault = false;
  bool blocking = true;  // ordered with the default stream
  int priority = 0;
  uint64_t id = 0;
  std::deque<std::shared_ptr<Work>> queue;
  std::shared_ptr<Work> last;
  std::condition_variable changed;  // its thread waits for work that can run
  bool threadStarted = false;
  bool closing = false;
  Capture* capture = nullptr;
  std::vector<GraphNode*> captureTail;  // what the next captured work depends on
};

// An open capture; lives from begin to end.
struct Capture {
  int mode = 0;
  bool invalid = false;
  std::thread::id thread;
  Stream* origin = nullptr;
  Graph* graph = nullptr;
  std::set<Stream*> streams;
};

struct Module {
  Context* context = nullptr;
  std::shared_ptr<const Image> image;
  std::vector<struct Function*> functions;
};

struct Function {
  Module* module = nullptr;
  const SimKernel* kernel = nullptr;
  unsigned staticShared = 0;
  unsigned maxDynamicShared = 0;
};

struct Context {
  int device = 0;
  int error = 0;  // of the first failed work: every later call returns it
  unsigned flags = 0;
  uint64_t id = 0;
  Stream* defaultStream = nullptr;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<Module*> modules;
  std::set<Function*> functions;
  std::set<Graph*> graphs;
  std::set<GraphExec*> execs;
  std::set<Capture*> captures;
  std::set<uint64_t> peers;  // the contexts that it was given access to, by their numbers
};

Context* createContext(int device);
// Waits for its work, frees what it owns and reports memory that the application did not free.
void destroyContext(Lock& lock, Context* context);
bool isContext(const Context* context);
// Of any context: work of one may wait for an event of another.
bool isEvent(const Event* event);

// The stream behind a handle: null, 1 and 2 are the default stream. Null for an unknown handle.
Stream* findStream(Context* context, void* handle);
Stream* createStream(Context* context, bool blocking, int priority);
void destroyStream(Lock& lock, Stream* stream);

// Appends work to a stream, or a node to the graph that the stream is captured into.
int submit(Lock& lock, Stream* stream, NodeType type, Body body);
// `before` is of another stream, or null.
std::shared_ptr<Work> enqueue(Lock& lock, Stream* stream, Body body,
                              std::shared_ptr<Work> before = nullptr);
void wait(Lock& lock, const std::shared_ptr<Work>& work);
void demand(const std::shared_ptr<Work>& work);
void waitForStream(Lock& lock, Stream* stream);
void waitForContext(Lock& lock, Context* context);

// Calls that a capture forbids end it as the driver does; 0 where nothing is captured.
int refuseInCapture(Context* context);

}  // namespace sim
