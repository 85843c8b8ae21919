package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.baseline.series.Naive2;
import org.gatefold.recipe.baseline.series.SeasonalIndices;

/**
 * What errors of forecasts are compared with, so that series of different sizes can be: MASE (Hyndman and Koehler 2006), sMAPE in
 * percent and OWA as the M4 competition defines them (Makridakis et al. 2020). Immutable and thread-safe.
 *
 * @param scale mean absolute change against the season before, or the row before, in the training rows; 0 if there is none
 * @param naive the method whose OWA is 1
 */
record Yardstick(double scale, Naive2 naive) {
    private static final String SCALE = "scale";
    private static final String INDICES = "indices";

    /**
     * The yardstick of some training rows.
     *
     * @param period rows in a season; 1 for none
     */
    static Yardstick fit(double[] values, int period) {
        double sum = 0;
        for (int row = period; row < values.length; row++) {
            sum += Math.abs(values[row] - values[row - period]);
        }
        return new Yardstick(
                values.length > period ? sum / (values.length - period) : 0,
                new Naive2(SeasonalIndices.fit(values, values.length, period)));
    }

    /** Figures by name; those that would divide by zero are not there. */
    Map<String, Double> figures(double[] values, int[] rows, double[]... answers) {
        Map<String, Double> figures = new LinkedHashMap<>();
        double size = size(values, rows, answers);
        double share = share(values, rows, answers);
        if (scale > 0) {
            figures.put(SeriesScores.MASE, size / scale);
        }
        figures.put(SeriesScores.SMAPE, share);
        double[][] simple = naive.forecasts(values, rows, answers[0].length);
        double simpleSize = size(values, rows, simple);
        double simpleShare = share(values, rows, simple);
        if (simpleSize > 0 && simpleShare > 0) {
            figures.put(SeriesScores.OWA, (size / simpleSize + share / simpleShare) / 2);
        }
        return figures;
    }

    /** The figures of the method whose OWA is 1, from which that of several series follows. */
    JsonObject ofNaive(double[] values, int[] rows, int steps) {
        double[][] simple = naive.forecasts(values, rows, steps);
        JsonObject figures = Json.object(SeriesScores.SMAPE, share(values, rows, simple));
        if (scale > 0) {
            figures.addProperty(SeriesScores.MASE, size(values, rows, simple) / scale);
        }
        return figures;
    }

    private static double size(double[] values, int[] rows, double[]... answers) {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            for (int step = 0; step < answers[i].length; step++) {
                sum += Math.abs(answers[i][step] - values[rows[i] + step]);
            }
        }
        return sum / rows.length / answers[0].length;
    }

    /** Where both numbers are 0 the error is 0. */
    private static double share(double[] values, int[] rows, double[]... answers) {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            for (int step = 0; step < answers[i].length; step++) {
                double came = values[rows[i] + step];
                double both = Math.abs(answers[i][step]) + Math.abs(came);
                sum += both == 0 ? 0 : 200 * Math.abs(answers[i][step] - came) / both;
            }
        }
        return sum / rows.length / answers[0].length;
    }

    JsonObject state() {
        return Json.object(SCALE, scale, INDICES, Numbered.of(naive.indices().values()));
    }

    static Yardstick restored(JsonFields state) {
        double[] indices = Numbered.read(state.fields(INDICES));
        if (indices.length == 0 || Arrays.stream(indices).anyMatch(index -> !(index > 0))) {
            throw state.wrong(INDICES, "expected positive numbers, got " + Arrays.toString(indices), null);
        }
        return new Yardstick(state.number(SCALE, 0), new Naive2(new SeasonalIndices(indices)));
    }
}
