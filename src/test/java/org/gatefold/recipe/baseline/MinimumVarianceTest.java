package org.gatefold.recipe.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Weights of least variance in closed form, at a bound, and against all others. */
class MinimumVarianceTest {
    private static final Offset<Double> NEAR = within(1e-7);

    /** Without covariance, weights are as 1 over the variances: 1, 1/2, 1/4 over 7/4. */
    @Test
    void assetsThatHaveNothingInCommon() {
        double[][] covariance = {{1, 0, 0}, {0, 2, 0}, {0, 0, 4}};
        assertThat(MinimumVariance.ofCovariance(covariance).weights())
                .containsExactly(new double[] {4.0 / 7, 2.0 / 7, 1.0 / 7}, NEAR);
    }

    /** Free weights are (v2 - c) and (v1 - c) over v1 + v2 - 2c: with a covariance of 1.5 the second would be -1/4. */
    @Test
    void nothingIsSoldShort() {
        assertThat(MinimumVariance.ofCovariance(new double[][] {{1, 1.5}, {1.5, 4}})
                        .weights())
                .containsExactly(1, 0);
        assertThat(MinimumVariance.ofCovariance(new double[][] {{1, 0.5}, {0.5, 4}})
                        .weights())
                .containsExactly(new double[] {3.5 / 4, 0.5 / 4}, NEAR);
    }

    /** Returns 1, -1 of one and 2, -2, mirrored, of the other: 2/3 and 1/3 do not vary at all. */
    @Test
    void returnsThatCancel() {
        double[][] returns = {{1, -2}, {-1, 2}, {1, -2}, {-1, 2}};
        assertThat(MinimumVariance.fit(returns).weights()).containsExactly(new double[] {2.0 / 3, 1.0 / 3}, NEAR);
    }

    @Test
    void noOtherWeightsAreBetter() {
        Random random = new Random(1);
        int assets = 6;
        double[][] covariance = new double[assets][assets];
        for (int factor = 0; factor < assets; factor++) {
            double[] loads = random.doubles(assets, -0.5, 1).toArray();
            for (int i = 0; i < assets; i++) {
                for (int j = 0; j < assets; j++) {
                    covariance[i][j] += loads[i] * loads[j];
                }
            }
        }
        double least =
                variance(covariance, MinimumVariance.ofCovariance(covariance).weights());
        for (int trial = 0; trial < 20_000; trial++) {
            double[] other =
                    random.doubles(assets).map(u -> Math.pow(-Math.log(u), 3)).toArray();
            double sum = 0;
            for (double weight : other) {
                sum += weight;
            }
            for (int i = 0; i < assets; i++) {
                other[i] /= sum;
            }
            assertThat(variance(covariance, other)).isGreaterThanOrEqualTo(least - 1e-9);
        }
    }

    private static double variance(double[][] covariance, double... weights) {
        double variance = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int j = 0; j < weights.length; j++) {
                variance += weights[i] * covariance[i][j] * weights[j];
            }
        }
        return variance;
    }
}
