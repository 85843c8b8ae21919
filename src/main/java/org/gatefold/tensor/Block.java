package org.gatefold.tensor;

import java.nio.ByteBuffer;

/**
 * A run of bytes in one memory, addressed by offset; the only way tensors touch memory.
 *
 * <p>Implemented by backends, owned and freed by scopes. Callers have checked offsets and liveness. Copies are complete
 * when the method returns and are ordered after all work that was submitted to the device before them.
 */
public interface Block {
    /** Name of the memory this block lives in: {@code "host"} or a device such as {@code "cuda:0"}. */
    String memory();

    /** Size in bytes. */
    long bytes();

    /**
     * Address of the first byte, for native code.
     *
     * @throws IllegalStateException if this memory belongs to the JVM and has no address to give
     */
    long address();

    /**
     * A view of host memory in native byte order, valid only while the owning scope is open; for backends, never handed
     * to users.
     *
     * @throws IllegalStateException if the memory is not host memory or the range exceeds 2 GiB
     */
    ByteBuffer view(long offset, long bytes);

    /** Copies {@code count} floats from {@code source[from]} to byte {@code offset}. */
    void write(long offset, float[] source, int from, int count);

    /** Copies {@code count} integers from {@code source[from]} to byte {@code offset}. */
    void write(long offset, int[] source, int from, int count);

    /** Copies {@code count} floats from byte {@code offset} to {@code target[from]}. */
    void read(long offset, float[] target, int from, int count);

    /** Copies {@code count} integers from byte {@code offset} to {@code target[from]}. */
    void read(long offset, int[] target, int from, int count);

    /** Sets {@code words} 32-bit words from byte {@code offset} to the given bits. */
    void fill(long offset, long words, int bits);

    /** Whether {@link #copy} takes from another block: by default from those of the same memory. */
    default boolean reaches(Block source) {
        return memory().equals(source.memory());
    }

    /**
     * Copies bytes from a block that this one reaches; the ranges do not overlap. Between devices the copy comes after all work that was
     * submitted to either of them before, and before all that is submitted later.
     */
    void copy(long offset, Block source, long sourceOffset, long bytes);

    /** Gives the memory back; called once, by the owning scope. */
    void free();
}
