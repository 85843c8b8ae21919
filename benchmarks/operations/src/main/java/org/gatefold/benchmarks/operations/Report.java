package org.gatefold.benchmarks.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints rows as they come, and writes them all as JSON. */
final class Report {
    private final int threads;
    private final int rounds;
    private final List<Measured> all = new ArrayList<>();

    Report(int threads, int rounds) {
        this.threads = threads;
        this.rounds = rounds;
        System.out.printf(
                Locale.ROOT,
                "%d %s, %d rounds; ms of %s: least and median%n%-64s %-9s %9s %9s %9s %9s %7s %9s %9s %9s %-8s%n",
                threads,
                threads == 1 ? "thread" : "threads",
                rounds,
                threads == 1 ? "the processor" : "the clock",
                "",
                "",
                "Gatefold",
                "",
                "libtorch",
                "",
                "ratio",
                "Gatefold",
                "libtorch",
                "copy",
                "");
    }

    void add(Measured row) {
        all.add(row);
        boolean rated = row.row().work().of(row.pass()) > 0;
        System.out.printf(
                Locale.ROOT,
                "%-64s %-9s %9.4f %9.4f %9s %9s %7s %9s %9s %9s %-8s %s%n",
                row.row().name(),
                row.pass().label,
                row.gatefold().least(),
                row.gatefold().median(),
                row.libtorch() == null ? "-" : ms(row.libtorch().least()),
                row.libtorch() == null ? "-" : ms(row.libtorch().median()),
                row.libtorch() == null ? "-" : String.format(Locale.ROOT, "%.2f", row.ratio()),
                rated ? rate(row, row.gatefold()) : "",
                rated && row.libtorch() != null ? rate(row, row.libtorch()) : "",
                row.copy() == null ? "" : rate(row, row.copy()),
                rated ? row.row().work().unit() : "",
                row.form());
    }

    private static String ms(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String rate(Measured row, Measured.Times times) {
        return String.format(Locale.ROOT, "%.1f", row.rate(times.median()));
    }

    void write(Path file) throws IOException {
        StringBuilder json = new StringBuilder();
        json.append(String.format(Locale.ROOT, "{\"threads\": %d, \"rounds\": %d, \"rows\": [", threads, rounds));
        String separator = "";
        for (Measured row : all) {
            json.append(separator).append(String.format("%n  ")).append(json(row));
            separator = ",";
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json.append(String.format("%n]}%n")));
        System.out.println(file);
    }

    private static String json(Measured row) {
        StringBuilder json = new StringBuilder(String.format(
                Locale.ROOT,
                "{\"name\": \"%s\", \"pass\": \"%s\", \"gatefold\": %s",
                row.row().name(),
                row.pass().label,
                json(row.gatefold())));
        if (row.libtorch() != null) {
            json.append(String.format(
                    Locale.ROOT,
                    ", \"libtorch\": %s, \"form\": \"%s\", \"ratio\": %.4f, \"error\": %.3g",
                    json(row.libtorch()),
                    row.form(),
                    row.ratio(),
                    row.error()));
        }
        if (row.row().work().of(row.pass()) > 0) {
            json.append(String.format(
                    Locale.ROOT,
                    ", \"unit\": \"%s\", \"work\": %.6f",
                    row.row().work().unit(),
                    row.row().work().of(row.pass())));
        }
        if (row.copy() != null) {
            json.append(", \"copy\": ").append(json(row.copy()));
        }
        return json.append('}').toString();
    }

    private static String json(Measured.Times times) {
        return String.format(Locale.ROOT, "{\"least\": %.5f, \"median\": %.5f}", times.least(), times.median());
    }
}
