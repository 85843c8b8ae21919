package org.gatefold.recipe.baseline.series;

/**
 * Where a series may be expected some rows on: no further from its last value than twice as far as it has moved in as many rows or
 * fewer. It keeps forecasts, such as of regressions on few rows, from growing beyond all measure. Immutable.
 */
final class Bounds {
    private static final double TIMES = 2;

    private final double[] series;

    /** {@code [step][origin]}: the largest change in {@code step + 1} rows or fewer before an origin. */
    private final double[][] changes;

    /**
     * @param series the series
     * @param last the last origin; nothing from it on is read
     * @param horizon rows to forecast
     */
    Bounds(double[] series, int last, int horizon) {
        this.series = series;
        this.changes = new double[horizon][last + 1];
        for (int step = 0; step < horizon; step++) {
            for (int origin = 1; origin <= last; origin++) {
                int earlier = origin - 2 - step;
                double change = earlier < 0 ? 0 : Math.abs(series[origin - 1] - series[earlier]);
                double ofFewer = step == 0 ? 0 : changes[step - 1][origin];
                changes[step][origin] = Math.max(change, Math.max(ofFewer, changes[step][origin - 1]));
            }
        }
    }

    /** Moves forecasts from origins to where they may be; those that are no numbers are the last value. */
    void keep(int[] origins, double[]... forecasts) {
        for (int i = 0; i < origins.length; i++) {
            double value = series[origins[i] - 1];
            for (int step = 0; step < forecasts[i].length; step++) {
                double most = TIMES * changes[step][origins[i]];
                double forecast = Double.isNaN(forecasts[i][step]) ? value : forecasts[i][step];
                forecasts[i][step] = Math.max(value - most, Math.min(value + most, forecast));
            }
        }
    }
}
