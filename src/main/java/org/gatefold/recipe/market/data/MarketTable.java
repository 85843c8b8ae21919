package org.gatefold.recipe.market.data;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.gatefold.data.table.DateSteps;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/**
 * Tables of prices: a row for each date, a column for each asset, beside it what else is known of its day. Says which column is which,
 * and refuses prices that are none and dates that do not rise. Stateless.
 */
public final class MarketTable {
    private static final Set<String> DATE_NAMES = Set.of("date", "time", "datetime", "timestamp", "day");
    private static final String CLOSE = "close";

    private MarketTable() {}

    /**
     * The table with a column for each asset, checked.
     *
     * @throws UsageException naming file, line and column of a price that is not above 0 or a date that is not after the one before
     */
    static Table arranged(Options options, Table read) {
        for (Option<String> named : List.of(MarketOptions.DATES, MarketOptions.ASSET_COLUMN)) {
            options.find(named).ifPresent(column -> requireColumn(read, named, column));
        }
        Table table = options.find(MarketOptions.ASSET_COLUMN).isPresent()
                ? AssetTable.of(
                        read,
                        dates(options, read),
                        options.get(MarketOptions.ASSET_COLUMN),
                        options.find(MarketOptions.PRICE).orElseGet(() -> price(options, read)))
                : read;
        String dates = dates(options, table);
        if (dates != null) {
            requireRising(table, dates);
        }
        for (String asset : assets(options, table)) {
            double[] prices = numbers(table, asset);
            for (int row = 0; row < prices.length; row++) {
                if (!(prices[row] > 0)) {
                    throw new UsageException(table.where(row, asset) + ": expected a price above 0, got '"
                            + table.text(asset).get(row) + "'");
                }
            }
        }
        return table;
    }

    private static double[] numbers(Table table, String column) {
        try {
            return table.numbers(column);
        } catch (UsageException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static void requireColumn(Table table, Object option, String column) {
        if (!table.has(column)) {
            throw new UsageException(option + ": " + table.source() + " has no column '" + column
                    + "'; its columns are " + String.join(", ", table.names()));
        }
    }

    private static void requireRising(Table table, String dates) {
        OptionalInt row = OptionalInt.empty();
        Optional<List<LocalDateTime>> days = days(table, dates);
        if (days.isPresent()) {
            row = DateSteps.firstOutOfOrder(days.get());
        } else {
            double[] times = numbers(table, dates);
            for (int i = 1; i < times.length && row.isEmpty(); i++) {
                row = times[i] > times[i - 1] ? row : OptionalInt.of(i);
            }
        }
        if (row.isPresent()) {
            List<String> texts = table.text(dates);
            throw new UsageException(table.where(row.getAsInt(), dates) + ": expected a date after '"
                    + texts.get(row.getAsInt() - 1) + "', got '" + texts.get(row.getAsInt()) + "'");
        }
    }

    /** The dates of a column; empty where it tells times by numbers, such as years with decimals. */
    static Optional<List<LocalDateTime>> days(Table table, String dates) {
        if (dates == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(table.dates(dates));
        } catch (IllegalArgumentException e) {
            if (table.startsWithNumber(dates)) {
                return Optional.empty();
            }
            throw new UsageException(e.getMessage());
        }
    }

    /** The column of dates; null if there is none. */
    static String dates(Options options, Table table) {
        return options.find(MarketOptions.DATES).orElseGet(() -> table.names().stream()
                .filter(name -> DATE_NAMES.contains(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(null));
    }

    /**
     * The assets, each the name of the column of its prices.
     *
     * @throws UsageException if there is no such column, or none of numbers
     */
    public static List<String> assets(Options options, Table table) {
        List<String> chosen = Arrays.asList(options.get(MarketOptions.ASSETS));
        chosen.forEach(asset -> requireColumn(table, MarketOptions.ASSETS, asset));
        if (chosen.stream().distinct().count() < chosen.size()) {
            throw new UsageException(
                    MarketOptions.ASSETS + ": expected each asset once, got " + String.join(", ", chosen));
        }
        if (!chosen.isEmpty()) {
            return chosen;
        }
        if (table instanceof AssetTable several) {
            return several.assets();
        }
        if (options.find(MarketOptions.PRICE).isPresent()) {
            requireColumn(table, MarketOptions.PRICE, options.get(MarketOptions.PRICE));
            return List.of(options.get(MarketOptions.PRICE));
        }
        Optional<String> close = named(table, CLOSE);
        List<String> found = close.isPresent() ? List.of(close.get()) : columnsOfNumbers(options, table);
        if (found.isEmpty()) {
            throw new UsageException(table.source() + ": expected a column of prices; its columns are "
                    + String.join(", ", table.names()));
        }
        return found;
    }

    private static List<String> columnsOfNumbers(Options options, Table table) {
        String dates = dates(options, table);
        return table.names().stream()
                .filter(name -> !name.equals(dates) && table.startsWithNumber(name))
                .toList();
    }

    /** The column of prices of a table in which a column names the asset. */
    private static String price(Options options, Table table) {
        Optional<String> close = named(table, CLOSE);
        List<String> numbers = columnsOfNumbers(options, table);
        if (close.isEmpty() && numbers.size() != 1) {
            throw new UsageException(table.source() + ": name the column of prices with " + MarketOptions.PRICE
                    + "; its columns are " + String.join(", ", table.names()));
        }
        return close.orElseGet(() -> numbers.get(0));
    }

    /** A column of that name, however it is capitalised. */
    private static Optional<String> named(Table table, String name) {
        return table.names().stream().filter(name::equalsIgnoreCase).findFirst();
    }

    /** What else is known of the day of an asset, such as {@code "high"}; empty if there is no such column. */
    static Optional<String> beside(Table table, String asset, String part) {
        if (table instanceof AssetTable several) {
            return several.beside(asset, part);
        }
        return asset.equalsIgnoreCase(CLOSE) ? named(table, part) : Optional.empty();
    }

    /** What rows are called, by their dates if there are some: also the row behind the last. */
    static String label(Table table, String dates, int row) {
        boolean dated = dates != null && table.has(dates);
        if (row < table.rows()) {
            return dated ? table.text(dates).get(row) : Integer.toString(row + 1);
        }
        return (dated ? days(table, dates) : Optional.<List<LocalDateTime>>empty())
                .flatMap(days -> DateSteps.following(table.text(dates), days, 1))
                .map(following -> following.get(0))
                .orElse("+1");
    }
}
