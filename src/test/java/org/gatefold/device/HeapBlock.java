package org.gatefold.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.gatefold.tensor.Block;

/** A block on the heap, for tests of scopes. */
final class HeapBlock implements Block {
    private final ByteBuffer buffer;
    private final Runnable onFree;

    HeapBlock(long bytes, Runnable onFree) {
        this.buffer = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
        this.onFree = onFree;
    }

    @Override
    public String memory() {
        return "host";
    }

    @Override
    public long bytes() {
        return buffer.capacity();
    }

    @Override
    public long address() {
        throw new IllegalStateException("memory of the heap has no address");
    }

    @Override
    public ByteBuffer view(long offset, long bytes) {
        return buffer.slice(Math.toIntExact(offset), Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    public void write(long offset, float[] source, int from, int count) {
        view(offset, 4L * count).asFloatBuffer().put(source, from, count);
    }

    @Override
    public void write(long offset, int[] source, int from, int count) {
        view(offset, 4L * count).asIntBuffer().put(source, from, count);
    }

    @Override
    public void read(long offset, float[] target, int from, int count) {
        view(offset, 4L * count).asFloatBuffer().get(target, from, count);
    }

    @Override
    public void read(long offset, int[] target, int from, int count) {
        view(offset, 4L * count).asIntBuffer().get(target, from, count);
    }

    @Override
    public void fill(long offset, long words, int bits) {
        ByteBuffer view = view(offset, 4 * words);
        while (view.hasRemaining()) {
            view.putInt(bits);
        }
    }

    @Override
    public void copy(long offset, Block source, long sourceOffset, long bytes) {
        view(offset, bytes).put(source.view(sourceOffset, bytes));
    }

    @Override
    public void free() {
        onFree.run();
    }
}
