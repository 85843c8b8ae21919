package org.gatefold.train.loss;

/** Checks of weights that a program gives by class. Stateless. */
final class ClassWeights {
    private ClassWeights() {}

    static void check(String argument, float... weights) {
        if (weights == null || weights.length == 0) {
            throw new IllegalArgumentException(argument + ": expected at least one, got none");
        }
        for (float weight : weights) {
            if (!(weight >= 0f) || Float.isInfinite(weight)) {
                throw new IllegalArgumentException(argument + ": expected finite numbers >= 0, got " + weight);
            }
        }
    }
}
