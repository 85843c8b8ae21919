package org.gatefold.recipe.baseline.series;

/** A baseline that goes over a series once, whatever the number of origins. */
interface OnePassBaseline extends SeriesBaseline {
    @Override
    default double[] forecast(double[] series, int origin, int horizon) {
        return forecasts(series, new int[] {origin}, horizon)[0];
    }

    @Override
    double[][] forecasts(double[] series, int[] origins, int horizon);
}
