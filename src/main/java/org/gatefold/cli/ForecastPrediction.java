package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.data.CsvTable;
import org.gatefold.device.Device;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.forecast.Forecaster;
import org.gatefold.recipe.forecast.Series;
import org.gatefold.recipe.forecast.SeriesPreparation;

/** Forecasts the rows after the end of a file, and those within it when walking forward. */
final class ForecastPrediction implements Prediction {
    @Override
    public String recipe() {
        return Forecaster.RECIPE;
    }

    @Override
    public String predict(Device device, Path model, Path data, boolean walkForward) throws IOException {
        try (Forecaster forecaster = Forecaster.load(device, model)) {
            SeriesPreparation preparation = forecaster.preparation();
            CsvTable table = CsvTable.read(data);
            // Dates are only labels here unless the model reads the calendar.
            String dates = preparation.dateColumn();
            if (dates != null && preparation.calendar() == null && !table.has(dates)) {
                dates = null;
            }
            Series series = Series.of(table, preparation.target(), preparation.features(), dates);
            int first = walkForward ? preparation.rowsBefore() : series.rows();
            if (series.rows() < preparation.rowsBefore()) {
                table.requireRows(preparation.rowsBefore(), "a window of this model");
            }
            int[] origins = IntStream.rangeClosed(first, series.rows()).toArray();
            return RunFolder.csv(
                    List.of("row", "step", "actual", "forecast"),
                    rows(series, origins, forecaster.forecast(series, origins)));
        }
    }

    private static List<List<String>> rows(Series series, int[] origins, double[][] forecasts) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < origins.length; i++) {
            for (int step = 0; step < forecasts[i].length; step++) {
                int row = origins[i] + step;
                boolean known = row < series.rows();
                rows.add(List.of(
                        known ? series.label(row) : "+" + (row - series.rows() + 1),
                        Integer.toString(step + 1),
                        known ? Double.toString(series.values()[row]) : "",
                        Double.toString(forecasts[i][step])));
            }
        }
        return rows;
    }
}
