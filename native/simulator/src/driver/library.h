// How a library of the simulated device, such as its cuBLAS, puts work on streams.
#pragma once

#include <functional>
#include <string>

namespace sim {

// True if the calling thread has a context.
bool hasCurrentContext();

// Waits for the work of a stream that is to lose its handle, unless it is being captured.
void finishLibraryStream(void* stream);

// Appends work to a stream of the current context, or a kernel node to the graph it is captured
// into. Returns a driver status.
int submitLibraryWork(void* stream, std::function<int(bool inGraph)> body);

// For the body: ends with a finding where memory that is read was not written, or where memory is
// gone. `name` is that of the call in messages.
int checkLibraryRead(const std::string& name, const void* address, size_t size);
int checkLibraryWrite(const std::string& name, void* address, size_t size);

}  // namespace sim
