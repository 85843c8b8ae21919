package org.gatefold.recipe.baseline;

/** A simple forecast that a model has to beat. Implementations are immutable and thread-safe. */
public interface SeriesBaseline {
    /** The name in reports, for instance {@code "persistence"}. */
    String name();

    /** What was found or chosen for it, in words; empty if there is nothing to tell. */
    String detail();

    /**
     * Forecasts from the values before {@code origin} alone.
     *
     * @param series the series; nothing from {@code origin} on is read
     * @param origin the first row to forecast, at least 1
     * @param horizon rows to forecast, at least 1
     * @return {@code horizon} values
     */
    double[] forecast(double[] series, int origin, int horizon);
}
