package org.gatefold.tensor;

import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The dimensions of a tensor, and the one place where shape errors get their wording.
 *
 * <p>Immutable. Every dimension is at least 1; the last one is contiguous in memory.
 */
public final class Shape {
    /** The most elements of a tensor: leaves room for sizes in bytes and their sums. */
    public static final long MOST_ELEMENTS = 1L << 48;

    private final int[] dimensions;
    private final long elements;

    private Shape(int[] dimensions) {
        this.dimensions = dimensions;
        long product = 1;
        for (int i = 0; i < dimensions.length; i++) {
            if (dimensions[i] < 1) {
                throw new IllegalArgumentException("shape " + Arrays.toString(dimensions) + ": dimension " + i
                        + " must be at least 1, got " + dimensions[i]);
            }
            if (product > MOST_ELEMENTS / dimensions[i]) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dimensions) + ": more than " + MOST_ELEMENTS + " elements");
            }
            product *= dimensions[i];
        }
        this.elements = product;
    }

    /**
     * A shape of the given dimensions, outermost first.
     *
     * @throws IllegalArgumentException if none is given or one is below 1
     */
    public static Shape of(int... dimensions) {
        if (dimensions.length == 0) {
            throw new IllegalArgumentException("shape: expected at least one dimension, got none");
        }
        return new Shape(dimensions.clone());
    }

    /** Number of dimensions. */
    public int rank() {
        return dimensions.length;
    }

    /** Dimension {@code axis}; negative axes count from the end, so -1 is the last. */
    public int dim(int axis) {
        int index = axis < 0 ? dimensions.length + axis : axis;
        if (index < 0 || index >= dimensions.length) {
            throw new IndexOutOfBoundsException("axis " + axis + " of shape " + this);
        }
        return dimensions[index];
    }

    /** The last dimension. */
    public int last() {
        return dimensions[dimensions.length - 1];
    }

    /** Product of all dimensions. */
    public long elements() {
        return elements;
    }

    /** Product of all dimensions but the last: the rows of this shape read as a matrix. */
    public long rows() {
        return elements / last();
    }

    /** This shape with its last dimension replaced. */
    public Shape withLast(int size) {
        int[] changed = dimensions.clone();
        changed[changed.length - 1] = size;
        return new Shape(changed);
    }

    /** The dimensions as a new array. */
    public int[] toArray() {
        return dimensions.clone();
    }

    /**
     * Checks that sizes can be multiplied; to be called before they are.
     *
     * @param argument their names, for instance {@code "steps x batch"}
     * @param most at most 2<sup>53</sup>
     * @param sizes each at least 1
     * @throws IllegalArgumentException naming the sizes, if their product is above {@code most}
     */
    public static void requireProduct(String argument, long most, int... sizes) {
        // Exact as far as it matters.
        double product = 1;
        for (int size : sizes) {
            product *= size;
        }
        if (product > most) {
            throw new IllegalArgumentException(argument + ": expected a product of at most " + most + ", got "
                    + IntStream.of(sizes).mapToObj(Integer::toString).collect(Collectors.joining(" x ")));
        }
    }

    /**
     * Checks that {@code actual} equals the expected dimensions.
     *
     * @param argument the argument's name, for the message
     * @throws IllegalArgumentException naming the argument, what was expected and what came
     */
    public static void require(String argument, Shape actual, int... expected) {
        if (!Arrays.equals(actual.dimensions, expected)) {
            throw mismatch(argument, text(expected), actual);
        }
    }

    /** Checks that {@code actual} equals {@code expected}; see {@link #require(String, Shape, int...)}. */
    public static void require(String argument, Shape actual, Shape expected) {
        require(argument, actual, expected.dimensions);
    }

    /** Checks the number of dimensions, described by {@code layout}, for instance {@code "[T, B, features]"}. */
    public static void requireRank(String argument, Shape actual, int rank, String layout) {
        if (actual.rank() != rank) {
            throw mismatch(argument, layout, actual);
        }
    }

    /** The exception for a shape that is not as expected. */
    public static IllegalArgumentException mismatch(String argument, String expected, Shape actual) {
        return new IllegalArgumentException(argument + ": expected shape " + expected + ", got " + actual);
    }

    private static String text(int[] dimensions) {
        StringJoiner joiner = new StringJoiner(", ", "[", "]");
        for (int dimension : dimensions) {
            joiner.add(Integer.toString(dimension));
        }
        return joiner.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    @Override
    public String toString() {
        return text(dimensions);
    }
}
