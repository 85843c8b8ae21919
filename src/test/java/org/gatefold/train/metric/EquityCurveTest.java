package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Figures of a fortune, reckoned by hand. */
class EquityCurveTest {
    private static final Offset<Double> EXACT = within(1e-12);

    /** 1.5, 0.75, 1.5, 1.2: from 1.5 down to 0.75 is half, and so it is from the first height. */
    private static final EquityCurve CURVE = new EquityCurve(0.5, -0.5, 1, -0.2);

    @Test
    void fortune() {
        assertThat(CURVE.values()).containsExactly(new double[] {1.5, 0.75, 1.5, 1.2}, EXACT);
        assertThat(CURVE.last()).isCloseTo(1.2, EXACT);
        assertThat(CURVE.maximumDrawdown()).isCloseTo(0.5, EXACT);
    }

    /** What is lost at once is lost from 1. */
    @Test
    void drawdownFromTheBeginning() {
        assertThat(new EquityCurve(-0.1, 0.05).maximumDrawdown()).isCloseTo(0.1, EXACT);
        assertThat(new EquityCurve(0.1, 0.05).maximumDrawdown()).isZero();
    }

    /** Mean 0.2, squares 0.09 + 0.49 + 0.64 + 0.16 = 1.38. */
    @Test
    void sharpe() {
        double deviation = Math.sqrt(1.38 / 3);
        assertThat(CURVE.sharpe(1)).isCloseTo(0.2 / deviation, EXACT);
        assertThat(CURVE.sharpe(4)).isCloseTo(0.4 / deviation, EXACT);
        assertThat(CURVE.volatility(4)).isCloseTo(2 * deviation, EXACT);
        assertThat(new EquityCurve(0.1, 0.1, 0.1).sharpe(252)).isZero();
    }

    /** Four rows are two years of two rows each. */
    @Test
    void yearly() {
        assertThat(CURVE.yearly(2)).isCloseTo(Math.sqrt(1.2) - 1, EXACT);
    }
}
