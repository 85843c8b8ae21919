package org.gatefold.tensor;

import java.util.Objects;

/**
 * A shape and a live region of a scope: contiguous, row-major, without strides.
 *
 * <p>A tensor owns nothing: its scope does. Every access checks that the scope is still open and was not reset, and keeps it
 * open while it lasts. Tensors are immutable handles and may be shared between threads; their contents follow the rules of
 * the operation that uses them.
 */
public final class Tensor {
    private final String name;
    private final Shape shape;
    private final ElementType type;
    private final Block block;
    private final long offset;
    private final Owner owner;
    private final long epoch;
    private final Runnable written;

    /**
     * A tensor over part of a block; called by scopes.
     *
     * @param offset first byte within the block
     */
    public Tensor(String name, Shape shape, ElementType type, Block block, long offset, Owner owner) {
        this(name, shape, type, block, offset, owner, owner.epoch(), null);
    }

    private Tensor(
            String name,
            Shape shape,
            ElementType type,
            Block block,
            long offset,
            Owner owner,
            long epoch,
            Runnable written) {
        this.name = name;
        this.shape = shape;
        this.type = type;
        this.block = block;
        this.offset = offset;
        this.owner = owner;
        this.epoch = epoch;
        this.written = written;
    }

    public String name() {
        return name;
    }

    public Shape shape() {
        return shape;
    }

    public ElementType type() {
        return type;
    }

    /** Number of elements. */
    public long elements() {
        return shape.elements();
    }

    /** Size in bytes. */
    public long bytes() {
        return shape.elements() * type.bytes();
    }

    /** Name of the memory this tensor lives in, for instance {@code "host"}. */
    public String memory() {
        return block.memory();
    }

    /**
     * Address of the first element, for native code; valid till the end of the {@link Call} that the thread is in.
     *
     * @throws IllegalStateException if the scope was closed or reset
     */
    public long address() {
        requireAlive();
        return block.address() + offset;
    }

    /**
     * The block behind this tensor, for backends; the tensor starts at {@link #offset()}. Valid till the end of the
     * {@link Call} that the thread is in.
     *
     * @throws IllegalStateException if the scope was closed or reset
     */
    public Block block() {
        requireAlive();
        return block;
    }

    boolean isKept() {
        return owner.isKept();
    }

    /** First byte of this tensor within {@link #block()}. */
    public long offset() {
        return offset;
    }

    /**
     * Checks that the scope of this tensor is open, where it stays so till the end of the {@link Call} that the thread is in,
     * and that it was not reset.
     *
     * @throws IllegalStateException naming tensor and scope, if it was closed or reset
     */
    public void requireAlive() {
        owner.requireAlive(epoch, name);
    }

    /** True if both tensors live in the same memory and share at least one byte. */
    public boolean overlaps(Tensor other) {
        return block == other.block && offset < other.offset + other.bytes() && other.offset < offset + bytes();
    }

    /**
     * The same elements, for values of which something else is made and kept.
     *
     * @param told is run whenever they were written through this tensor, or one made of it, by write, fill or copyFrom; operations that
     *     write them tell nothing
     */
    public Tensor telling(Runnable told) {
        return new Tensor(name, shape, type, block, offset, owner, epoch, told);
    }

    private void tell() {
        if (written != null) {
            written.run();
        }
    }

    /** The same elements under another shape of equal size. */
    public Tensor reshape(int... dimensions) {
        Shape changed = Shape.of(dimensions);
        if (changed.elements() != shape.elements()) {
            throw new IllegalArgumentException(
                    name + ": cannot reshape " + shape + " to " + changed + ": the number of elements differs");
        }
        return new Tensor(name, changed, type, block, offset, owner, epoch, written);
    }

    /** The same elements as a matrix: one row for each place in all dimensions but the last. */
    public Tensor matrix() {
        if (shape.rows() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    name + ": expected at most " + Integer.MAX_VALUE + " rows, got " + shape.rows() + " in " + shape);
        }
        return reshape((int) shape.rows(), shape.last());
    }

    /**
     * Rows {@code from} to {@code from + count} along the first dimension, sharing this tensor's memory.
     *
     * @return shape {@code [count, ...]}
     */
    public Tensor rows(int from, int count) {
        int first = shape.dim(0);
        if (from < 0 || count < 1 || from > first - count) {
            throw new IndexOutOfBoundsException(
                    name + ": rows " + from + " to " + ((long) from + count) + " of " + first + " rows");
        }
        int[] dimensions = shape.toArray();
        dimensions[0] = count;
        long rowBytes = bytes() / first;
        return new Tensor(name, Shape.of(dimensions), type, block, offset + from * rowBytes, owner, epoch, written);
    }

    /** A part of a flat tensor as a tensor of its own, sharing its memory; {@code from} counts elements. */
    public Tensor part(String partName, long from, Shape partShape) {
        if (from < 0 || from > elements() - partShape.elements()) {
            throw new IndexOutOfBoundsException(name + ": elements " + from + " to " + (from + partShape.elements())
                    + " of " + elements() + " elements");
        }
        return new Tensor(partName, partShape, type, block, offset + from * type.bytes(), owner, epoch, written);
    }

    /** Writes all elements. */
    public void write(float... values) {
        requireCount(values.length);
        write(0, values, 0, values.length);
    }

    /** Writes all elements. */
    public void write(int... values) {
        requireCount(values.length);
        write(0, values, 0, values.length);
    }

    /** Writes {@code count} elements from {@code source[from]} to element {@code at}. */
    public void write(long at, float[] source, int from, int count) {
        requireType(ElementType.F32);
        requireRange(at, count);
        Objects.checkFromIndexSize(from, count, source.length);
        Call call = Call.begin(this);
        try {
            block().write(offset + at * Float.BYTES, source, from, count);
            tell();
        } finally {
            call.end();
        }
    }

    /** Writes {@code count} elements from {@code source[from]} to element {@code at}. */
    public void write(long at, int[] source, int from, int count) {
        requireType(ElementType.I32);
        requireRange(at, count);
        Objects.checkFromIndexSize(from, count, source.length);
        Call call = Call.begin(this);
        try {
            block().write(offset + at * Integer.BYTES, source, from, count);
            tell();
        } finally {
            call.end();
        }
    }

    /** Reads all elements into a new array. */
    public float[] toFloats() {
        float[] values = new float[arraySize()];
        read(0, values, 0, values.length);
        return values;
    }

    /** Reads all elements into a new array. */
    public int[] toInts() {
        int[] values = new int[arraySize()];
        read(0, values, 0, values.length);
        return values;
    }

    /** Reads {@code count} elements from element {@code at} to {@code target[from]}. */
    public void read(long at, float[] target, int from, int count) {
        requireType(ElementType.F32);
        requireRange(at, count);
        Objects.checkFromIndexSize(from, count, target.length);
        Call call = Call.begin(this);
        try {
            block().read(offset + at * Float.BYTES, target, from, count);
        } finally {
            call.end();
        }
    }

    /** Reads {@code count} elements from element {@code at} to {@code target[from]}. */
    public void read(long at, int[] target, int from, int count) {
        requireType(ElementType.I32);
        requireRange(at, count);
        Objects.checkFromIndexSize(from, count, target.length);
        Call call = Call.begin(this);
        try {
            block().read(offset + at * Integer.BYTES, target, from, count);
        } finally {
            call.end();
        }
    }

    /** The only element of a tensor of one element. */
    public float item() {
        requireCount(1);
        float[] value = new float[1];
        read(0, value, 0, 1);
        return value[0];
    }

    /** Sets every element. */
    public void fill(float value) {
        requireType(ElementType.F32);
        fillBits(Float.floatToRawIntBits(value));
    }

    /** Sets every element. */
    public void fill(int value) {
        requireType(ElementType.I32);
        fillBits(value);
    }

    private void fillBits(int bits) {
        Call call = Call.begin(this);
        try {
            block().fill(offset, elements(), bits);
            tell();
        } finally {
            call.end();
        }
    }

    /**
     * Copies all elements of a tensor with as many elements, of the same type, in the same memory or in that of another device of the same
     * kind.
     */
    public void copyFrom(Tensor source) {
        requireType(source.type);
        requireCount(source.elements());
        if (!block.reaches(source.block)) {
            throw new IllegalArgumentException(
                    source.name + ": expected memory " + memory() + ", got " + source.memory());
        }
        if (overlaps(source)) {
            throw new IllegalArgumentException(source.name + " overlaps " + name);
        }
        Call call = Call.begin(this);
        try {
            block().copy(offset, source.block(), source.offset, bytes());
            tell();
        } finally {
            call.end();
        }
    }

    /**
     * Number of elements for an array of them.
     *
     * @throws IllegalArgumentException if no array holds so many
     */
    public int arraySize() {
        if (elements() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(name + ": expected at most " + (Integer.MAX_VALUE - 8)
                    + " elements for an array, got " + elements() + " in " + shape);
        }
        return (int) elements();
    }

    private void requireType(ElementType expected) {
        if (type != expected) {
            throw new IllegalArgumentException(name + ": expected elements of " + expected + ", got " + type);
        }
    }

    private void requireCount(long count) {
        if (count != elements()) {
            throw new IllegalArgumentException(
                    name + ": expected " + elements() + " elements for shape " + shape + ", got " + count);
        }
    }

    private void requireRange(long at, long count) {
        if (at < 0 || count < 0 || at > elements() - count) {
            throw new IndexOutOfBoundsException(
                    name + ": elements " + at + " to " + (at + count) + " of " + elements() + " elements");
        }
    }

    @Override
    public String toString() {
        return name + " " + type + shape + " in " + memory();
    }
}
