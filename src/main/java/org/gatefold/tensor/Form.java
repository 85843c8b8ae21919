package org.gatefold.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a layer takes or gives, with the number of rows and steps left open: single rows {@code [B, dimensions…]} or
 * time-major sequences {@code [T, B, dimensions…]}. Immutable.
 *
 * @param type of the elements: {@link ElementType#I32} for ids of tokens and classes
 * @param sequence true for sequences
 * @param dimensions of one row or step, outermost first: {@code [F]} for features, {@code [C, H, W]} for images, none for a
 *     single number such as the id of a token
 */
public record Form(ElementType type, boolean sequence, List<Integer> dimensions) {
    public Form {
        if (type == null) {
            throw new IllegalArgumentException(
                    "type: expected one of " + Arrays.toString(ElementType.values()) + ", got none");
        }
        dimensions = List.copyOf(dimensions);
        for (int dimension : dimensions) {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        (dimensions.size() == 1 ? "features" : "dimensions") + ": expected at least 1, got "
                                + (dimensions.size() == 1 ? String.valueOf(dimension) : dimensions.toString()));
            }
        }
        Shape.requireProduct("dimensions", Integer.MAX_VALUE, array(dimensions));
    }

    /** Sequences of steps of so many features, or of steps of several dimensions, such as the frames of a film. */
    public static Form sequences(int... dimensions) {
        return new Form(ElementType.F32, true, list(dimensions));
    }

    /** Single rows of so many features, or of several dimensions, such as images {@code [C, H, W]}. */
    public static Form rows(int... dimensions) {
        return new Form(ElementType.F32, false, list(dimensions));
    }

    /** Sequences of ids, {@code [T, B]}: tokens of a text, or one class per step. */
    public static Form tokens() {
        return new Form(ElementType.I32, true, List.of());
    }

    /** One id per row, {@code [B]}: a class. */
    public static Form ids() {
        return new Form(ElementType.I32, false, List.of());
    }

    private static List<Integer> list(int... dimensions) {
        return IntStream.of(dimensions).boxed().toList();
    }

    private static int[] array(List<Integer> dimensions) {
        int[] array = new int[dimensions.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = dimensions.get(i);
        }
        return array;
    }

    /**
     * Size of a row or step that has one dimension.
     *
     * @throws IllegalArgumentException if it has none or several
     */
    public int features() {
        if (dimensions.size() != 1) {
            throw new IllegalArgumentException(
                    "form: expected " + (sequence ? "[T, B, features]" : "[B, features]") + ", got " + this);
        }
        return dimensions.get(0);
    }

    /**
     * The same form with the last dimension replaced.
     *
     * @throws IllegalArgumentException if it has no dimension
     */
    public Form withFeatures(int count) {
        if (dimensions.isEmpty()) {
            throw new IllegalArgumentException(
                    "form: expected at least one dimension beside rows and steps, got " + this);
        }
        int[] changed = array(dimensions);
        changed[changed.length - 1] = count;
        return new Form(type, sequence, list(changed));
    }

    /** The same form for sequences, or for single rows. */
    public Form withSequence(boolean value) {
        return new Form(type, value, dimensions);
    }

    /** The last dimension of a row or step; 1 if it has none. */
    public int last() {
        return dimensions.isEmpty() ? 1 : dimensions.get(dimensions.size() - 1);
    }

    /** Number of elements of one row or step, at most {@link Integer#MAX_VALUE}. */
    public long size() {
        long size = 1;
        for (int i = 0; i < dimensions.size(); i++) {
            size *= dimensions.get(i);
        }
        return size;
    }

    /** Number of elements for a batch. */
    public long elements(int steps, int batch) {
        int free = sequence ? steps : 1;
        Shape.requireProduct("steps x batch x elements of a step", Shape.MOST_ELEMENTS, free, batch, (int) size());
        return (long) free * batch * size();
    }

    /** The shape of a batch; {@code steps} plays no part for single rows. */
    public Shape shape(int steps, int batch) {
        int free = sequence ? 2 : 1;
        int[] shape = new int[free + dimensions.size()];
        shape[0] = steps;
        shape[free - 1] = batch;
        for (int i = free; i < shape.length; i++) {
            shape[i] = dimensions.get(i - free);
        }
        return Shape.of(shape);
    }

    /**
     * Checks that a tensor is of this form.
     *
     * @throws IllegalArgumentException naming the argument, what was expected and what came
     */
    public void require(String argument, Tensor actual) {
        if (actual.type() != type) {
            throw new IllegalArgumentException(
                    argument + ": expected elements of type " + type + ", got " + actual.type());
        }
        Shape shape = actual.shape();
        int free = sequence ? 2 : 1;
        boolean fits = shape.rank() == free + dimensions.size();
        for (int i = 0; fits && i < dimensions.size(); i++) {
            fits = shape.dim(free + i) == dimensions.get(i);
        }
        if (!fits) {
            throw Shape.mismatch(argument, toString(), shape);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(sequence ? "[T, B" : "[B");
        dimensions.forEach(dimension -> text.append(", ").append(dimension));
        return text.append(']').append(suffix()).toString();
    }

    private String suffix() {
        return type == ElementType.F32 ? "" : " of " + type;
    }
}
