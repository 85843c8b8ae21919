package org.gatefold.recipe.market.data;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Rows;

/** What all targets of markets do alike with rows and dates. Stateless. */
public final class Market {
    private Market() {}

    /** What rows are counted in on a picture. */
    public static String axis(Table table, String dates) {
        return days(table, dates).isPresent() ? dates : "row";
    }

    /** Where rows stand on a picture: their dates or numbers. */
    public static List<?> places(Rows rows, String dates) {
        Optional<List<LocalDateTime>> days = days(rows.table(), dates);
        return Arrays.stream(rows.indices())
                .mapToObj(row -> days.<Object>map(all -> Date.from(all.get(row).toInstant(ZoneOffset.UTC)))
                        .orElse(row + 1))
                .toList();
    }

    /** A line of a file for each row: its name, and what {@code cells} tells of the row of that number. */
    public static List<List<String>> lines(Rows rows, String dates, IntFunction<List<String>> cells) {
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            List<String> line = new ArrayList<>();
            line.add(MarketTable.label(rows.table(), dates, rows.index(i)));
            line.addAll(cells.apply(i));
            lines.add(line);
        }
        return lines;
    }

    /** Shares as a file has them. */
    public static List<String> shares(double[] shares) {
        return Arrays.stream(shares)
                .mapToObj(share -> String.format(Locale.ROOT, "%.6f", share))
                .toList();
    }

    private static Optional<List<LocalDateTime>> days(Table table, String dates) {
        return dates != null && table.has(dates) ? MarketTable.days(table, dates) : Optional.empty();
    }
}
