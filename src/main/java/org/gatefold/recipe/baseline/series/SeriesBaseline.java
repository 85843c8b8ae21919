package org.gatefold.recipe.baseline.series;

/** A simple forecast that a model has to beat. Implementations are immutable and thread-safe. */
public interface SeriesBaseline {
    /** The name in reports, for instance {@code "persistence"}. */
    String name();

    /** What was found or chosen for it, in words; empty if there is nothing to tell. */
    default String detail() {
        return "";
    }

    /**
     * Forecasts from the values before {@code origin} alone.
     *
     * @param series the series; nothing from {@code origin} on is read
     * @param origin the first row to forecast, at least 1
     * @param horizon rows to forecast, at least 1
     * @return {@code horizon} values
     */
    double[] forecast(double[] series, int origin, int horizon);

    /** Rows that must be known before the first that is forecast. */
    default int before() {
        return 1;
    }

    /**
     * The same with other columns that are known of the rows that are forecast; itself where it is no forecast by any.
     *
     * @param columns {@code [column][row]}, in the rows of the series and until the last that is forecast; as those that it was fitted to
     */
    default SeriesBaseline knowing(double[][] columns) {
        return this;
    }

    /**
     * Forecasts from several origins, in their order; as {@link #forecast} each.
     *
     * @return one array per origin
     */
    default double[][] forecasts(double[] series, int[] origins, int horizon) {
        double[][] forecasts = new double[origins.length][];
        for (int i = 0; i < origins.length; i++) {
            forecasts[i] = forecast(series, origins[i], horizon);
        }
        return forecasts;
    }
}
