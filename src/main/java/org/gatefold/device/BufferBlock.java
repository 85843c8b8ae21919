package org.gatefold.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.gatefold.tensor.Block;

/** A block of the JVM's own memory: one buffer, at no address that native code is given. Owned by its scope; thread-safe. */
public final class BufferBlock implements Block {
    private final String memory;
    private final ByteBuffer buffer;
    private final Runnable free;

    /**
     * @param memory the name of the memory
     * @param buffer all of whose bytes are the block
     * @param free gives the buffer back
     */
    public BufferBlock(String memory, ByteBuffer buffer, Runnable free) {
        this.memory = memory;
        this.buffer = buffer.order(ByteOrder.nativeOrder());
        this.free = free;
    }

    @Override
    public String memory() {
        return memory;
    }

    @Override
    public long bytes() {
        return buffer.capacity();
    }

    @Override
    public long address() {
        throw new IllegalStateException("the reference's memory belongs to the JVM and has no address to give");
    }

    @Override
    public ByteBuffer view(long offset, long bytes) {
        return buffer.slice(Math.toIntExact(offset), Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    public void write(long offset, float[] source, int from, int count) {
        view(offset, (long) count * Float.BYTES).asFloatBuffer().put(source, from, count);
    }

    @Override
    public void write(long offset, int[] source, int from, int count) {
        view(offset, (long) count * Integer.BYTES).asIntBuffer().put(source, from, count);
    }

    @Override
    public void read(long offset, float[] target, int from, int count) {
        view(offset, (long) count * Float.BYTES).asFloatBuffer().get(target, from, count);
    }

    @Override
    public void read(long offset, int[] target, int from, int count) {
        view(offset, (long) count * Integer.BYTES).asIntBuffer().get(target, from, count);
    }

    @Override
    public void fill(long offset, long words, int bits) {
        int end = Math.toIntExact(offset + words * Integer.BYTES);
        for (int at = Math.toIntExact(offset); at < end; at += Integer.BYTES) {
            buffer.putInt(at, bits);
        }
    }

    @Override
    public void copy(long offset, Block source, long sourceOffset, long bytes) {
        view(offset, bytes).put(source.view(sourceOffset, bytes));
    }

    @Override
    public void free() {
        free.run();
    }
}
