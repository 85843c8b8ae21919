package org.gatefold.recipe.field.media;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.picture.Spectrogram;

/**
 * How the texts of a column are written in units, which are told by their ids, from 1 on. An answer holds ids, and behind all of them the step
 * of each. Immutable.
 *
 * @param units in order; empty before they were found
 */
record Wording(String column, Transcript.Units kind, List<String> units) {
    Wording {
        units = List.copyOf(units);
    }

    /** The units of rows to learn from. */
    Wording fit(Rows training) {
        List<String> found = texts(training).stream()
                .flatMap(text -> units(text).stream())
                .distinct()
                .sorted()
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(training.table().source() + ", column '" + column
                    + "': expected texts to train on, got empty ones");
        }
        return new Wording(column, kind, found);
    }

    JsonObject state() {
        JsonArray all = new JsonArray();
        units.forEach(all::add);
        return Json.object(kind.label(), all);
    }

    Wording restored(JsonFields state) {
        List<String> saved = state.textList(kind.label());
        if (saved.isEmpty()) {
            throw state.wrong(kind.label(), "expected at least one, got none", null);
        }
        return new Wording(column, kind, saved);
    }

    String summary() {
        return units.size() + " " + kind.label();
    }

    List<String> texts(Rows rows) {
        return rows.text(column).stream()
                .map(text -> text.strip().replaceAll("\\s+", " "))
                .toList();
    }

    private List<String> units(String text) {
        return kind == Transcript.Units.WORDS ? words(text) : characters(text);
    }

    static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    /** The text that most of the rows have, the first of equally many. */
    String mostFrequent(Rows rows) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        texts(rows).forEach(text -> counts.merge(text, 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    /** The ids of the texts of rows; units that are not known are left out. */
    int[][] ids(Rows rows) {
        return texts(rows).stream().map(this::ids).toArray(int[][]::new);
    }

    private int[] ids(String text) {
        return units(text).stream()
                .mapToInt(unit -> units.indexOf(unit) + 1)
                .filter(id -> id > 0)
                .toArray();
    }

    /** The answer that a text is, without times. */
    double[] answer(String text) {
        int[] ids = ids(text);
        return answer(ids, new int[ids.length]);
    }

    /** @param steps of each unit */
    static double[] answer(int[] ids, int... steps) {
        return IntStream.concat(IntStream.of(ids), IntStream.of(steps))
                .asDoubleStream()
                .toArray();
    }

    /** The units of an answer. */
    List<String> units(double... answer) {
        return Arrays.stream(answer, 0, answer.length / 2)
                .mapToObj(id -> units.get((int) id - 1))
                .toList();
    }

    String text(double... answer) {
        return String.join(kind == Transcript.Units.WORDS ? " " : "", units(answer))
                .strip()
                .replaceAll(" +", " ");
    }

    /** The words of an answer with the step at which each begins. */
    List<Spectrogram.Mark> marks(double... answer) {
        List<Spectrogram.Mark> marks = new ArrayList<>();
        List<String> written = units(answer);
        int count = written.size();
        StringBuilder word = new StringBuilder();
        int from = 0;
        for (int i = 0; i < count; i++) {
            String unit = written.get(i);
            boolean blank = unit.equals(" ");
            if (!blank) {
                from = word.length() == 0 ? (int) answer[count + i] : from;
                word.append(unit);
            }
            if (word.length() > 0 && (blank || kind == Transcript.Units.WORDS || i == count - 1)) {
                marks.add(new Spectrogram.Mark(from, word.toString()));
                word.setLength(0);
            }
        }
        return marks;
    }
}
