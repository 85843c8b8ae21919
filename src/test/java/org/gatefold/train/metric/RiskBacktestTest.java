package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The tests of Kupiec and Christoffersen, and losses of risk, against published numbers and such reckoned by hand. */
class RiskBacktestTest {
    /** J.P. Morgan in 1998: 20 of 252 days beyond the value at risk of 95 %, as in Jorion, Value at Risk (2007), chapter 6. */
    @Test
    void coverageAsPublished() {
        assertThat(RiskBacktest.coverage(252, 20, 0.05).statistic()).isCloseTo(3.91, within(0.005));
        assertThat(RiskBacktest.coverage(252, 20, 0.05).probability()).isBetween(0.047, 0.049);
    }

    /** The same: of 232 quiet days 14 were followed by a breach, of 20 breaches 6. */
    @Test
    void independenceAsPublished() {
        assertThat(RiskBacktest.independence(218, 14, 14, 6).statistic()).isCloseTo(9.53, within(0.005));
    }

    @Test
    void breachesAreCountedInTheirOrder() {
        boolean[] breaches = {false, true, true, false, false, false, true, false};
        RiskBacktest test = RiskBacktest.of(breaches, 0.1);
        assertThat(test.rows()).isEqualTo(8);
        assertThat(test.breaches()).isEqualTo(3);
        assertThat(test.coverage()).isEqualTo(RiskBacktest.coverage(8, 3, 0.1));
        assertThat(test.independence()).isEqualTo(RiskBacktest.independence(2, 2, 2, 1));
        double both = test.coverage().statistic() + test.independence().statistic();
        assertThat(test.conditional().statistic()).isEqualTo(both);
        assertThat(test.conditional().probability()).isCloseTo(Math.exp(-both / 2), within(1e-12));
    }

    /** 2 · 100 · log(1 / 0.99). */
    @Test
    void noBreachAtAll() {
        RiskBacktest test = RiskBacktest.of(new boolean[100], 0.01);
        assertThat(test.coverage().statistic()).isCloseTo(2.0100671707002875, within(1e-12));
        assertThat(test.independence().statistic()).isZero();
    }

    @Test
    void asManyAsExpectedIsNoSurprise() {
        assertThat(RiskBacktest.coverage(100, 5, 0.05).probability()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> RiskBacktest.coverage(10, 11, 0.05));
        assertThatIllegalArgumentException().isThrownBy(() -> RiskBacktest.coverage(10, 1, 1));
    }

    @Test
    void qlikeIsLeastAtTheTruth() {
        assertThat(RiskLosses.qlike(4, 2)).isCloseTo(Math.log(2) + 2, within(1e-15));
        assertThat(RiskLosses.qlike(4, 4)).isLessThan(RiskLosses.qlike(4, 3.9)).isLessThan(RiskLosses.qlike(4, 4.1));
    }

    /** v = -2, e = -3, Y = -5: (v - Y) / (0.05 · 3) = 20, v / e = 2/3, log 3, -1; and without a breach the last three. */
    @Test
    void fisslerZiegelOfBreachesAndOthers() {
        double rest = 2.0 / 3 + Math.log(3) - 1;
        assertThat(RiskLosses.fisslerZiegel(-5, 2, 3, 0.05)).isCloseTo(20 + rest, within(1e-12));
        assertThat(RiskLosses.fisslerZiegel(1, 2, 3, 0.05)).isCloseTo(rest, within(1e-12));
    }
}
