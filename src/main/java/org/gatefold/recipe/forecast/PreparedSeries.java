package org.gatefold.recipe.forecast;

import java.util.Arrays;
import org.gatefold.data.Dataset;
import org.gatefold.data.Windows;

/**
 * A series in the form that a model reads. Origins count rows of the original series: the first row that is forecast.
 *
 * <p>Immutable and thread-safe.
 */
public final class PreparedSeries {
    private final SeriesPreparation preparation;
    private final Series series;
    private final double[] scaled;
    private final Windows windows;
    private final int lost;

    PreparedSeries(SeriesPreparation preparation, Series series, double[] scaled, Windows windows) {
        this.preparation = preparation;
        this.series = series;
        this.scaled = scaled;
        this.windows = windows;
        this.lost = preparation.task().transforms().lost();
    }

    /** The series that this was made of. */
    public Series series() {
        return series;
    }

    /** The origins whose answers lie in rows {@code from} to {@code to - 1} of the series. */
    public int[] origins(int from, int to) {
        int[] origins = windows.origins(Math.max(0, from - lost), to - lost);
        return Arrays.stream(origins).map(origin -> origin + lost).toArray();
    }

    /** Windows before the origins, with their targets: {@code [origin][window][inputSize]}, {@code [origin][horizon]}. */
    public Dataset withTargets(int... origins) {
        int[] rows = Arrays.stream(origins).map(origin -> origin - lost).toArray();
        Dataset data = Dataset.of(windows.inputColumn(rows));
        if (!preparation.task().change() && preparation.answerScale() == 1) {
            return data.withTarget(windows.targetColumn(rows));
        }
        float[][] targets = new float[origins.length][];
        for (int i = 0; i < origins.length; i++) {
            float[] target = windows.targets(rows[i]);
            double base = base(origins[i]);
            for (int step = 0; step < target.length; step++) {
                target[step] = (float) ((target[step] - base) / preparation.answerScale());
            }
            targets[i] = target;
        }
        return data.withTargets(targets);
    }

    /** Windows before the origins, which may be the row after the last: {@code [origin][window][inputSize]}. */
    public float[][][] inputs(int... origins) {
        int features = windows.features();
        float[][][] inputs = new float[origins.length][windows.window()][];
        for (int i = 0; i < origins.length; i++) {
            float[] flat = windows.inputs(origins[i] - lost);
            for (int step = 0; step < windows.window(); step++) {
                inputs[i][step] = Arrays.copyOfRange(flat, step * features, (step + 1) * features);
            }
        }
        return inputs;
    }

    /** The model's answer for one origin, in the scale of the data: {@code horizon} values. */
    public double[] restore(int origin, float... answer) {
        double base = base(origin);
        double[] transformed = new double[answer.length];
        for (int step = 0; step < answer.length; step++) {
            transformed[step] = preparation.targetScaler().restore(answer[step] * preparation.answerScale() + base);
        }
        double[] before = Arrays.copyOfRange(series.values(), origin - lost, origin);
        return preparation.task().transforms().restore(before, transformed);
    }

    private double base(int origin) {
        return preparation.task().change() ? scaled[origin - lost - 1] : 0;
    }
}
