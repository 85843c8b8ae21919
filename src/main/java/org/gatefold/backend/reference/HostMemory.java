package org.gatefold.backend.reference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
        return new HostBlock(region.bytes().order(ByteOrder.nativeOrder()), region);
    }

    /** One direct buffer. */
    private static final class HostBlock implements Block {
        private final ByteBuffer buffer;
        private final DirectMemory.Region region;

        HostBlock(ByteBuffer buffer, DirectMemory.Region region) {
            this.buffer = buffer;
            this.region = region;
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
            region.free();
        }
    }
}
