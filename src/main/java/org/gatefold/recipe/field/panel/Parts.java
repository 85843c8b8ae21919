package org.gatefold.recipe.field.panel;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Rows;

/** Rows of a {@link PanelTable} by series, and what is kept for each series. Stateless. */
final class Parts {
    private static final String SERIES = "series";
    private static final String NAME = "name";
    private static final String STATE = "state";

    private Parts() {}

    /**
     * Some rows of one series.
     *
     * @param name of the series
     * @param rows of it
     * @param places which of all rows these are
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Part(String name, Rows rows, int... places) {
        /** What stands at the places of these rows. */
        <T> T[] of(T[] all, Function<Integer, T[]> array) {
            T[] ours = array.apply(places.length);
            for (int i = 0; i < ours.length; i++) {
                ours[i] = all[places[i]];
            }
            return ours;
        }
    }

    /**
     * Rows by series; a series that none of them belongs to is left out.
     *
     * @throws IllegalStateException if their table is none of several series
     */
    static List<Part> of(Rows rows) {
        PanelTable table = panel(rows);
        Map<Integer, List<Integer>> places = new TreeMap<>();
        for (int i = 0; i < rows.size(); i++) {
            places.computeIfAbsent(table.seriesOf(rows.index(i)), series -> new ArrayList<>())
                    .add(i);
        }
        List<Part> parts = new ArrayList<>();
        places.forEach((series, each) -> {
            int[] chosen = each.stream().mapToInt(Integer::intValue).toArray();
            int[] within =
                    each.stream().mapToInt(i -> table.before(rows.index(i))).toArray();
            parts.add(new Part(table.series().get(series), Rows.of(table.part(series), within), chosen));
        });
        return parts;
    }

    private static PanelTable panel(Rows rows) {
        if (rows.table() instanceof PanelTable table) {
            return table;
        }
        throw new IllegalStateException(rows.table().source() + ": expected a table of several series");
    }

    /** The same for each series, made of its rows; what is refused is refused by the name of the series. */
    static <T> Map<String, T> fitted(Rows training, Function<Rows, T> fit) {
        Map<String, T> fitted = new LinkedHashMap<>();
        for (Part part : of(training)) {
            try {
                fitted.put(part.name, fit.apply(part.rows));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        part.rows.table().source() + ", " + part.rows.size() + " training rows: " + e.getMessage(), e);
            }
        }
        return fitted;
    }

    /**
     * What was fitted for the series of some rows.
     *
     * @throws IllegalArgumentException if it is none of those
     */
    static <T> T known(Map<String, T> fitted, Part part) {
        T known = fitted.get(part.name);
        if (known == null) {
            throw new IllegalArgumentException(part.rows.table().source() + ": expected one of the " + fitted.size()
                    + " series that were trained on");
        }
        return known;
    }

    /** What is made of the rows of each series, in the order of all rows. */
    static <T> T[] each(Rows rows, T[] all, Function<Part, T[]> way) {
        for (Part part : of(rows)) {
            T[] ours = way.apply(part);
            for (int i = 0; i < ours.length; i++) {
                all[part.places[i]] = ours[i];
            }
        }
        return all;
    }

    static <T> JsonObject state(Map<String, T> fitted, Function<T, JsonObject> state) {
        JsonArray all = new JsonArray();
        fitted.forEach((name, each) -> all.add(Json.object(NAME, name, STATE, state.apply(each))));
        return Json.object(SERIES, all);
    }

    static <T> Map<String, T> restored(JsonFields saved, Function<JsonFields, T> restore) {
        Map<String, T> restored = new LinkedHashMap<>();
        for (JsonFields each : saved.list(SERIES)) {
            restored.put(each.text(NAME), restore.apply(each.fields(STATE)));
        }
        if (restored.isEmpty()) {
            throw saved.wrong(SERIES, "expected at least one, got none", null);
        }
        return restored;
    }

    /** The same as {@code fitted}, changed by the rows of each series that are there. */
    static <T> Map<String, T> changed(Map<String, T> fitted, Rows rows, BiFunction<T, Part, T> change) {
        Map<String, T> changed = new LinkedHashMap<>(fitted);
        for (Part part : of(rows)) {
            changed.put(part.name, change.apply(known(fitted, part), part));
        }
        return changed;
    }
}
