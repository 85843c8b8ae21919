package org.gatefold.recipe.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was tried before a run began, the preparation as it was given first. Immutable.
 *
 * @param figure by which they are compared
 * @param tried one by one
 * @param left how many there was no time for
 */
public record Preparations(String figure, List<Trial> tried, int left) {
    /**
     * One preparation.
     *
     * @param options that differ from those that were given, by name
     * @param score on the end of the training part; NaN if it cannot be taken
     * @param gain by how much the score of a row is better than with the first, in standard errors of that; 0 of the first
     * @param seconds that it took
     * @param detail why it cannot be taken; empty if it can
     */
    public record Trial(Map<String, String> options, double score, double gain, double seconds, String detail) {}

    /** The gain from which on another preparation than the one given is taken: of ten that are no better, one seems to gain 1.5. */
    private static final double SURE = 2;

    public Preparations {
        tried = List.copyOf(tried);
    }

    /** The best of those that are better than the first by more than chance; if there is none, the first. */
    public Trial chosen() {
        return tried.stream()
                .skip(1)
                .filter(trial -> trial.gain() > SURE)
                .min(Comparator.comparingDouble(Trial::score))
                .orElse(tried.get(0));
    }

    /** The titles of {@link #rows}. */
    public List<String> header() {
        return List.of("preparation", figure, "gain", "seconds", "result");
    }

    /** A line for each that was tried. */
    public List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (Trial trial : tried) {
            rows.add(List.of(
                    words(trial),
                    trial.detail().isEmpty() ? String.format(Locale.ROOT, "%.4g", trial.score()) : "-",
                    trial.detail().isEmpty() ? String.format(Locale.ROOT, "%.2f", trial.gain()) : "-",
                    String.format(Locale.ROOT, "%.1f", trial.seconds()),
                    trial.equals(chosen()) ? "taken" : trial.detail()));
        }
        return rows;
    }

    private static String words(Trial trial) {
        return trial.options().isEmpty()
                ? "as given"
                : trial.options().entrySet().stream()
                        .map(option -> "--" + option.getKey()
                                + (option.getValue().equals("true") ? "" : " " + option.getValue()))
                        .collect(Collectors.joining(" "));
    }
}
