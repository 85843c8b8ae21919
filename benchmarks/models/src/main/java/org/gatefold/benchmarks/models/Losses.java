package org.gatefold.benchmarks.models;

/** Whether two sides train the same model. Stateless. */
final class Losses {
    /** Of the first loss, which both compute by the same weights. */
    private static final double FIRST = 1e-5;

    /** Of the later ones: Adam makes a large difference of a gradient that is nearly zero. */
    private static final double LATER = 1e-3;

    private Losses() {}

    /**
     * Compares the losses before each update of the first epoch.
     *
     * @throws IllegalStateException if the first ones differ by more than 1e-5 of themselves, or later ones by more than 1e-3
     */
    static void requireSame(String what, float[] ours, float[] theirs) {
        for (int i = 0; i < Math.max(ours.length, theirs.length); i++) {
            double error = Math.abs(ours[i] - theirs[i]) / Math.abs(theirs[i]);
            if (!(error <= (i == 0 ? FIRST : LATER))) {
                throw new IllegalStateException(what + ": expected losses of one size, got " + ours[i] + " and "
                        + theirs[i] + " of libtorch before update " + i);
            }
        }
    }
}
