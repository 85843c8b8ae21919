package org.gatefold.recipe.forecast;

import java.util.Objects;
import org.gatefold.data.Scaler;
import org.gatefold.data.TransformChain;

/**
 * What a forecasting model reads and answers.
 *
 * @param window rows read, at least 1
 * @param horizon rows forecast, at least 1
 * @param transforms applied to the column to forecast before scaling
 * @param scaling how columns are scaled
 * @param calendar whether the position within year, week and day is read too
 * @param change whether the model answers with the change against the last known value instead of the value itself
 */
public record ForecastTask(
        int window, int horizon, TransformChain transforms, Scaler.Kind scaling, boolean calendar, boolean change) {
    public ForecastTask {
        if (window < 1) {
            throw new IllegalArgumentException("window: expected at least 1, got " + window);
        }
        if (horizon < 1) {
            throw new IllegalArgumentException("horizon: expected at least 1, got " + horizon);
        }
        Objects.requireNonNull(transforms, "transforms");
        Objects.requireNonNull(scaling, "scaling");
    }
}
