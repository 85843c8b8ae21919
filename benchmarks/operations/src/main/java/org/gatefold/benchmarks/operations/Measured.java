package org.gatefold.benchmarks.operations;

import java.util.ArrayList;
import java.util.List;

/**
 * A row of the table.
 *
 * @param libtorch of its fastest form; null without one
 * @param form the name of that
 * @param ratio the median, over the rounds, of libtorch's time to Gatefold's
 * @param copy of a copy that moves as much memory; null where another rate is told
 * @param error largest difference of a tensor in relation to its norm
 */
record Measured(
        Row row, Pass pass, Times gatefold, Times libtorch, String form, double ratio, Times copy, double error) {
    /** Milliseconds of a pass in every round. */
    record Times(List<Double> rounds) {
        double least() {
            return rounds.stream().min(Double::compare).orElseThrow();
        }

        double median() {
            return medianOf(rounds);
        }
    }

    /** @param times Gatefold's, and those of the forms in libtorch */
    static Measured of(Row row, Pass pass, List<Times> times, Times copy, double error) {
        Times own = times.get(0);
        int best = 0;
        for (int i = 1; i < times.size(); i++) {
            best = best == 0 || times.get(i).median() < times.get(best).median() ? i : best;
        }
        if (best == 0) {
            return new Measured(row, pass, own, null, "", Double.NaN, copy, error);
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < own.rounds().size(); i++) {
            ratios.add(times.get(best).rounds().get(i) / own.rounds().get(i));
        }
        String form = row.peers().get(best - 1).name();
        return new Measured(row, pass, own, times.get(best), form, medianOf(ratios), copy, error);
    }

    private static double medianOf(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    /** The rate of a side that takes so many milliseconds. */
    double rate(double ms) {
        return row.work().of(pass) / (ms / 1e3);
    }
}
