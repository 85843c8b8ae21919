package org.gatefold.exchange.onnx.graph;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Numbers of a graph on the host, row-major: real numbers as floats, whole ones and truth values as longs. Immutable by agreement: nobody
 * writes to arrays that were handed over.
 */
public final class OnnxTensor {
    /** More numbers than any tensor has that is computed while a graph is folded; a graph that claims more costs no memory. */
    static final int MOST_COMPUTED = 1 << 26;

    /** What the numbers are. */
    public enum Type {
        FLOAT,
        INT,
        BOOL
    }

    private final Type type;
    private final int[] dims;
    private final float[] floats;
    private final long[] longs;

    private OnnxTensor(Type type, int[] dims, float[] floats, long[] longs) {
        this.type = type;
        this.dims = dims;
        this.floats = floats;
        this.longs = longs;
    }

    public static OnnxTensor of(float[] values, int... dims) {
        requireCount(dims, values.length);
        return new OnnxTensor(Type.FLOAT, dims, values, null);
    }

    public static OnnxTensor of(long[] values, int... dims) {
        requireCount(dims, values.length);
        return new OnnxTensor(Type.INT, dims, null, values);
    }

    public static OnnxTensor ofFlags(long[] values, int... dims) {
        requireCount(dims, values.length);
        return new OnnxTensor(Type.BOOL, dims, null, values);
    }

    /** A vector of whole numbers. */
    public static OnnxTensor vector(int... values) {
        return of(IntStream.of(values).asLongStream().toArray(), values.length);
    }

    private static void requireCount(int[] dims, int count) {
        if (count(dims) != count) {
            throw new IllegalArgumentException(
                    "tensor: expected " + count(dims) + " numbers for " + text(dims) + ", got " + count);
        }
    }

    /**
     * Number of elements.
     *
     * @throws IllegalArgumentException if a dimension is negative or an int cannot count them
     */
    public static int count(int... dims) {
        long count = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("tensor: expected no negative dimension, got " + text(dims));
            }
            count *= dim;
            if (count > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "tensor: expected at most " + Integer.MAX_VALUE + " numbers, got " + text(dims));
            }
        }
        return (int) count;
    }

    /** As {@link #count}, for what is to be computed. */
    static int countComputed(int... dims) {
        int count = count(dims);
        if (count > MOST_COMPUTED) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "tensor: expected at most %,d computed numbers, got %s", MOST_COMPUTED, text(dims)));
        }
        return count;
    }

    public static String text(int... dims) {
        return IntStream.of(dims).mapToObj(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }

    public Type type() {
        return type;
    }

    public int[] dims() {
        return dims;
    }

    public int rank() {
        return dims.length;
    }

    public int count() {
        return type == Type.FLOAT ? floats.length : longs.length;
    }

    /** Whether all numbers are zero. */
    public boolean isZero() {
        for (int i = 0; i < count(); i++) {
            if (isFloat() ? floats()[i] != 0f : longs()[i] != 0) {
                return false;
            }
        }
        return true;
    }

    public boolean isFloat() {
        return type == Type.FLOAT;
    }

    public float[] floats() {
        if (type != Type.FLOAT) {
            throw new IllegalArgumentException("tensor: expected real numbers, got " + this);
        }
        return floats;
    }

    public long[] longs() {
        if (type == Type.FLOAT) {
            throw new IllegalArgumentException("tensor: expected whole numbers or truth values, got " + this);
        }
        return longs;
    }

    public int[] ints() {
        long[] values = longs();
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, values[i]));
        }
        return ints;
    }

    /** The only number, as a double. */
    public double item() {
        if (count() != 1) {
            throw new IllegalArgumentException("tensor: expected one number, got " + this);
        }
        return isFloat() ? floats[0] : longs[0];
    }

    /** The same numbers under other dimensions. */
    public OnnxTensor reshape(int... newDims) {
        requireCount(newDims, count());
        return new OnnxTensor(type, newDims, floats, longs);
    }

    /** As moved: numbers by their places. */
    public OnnxTensor moved(Move move) {
        if (move.from() == null) {
            return reshape(move.dims());
        }
        int[] from = move.from();
        if (type == Type.FLOAT) {
            float[] values = new float[from.length];
            for (int i = 0; i < from.length; i++) {
                values[i] = floats[from[i]];
            }
            return new OnnxTensor(type, move.dims(), values, null);
        }
        long[] values = new long[from.length];
        for (int i = 0; i < from.length; i++) {
            values[i] = longs[from[i]];
        }
        return new OnnxTensor(type, move.dims(), null, values);
    }

    /** The numbers as another type. */
    public OnnxTensor as(Type wanted) {
        if (wanted == type) {
            return this;
        }
        if (wanted == Type.FLOAT) {
            float[] values = new float[longs.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = longs[i];
            }
            return of(values, dims);
        }
        long[] values = new long[count()];
        for (int i = 0; i < values.length; i++) {
            long whole =
                    type != Type.FLOAT ? longs[i] : wanted == Type.BOOL ? (floats[i] != 0f ? 1 : 0) : (long) floats[i];
            values[i] = wanted == Type.BOOL ? (whole != 0 ? 1 : 0) : whole;
        }
        return new OnnxTensor(wanted, dims, null, values);
    }

    /** All tensors, which are of one type and of equal dimensions but for one axis, one behind the other on it. */
    static OnnxTensor concatenated(int axis, OnnxTensor... parts) {
        int[] result = Move.concatenatedDims(
                axis, Arrays.stream(parts).map(OnnxTensor::dims).toArray(int[][]::new));
        Type type = parts[0].type;
        int count = countComputed(result);
        float[] floats = type == Type.FLOAT ? new float[count] : null;
        long[] longs = type == Type.FLOAT ? null : new long[count];
        int outer = count(Arrays.copyOf(result, axis));
        int at = 0;
        for (int row = 0; row < outer; row++) {
            for (OnnxTensor part : parts) {
                if (part.type != type) {
                    throw new IllegalArgumentException(
                            "concat: expected values of one type, got " + type + " and " + part);
                }
                int size = part.count() / outer;
                System.arraycopy(
                        type == Type.FLOAT ? part.floats : part.longs,
                        row * size,
                        type == Type.FLOAT ? floats : longs,
                        at,
                        size);
                at += size;
            }
        }
        return new OnnxTensor(type, result, floats, longs);
    }

    /** True if type, dimensions and all numbers are the same, bit by bit. */
    boolean sameAs(OnnxTensor other) {
        return type == other.type
                && Arrays.equals(dims, other.dims)
                && Arrays.equals(floats, other.floats)
                && Arrays.equals(longs, other.longs);
    }

    @Override
    public String toString() {
        return type + " " + text(dims);
    }
}
