package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.TransformChain;

/**
 * A forecast of a series as transforms leave it, led back to its own scale.
 *
 * @param transforms what is done first
 * @param method a forecast of what comes of it
 */
public record Transformed(TransformChain transforms, SeriesBaseline method) implements OnePassBaseline {
    @Override
    public String name() {
        return method.name();
    }

    @Override
    public String detail() {
        return method.detail()
                + (transforms.steps().isEmpty() ? "" : " after " + String.join(", ", transforms.labels()));
    }

    @Override
    public int before() {
        return transforms.lost() + Math.max(1, method.before());
    }

    /** Columns are changes where the series is, and stay in their scale. */
    @Override
    public Transformed knowing(double[][] columns) {
        return new Transformed(transforms, method.knowing(known(transforms, columns)));
    }

    /** Other columns beside a transformed series, in its rows. */
    static double[][] known(TransformChain transforms, double[][] columns) {
        TransformChain changes = new TransformChain(transforms.steps().stream()
                .filter(SeriesTransform.Difference.class::isInstance)
                .toList());
        return Arrays.stream(columns).map(changes::apply).toArray(double[][]::new);
    }

    /** The first row that the logarithm, if one is taken, does not take: what is behind it cannot be forecast. */
    int end(double... series) {
        boolean positive = transforms.steps().stream().anyMatch(SeriesTransform.Log.class::isInstance);
        int row = 0;
        while (row < series.length && !(positive && series[row] <= 0)) {
            row++;
        }
        return row;
    }

    @Override
    public double[][] forecasts(double[] series, int[] origins, int horizon) {
        if (origins.length == 0) {
            return new double[0][];
        }
        int lost = transforms.lost();
        int last = Arrays.stream(origins).max().orElseThrow();
        double[] transformed = transforms.apply(Arrays.copyOf(series, last));
        double[][] forecasts = method.forecasts(
                transformed, Arrays.stream(origins).map(origin -> origin - lost).toArray(), horizon);
        for (int i = 0; i < origins.length; i++) {
            forecasts[i] = transforms.restore(Arrays.copyOfRange(series, origins[i] - lost, origins[i]), forecasts[i]);
        }
        return forecasts;
    }
}
