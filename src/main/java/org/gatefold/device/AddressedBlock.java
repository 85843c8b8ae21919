package org.gatefold.device;

import org.gatefold.tensor.Block;

/** A block of a memory whose bytes native code reaches by their address. Owned by its scope; thread-safe. */
public abstract class AddressedBlock implements Block {
    private final String memory;
    private final long address;
    private final long bytes;

    /** @param memory the name of the memory */
    protected AddressedBlock(String memory, long address, long bytes) {
        this.memory = memory;
        this.address = address;
        this.bytes = bytes;
    }

    @Override
    public final String memory() {
        return memory;
    }

    @Override
    public final long bytes() {
        return bytes;
    }

    @Override
    public final long address() {
        return address;
    }
}
