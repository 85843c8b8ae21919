package org.gatefold.benchmarks.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.gatefold.benchmarks.models.architecture.WholeModel;

/** Prints models as they come, and writes them all as JSON. */
final class Report {
    private final int threads;
    private final int rounds;
    private final List<Measured> all = new ArrayList<>();

    Report(int threads, int rounds) {
        this.threads = threads;
        this.rounds = rounds;
        print(
                "%d %s, %d rounds of %d updates; ms of an update by %s: least and median%n",
                threads,
                threads == 1 ? "thread" : "threads",
                rounds,
                WholeModel.UPDATES,
                threads == 1 ? "the processor" : "the clock");
        print(
                "%-28s %9s %9s %9s %9s %7s %9s %9s %9s %8s  %s%n",
                "", "Gatefold", "", "libtorch", "", "ratio", "of limit", "libtorch", "outside", "goal", "loss");
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    void add(Measured row) {
        all.add(row);
        print(
                "%-28s %9.3f %9.3f %9.3f %9.3f %6.2fx %7.0f %% %7.0f %% %7.0f %% %6.0f %%  %.4f %s%n",
                row.model().title(),
                least(row.gatefold()),
                1e3 * Measured.median(row.gatefold()),
                least(row.libtorch()),
                1e3 * Measured.median(row.libtorch()),
                row.ratio(),
                100 * row.limit(),
                100 * row.limitOfLibtorch(),
                100 * row.outside(),
                100 * row.reached(),
                row.loss(),
                row.layout());
    }

    private static double least(List<Double> seconds) {
        return 1e3 * seconds.stream().min(Double::compare).orElseThrow();
    }

    void write(Path file) throws IOException {
        String rows = all.stream().map(Report::json).collect(Collectors.joining(",\n  "));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file,
                String.format(
                        Locale.ROOT,
                        "{\"threads\": %d, \"rounds\": %d, \"updates\": %d, \"models\": [%n  %s%n]}%n",
                        threads,
                        rounds,
                        WholeModel.UPDATES,
                        rows));
        System.out.println(file);
    }

    private static String json(Measured row) {
        return String.format(
                Locale.ROOT,
                "{\"name\": \"%s\", \"gigaflop\": %.6f, \"layout\": \"%s\", \"loss\": %.6f, \"ratio\": %.4f, \"limit\": %.4f,"
                        + " \"limitOfLibtorch\": %.4f, \"outside\": %.4f, \"goal\": %.4f, \"gatefoldMs\": %s, \"libtorchMs\": %s,"
                        + " \"recurrentMs\": %s, \"productsMs\": %s}",
                row.model().title(),
                row.model().flops() / 1e9,
                row.layout(),
                row.loss(),
                row.ratio(),
                row.limit(),
                row.limitOfLibtorch(),
                row.outside(),
                row.reached(),
                json(row.gatefold()),
                json(row.libtorch()),
                json(row.recurrent()),
                json(row.products()));
    }

    private static String json(List<Double> seconds) {
        return seconds.stream()
                .map(value -> String.format(Locale.ROOT, "%.5f", 1e3 * value))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
