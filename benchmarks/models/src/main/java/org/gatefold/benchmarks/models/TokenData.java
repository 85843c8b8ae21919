package org.gatefold.benchmarks.models;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Sequences of ids that stand for a text: all of one length, so that no system pads. Nothing in them is to be learnt but how often an id
 * comes; the time of a step does not depend on that.
 *
 * @param inputs {@code [row][step]}
 * @param others what is answered or written beside each row, {@code [row][step]}; one step for a class
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenData(int[][] inputs, int[][] others) {
    /** Ids of inputs are from 3 on, as the first ones have meanings of their own in translation. */
    private static final int FIRST = 3;

    /** Rows of ids up to a bound each, the small ones more often, as words are. */
    static TokenData of(int rows, int steps, int ids, int otherSteps, int otherFirst, int otherIds) {
        SplittableRandom random = new SplittableRandom(7);
        return new TokenData(ids(random, rows, steps, FIRST, ids), ids(random, rows, otherSteps, otherFirst, otherIds));
    }

    private static int[][] ids(SplittableRandom random, int rows, int steps, int first, int bound) {
        int[][] ids = new int[rows][steps];
        for (int[] row : ids) {
            for (int t = 0; t < steps; t++) {
                double draw = random.nextDouble();
                row[t] = first + (int) ((bound - first) * draw * draw);
            }
        }
        return ids;
    }

    int rows() {
        return inputs.length;
    }

    /** The rows from one on, step by step for all of them: {@code [step][row]}, one after the other. */
    static long[] stepsFirst(int[][] ids, int from, int rows) {
        int steps = ids[0].length;
        long[] all = new long[steps * rows];
        for (int t = 0; t < steps; t++) {
            for (int row = 0; row < rows; row++) {
                all[t * rows + row] = ids[from + row][t];
            }
        }
        return all;
    }

    /** The class of each row. */
    int[] classes() {
        return Arrays.stream(others).mapToInt(row -> row[0]).toArray();
    }
}
