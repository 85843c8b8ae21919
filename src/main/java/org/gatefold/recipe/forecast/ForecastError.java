package org.gatefold.recipe.forecast;

/**
 * How far forecasts were from what came.
 *
 * @param rmse root of the mean squared difference
 * @param mae mean absolute difference
 */
public record ForecastError(double rmse, double mae) {
    /**
     * Over all origins and steps.
     *
     * @param forecasts {@code [origin][step]}
     * @param series what came
     * @param origins the row of the first step of each forecast
     */
    static ForecastError of(double[][] forecasts, double[] series, int[] origins) {
        return of(forecasts, series, origins, 0, forecasts[0].length);
    }

    /** Over all origins, for steps {@code from} to {@code to - 1}. */
    static ForecastError of(double[][] forecasts, double[] series, int[] origins, int from, int to) {
        double squares = 0;
        double sizes = 0;
        for (int i = 0; i < origins.length; i++) {
            for (int step = from; step < to; step++) {
                double difference = forecasts[i][step] - series[origins[i] + step];
                squares += difference * difference;
                sizes += Math.abs(difference);
            }
        }
        double count = (double) origins.length * (to - from);
        return new ForecastError(Math.sqrt(squares / count), sizes / count);
    }
}
