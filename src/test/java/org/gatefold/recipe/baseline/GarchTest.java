package org.gatefold.recipe.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.Test;

/** GARCH(1,1) against the published benchmark, and against series that were made by it. */
class GarchTest {
    /**
     * The daily changes of the German mark against the pound of Bollerslev and Ghysels (1996), 1984 to 1991, in percent; as they travel
     * with the R package fGarch.
     */
    private static double[] marks() throws IOException {
        return CsvTable.read("dem2gbp.csv", GarchTest.class.getResourceAsStream("dem2gbp.csv"))
                .numbers("return");
    }

    /** The values of Fiorentini, Calzolari and Panattoni (1996), the benchmark by which Brooks, Burke and Persand (2001) judge programs. */
    @Test
    void parametersAreThoseOfTheBenchmark() throws IOException {
        double[] marks = marks();
        assertThat(marks).hasSize(1974);
        Garch fitted = Garch.fit(marks);
        assertThat(fitted.mean()).isCloseTo(-0.00619041, within(1e-6));
        assertThat(fitted.omega()).isCloseTo(0.0107613, within(1e-6));
        assertThat(fitted.alpha()).isCloseTo(0.153134, within(1e-5));
        assertThat(fitted.beta()).isCloseTo(0.805974, within(1e-5));
    }

    /** The logarithm of the likelihood that fGarch tells there: 1106.608 below 0. */
    @Test
    void likelihoodIsThatOfOthers() throws IOException {
        double[] marks = marks();
        assertThat(Garch.fit(marks).logLikelihood(marks)).isCloseTo(-1106.608, within(5e-4));
    }

    @Test
    void parametersAreFoundAgain() {
        Random random = new Random(3);
        double[] returns = new double[20_000];
        double variance = 2e-4;
        for (int row = 0; row < returns.length; row++) {
            returns[row] = Math.sqrt(variance) * random.nextGaussian() + 5e-4;
            variance = 1e-5 + 0.1 * Math.pow(returns[row] - 5e-4, 2) + 0.85 * variance;
        }
        Garch fitted = Garch.fit(returns);
        assertThat(fitted.alpha()).isCloseTo(0.1, within(0.012));
        assertThat(fitted.beta()).isCloseTo(0.85, within(0.02));
        assertThat(fitted.omega()).isCloseTo(1e-5, within(2.5e-6));
    }

    /** ω = 1, α = 0.5, β = 0.25 from 4: 1 + 2 + 1, then 1 + 0.5 · 9 + 0.25 · 4, then 1 + 0 + 0.25 · 6.5. */
    @Test
    void variancesAreReckonedFromRowToRow() {
        assertThat(new Garch(1, 1, 0.5, 0.25, 4).variances(4, 1)).containsExactly(4, 6.5, 2.625);
    }

    @Test
    void variancesDoNotLookAhead() {
        Garch garch = new Garch(0, 1, 0.5, 0.25, 4);
        double[] one = garch.variances(1, 2, 3, 4);
        double[] other = garch.variances(1, 2, -7, 9);
        assertThat(Arrays.copyOf(one, 3)).isEqualTo(Arrays.copyOf(other, 3));
        assertThat(one[3]).isNotEqualTo(other[3]);
    }

    @Test
    void whatNeverChangesHasNoVariance() {
        Garch fitted = Garch.fit(0.5, 0.5, 0.5);
        assertThat(fitted.mean()).isEqualTo(0.5);
        assertThat(fitted.variances(0.5, 0.5)[2]).isPositive().isLessThan(1e-11);
    }
}
