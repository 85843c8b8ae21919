package org.gatefold.device;

import org.gatefold.tensor.Block;

/** Allocates blocks in one memory; implemented by backends, called by scopes only. Thread-safe. */
public interface Memory {
    /** The memory's name: {@code "host"} or the device's, for instance {@code "cuda:0"}. */
    String name();

    /**
     * A new block with undefined contents, aligned to at least 64 bytes.
     *
     * @throws OutOfMemoryException if the memory has no such block
     */
    Block allocate(long bytes);
}
