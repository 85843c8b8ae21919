#include "engine.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

#include "../runtime/counters.h"
#include "../runtime/detector/findings.h"
#include "../runtime/device_memory.h"
#include "../runtime/options.h"

namespace sim {
namespace {

// The application's threads wait for the end of work.
std::condition_variable& finished() {
  static auto* condition = new std::condition_variable;
  return *condition;
}

std::set<Context*>& contexts() {
  static auto* all = new std::set<Context*>;
  return *all;
}

uint64_t nextId() {
  static uint64_t id = 0;
  return ++id;
}

bool canRun(const Stream& stream) {
  if (stream.queue.empty() || !stream.queue.front()->demanded) return false;
  const auto& after = stream.queue.front()->after;
  return std::all_of(after.begin(), after.end(), [](const auto& w) { return w->done; });
}

// Every wake-up of a thread costs as much as running a small kernel: none goes to one with nothing
// to do.
void wake(Stream& stream) {
  if (canRun(stream)) stream.changed.notify_one();
}

void streamLoop(Stream* stream) {
  // Faults of the thread itself are left to their handlers, all else to the application's threads.
  sigset_t all;
  sigfillset(&all);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fault);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  Lock lock(engineMutex());
  for (;;) {
    stream->changed.wait(lock, [&] { return canRun(*stream) || stream->closing; });
    if (stream->closing && stream->queue.empty()) break;
    if (!canRun(*stream)) continue;
    std::shared_ptr<Work> work = stream->queue.front();
    if (stream->context->error == 0) {
      lock.unlock();
      int status = work->body(false);
      lock.lock();
      if (status && stream->context->error == 0) stream->context->error = status;
    }
    work->done = true;
    work->body = nullptr;
    work->after.clear();
    stream->queue.pop_front();
    for (Stream* other : work->before) wake(*other);
    work->before.clear();
    if (work->awaited) finished().notify_all();
  }
  delete stream;
}

void leak(const Allocation& a) {
  recordFinding(FindingKind::kLeak, std::string(a.host ? "pinned host memory" : "device memory") +
                                        " #" + std::to_string(a.serial) + ", " +
                                        std::to_string(a.size) +
                                        " bytes, was not freed before its context was destroyed");
}

}  // namespace

std::mutex& engineMutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

Context* createContext(int device) {
  auto* context = new Context;
  context->device = device;
  context->id = nextId();
  context->defaultStream = createStream(context, true, 0);
  context->defaultStream->isDefault = true;
  contexts().insert(context);
  return context;
}

bool isContext(const Context* context) {
  return contexts().count(const_cast<Context*>(context)) != 0;
}

bool isEvent(const Event* event) {
  return std::any_of(contexts().begin(), contexts().end(), [=](const Context* context) {
    return context->events.count(const_cast<Event*>(event)) != 0;
  });
}

void destroyContext(Lock& lock, Context* context) {
  waitForContext(lock, context);
  contexts().erase(context);
  for (const Allocation& a : DeviceMemory::instance().live(context)) leak(a);
  DeviceMemory::instance().freeAll(context);
  auto graphs = context->graphs.size() + context->execs.size();
  if (graphs) {
    recordFinding(
        FindingKind::kLeak,
        std::to_string(graphs) + " graphs were not destroyed before their context was destroyed");
  }
  while (!context->streams.empty()) destroyStream(lock, *context->streams.begin());
  for (Event* e : context->events) delete e;
  for (Function* f : context->functions) delete f;
  for (Module* m : context->modules) delete m;
  for (GraphExec* e : context->execs) delete e;
  for (Graph* g : context->graphs) delete g;
  for (Capture* c : context->captures) delete c;
  delete context;
}

Stream* findStream(Context* context, void* handle) {
  if (reinterpret_cast<uintptr_t>(handle) <= 2) return context->defaultStream;
  auto* stream = static_cast<Stream*>(handle);
  return context->streams.count(stream) ? stream : nullptr;
}

Stream* createStream(Context* context, bool blocking, int priority) {
  auto* stream = new Stream;
  stream->context = context;
  stream->blocking = blocking;
  stream->priority = priority;
  stream->id = nextId();
  context->streams.insert(stream);
  return stream;
}

void destroyStream(Lock& lock, Stream* stream) {
  waitForStream(lock, stream);
  stream->context->streams.erase(stream);
  for (Capture* c : stream->context->captures) {
    if (c->streams.erase(stream)) c->invalid = true;
    if (c->origin == stream) c->origin = nullptr;
  }
  if (stream->threadStarted) {
    stream->closing = true;  // its thread deletes it
    stream->changed.notify_one();
  } else {
    delete stream;
  }
}

void demand(const std::shared_ptr<Work>& work) {
  if (work->done) return;
  for (const auto& w : work->stream->queue) {
    if (!w->demanded) {
      w->demanded = true;
      for (const auto& before : w->after) demand(before);
    }
    if (w == work) break;
  }
  wake(*work->stream);
}

void wait(Lock& lock, const std::shared_ptr<Work>& work) {
  demand(work);
  work->awaited = true;
  finished().wait(lock, [&] { return work->done; });
}

void waitForStream(Lock& lock, Stream* stream) {
  if (std::shared_ptr<Work> last = stream->last) wait(lock, last);
}

void waitForContext(Lock& lock, Context* context) {
  std::vector<std::shared_ptr<Work>> all;
  for (Stream* s : context->streams) {
    if (s->last) all.push_back(s->last);
  }
  for (const auto& work : all) demand(work);
  for (const auto& work : all) wait(lock, work);
}

std::shared_ptr<Work> enqueue(Lock& lock, Stream* stream, Body body, std::shared_ptr<Work> before) {
  countSubmission();
  auto work = std::make_shared<Work>();
  work->body = std::move(body);
  work->stream = stream;
  work->demanded = options().async != AsyncMode::kDelayed;
  Context* context = stream->context;
  auto follow = [&](const std::shared_ptr<Work>& other) {
    if (!other || other->done || other->stream == stream) return;
    work->after.push_back(other);
    other->before.push_back(stream);
    if (work->demanded) demand(other);
  };
  follow(before);
  if (stream->isDefault) {
    for (Stream* s : context->streams) {
      if (s->blocking) follow(s->last);
    }
  } else if (stream->blocking) {
    follow(context->defaultStream->last);
  }
  stream->queue.push_back(work);
  stream->last = work;
  if (!stream->threadStarted) {
    stream->threadStarted = true;
    std::thread(streamLoop, stream).detach();
  }
  wake(*stream);
  if (options().async == AsyncMode::kInline) wait(lock, work);
  return work;
}

int submit(Lock& lock, Stream* stream, NodeType type, Body body) {
  if (stream->isDefault) {
    for (Capture* c : stream->context->captures) {
      for (Stream* s : c->streams) {
        if (s->blocking) {
          c->invalid = true;
          return kCaptureImplicit;
        }
      }
    }
  }
  if (Capture* capture = stream->capture) {
    if (capture->invalid) return kCaptureInvalidated;
    auto node = std::make_unique<GraphNode>();
    node->type = type;
    node->body = std::move(body);
    node->after = stream->captureTail;
    stream->captureTail = {node.get()};
    capture->graph->nodes.push_back(std::move(node));
    return kSuccess;
  }
  enqueue(lock, stream, std::move(body));
  return kSuccess;
}

int refuseInCapture(Context* context) {
  for (Capture* c : context->captures) {
    // Modes: 0 global, 1 of the capturing thread only, 2 relaxed.
    if (c->mode == 0 || (c->mode == 1 && c->thread == std::this_thread::get_id())) {
      c->invalid = true;
      return kCaptureUnsupported;
    }
  }
  return kSuccess;
}

}  // namespace sim
