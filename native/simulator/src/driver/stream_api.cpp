// Streams, events, capture and graphs.
#include <algorithm>
#include <chrono>
#include <set>

#include "../runtime/counters.h"
#include "../runtime/options.h"
#include "api.h"

namespace sim {
namespace {

constexpr unsigned kNonBlocking = 1;
constexpr unsigned kDisableTiming = 2;
constexpr unsigned kRecordExternal = 1;

double nowMilliseconds() {
  if (options().clock == Clock::kLaunches) return static_cast<double>(launchesSoFar());
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int newStream(Context* context, Stream** stream, unsigned flags, int priority) {
  if (!stream || flags > kNonBlocking) return kInvalidValue;
  *stream = createStream(context, !(flags & kNonBlocking), std::clamp(priority, -5, 0));
  return kSuccess;
}

int record(Lock& lock, Context* context, Event* event, void* handle, unsigned flags) {
  Stream* stream = findStream(context, handle);
  if (!stream || !context->events.count(event)) return kInvalidHandle;
  auto time = std::make_shared<double>(-1);
  Body body = [time](bool) {
    *time = nowMilliseconds();
    return static_cast<int>(kSuccess);
  };
  if (stream->capture && !(flags & kRecordExternal)) {
    if (stream->capture->invalid) return kCaptureInvalidated;
    event->capture = stream->capture;
    event->nodes = stream->captureTail;
    return kSuccess;
  }
  event->time = time;
  if (stream->capture) return submit(lock, stream, NodeType::kEventRecord, std::move(body));
  event->capture = nullptr;
  event->nodes.clear();
  event->work = enqueue(lock, stream, std::move(body));
  return kSuccess;
}

bool isCapturing(const Context* context, const Event* event) {
  return event->capture && context->captures.count(event->capture);
}

// What a getter of streams answers: `read` of the stream.
template <class T, class Read>
int answer(Context* context, void* handle, T* value, Read read) {
  const Stream* stream = findStream(context, handle);
  if (!stream) return kInvalidHandle;
  *value = read(*stream);
  return kSuccess;
}

// The stream for calls that no capture can hold: one ends as invalid.
int findUncaptured(Context* context, void* handle, Stream** stream) {
  *stream = findStream(context, handle);
  if (!*stream) return kInvalidHandle;
  if (!(*stream)->capture) return kSuccess;
  (*stream)->capture->invalid = true;
  return kCaptureUnsupported;
}

// Whether the host may ask for an event: not while it is captured, which ends the capture as
// invalid.
int refuseCaptured(const Context* context, Event* event) {
  if (!context->events.count(event)) return kInvalidHandle;
  if (!isCapturing(context, event)) return kSuccess;
  event->capture->invalid = true;
  return kCapturedEvent;
}

int waitInCapture(Stream* stream, Event* event, bool capturedEvent) {
  if (!capturedEvent || (stream->capture && stream->capture != event->capture)) {
    stream->capture->invalid = true;
    return kCaptureIsolation;
  }
  if (event->capture->invalid) return kCaptureInvalidated;
  stream->capture = event->capture;
  event->capture->streams.insert(stream);
  for (GraphNode* node : event->nodes) {
    auto& tail = stream->captureTail;
    if (std::find(tail.begin(), tail.end(), node) == tail.end()) tail.push_back(node);
  }
  return kSuccess;
}

// Whether the tails of all streams of the capture lie before the tail of its origin.
bool isJoined(const Capture& capture) {
  std::set<GraphNode*> reached;
  std::vector<GraphNode*> open = capture.origin->captureTail;
  while (!open.empty()) {
    GraphNode* node = open.back();
    open.pop_back();
    if (!reached.insert(node).second) continue;
    open.insert(open.end(), node->after.begin(), node->after.end());
  }
  for (const Stream* s : capture.streams) {
    for (GraphNode* node : s->captureTail) {
      if (!reached.count(node)) return false;
    }
  }
  return true;
}

template <class T>
int listNodes(const std::vector<T*>& found, T** nodes, size_t* count) {
  if (!count) return kInvalidValue;
  if (nodes) {
    for (size_t i = 0; i < *count && i < found.size(); ++i) nodes[i] = found[i];
    *count = std::min(*count, found.size());
  } else {
    *count = found.size();
  }
  return kSuccess;
}

}  // namespace
}  // namespace sim

using sim::Event;
using sim::Graph;
using sim::GraphExec;
using sim::GraphNode;
using sim::Stream;

SIM_API cuStreamCreate(Stream** stream, unsigned flags) {
  SIM_ENTER();
  return sim::newStream(context, stream, flags, 0);
}

SIM_API cuStreamCreateWithPriority(Stream** stream, unsigned flags, int priority) {
  SIM_ENTER();
  return sim::newStream(context, stream, flags, priority);
}

SIM_API cuStreamDestroy_v2(void* handle) {
  SIM_ENTER();
  Stream* stream = sim::findStream(context, handle);
  if (!stream || stream->isDefault) return sim::kInvalidHandle;
  sim::destroyStream(lock, stream);
  return context->error;
}

SIM_API cuStreamSynchronize(void* handle) {
  SIM_ENTER();
  Stream* stream = nullptr;
  if (int status = sim::findUncaptured(context, handle, &stream)) return status;
  sim::waitForStream(lock, stream);
  return context->error;
}

SIM_API cuStreamQuery(void* handle) {
  SIM_ENTER();
  Stream* stream = nullptr;
  if (int status = sim::findUncaptured(context, handle, &stream)) return status;
  if (!stream->last || stream->last->done) return sim::kSuccess;
  sim::demand(stream->last);
  return sim::kNotReady;
}

SIM_API cuStreamGetFlags(void* handle, unsigned* flags) {
  SIM_ENTER();
  return sim::answer(context, handle, flags,
                     [](const Stream& stream) { return stream.blocking ? 0 : sim::kNonBlocking; });
}

SIM_API cuStreamGetPriority(void* handle, int* priority) {
  SIM_ENTER();
  return sim::answer(context, handle, priority,
                     [](const Stream& stream) { return stream.priority; });
}

SIM_API cuStreamGetId(void* handle, unsigned long long* id) {
  SIM_ENTER();
  return sim::answer(context, handle, id, [](const Stream& stream) { return stream.id; });
}

SIM_API cuStreamGetCtx(void* handle, sim::Context** of) {
  SIM_ENTER();
  return sim::answer(context, handle, of, [](const Stream& stream) { return stream.context; });
}

SIM_API cuStreamWaitEvent(void* handle, Event* event, unsigned) {
  SIM_ENTER();
  Stream* stream = sim::findStream(context, handle);
  if (!stream || !sim::isEvent(event)) return sim::kInvalidHandle;
  bool captured = sim::isCapturing(event->context, event);
  if (stream->capture || captured) return sim::waitInCapture(stream, event, captured);
  if (!event->work || event->work->done) {
    sim::countSubmission();
    return sim::kSuccess;
  }
  sim::enqueue(
      lock, stream, [](bool) { return static_cast<int>(sim::kSuccess); }, event->work);
  return sim::kSuccess;
}

SIM_API cuLaunchHostFunc(void* handle, void (*function)(void*), void* data) {
  SIM_ENTER();
  Stream* stream = sim::findStream(context, handle);
  if (!stream) return sim::kInvalidHandle;
  if (!function) return sim::kInvalidValue;
  return sim::submit(lock, stream, sim::NodeType::kHost, [=](bool) {
    function(data);
    return static_cast<int>(sim::kSuccess);
  });
}

SIM_API cuStreamAddCallback(Stream* handle, void (*function)(Stream*, int, void*), void* data,
                            unsigned) {
  SIM_ENTER();
  Stream* stream = nullptr;
  if (int status = sim::findUncaptured(context, handle, &stream)) return status;
  return sim::submit(lock, stream, sim::NodeType::kHost, [=](bool) {
    function(handle, sim::kSuccess, data);
    return static_cast<int>(sim::kSuccess);
  });
}

SIM_API cuEventCreate(Event** event, unsigned flags) {
  SIM_ENTER();
  if (!event || flags > 7) return sim::kInvalidValue;
  *event = new Event;
  (*event)->context = context;
  (*event)->timing = !(flags & sim::kDisableTiming);
  context->events.insert(*event);
  return sim::kSuccess;
}

SIM_API cuEventDestroy_v2(Event* event) {
  SIM_ENTER();
  if (!context->events.erase(event)) return sim::kInvalidHandle;
  delete event;
  return sim::kSuccess;
}

SIM_API cuEventRecord(Event* event, void* handle) {
  SIM_ENTER();
  return sim::record(lock, context, event, handle, 0);
}

SIM_API cuEventRecordWithFlags(Event* event, void* handle, unsigned flags) {
  SIM_ENTER();
  return sim::record(lock, context, event, handle, flags);
}

SIM_API cuEventSynchronize(Event* event) {
  SIM_ENTER();
  if (int status = sim::refuseCaptured(context, event)) return status;
  if (std::shared_ptr<sim::Work> work = event->work) sim::wait(lock, work);
  return context->error;
}

SIM_API cuEventQuery(Event* event) {
  SIM_ENTER();
  if (int status = sim::refuseCaptured(context, event)) return status;
  if (!event->work || event->work->done) return sim::kSuccess;
  sim::demand(event->work);
  return sim::kNotReady;
}

SIM_API cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
  SIM_ENTER();
  for (Event* e : {start, end}) {
    if (!context->events.count(e) || !e->timing || !e->time) return sim::kInvalidHandle;
  }
  if (*start->time < 0 || *end->time < 0) return sim::kNotReady;
  *milliseconds = static_cast<float>(*end->time - *start->time);
  return sim::kSuccess;
}

SIM_API cuStreamBeginCapture_v2(void* handle, int mode) {
  SIM_ENTER();
  Stream* stream = sim::findStream(context, handle);
  if (!stream) return sim::kInvalidHandle;
  if (stream->isDefault) return sim::kCaptureUnsupported;
  if (stream->capture || mode < 0 || mode > 2) return sim::kInvalidValue;
  auto* capture = new sim::Capture;
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->origin = stream;
  capture->graph = new Graph;
  capture->streams.insert(stream);
  context->captures.insert(capture);
  stream->capture = capture;
  stream->captureTail.clear();
  return sim::kSuccess;
}

SIM_API cuStreamEndCapture(void* handle, Graph** graph) {
  SIM_ENTER();
  Stream* stream = sim::findStream(context, handle);
  if (!stream) return sim::kInvalidHandle;
  sim::Capture* capture = stream->capture;
  if (!capture || !graph) return sim::kInvalidValue;
  if (capture->origin != stream) {
    capture->invalid = true;
    return sim::kCaptureUnmatched;
  }
  if (capture->mode != 2 && capture->thread != std::this_thread::get_id()) {
    return sim::kCaptureWrongThread;
  }
  int status = capture->invalid           ? sim::kCaptureInvalidated
               : !sim::isJoined(*capture) ? sim::kCaptureUnjoined
                                          : sim::kSuccess;
  for (Stream* s : capture->streams) {
    s->capture = nullptr;
    s->captureTail.clear();
  }
  *graph = nullptr;
  if (status == sim::kSuccess) {
    *graph = capture->graph;
    context->graphs.insert(*graph);
  } else {
    delete capture->graph;
  }
  context->captures.erase(capture);
  delete capture;
  return status;
}

SIM_API cuStreamIsCapturing(void* handle, int* state) {
  SIM_ENTER();
  // CU_STREAM_CAPTURE_STATUS_: none 0, active 1, invalidated 2.
  return sim::answer(context, handle, state, [](const Stream& stream) {
    return !stream.capture ? 0 : stream.capture->invalid ? 2 : 1;
  });
}

SIM_API cuThreadExchangeStreamCaptureMode(int* mode) {
  SIM_ENTER_DEVICE();
  thread_local int current = 0;
  if (!mode || *mode < 0 || *mode > 2) return sim::kInvalidValue;
  std::swap(*mode, current);
  return sim::kSuccess;
}

SIM_API cuGraphInstantiateWithFlags(GraphExec** exec, Graph* graph, unsigned long long) {
  SIM_ENTER();
  if (!exec || !context->graphs.count(graph)) return sim::kInvalidValue;
  *exec = sim::instantiate(*graph);
  sim::countGraphMade();
  context->execs.insert(*exec);
  return sim::kSuccess;
}

SIM_API cuGraphUpload(GraphExec* exec, void* handle) {
  SIM_ENTER();
  if (!context->execs.count(exec)) return sim::kInvalidValue;
  return sim::findStream(context, handle) ? sim::kSuccess : sim::kInvalidHandle;
}

SIM_API cuGraphLaunch(GraphExec* exec, void* handle) {
  SIM_ENTER();
  Stream* stream = sim::findStream(context, handle);
  if (!stream) return sim::kInvalidHandle;
  if (!context->execs.count(exec)) return sim::kInvalidValue;
  if (stream->capture) return sim::kNotSupported;
  return sim::submit(lock, stream, sim::NodeType::kKernel,
                     [exec](bool) { return sim::runGraph(*exec); });
}

SIM_API cuGraphExecDestroy(GraphExec* exec) {
  SIM_ENTER();
  if (!context->execs.count(exec)) return sim::kInvalidValue;
  sim::waitForContext(lock, context);
  context->execs.erase(exec);
  delete exec;
  return sim::kSuccess;
}

SIM_API cuGraphDestroy(Graph* graph) {
  SIM_ENTER();
  if (!context->graphs.erase(graph)) return sim::kInvalidValue;
  delete graph;
  return sim::kSuccess;
}

SIM_API cuGraphGetNodes(Graph* graph, GraphNode** nodes, size_t* count) {
  SIM_ENTER();
  if (!context->graphs.count(graph)) return sim::kInvalidValue;
  std::vector<GraphNode*> found;
  for (const auto& node : graph->nodes) found.push_back(node.get());
  return sim::listNodes(found, nodes, count);
}

SIM_API cuGraphGetRootNodes(Graph* graph, GraphNode** nodes, size_t* count) {
  SIM_ENTER();
  if (!context->graphs.count(graph)) return sim::kInvalidValue;
  std::vector<GraphNode*> found;
  for (const auto& node : graph->nodes) {
    if (node->after.empty()) found.push_back(node.get());
  }
  return sim::listNodes(found, nodes, count);
}

SIM_API cuGraphNodeGetDependencies(GraphNode* node, GraphNode** nodes, size_t* count) {
  SIM_ENTER();
  if (!node) return sim::kInvalidValue;
  return sim::listNodes(node->after, nodes, count);
}

SIM_API cuGraphNodeGetType(GraphNode* node, int* type) {
  SIM_ENTER();
  if (!node || !type) return sim::kInvalidValue;
  *type = static_cast<int>(node->type);
  return sim::kSuccess;
}
