package org.gatefold.recipe.market.risk;

import com.google.gson.JsonObject;
import java.util.Arrays;
import org.gatefold.file.JsonFields;

/**
 * How much is lost in the worst rows of a distribution of returns, at 95 and 99 %: value at risk, the loss that is exceeded in so few
 * rows, and expected shortfall, the mean loss of these. Positive numbers are losses. Immutable.
 */
public record Losses(double risk95, double risk99, double shortfall95, double shortfall99) {
    static final double[] SHARES = {0.05, 0.01};

    private static final String[] NAMES = {"risk95", "risk99", "shortfall95", "shortfall99"};

    /** Of a normal distribution of mean 0 and deviation 1: its quantiles, and its density there over the share. */
    static final Losses NORMAL =
            new Losses(1.6448536269514722, 2.3263478740408408, 2.0627128075074257, 2.665214220345762);

    /**
     * Of numbers that came, at least one: quantiles between the two nearest, and the mean of what is not above them.
     */
    static Losses of(double... returns) {
        double[] sorted = returns.clone();
        Arrays.sort(sorted);
        double[] risks = new double[SHARES.length];
        double[] shortfalls = new double[SHARES.length];
        for (int i = 0; i < risks.length; i++) {
            double place = SHARES[i] * (sorted.length - 1);
            int below = (int) place;
            int above = Math.min(sorted.length - 1, below + 1);
            double quantile = sorted[below] + (place - below) * (sorted[above] - sorted[below]);
            risks[i] = -quantile;
            shortfalls[i] = -Arrays.stream(sorted)
                    .filter(value -> value <= quantile)
                    .average()
                    .orElseThrow();
        }
        return new Losses(risks[0], risks[1], shortfalls[0], shortfalls[1]);
    }

    /** Of the distribution stretched by a deviation and moved to a mean. */
    double[] stretched(double deviation, double mean) {
        return new double[] {
            deviation * risk95 - mean,
            deviation * risk99 - mean,
            deviation * shortfall95 - mean,
            deviation * shortfall99 - mean
        };
    }

    JsonObject state() {
        double[] values = stretched(1, 0);
        JsonObject state = new JsonObject();
        for (int i = 0; i < NAMES.length; i++) {
            state.addProperty(NAMES[i], values[i]);
        }
        return state;
    }

    static Losses restored(JsonFields state) {
        double[] values = Arrays.stream(NAMES)
                .mapToDouble(name -> state.number(name, -Double.MAX_VALUE))
                .toArray();
        return new Losses(values[0], values[1], values[2], values[3]);
    }
}
