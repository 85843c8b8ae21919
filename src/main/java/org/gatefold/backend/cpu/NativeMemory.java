package org.gatefold.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.gatefold.device.Memory;
import org.gatefold.device.OutOfMemoryException;
import org.gatefold.tensor.Block;

/** Host memory outside the JVM's heap, aligned to cache lines, large blocks on huge pages. Thread-safe. */
final class NativeMemory implements Memory {
    private static final String NAME = "host";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Block allocate(long bytes) {
        long address = NativeLibrary.allocate(bytes);
        if (address == 0) {
            throw new OutOfMemoryException("the system has no block of " + bytes + " bytes for " + NAME + " memory");
        }
        return new NativeBlock(address, bytes);
    }

    /** One allocation. */
    private record NativeBlock(long address, long bytes) implements Block {
        @Override
        public String memory() {
            return NAME;
        }

        @Override
        public ByteBuffer view(long offset, long length) {
            if (length > Integer.MAX_VALUE) {
                throw new IllegalStateException("a Java buffer holds at most 2 GiB, asked for " + length + " bytes");
            }
            return NativeLibrary.view(at(offset, length), length).order(ByteOrder.nativeOrder());
        }

        @Override
        public void write(long offset, float[] source, int from, int count) {
            NativeLibrary.writeFloats(at(offset, (long) count * Float.BYTES), source, from, count);
        }

        @Override
        public void write(long offset, int[] source, int from, int count) {
            NativeLibrary.writeInts(at(offset, (long) count * Integer.BYTES), source, from, count);
        }

        @Override
        public void read(long offset, float[] target, int from, int count) {
            NativeLibrary.readFloats(at(offset, (long) count * Float.BYTES), target, from, count);
        }

        @Override
        public void read(long offset, int[] target, int from, int count) {
            NativeLibrary.readInts(at(offset, (long) count * Integer.BYTES), target, from, count);
        }

        @Override
        public void fill(long offset, long words, int bits) {
            NativeLibrary.fillWords(at(offset, words * Integer.BYTES), words, bits);
        }

        @Override
        public void copy(long offset, Block source, long sourceOffset, long length) {
            if (sourceOffset < 0 || sourceOffset + length > source.bytes()) {
                throw new IndexOutOfBoundsException(
                        "bytes " + sourceOffset + " to " + (sourceOffset + length) + " of " + source.bytes());
            }
            NativeLibrary.copyBytes(at(offset, length), source.address() + sourceOffset, length);
        }

        @Override
        public void free() {
            NativeLibrary.free(address);
        }

        private long at(long offset, long length) {
            if (offset < 0 || length < 0 || offset + length > bytes) {
                throw new IndexOutOfBoundsException("bytes " + offset + " to " + (offset + length) + " of " + bytes);
            }
            return address + offset;
        }
    }
}
