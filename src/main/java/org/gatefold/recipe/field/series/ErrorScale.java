package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import java.util.Arrays;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;

/**
 * How the errors of forecasts grow with their level: as its power of 0, 1/2 or 1. It is that power by which the deviations within blocks
 * of the training rows are most alike when divided by the power of the mean of their block (Guerrero 1993, who finds the exponent of a
 * Box-Cox transform so). Immutable and thread-safe.
 *
 * @param power 0 for errors of one size
 * @param floor levels below count as this
 * @param positive whether nothing below zero came, so that no interval goes there
 */
record ErrorScale(double power, double floor, boolean positive) {
    /** Errors of one size, of numbers that may be below zero. */
    static final ErrorScale EVEN = new ErrorScale(0, 1, false);

    private static final double[] POWERS = {0, 0.5, 1};

    /** Levels below this share of the mean do not make errors smaller. */
    private static final double LEAST_SHARE = 0.05;

    private static final int FEWEST_BLOCKS = 4;

    private static final String POWER = "power";
    private static final String FLOOR = "floor";
    private static final String POSITIVE = "positive";

    /**
     * Finds the power.
     *
     * @param values the training rows
     * @param block rows of a season, or others that belong together, at least 2
     */
    static ErrorScale fit(double[] values, int block) {
        double least = Arrays.stream(values).min().orElse(0);
        double mean = Arrays.stream(values).average().orElse(0);
        int blocks = values.length / block;
        if (!(least >= 0 && mean > 0) || blocks < FEWEST_BLOCKS) {
            return new ErrorScale(0, 1, least >= 0);
        }
        double floor = Math.max(least, LEAST_SHARE * mean);
        double best = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (double power : POWERS) {
            double[] ratios = new double[blocks];
            for (int i = 0; i < blocks; i++) {
                // The last blocks, as Guerrero has it: what is left over is at the start.
                int from = values.length - (blocks - i) * block;
                double[] part = Arrays.copyOfRange(values, from, from + block);
                double level = Arrays.stream(part).average().orElseThrow();
                ratios[i] = deviation(part) / Math.pow(Math.max(level, floor), power);
            }
            double variation =
                    deviation(ratios) / Arrays.stream(ratios).average().orElseThrow();
            if (variation < smallest) {
                smallest = variation;
                best = power;
            }
        }
        return new ErrorScale(best, floor, true);
    }

    private static double deviation(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return Math.sqrt(squares / (values.length - 1));
    }

    /** What the error of a forecast is divided by. */
    double of(double forecast) {
        return power == 0 ? 1 : Math.pow(Math.max(forecast, floor), power);
    }

    JsonObject state() {
        return Json.object(POWER, power, FLOOR, floor, POSITIVE, positive);
    }

    static ErrorScale restored(JsonFields state) {
        return new ErrorScale(state.number(POWER, 0), state.number(FLOOR, Double.MIN_VALUE), state.flag(POSITIVE));
    }
}
