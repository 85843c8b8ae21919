package org.gatefold.recipe.baseline.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThetaTest {
    /** Box and Jenkins' international airline passengers, 1949 to 1960. */
    private static final double[] PASSENGERS = {
        112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158, 133,
        114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218, 230, 242,
        209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235, 227, 234, 264,
        302, 293, 259, 229, 203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313,
        318, 374, 413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318,
        362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405,
        417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432
    };

    /** As R's {@code decompose(AirPassengers, "multiplicative")$figure}. */
    @Test
    void indicesAreThoseOfTheClassicalDecomposition() {
        double[] expected = {
            0.9102304, 0.8836253, 1.0073663, 0.9759060, 0.9813780, 1.1127758, 1.2265555, 1.2199110, 1.0604919,
            0.9217572, 0.8011781, 0.8988244
        };
        assertThat(SeasonalIndices.fit(PASSENGERS, PASSENGERS.length, 12).values())
                .containsExactly(expected, within(1e-6));
    }

    @Test
    void whatIsNoSeasonHasNoIndices() {
        double[] noise = new Random(2).doubles(100, 1, 2).toArray();
        assertThat(SeasonalIndices.fit(noise, 100, 12).values()).containsExactly(1);
        assertThat(SeasonalIndices.fit(PASSENGERS, 35, 12).values())
                .as("fewer than three")
                .containsExactly(1);
        double[] below = PASSENGERS.clone();
        below[3] = 0;
        assertThat(SeasonalIndices.fit(below, 144, 12).values()).containsExactly(1);
    }

    /** Assimakopoulos and Nikolopoulos: the mean of the line gone on and of the smoothed series of twice the values less the line. */
    @Test
    void isTheMeanOfItsTwoLines() {
        double[] series = IntStream.range(0, 40)
                .mapToDouble(row -> 20 + 0.7 * row + 6 * Math.sin(row * row))
                .toArray();
        Theta theta = Theta.fit(series, 30, 1);
        double middle = 14.5;
        double mean = Arrays.stream(series, 0, 30).average().orElseThrow();
        double slope = 0;
        double squares = 0;
        for (int row = 0; row < 30; row++) {
            slope += (row - middle) * (series[row] - mean);
            squares += (row - middle) * (row - middle);
        }
        slope /= squares;
        assertThat(theta.slope()).isCloseTo(slope, within(1e-12));
        double level = 0;
        for (int row = 0; row < 30; row++) {
            double twice = 2 * series[row] - (mean + slope * (row - middle));
            level = row == 0 ? twice : level + theta.alpha() * (twice - level);
        }
        double[] forecast = theta.forecast(series, 30, 3);
        for (int step = 0; step < 3; step++) {
            double line = mean + slope * (30 + step - middle);
            assertThat(forecast[step]).isCloseTo((line + level) / 2, within(1e-9));
        }
    }

    @Test
    void theShareLeavesTheSmallestSquares() {
        Theta theta = Theta.fit(PASSENGERS, 120, 12);
        SeasonalIndices indices = theta.indices();
        double least = Double.POSITIVE_INFINITY;
        double best = 0;
        for (double alpha = 0.01; alpha <= 1; alpha += 0.001) {
            double level = PASSENGERS[0] / indices.of(0);
            double squares = 0;
            for (int row = 1; row < 120; row++) {
                double error = PASSENGERS[row] / indices.of(row) - level;
                squares += error * error;
                level += alpha * error;
            }
            if (squares < least) {
                least = squares;
                best = alpha;
            }
        }
        assertThat(theta.alpha()).isCloseTo(best, within(0.005));
    }

    @Test
    void severalOriginsAreForecastAsEach() {
        Theta theta = Theta.fit(PASSENGERS, 100, 12);
        double[] changed = PASSENGERS.clone();
        Arrays.fill(changed, 110, 144, -5);
        double[][] together = theta.forecasts(PASSENGERS, new int[] {110, 96, 1}, 14);
        assertThat(together[0]).containsExactly(theta.forecast(changed, 110, 14), within(1e-9));
        assertThat(together[1]).containsExactly(theta.forecast(PASSENGERS, 96, 14), within(1e-9));
        assertThat(together[2]).containsExactly(theta.forecast(PASSENGERS, 1, 14), within(1e-9));
    }

    @Test
    void naive2TakesTheSeasonOutAndPutsItIn() {
        SeasonalIndices indices = new SeasonalIndices(0.5, 1.5);
        assertThat(new Naive2(indices).forecast(new double[] {4, 9, 9}, 2, 3)).containsExactly(3, 9, 3);
    }
}
