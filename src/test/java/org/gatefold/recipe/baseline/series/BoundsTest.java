package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BoundsTest {
    private static final double[] SERIES = {3, 4, 6, 5, 99};

    /** The largest change over one row is 2 and over two rows 3; over three it is 2, less than over fewer. */
    @Test
    void forecastsStayWithinTwiceTheLargestChange() {
        Bounds bounds = new Bounds(SERIES, 4, 3);
        double[][] forecasts = {{100, 100, 100}, {-100, -100, -100}, {6, 4, 7}};
        bounds.keep(new int[] {4, 4, 4}, forecasts);
        assertThat(forecasts[0]).containsExactly(9, 11, 11);
        assertThat(forecasts[1]).containsExactly(1, -1, -1);
        assertThat(forecasts[2]).as("within").containsExactly(6, 4, 7);
    }

    @Test
    void onlyChangesBeforeAnOriginCount() {
        double[][] forecasts = {{100}, {100}, {100}};
        new Bounds(SERIES, 5, 1).keep(new int[] {1, 2, 5}, forecasts);
        assertThat(forecasts[0]).as("no change is known").containsExactly(3);
        assertThat(forecasts[1]).containsExactly(6);
        assertThat(forecasts[2]).containsExactly(100);
    }

    @Test
    void whatIsNoNumberIsTheLastValue() {
        double[][] forecasts = {{Double.NaN, Double.POSITIVE_INFINITY}};
        new Bounds(SERIES, 3, 2).keep(new int[] {3}, forecasts);
        assertThat(forecasts[0]).containsExactly(6, 12);
    }
}
