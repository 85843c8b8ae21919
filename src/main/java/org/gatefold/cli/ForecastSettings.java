package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.recipe.NetworkOptions;
import org.gatefold.recipe.TrainingOptions;
import org.gatefold.recipe.forecast.ForecastTask;
import org.gatefold.recipe.forecast.Forecaster;
import org.gatefold.recipe.forecast.Series;
import org.gatefold.recipe.forecast.SeriesPreparation;

/**
 * All that fixes a run of {@code train forecast}; kept in its folder, so that it can be resumed.
 *
 * @param data the CSV file as an absolute path; null for the sunspots
 * @param column the column to forecast
 * @param features further columns
 * @param dateColumn the column of dates; null for none
 * @param trainingRows rows to train on; all later ones are the test part
 * @param period rows in a season for the seasonal baseline; 0 to find it
 * @param task what the model reads and answers
 * @param network size of the network
 * @param training how it is trained
 */
record ForecastSettings(
        String data,
        String column,
        List<String> features,
        String dateColumn,
        int trainingRows,
        int period,
        ForecastTask task,
        NetworkOptions network,
        TrainingOptions training) {
    /** Reads the series that the run was begun with. */
    Series series() throws IOException {
        ForecastData source = data == null ? ForecastData.sunspots() : ForecastData.of(Path.of(data));
        Series series = source.series(column, features, dateColumn);
        if (series.rows() <= trainingRows) {
            throw new IllegalArgumentException(series.source() + ": expected more than the " + trainingRows
                    + " training rows that the run began with, got " + series.rows());
        }
        return series;
    }

    /** Fits the preparation to the rows that are trained on. */
    SeriesPreparation prepare(Series series) {
        return SeriesPreparation.fit(task, series, Forecaster.fittedRows(trainingRows, training.validation()));
    }

    /** What is trained on what, in one line. */
    String describe(Series series) {
        return series.target() + " of " + series.source() + ": " + trainingRows + " rows to train on, "
                + (series.rows() - trainingRows) + " to test; window " + task.window() + ", horizon " + task.horizon()
                + ", scaling " + task.scaling().label()
                + (task.transforms().steps().isEmpty()
                        ? ""
                        : " after " + String.join(", ", task.transforms().labels()))
                + "; LSTM of " + network.hidden() + " units, layers " + network.layers() + ", seed " + training.seed();
    }
}
