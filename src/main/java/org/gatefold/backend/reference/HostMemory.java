package org.gatefold.backend.reference;

import org.gatefold.device.BufferBlock;
import org.gatefold.device.Memory;
import org.gatefold.device.OutOfMemoryException;
import org.gatefold.tensor.Block;

/** Off-heap memory of the JVM, as direct buffers that are freed at once when their scope lets them go. Thread-safe. */
final class HostMemory implements Memory {
    /** A direct buffer is indexed by an int. */
    private static final long LARGEST = Integer.MAX_VALUE - 64L;

    private final DirectMemory direct = DirectMemory.ofThisJvm();

    @Override
    public String name() {
        return "host";
    }

    @Override
    public Block allocate(long bytes) {
        if (bytes > LARGEST) {
            throw new OutOfMemoryException("a block of the JVM's direct memory holds at most " + LARGEST
                    + " bytes, asked for " + bytes + "; the native CPU backend has no such limit");
        }
        DirectMemory.Region region;
        try {
            region = direct.allocate((int) bytes);
        } catch (OutOfMemoryError e) {
            OutOfMemoryException failure =
                    new OutOfMemoryException("the JVM has no " + bytes + " bytes of direct memory left ("
                            + e.getMessage() + "); -XX:MaxDirectMemorySize raises its limit");
            failure.initCause(e);
            throw failure;
        }
        return new BufferBlock(name(), region.bytes(), region::free);
    }
}
