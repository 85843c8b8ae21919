package org.gatefold.recipe.field;

import java.util.Arrays;

/**
 * A simple method that a model is compared with on the same rows. Immutable and thread-safe.
 *
 * @param name in reports, for instance {@code "majority"}
 * @param method what it does
 */
public record Baseline(String name, Method method) {
    /** Answers rows. */
    @FunctionalInterface
    public interface Method {
        /**
         * Fits itself to training rows alone and answers test rows.
         *
         * @param fields fitted to training rows
         */
        Attempt attempt(Fields fields, Rows training, Rows test);
    }

    /**
     * What a method found.
     *
     * @param detail what was found or chosen for it, or why there are no answers; may be empty
     * @param answers one per test row, as {@link Target#answers} gives; null if the method does not apply
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Attempt(String detail, double[][] answers) {
        /** The same answer for all rows. */
        public static Attempt everywhere(Rows test, double... answer) {
            double[][] answers = new double[test.size()][];
            Arrays.fill(answers, answer);
            return new Attempt("", answers);
        }
    }
}
