package org.gatefold.train.optimizer;

/**
 * Gaussian noise that is added to gradients, less and less of it: after t updates its variance is {@code η / (1 + t)^γ} (Neelakantan et al.
 * 2015, "Adding gradient noise improves learning for very deep networks"). Immutable.
 *
 * @param eta η, the variance at the first update, at least 0; the paper takes 0.01, 0.3 or 1
 * @param gamma γ, how fast it falls, at least 0; 0.55 in the paper
 */
public record GradientNoise(double eta, double gamma) {
    public static final GradientNoise NONE = new GradientNoise(0, 0);

    private static final double USUAL_GAMMA = 0.55;

    public GradientNoise {
        requireNotNegative("eta", eta);
        requireNotNegative("gamma", gamma);
    }

    /** Noise of a variance at the first update, with γ = 0.55. */
    public static GradientNoise of(double eta) {
        return new GradientNoise(eta, USUAL_GAMMA);
    }

    /**
     * The standard deviation at an update.
     *
     * @param number of the update, counted from 1
     */
    public float deviation(long number) {
        return (float) Math.sqrt(eta / Math.pow((double) number, gamma));
    }

    private static void requireNotNegative(String argument, double value) {
        if (!(value >= 0 && value <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(argument + ": expected a finite number >= 0, got " + value);
        }
    }
}
