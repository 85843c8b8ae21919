package org.gatefold.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.data.CsvTable;
import org.gatefold.recipe.forecast.Series;

/** Where a series comes from: a CSV file, or the sunspots that travel with the program. Immutable. */
final class ForecastData {
    private static final String SUNSPOTS = "sunspots-monthly.csv";
    private static final String SUNSPOTS_DATES = "month";

    private final String file;
    private final CsvTable table;

    private ForecastData(String file, CsvTable table) {
        this.file = file;
        this.table = table;
    }

    static ForecastData of(Path file) throws IOException {
        return new ForecastData(file.toAbsolutePath().toString(), CsvTable.read(file));
    }

    static ForecastData sunspots() throws IOException {
        try (InputStream stream = CsvTable.class.getResourceAsStream(SUNSPOTS)) {
            return new ForecastData(null, CsvTable.read(SUNSPOTS, stream));
        }
    }

    /** The CSV file as an absolute path; null for the sunspots. */
    String file() {
        return file;
    }

    boolean isSunspots() {
        return file == null;
    }

    /**
     * The series.
     *
     * @param column the column to forecast; null for the only one that holds numbers
     * @param dateColumn null for none
     */
    Series series(String column, List<String> features, String dateColumn) {
        String dates = dateColumn == null && isSunspots() ? SUNSPOTS_DATES : dateColumn;
        return Series.of(table, column == null ? onlyNumbers(dates) : column, features, dates);
    }

    private String onlyNumbers(String dates) {
        List<String> candidates = table.names().stream()
                .filter(name -> !name.equals(dates) && table.startsWithNumber(name))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        throw new IllegalArgumentException(table.source()
                + ": name the column to forecast with --column; its columns are " + String.join(", ", table.names()));
    }
}
