package org.gatefold.recipe.field.distribution;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.gatefold.file.Json;

/**
 * The shares below which answers tell numbers, and how well they do. An answer has for each step the number for each level. Immutable and
 * thread-safe.
 */
final class Spread {
    /** Levels in equal distances over which the ranked probability score is taken. */
    private static final int GRID = 20;

    private final double[] levels;
    private final double[] shown;
    private final boolean whole;

    private Spread(double[] levels, double[] shown, boolean whole) {
        this.levels = levels;
        this.shown = shown;
        this.whole = whole;
    }

    /** Quantiles that are told as they are. */
    static Spread of(double... quantiles) {
        return new Spread(quantiles.clone(), quantiles.clone(), false);
    }

    /**
     * The ends of intervals in the middle, and a grid over the whole distribution.
     *
     * @param intervals shares that they are to hold
     */
    static Spread within(double... intervals) {
        double[] ends = Arrays.stream(intervals)
                .flatMap(share -> DoubleStream.of((1 - share) / 2, (1 + share) / 2))
                .toArray();
        TreeSet<Double> all = new TreeSet<>();
        Arrays.stream(ends).forEach(all::add);
        grid().forEach(all::add);
        all.add(0.5);
        return new Spread(all.stream().mapToDouble(Double::doubleValue).toArray(), ends, true);
    }

    private static DoubleStream grid() {
        return IntStream.range(0, GRID).mapToDouble(i -> (i + 0.5) / GRID);
    }

    /** Rising. */
    double[] levels() {
        return levels.clone();
    }

    /** Those that are told beside forecasts, in the order of their titles. */
    double[] shown() {
        return shown.clone();
    }

    /** True if the ends of intervals are told, lower and upper ones by turns. */
    boolean areIntervals() {
        return whole;
    }

    /** The level that is lowest of those told, or highest. */
    double end(boolean highest) {
        DoubleStream told = Arrays.stream(shown);
        return (highest ? told.max() : told.min()).orElseThrow();
    }

    double at(double level, int step, double... answer) {
        return answer[step * levels.length + Arrays.binarySearch(levels, level)];
    }

    /** What numbers below which a share is to be cost where something else came (Koenker and Bassett 1978). */
    private static double pinball(double level, double told, double came) {
        return came >= told ? level * (came - told) : (1 - level) * (told - came);
    }

    /** The mean pinball loss over the levels given, of all rows and steps. */
    private double pinball(double[] over, double[][] came, double[]... answers) {
        double sum = 0;
        for (int row = 0; row < came.length; row++) {
            for (int step = 0; step < came[row].length; step++) {
                for (double level : over) {
                    sum += pinball(level, at(level, step, answers[row]), came[row][step]);
                }
            }
        }
        return sum / over.length / came.length / came[0].length;
    }

    /** The mean pinball loss of all levels. */
    double loss(double[][] came, double[]... answers) {
        return pinball(levels, came, answers);
    }

    /**
     * How answers fit what came: the pinball loss and the share below of each level that is told, what intervals in the middle held, and,
     * where the whole distribution is known, the continuous ranked probability score, twice the mean pinball loss over all levels (Gneiting
     * and Raftery 2007).
     */
    JsonObject figures(double[][] came, double[]... answers) {
        JsonObject figures = new JsonObject();
        if (shown.length > 0) {
            figures.addProperty("pinball", pinball(shown, came, answers));
        }
        if (whole) {
            figures.addProperty("crps", 2 * pinball(grid().toArray(), came, answers));
        }
        JsonArray quantiles = new JsonArray();
        for (double level : shown) {
            quantiles.add(Json.object(
                    "level",
                    level,
                    "below",
                    below(level, came, answers),
                    "pinball",
                    pinball(new double[] {level}, came, answers)));
        }
        figures.add("quantiles", quantiles);
        JsonArray intervals = new JsonArray();
        for (double low : shown) {
            double high = Arrays.stream(shown)
                    .filter(level -> Math.abs(1 - low - level) < 1e-9)
                    .findFirst()
                    .orElse(low);
            if (high > low) {
                intervals.add(Json.object(
                        "level",
                        Math.round((high - low) * 1e9) / 1e9,
                        "coverage",
                        below(high, came, answers) - below(low, came, answers)));
            }
        }
        figures.add("intervals", intervals);
        return figures;
    }

    private double below(double level, double[][] came, double[]... answers) {
        double below = 0;
        for (int row = 0; row < came.length; row++) {
            for (int step = 0; step < came[row].length; step++) {
                below += came[row][step] < at(level, step, answers[row]) ? 1 : 0;
            }
        }
        return below / came.length / came[0].length;
    }

    /** The numbers that are told of a step, in the order of {@link #shown}. */
    List<Double> told(int step, double... answer) {
        List<Double> told = new ArrayList<>();
        for (double level : shown) {
            told.add(at(level, step, answer));
        }
        return told;
    }
}
