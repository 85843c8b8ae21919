package org.gatefold.recipe.baseline.series;

import java.util.Arrays;

/** Forecasts that nothing changes: the last known value. */
public record Persistence() implements SeriesBaseline {
    @Override
    public String name() {
        return "persistence";
    }

    @Override
    public double[] forecast(double[] series, int origin, int horizon) {
        double[] forecast = new double[horizon];
        Arrays.fill(forecast, series[origin - 1]);
        return forecast;
    }
}
