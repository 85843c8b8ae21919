package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvidenceTest {
    private static double[] weights(double[] trust, double[]... errors) {
        return Evidence.weights(Evidence.of(trust, 1, errors), errors[0].length);
    }

    /** Of eight errors each: their squares to the power of -8 / 6, and of all selections a share of 8 in 800. */
    @Test
    void fewErrorsWeighByTheirInverseSquares() {
        double[] weights = weights(new double[] {1, 1}, constant(8, 1), constant(8, 2));
        double inverse = Math.pow(4, -8 / 6.0);
        assertThat(weights[0]).isCloseTo(0.99 / (1 + inverse) + 0.01, within(1e-12));
        assertThat(weights[1]).isCloseTo(0.99 * inverse / (1 + inverse), within(1e-12));
    }

    private static double[] constant(int count, double error) {
        double[] errors = new double[count];
        Arrays.fill(errors, error);
        return errors;
    }

    /** Errors of opposite signs make a mean without any, though one is larger: selection sees it. */
    @Test
    void manyErrorsWeighBySelection() {
        assertThat(weights(new double[] {1, 1}, constant(800, 1), constant(800, -3)))
                .containsExactly(0.75, 0.25);
    }

    @Test
    void trustCountsBesideErrors() {
        assertThat(weights(new double[] {3, 1}, constant(1, 1), constant(1, 1))[0])
                .isCloseTo((1 - 1 / 800.0) * 0.75 + 1 / 800.0, within(1e-12));
    }

    @Test
    void whatIsExactCountsAlone() {
        assertThat(weights(new double[] {0.25, 1}, constant(8, 0), constant(8, 1)))
                .containsExactly(new double[] {1, 0}, within(1e-12));
    }

    /** Errors behind the training part count as those in it, but in no selection. */
    @Test
    void laterErrorsCountWithTheEarlierOnes() {
        List<Evidence> all = Evidence.of(new double[] {1, 1}, 1, constant(4, 1), constant(4, 2));
        double[] weights = Evidence.weights(all, 4, new double[] {12, 0}, 4);
        assertThat(weights[0]).as("16 squares both").isCloseTo((1 - 4 / 800.0) / 2 + 4 / 800.0, within(1e-12));
    }

    /** Of several steps the mean counts, so that a forecast of two rows is no two forecasts. */
    @Test
    void stepsOfOneForecastCountOnce() {
        assertThat(Evidence.of(new double[] {1}, 2, constant(8, 3)).get(0).squares())
                .isEqualTo(36);
    }

    /** The mean that is selected has never larger squares than the best forecast alone, and weights add up to 1. */
    @Test
    void selectionIsNeverWorseThanTheBest() {
        Random random = new Random(11);
        for (int run = 0; run < 50; run++) {
            double[][] errors = new double[5][30];
            for (double[] each : errors) {
                double scale = 0.5 + random.nextDouble();
                Arrays.setAll(each, i -> scale * random.nextGaussian());
            }
            List<Evidence> all = Evidence.of(new double[] {1, 1, 1, 1, 1}, 1, errors);
            double mean = IntStream.range(0, 30)
                    .mapToDouble(i -> Math.pow(
                            IntStream.range(0, 5)
                                    .mapToDouble(j -> all.get(j).selected() * errors[j][i])
                                    .sum(),
                            2))
                    .sum();
            assertThat(mean)
                    .isLessThanOrEqualTo(
                            all.stream().mapToDouble(Evidence::squares).min().orElseThrow() * (1 + 1e-12));
            assertThat(Arrays.stream(Evidence.weights(all, 30)).sum()).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void squaresThatAreNotFiniteAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evidence.of(new double[] {1}, 1, constant(2, 1e200)))
                .withMessage("series: expected numbers whose squares are finite");
        assertThat(weights(new double[] {1, 1}, constant(8, 1e200), constant(8, 1)))
                .containsExactly(0, 1);
    }
}
