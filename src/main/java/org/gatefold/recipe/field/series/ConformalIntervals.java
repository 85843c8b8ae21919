package org.gatefold.recipe.field.series;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;

/**
 * Intervals round forecasts by split-conformal calibration (Papadopoulos et al. 2002; Lei et al. 2018): as wide to either side as
 * {@code ⌈(n + 1) level⌉} of the n errors on rows held back were. Where that would be more than there are errors, the error is taken
 * for normal, and the interval is that of Student's t with n degrees of freedom. Errors are divided by their {@link ErrorScale} first
 * (Lei et al., section 5.2). Each step of a horizon has widths of its own.
 * Immutable and thread-safe.
 */
final class ConformalIntervals {
    /** Errors that are kept of each step, evenly by rank. */
    private static final int MOST_ERRORS = 200;

    private static final String SCALE = "scale";
    private static final String LEVELS = "levels";
    private static final String WIDTHS = "widths";
    private static final String ERRORS = "errors";

    private final ErrorScale scale;
    private final double[] levels;
    private final double[][] widths;
    private final double[][] errors;

    /**
     * @param widths {@code [level][step]}, in the scale of errors
     * @param errors {@code [step][rank]}, forecasts minus what came in the scale of errors
     */
    private ConformalIntervals(ErrorScale scale, double[] levels, double[][] widths, double[]... errors) {
        this.scale = scale;
        this.levels = levels.clone();
        this.widths = widths;
        this.errors = errors;
    }

    /**
     * Calibrates by rows that the forecasts were not fitted to.
     *
     * @param levels shares of what comes that intervals are to hold, above 0 and below 1
     * @param truth what came, {@code [row][step]}, at least one row
     * @param forecasts as many
     */
    static ConformalIntervals fit(ErrorScale scale, double[] levels, double[][] truth, double[]... forecasts) {
        int steps = truth[0].length;
        double[][] widths = new double[levels.length][steps];
        double[][] kept = new double[steps][];
        double[][] errors = new double[steps][truth.length];
        for (int row = 0; row < truth.length; row++) {
            for (int step = 0; step < steps; step++) {
                double forecast = forecasts[row][step];
                errors[step][row] = (forecast - truth[row][step]) / scale.of(forecast);
            }
        }
        for (int step = 0; step < steps; step++) {
            double[] sizes = Arrays.stream(errors[step]).map(Math::abs).sorted().toArray();
            for (int i = 0; i < levels.length; i++) {
                widths[i][step] = width(sizes, levels[i]);
            }
            Arrays.sort(errors[step]);
            kept[step] = ranks(errors[step]);
        }
        return new ConformalIntervals(scale, levels, widths, kept);
    }

    private static double width(double[] sizes, double level) {
        int rank = (int) Math.ceil((sizes.length + 1) * level);
        if (rank <= sizes.length) {
            return sizes[rank - 1];
        }
        double square = Arrays.stream(sizes).map(size -> size * size).average().orElseThrow();
        return Math.sqrt(square) * Deviations.student(level, sizes.length);
    }

    private static double[] ranks(double... sorted) {
        if (sorted.length <= MOST_ERRORS) {
            return sorted;
        }
        double[] kept = new double[MOST_ERRORS];
        for (int i = 0; i < MOST_ERRORS; i++) {
            kept[i] = sorted[(int) ((i + 0.5) * sorted.length / MOST_ERRORS)];
        }
        return kept;
    }

    /** How many levels there are. */
    int count() {
        return levels.length;
    }

    /** The level whose intervals hold most. */
    int widest() {
        int widest = 0;
        for (int i = 1; i < levels.length; i++) {
            widest = levels[i] > levels[widest] ? i : widest;
        }
        return widest;
    }

    /** A level in percent, for instance {@code "97.5"}. */
    String percent(int i) {
        return SeriesScores.percent(levels[i]);
    }

    /**
     * The ends of the intervals of a level.
     *
     * @param forecast of all steps
     * @return those below and those above
     */
    double[][] bounds(int i, double... forecast) {
        double[][] bounds = new double[2][forecast.length];
        for (int step = 0; step < forecast.length; step++) {
            double width = widths[i][step] * scale.of(forecast[step]);
            bounds[0][step] = possible(forecast[step] - width);
            bounds[1][step] = possible(forecast[step] + width);
        }
        return bounds;
    }

    private double possible(double value) {
        return scale.positive() ? Math.max(0, value) : value;
    }

    /**
     * The continuous ranked probability score of a forecast whose errors are those of the rows held back (Gneiting and Raftery 2007):
     * {@code E|X - y| - E|X - X'| / 2}, in the scale of the data.
     */
    double crps(int step, double forecast, double came) {
        double size = scale.of(forecast);
        double[] points = Arrays.stream(errors[step])
                .map(error -> possible(forecast - error * size))
                .toArray();
        // From the largest point to the smallest, as errors rise.
        int n = points.length;
        double distance = 0;
        double spread = 0;
        for (int i = 0; i < n; i++) {
            distance += Math.abs(points[i] - came);
            spread += (n - 1 - 2.0 * i) * points[i];
        }
        return distance / n - spread / ((double) n * n);
    }

    /**
     * How the intervals fit what came: coverage, mean width and interval score of each level (Winkler 1972), and the mean of
     * {@link #crps}.
     *
     * @param truth {@code [row][step]}
     * @param forecasts as many
     */
    JsonObject figures(double[][] truth, double[]... forecasts) {
        int steps = truth[0].length;
        double count = (double) truth.length * steps;
        JsonArray all = new JsonArray();
        for (int i = 0; i < levels.length; i++) {
            double held = 0;
            double width = 0;
            double score = 0;
            for (int row = 0; row < truth.length; row++) {
                double[][] bounds = bounds(i, forecasts[row]);
                for (int step = 0; step < steps; step++) {
                    double outside = Math.max(
                            0, Math.max(bounds[0][step] - truth[row][step], truth[row][step] - bounds[1][step]));
                    double wide = bounds[1][step] - bounds[0][step];
                    held += outside == 0 ? 1 : 0;
                    width += wide;
                    score += wide + 2 * outside / (1 - levels[i]);
                }
            }
            JsonObject level = new JsonObject();
            level.addProperty(SeriesScores.LEVEL, levels[i]);
            level.addProperty(SeriesScores.COVERAGE, held / count);
            level.addProperty("width", width / count);
            level.addProperty("score", score / count);
            all.add(level);
        }
        double crps = 0;
        for (int row = 0; row < truth.length; row++) {
            for (int step = 0; step < steps; step++) {
                crps += crps(step, forecasts[row][step], truth[row][step]);
            }
        }
        return Json.object("crps", crps / count, SeriesScores.INTERVALS, all);
    }

    JsonObject state() {
        JsonArray each = new JsonArray();
        for (int i = 0; i < levels.length; i++) {
            JsonObject level = new JsonObject();
            level.addProperty(SeriesScores.LEVEL, levels[i]);
            level.add(WIDTHS, Numbered.of(widths[i]));
            each.add(level);
        }
        JsonArray ofSteps = new JsonArray();
        for (double[] step : errors) {
            ofSteps.add(Numbered.of(step));
        }
        return Json.object(SCALE, scale.state(), LEVELS, each, ERRORS, ofSteps);
    }

    static ConformalIntervals restored(JsonFields state, int steps) {
        List<JsonFields> each = state.list(LEVELS);
        double[] levels = new double[each.size()];
        double[][] widths = new double[levels.length][];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = each.get(i).number(SeriesScores.LEVEL, 0);
            widths[i] = ofSteps(each.get(i), WIDTHS, steps);
        }
        List<double[]> errors = new ArrayList<>();
        state.list(ERRORS).forEach(step -> errors.add(Numbered.read(step)));
        if (errors.size() != steps || errors.stream().anyMatch(step -> step.length == 0)) {
            throw state.wrong(ERRORS, "expected some of each of " + steps + " steps", null);
        }
        return new ConformalIntervals(
                ErrorScale.restored(state.fields(SCALE)), levels, widths, errors.toArray(double[][]::new));
    }

    private static double[] ofSteps(JsonFields state, String name, int steps) {
        double[] values = Numbered.read(state.fields(name));
        if (values.length != steps) {
            throw state.wrong(name, "expected " + steps + " of them, got " + values.length, null);
        }
        return values;
    }
}
