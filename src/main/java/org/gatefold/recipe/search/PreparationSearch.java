package org.gatefold.recipe.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.table.Table;
import org.gatefold.device.Device;
import org.gatefold.recipe.Experiment;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.Report;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Target;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.train.report.TrainingListener;

/**
 * Tries preparations of the same data, each by a whole run on the first four fifths of the training part that is measured on the rest of it.
 * Nothing of what is tested on decides. One thread, except for {@link #stop()}.
 */
public final class PreparationSearch {
    private static final double KNOWN = 0.8;
    private static final String SHARE = "train-share";
    private static final String COUNT = "train-rows";

    private final Recipe recipe;
    private final Options given;
    private final Path data;
    private final Path valid;
    private final boolean tested;
    private final List<Device> devices;
    private volatile Experiment running;
    private volatile boolean stopped;

    /**
     * A search for a run.
     *
     * @param given the options of the run
     * @param data what is trained on; null for the sample
     * @param valid what the best epoch is found by; null for a part of the data
     * @param tested whether there is another file to test on, so that all of the data is the training part
     */
    public PreparationSearch(
            Recipe recipe, Options given, Path data, Path valid, boolean tested, List<Device> devices) {
        this.recipe = recipe;
        this.given = given;
        this.data = data;
        this.valid = valid;
        this.tested = tested;
        this.devices = List.copyOf(devices);
    }

    /** Ends the search, as soon as the update is done that is being made. May be called by any thread. */
    public void stop() {
        stopped = true;
        Experiment trial = running;
        if (trial != null) {
            trial.stop();
        }
    }

    /** What one preparation led to; its losses by row. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Measured(String figure, double score, double[] losses, List<Map<String, String>> others) {}

    /**
     * Tries preparations until a time is over, at least the one that is given.
     *
     * @param seconds after which no other trial begins
     * @return null if it was stopped
     * @throws UsageException if the options do not go together, or do not go with the data
     */
    public Preparations run(int seconds) throws IOException {
        long begun = System.nanoTime();
        Path folder = Files.createTempDirectory("gatefold-search");
        try {
            Measured first = measure(Map.of(), folder.resolve("0"));
            if (first == null) {
                return null;
            }
            List<Preparations.Trial> tried = new ArrayList<>();
            tried.add(new Preparations.Trial(Map.of(), first.score, 0, since(begun), ""));
            List<Map<String, String>> others = first.others;
            while (tried.size() <= others.size() && since(begun) < seconds) {
                long from = System.nanoTime();
                Map<String, String> options = others.get(tried.size() - 1);
                Preparations.Trial trial;
                try {
                    Measured other = measure(options, folder.resolve(Integer.toString(tried.size())));
                    if (other == null) {
                        return null;
                    }
                    double gain = gain(first.losses, other.losses);
                    trial = new Preparations.Trial(options, other.score, gain, since(from), "");
                } catch (IllegalArgumentException e) {
                    trial = new Preparations.Trial(options, Double.NaN, Double.NaN, since(from), e.getMessage());
                }
                tried.add(trial);
            }
            return new Preparations(first.figure, tried, others.size() + 1 - tried.size());
        } finally {
            delete(folder);
        }
    }

    private static double since(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A whole run that knows less; null if it was stopped. */
    private Measured measure(Map<String, String> other, Path out) throws IOException {
        Map<String, String> options = new LinkedHashMap<>(other);
        if (given.isGiven(Options.TRAIN_ROWS)) {
            options.put(COUNT, Integer.toString((int) Math.round(KNOWN * given.get(Options.TRAIN_ROWS))));
        } else {
            options.put(SHARE, Double.toString(KNOWN * (tested ? 1 : given.get(Options.TRAIN_SHARE))));
        }
        try (Experiment trial = Experiment.begin(recipe, given.parsed(options), data, valid, null, out);
                Experiment.Training training = trial.on(devices)) {
            running = trial;
            if (stopped) {
                trial.stop();
            }
            Experiment.Outcome outcome = training.run(new TrainingListener() {});
            return outcome.isInterrupted() ? null : measured(outcome.report(), trial.preparations());
        } finally {
            running = null;
        }
    }

    private Measured measured(Report report, List<Map<String, String>> others) {
        Target target = report.fields().target();
        int[] kept = known(report.test(), target.span());
        if (kept.length == 0) {
            throw new UsageException(
                    "budget: expected a training part of which an end can be forecast, got too few rows");
        }
        double[][] answers =
                Arrays.stream(kept).mapToObj(i -> report.answers()[i]).toArray(double[][]::new);
        Rows rows = Rows.of(
                report.test().table(),
                Arrays.stream(kept).map(i -> report.test().index(i)).toArray());
        double[] losses = IntStream.range(0, kept.length)
                .mapToDouble(i -> target.score(rows.slice(i, i + 1), new double[][] {answers[i]})
                        .first())
                .toArray();
        Map<String, Double> figures = target.score(rows, answers).figures();
        String figure = figures.keySet().iterator().next();
        return new Measured(figure, figures.get(figure), losses, others);
    }

    /** Those of the rows tested in a trial that are in the training part of the run with all that is forecast from them. */
    private int[] known(Rows rows, int span) {
        Table table = rows.table();
        int[] ends = new int[table.rows()];
        for (int row = table.rows() - 1; row >= 0; row--) {
            boolean last = row + 1 == table.rows() || table.before(row + 1) == 0;
            ends[row] = last ? training(table.before(row) + 1) : ends[row + 1];
        }
        return IntStream.range(0, rows.size())
                .filter(i -> table.before(rows.index(i)) + span <= ends[rows.index(i)])
                .toArray();
    }

    /** Rows of a series that are trained on in the run. */
    private int training(int rows) {
        return tested && !given.isGiven(Options.TRAIN_ROWS) ? rows : given.trainingRows(rows);
    }

    /** By how much losses are smaller, in standard errors of that; 0 if they are of other rows. */
    private static double gain(double[] first, double... other) {
        if (first.length != other.length || first.length < 2) {
            return 0;
        }
        double[] gains = new double[first.length];
        Arrays.setAll(gains, i -> first[i] * first[i] - other[i] * other[i]);
        double mean = Arrays.stream(gains).average().orElse(0);
        double variance =
                Arrays.stream(gains).map(gain -> (gain - mean) * (gain - mean)).sum() / (gains.length - 1);
        return variance == 0 ? 0 : mean / Math.sqrt(variance / gains.length);
    }
}
