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
    static final Blend SUM = new Blend(1, 1);

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
