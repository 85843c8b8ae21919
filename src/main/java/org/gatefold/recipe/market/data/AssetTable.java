package org.gatefold.recipe.market.data;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.data.table.MissingValues;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.option.UsageException;

/**
 * A table with a row for each date and asset, turned into one with a row for each date that all assets have and a column for each asset.
 * What else is told of an asset's day is a column of its own. Immutable.
 */
final class AssetTable implements Table {
    private final Table read;
    private final String dates;
    private final List<String> assets;

    /** The rows of the table that was read, by asset and date. */
    private final Map<String, int[]> rows;

    /** Asset and column of the table that was read, by name. */
    private final Map<String, Place> places;

    private record Place(String asset, String column) {}

    private AssetTable(
            Table read, String dates, List<String> assets, Map<String, int[]> rows, Map<String, Place> places) {
        this.read = read;
        this.dates = dates;
        this.assets = assets;
        this.rows = rows;
        this.places = places;
    }

    /**
     * Turns a table.
     *
     * @param dates the column of dates; null for none, which is refused
     * @param names the column that names the asset
     * @param price the column of prices
     */
    static AssetTable of(Table read, String dates, String names, String price) {
        if (dates == null) {
            throw new UsageException(read.source()
                    + ": expected a column of dates beside one that names the asset; name it with "
                    + MarketOptions.DATES);
        }
        List<LocalDateTime> days = MarketTable.days(read, dates)
                .orElseThrow(() -> new UsageException(
                        read.source() + ": expected dates in the column '" + dates + "', got numbers"));
        List<String> owners = read.text(names);
        Map<String, Map<LocalDateTime, Integer>> found = new LinkedHashMap<>();
        Map<String, LocalDateTime> latest = new LinkedHashMap<>();
        for (int row = 0; row < read.rows(); row++) {
            LocalDateTime before = latest.put(owners.get(row), days.get(row));
            if (before != null && !days.get(row).isAfter(before)) {
                throw new UsageException(read.where(row, dates) + ": expected a date of '" + owners.get(row)
                        + "' after the one before, got '" + read.text(dates).get(row) + "'");
            }
            found.computeIfAbsent(owners.get(row), owner -> new LinkedHashMap<>())
                    .put(days.get(row), row);
        }
        List<String> assets = List.copyOf(found.keySet());
        Set<LocalDateTime> common = new TreeSet<>(found.get(assets.get(0)).keySet());
        found.values().forEach(each -> common.retainAll(each.keySet()));
        if (common.isEmpty()) {
            throw new UsageException(
                    read.source() + ": expected a date that all of " + String.join(", ", assets) + " have, got none");
        }
        Map<String, int[]> rows = new LinkedHashMap<>();
        Map<String, Place> places = new LinkedHashMap<>();
        found.forEach((asset, each) -> {
            rows.put(asset, common.stream().mapToInt(each::get).toArray());
            places.put(asset, new Place(asset, price));
        });
        for (String asset : assets) {
            for (String column : read.names()) {
                if (!Set.of(dates, names, price).contains(column) && read.startsWithNumber(column)) {
                    places.putIfAbsent(asset + " " + column, new Place(asset, column));
                }
            }
        }
        if (places.containsKey(dates)) {
            throw new UsageException(read.source()
                    + ": expected an asset of another name than the column of dates, got '" + dates + "'");
        }
        return new AssetTable(read, dates, assets, rows, places);
    }

    List<String> assets() {
        return assets;
    }

    /** The column of what else is told of an asset's day. */
    Optional<String> beside(String asset, String part) {
        return places.entrySet().stream()
                .filter(place -> place.getValue().asset.equals(asset)
                        && place.getValue().column.equalsIgnoreCase(part))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private int[] rows(String column) {
        return rows.get(column.equals(dates) ? assets.get(0) : place(column).asset);
    }

    private String column(String column) {
        return column.equals(dates) ? dates : place(column).column;
    }

    private Place place(String column) {
        Place place = places.get(column);
        if (place == null) {
            throw new IllegalArgumentException(
                    source() + " has no asset '" + column + "'; there are " + String.join(", ", assets));
        }
        return place;
    }

    @Override
    public String source() {
        return read.source();
    }

    @Override
    public List<String> names() {
        Set<String> names = new LinkedHashSet<>(List.of(dates));
        names.addAll(places.keySet());
        return List.copyOf(names);
    }

    @Override
    public int rows() {
        return rows.get(assets.get(0)).length;
    }

    @Override
    public boolean has(String column) {
        return column.equals(dates) || places.containsKey(column);
    }

    @Override
    public List<String> text(String column) {
        List<String> all = read.text(column(column));
        return Arrays.stream(rows(column)).mapToObj(all::get).toList();
    }

    @Override
    public double[] numbers(String column) {
        double[] all = read.numbers(column(column));
        return Arrays.stream(rows(column)).mapToDouble(row -> all[row]).toArray();
    }

    @Override
    public boolean startsWithNumber(String column) {
        return read.startsWithNumber(column(column));
    }

    @Override
    public List<LocalDateTime> dates(String column) {
        List<LocalDateTime> all = read.dates(column(column));
        List<LocalDateTime> days = new ArrayList<>();
        for (int row : rows(column)) {
            days.add(all.get(row));
        }
        return days;
    }

    /** This table: dates that an asset does not have are left out already. */
    @Override
    public Table withMissing(MissingValues policy, String... columns) {
        return this;
    }

    @Override
    public String where(int row, String column) {
        return read.where(rows(column)[row], column(column));
    }
}
