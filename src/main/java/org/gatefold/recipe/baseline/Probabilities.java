package org.gatefold.recipe.baseline;

import java.util.Arrays;

/** Probabilities of classes. Stateless. */
public final class Probabilities {
    private Probabilities() {}

    /** Those whose logarithms are these but for a number in common. */
    public static double[] ofLogarithms(double... logarithms) {
        double most = Arrays.stream(logarithms).max().orElseThrow();
        double[] shares =
                Arrays.stream(logarithms).map(value -> Math.exp(value - most)).toArray();
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / sum).toArray();
    }
}
