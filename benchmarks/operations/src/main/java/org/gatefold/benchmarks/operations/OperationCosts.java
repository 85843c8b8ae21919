package org.gatefold.benchmarks.operations;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.operations.Measured.Times;

/**
 * Single operations in Gatefold and in libtorch, in turns in one process, round after round, so that a change of the machine's speed meets
 * both alike. What they compute is compared first; sides that differ end the run.
 */
public final class OperationCosts {
    private OperationCosts() {}

    /**
     * Measures, prints a table and writes a file.
     *
     * @param args file for JSON, threads, rounds, parts of names of rows; without these all rows
     */
    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            throw new IllegalArgumentException("expected FILE THREADS ROUNDS [NAME...], got " + Arrays.toString(args));
        }
        int threads = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        List<Row> rows = chosen(Arrays.asList(args).subList(3, args.length));
        torch.set_num_threads(threads);
        Report report = new Report(threads, rounds);
        for (Row row : rows) {
            measure(row, threads, rounds).forEach(report::add);
        }
        report.write(Path.of(args[0]));
        System.exit(0); // without waiting for the peer's threads
    }

    private static List<Row> chosen(List<String> names) {
        List<Row> all = new ArrayList<>(LayerRows.all());
        all.addAll(OtherRows.all());
        if (names.isEmpty()) {
            return all;
        }
        for (String name : names) {
            if (all.stream().noneMatch(row -> row.name().contains(name))) {
                throw new IllegalArgumentException("names: expected parts of some of "
                        + all.stream().map(Row::name).toList() + ", got '" + name + "'");
            }
        }
        return all.stream()
                .filter(row -> names.stream().anyMatch(row.name()::contains))
                .toList();
    }

    private static List<Measured> measure(Row row, int threads, int rounds) {
        List<Measured> measured = new ArrayList<>();
        List<Side> sides = new ArrayList<>();
        try {
            Side gatefold = row.gatefold().apply(threads);
            sides.add(gatefold);
            for (Row.Peer peer : row.peers()) {
                sides.add(peer.making().of(gatefold));
            }
            for (Pass pass : row.passes()) {
                double error = compare(row, pass, sides);
                measured.add(measure(row, pass, sides, new Turns(threads, rounds), error));
            }
        } finally {
            sides.forEach(Side::close);
        }
        return measured;
    }

    private static Measured measure(Row row, Pass pass, List<Side> sides, Turns turns, double error) {
        Work work = row.work();
        if (!work.ofMemory() || work.of(pass) == 0) {
            return Measured.of(row, pass, turns.of(pass, sides), null, error);
        }
        try (Side copy = new Copy(work.of(pass))) {
            List<Side> all = new ArrayList<>(sides);
            all.add(copy);
            List<Times> times = turns.of(pass, all);
            Times ofCopy = times.remove(sides.size());
            return Measured.of(row, pass, times, ofCopy, error);
        }
    }

    /** The largest difference of a tensor in relation to its size; 0 without peers. */
    private static double compare(Row row, Pass pass, List<Side> sides) {
        double most = 0;
        Map<String, float[]> ours = sides.get(0).values(pass);
        for (int i = 1; i < sides.size(); i++) {
            String with = String.format(
                    Locale.ROOT,
                    "%s, %s, libtorch %s",
                    row.name(),
                    pass.label,
                    row.peers().get(i - 1).name());
            Map<String, float[]> theirs = sides.get(i).values(pass);
            most = Math.max(
                    most,
                    row.dropped() > 0 && pass == Pass.TRAINING
                            ? Comparison.dropped(with, row.dropped(), ours, theirs)
                            : Comparison.same(with, ours, theirs));
        }
        return most;
    }
}
