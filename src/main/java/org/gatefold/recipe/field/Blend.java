package org.gatefold.recipe.field;

import java.util.Locale;

/**
 * How the outputs of a prior and of a network are added up.
 *
 * @param prior the weight of the prior
 * @param network the weight of the network
 */
public record Blend(double prior, double network) {
    /** Both as they are. */
    public static final Blend SUM = new Blend(1, 1);

    /**
     * All of a prior, and of the network the share that helps best less the more by chance it may seem to help: by the positive part of
     * {@code 1 - 2 / t²} with t its mean gain over the standard error of that.
     *
     * @param gains by how much the share makes the loss of each row less
     */
    public static Blend shrunk(double share, double... gains) {
        double sum = 0;
        double squares = 0;
        for (double gain : gains) {
            sum += gain;
            squares += gain * gain;
        }
        double variance = Math.max(0, squares - sum * sum / gains.length);
        return new Blend(1, sum <= 0 ? 0 : share * Math.max(0, 1 - 2 * variance / (sum * sum)));
    }

    /** In words, for instance {@code "0.40 of naive Bayes and 1.10 of the network"}. */
    public String words(Prior method) {
        return String.format(Locale.ROOT, "%.2f of %s and %.2f of the network", prior, method.detail(), network);
    }

    /** The weighted sum of outputs, one array per row. */
    public float[][] of(float[][] ofPrior, float[][] ofNetwork) {
        float[][] sums = new float[ofPrior.length][];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = new float[ofPrior[i].length];
            for (int j = 0; j < sums[i].length; j++) {
                sums[i][j] = (float) (prior * ofPrior[i][j] + network * ofNetwork[i][j]);
            }
        }
        return sums;
    }
}
