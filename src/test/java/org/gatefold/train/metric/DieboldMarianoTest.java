package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The test of Diebold and Mariano on numbers reckoned by hand, and its tails against tables. */
class DieboldMarianoTest {
    /** Differences 1, 2, 3, 6: mean 3, variance 3.5, so 3 / sqrt(3.5 / 4) times sqrt(3 / 4). */
    @Test
    void oneRowAhead() {
        DieboldMariano test = DieboldMariano.of(new double[] {2, 4, 3, 7}, new double[] {1, 2, 0, 1}, 1);
        assertThat(test.statistic()).isCloseTo(3 / Math.sqrt(3.5 / 4) * Math.sqrt(0.75), within(1e-12));
        // Student's t of 3 degrees of freedom in closed form.
        double t = test.statistic() / Math.sqrt(3);
        assertThat(test.probability()).isCloseTo(1 - 2 / Math.PI * (Math.atan(t) + t / (1 + t * t)), within(1e-12));
    }

    /** Differences 1, 3, 2, 4, 5: autocovariances 2 and 0.2, so the variance is 2.4; (5 + 1 - 4 + 2/5) / 5 = 0.48. */
    @Test
    void twoRowsAhead() {
        DieboldMariano test = DieboldMariano.of(new double[] {1, 3, 2, 4, 5}, new double[5], 2);
        assertThat(test.statistic()).isCloseTo(3 / Math.sqrt(2.4 / 5) * Math.sqrt(0.48), within(1e-12));
    }

    @Test
    void theSignTellsWhichIsBetter() {
        double[] small = {1, 2, 1, 2};
        double[] large = {3, 2, 4, 3};
        assertThat(DieboldMariano.of(small, large, 1).statistic()).isNegative();
        assertThat(DieboldMariano.of(large, small, 1).statistic()).isPositive();
        assertThat(DieboldMariano.of(small, small, 1)).isEqualTo(new DieboldMariano(0, 1));
    }

    @Test
    void rowsMustMatch() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DieboldMariano.of(new double[3], new double[4], 1))
                .withMessage("second: expected 3 losses as of the first, got 4");
        assertThatIllegalArgumentException().isThrownBy(() -> DieboldMariano.of(new double[3], new double[3], 3));
    }

    /** Quantiles from tables: what is above them has the probability beside them. */
    @ParameterizedTest
    @CsvSource({
        "1,3.841458820694124,0.05",
        "1,6.634896601021213,0.01",
        "2,5.991464547107979,0.05",
        "1,0.454936423119573,0.5"
    })
    void chiSquaredAsInTables(int degrees, double value, double probability) {
        assertThat(Tails.chiSquared(value, degrees)).isCloseTo(probability, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"1,12.706204736174694,0.05", "10,2.228138851986274,0.05", "100,2.625890521438016,0.01", "5,0.0,1"})
    void studentAsInTables(int degrees, double value, double probability) {
        assertThat(Tails.studentBothSides(value, degrees)).isCloseTo(probability, within(1e-12));
    }
}
