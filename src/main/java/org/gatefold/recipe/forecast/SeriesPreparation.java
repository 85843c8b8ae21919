package org.gatefold.recipe.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.CalendarFeatures;
import org.gatefold.data.Scaler;
import org.gatefold.data.SeriesTransform;
import org.gatefold.data.Windows;

/**
 * The way from a series to what a model reads, and from what it answers back to the scale of the data; fitted to the
 * training part.
 *
 * <p>Immutable and thread-safe.
 *
 * @param task what the model reads and answers
 * @param target name of the column to forecast
 * @param features names of further columns
 * @param dateColumn name of the column of dates; null if there is none
 * @param calendar how fine the dates are; null if the calendar is not read
 * @param targetScaler of the transformed column to forecast
 * @param featureScalers of the further columns
 * @param answerScale standard deviation of the model's targets, by which they are divided
 */
public record SeriesPreparation(
        ForecastTask task,
        String target,
        List<String> features,
        String dateColumn,
        CalendarFeatures.Resolution calendar,
        Scaler targetScaler,
        List<Scaler> featureScalers,
        double answerScale) {
    public SeriesPreparation {
        features = List.copyOf(features);
        featureScalers = List.copyOf(featureScalers);
    }

    /**
     * Fits the scalers to the first {@code trainingRows} rows; nothing after them is read.
     *
     * @throws IllegalArgumentException if the rows are too few for one window, or the task wants dates that are not there
     */
    public static SeriesPreparation fit(ForecastTask task, Series series, int trainingRows) {
        int needed = task.transforms().lost() + task.window() + task.horizon();
        if (trainingRows < needed) {
            throw new IllegalArgumentException(series.source() + ": expected at least " + needed
                    + " training rows for a window of " + task.window() + " and a horizon of " + task.horizon()
                    + (task.transforms().lost() > 0 ? " after differences" : "") + ", got " + trainingRows);
        }
        if (task.calendar() && series.dates() == null) {
            throw new IllegalArgumentException(
                    "calendar features: expected a column of dates; name it with --date-column");
        }
        double[] training = Arrays.copyOf(series.values(), trainingRows);
        double[] transformed = task.transforms().apply(training);
        double rounding = task.transforms().rounding(training);
        Scaler targetScaler = Scaler.fit(task.scaling(), transformed, 0, transformed.length, rounding);
        List<Scaler> featureScalers = new ArrayList<>();
        for (double[] column : series.columns()) {
            featureScalers.add(Scaler.fit(task.scaling(), column, 0, trainingRows));
        }
        return new SeriesPreparation(
                task,
                series.target(),
                series.features(),
                series.dateColumn(),
                task.calendar()
                        ? CalendarFeatures.forFormatOf(series.labels().get(0)).resolution()
                        : null,
                targetScaler,
                featureScalers,
                task.change() ? deviationOfChange(targetScaler, transformed, rounding) : 1);
    }

    private static double deviationOfChange(Scaler scaler, double[] transformed, double rounding) {
        SeriesTransform change = new SeriesTransform.Difference(1);
        double[] scaled = scaler.scale(transformed);
        double[] changes = change.apply(scaled);
        double error = change.rounding(scaled, rounding / scaler.scale());
        return Scaler.fit(Scaler.Kind.STANDARD, changes, 0, changes.length, error)
                .scale();
    }

    /** Numbers that the model reads per row. */
    public int inputSize() {
        return 1
                + features.size()
                + (calendar == null ? 0 : CalendarFeatures.of(calendar).names().size());
    }

    /** Rows of a series that have to be known before the first forecast. */
    public int rowsBefore() {
        return task.transforms().lost() + task.window();
    }

    /** A series as this model reads it. */
    public PreparedSeries prepare(Series series) {
        int lost = task.transforms().lost();
        if (series.rows() < rowsBefore()) {
            throw new IllegalArgumentException(series.source() + ": expected at least " + rowsBefore()
                    + " rows before the first forecast, got " + series.rows());
        }
        if (!series.features().equals(features)) {
            throw new IllegalArgumentException(
                    series.source() + ": expected the columns " + features + ", got " + series.features());
        }
        double[] scaled = targetScaler.scale(task.transforms().apply(series.values()));
        double[][] rows = new double[scaled.length][];
        CalendarFeatures circles = calendar == null ? null : CalendarFeatures.of(calendar);
        if (circles != null && series.dates() == null) {
            throw new IllegalArgumentException(series.source() + ": expected a column of dates named " + dateColumn);
        }
        for (int row = 0; row < rows.length; row++) {
            double[] numbers = new double[inputSize()];
            numbers[0] = scaled[row];
            for (int feature = 0; feature < features.size(); feature++) {
                numbers[1 + feature] = featureScalers.get(feature).scale(series.columns()[feature][row + lost]);
            }
            if (circles != null) {
                double[] position = circles.of(series.dates().get(row + lost));
                System.arraycopy(position, 0, numbers, 1 + features.size(), position.length);
            }
            rows[row] = numbers;
        }
        return new PreparedSeries(this, series, scaled, new Windows(rows, scaled, task.window(), task.horizon()));
    }
}
