package org.gatefold.recipe.baseline.series;

/**
 * The last known value, with the season taken out and put in: the yardstick of the M4 competition.
 *
 * @param indices of the season
 */
public record Naive2(SeasonalIndices indices) implements SeriesBaseline {
    @Override
    public String name() {
        return "naive2";
    }

    @Override
    public String detail() {
        int period = indices.values().length;
        return period == 1 ? "" : "period " + period;
    }

    @Override
    public double[] forecast(double[] series, int origin, int horizon) {
        double[] forecast = new double[horizon];
        double level = series[origin - 1] / indices.of(origin - 1);
        for (int step = 0; step < horizon; step++) {
            forecast[step] = level * indices.of(origin + step);
        }
        return forecast;
    }
}
