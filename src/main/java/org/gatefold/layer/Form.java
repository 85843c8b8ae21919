package org.gatefold.layer;

import org.gatefold.tensor.Shape;

/**
 * What a layer takes or gives: sequences {@code [T, B, features]} or single rows {@code [B, features]}; T and B are free.
 *
 * @param sequence true for sequences
 * @param features size of the last dimension
 */
public record Form(boolean sequence, int features) {
    public Form {
        if (features < 1) {
            throw new IllegalArgumentException("features: expected at least 1, got " + features);
        }
    }

    /** Sequences of steps of so many features. */
    public static Form sequences(int features) {
        return new Form(true, features);
    }

    /** Single rows of so many features. */
    public static Form rows(int features) {
        return new Form(false, features);
    }

    /** The same form with another number of features. */
    public Form withFeatures(int count) {
        return new Form(sequence, count);
    }

    /** Number of elements for a batch. */
    public long elements(int steps, int batch) {
        return (sequence ? steps : 1L) * batch * features;
    }

    /**
     * Checks that a shape is of this form.
     *
     * @throws IllegalArgumentException naming the argument, what was expected and what came
     */
    public void require(String argument, Shape actual) {
        if (actual.rank() != (sequence ? 3 : 2) || actual.last() != features) {
            throw Shape.mismatch(argument, toString(), actual);
        }
    }

    @Override
    public String toString() {
        return (sequence ? "[T, B, " : "[B, ") + features + "]";
    }
}
