package org.gatefold.benchmarks.options;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.NamedShapes;

/**
 * What each option of an LSTM, and of a GRU, costs in training, forward and backward, in relation to the plain cell, and libtorch beside it. All take
 * turns in one process, round after round, so that a change of the machine's speed meets all alike; outputs are compared first, where no
 * masks are drawn.
 */
public final class CellOptionCosts {
    private static final int LIBTORCH_EVERY = 4;
    private static final int WARM_UPS = 20;
    private static final double MOST_ERROR = 1e-4;

    private CellOptionCosts() {}

    /** Medians in ms: Gatefold's, and libtorch's. */
    private record Row(String shape, String option, double ms, double toPlain, double libtorch, boolean builtIn) {}

    /**
     * @param args file for JSON, threads, rounds, shapes
     */
    public static void main(String[] args) throws IOException {
        if (args.length < 4) {
            throw new IllegalArgumentException("expected FILE THREADS ROUNDS SHAPE..., got " + Arrays.toString(args));
        }
        int threads = Integer.parseInt(args[1]);
        int rounds = Integer.parseInt(args[2]);
        torch.set_num_threads(threads);
        List<Row> rows = new ArrayList<>();
        System.out.printf(
                Locale.ROOT,
                "%-4s %-26s %10s %8s %12s %10s%n",
                "",
                "forward + backward",
                "ms",
                "/ plain",
                "libtorch ms",
                "/ gatefold");
        for (String name : Arrays.asList(args).subList(3, args.length)) {
            LayerShape shape = NamedShapes.all().get(name);
            if (shape == null || shape.layers() > 1 || shape.carriesState()) {
                throw new IllegalArgumentException("shapes: expected some of "
                        + NamedShapes.all().keySet() + " of one layer that starts from zeros, got " + name);
            }
            for (Row row : measure(name, shape, threads, rounds)) {
                rows.add(row);
                System.out.printf(
                        Locale.ROOT,
                        "%-4s %-26s %10.2f %8.2f %12.2f %10.2f%s%n",
                        row.shape(),
                        row.option(),
                        row.ms(),
                        row.toPlain(),
                        row.libtorch(),
                        row.libtorch() / row.ms(),
                        row.builtIn() ? "" : "  (loop)");
            }
        }
        write(Path.of(args[0]), threads, rounds, rows);
    }

    private static List<Row> measure(String name, LayerShape shape, int threads, int rounds) {
        float[] x = random(shape.steps() * shape.batch() * shape.inputSize());
        boolean[] mask = new boolean[shape.steps() * shape.batch()];
        Random random = new Random(3);
        for (int i = 0; i < mask.length; i++) {
            mask[i] = random.nextInt(4) > 0;
        }
        Map<CellOption, GatefoldOption> ours = new EnumMap<>(CellOption.class);
        Map<CellOption, LibTorchOption> theirs = new EnumMap<>(CellOption.class);
        Map<CellOption, List<Double>> times = new EnumMap<>(CellOption.class);
        Map<CellOption, List<Double>> torchTimes = new EnumMap<>(CellOption.class);
        try {
            for (CellOption option : CellOption.values()) {
                int features = option == CellOption.PROJECTION ? shape.hiddenSize() / 2 : shape.hiddenSize();
                float[] dy = random(shape.steps() * shape.batch() * features);
                GatefoldOption own = new GatefoldOption(option, shape, threads, x, dy, mask);
                ours.put(option, own);
                theirs.put(option, new LibTorchOption(option, shape, own, x, dy, mask));
                times.put(option, new ArrayList<>());
                torchTimes.put(option, new ArrayList<>());
                compare(option, own, theirs.get(option));
            }
            for (int round = -Math.min(rounds, WARM_UPS); round < rounds; round++) {
                for (CellOption option : CellOption.values()) {
                    double ms = timed(threads, ours.get(option)::run);
                    if (round >= 0) {
                        times.get(option).add(ms);
                    }
                    if (round >= 0 && round % LIBTORCH_EVERY == 0) {
                        torchTimes.get(option).add(timed(threads, theirs.get(option)::run));
                    }
                }
            }
        } finally {
            ours.values().forEach(GatefoldOption::close);
        }
        List<Row> rows = new ArrayList<>();
        for (CellOption option : CellOption.values()) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                ratios.add(times.get(option).get(i) / times.get(option.plain()).get(i));
            }
            rows.add(new Row(
                    name,
                    option.label,
                    median(times.get(option)),
                    median(ratios),
                    median(torchTimes.get(option)),
                    theirs.get(option).isBuiltIn()));
        }
        return rows;
    }

    /** By the Euclidean norm: rounding grows in single elements where normalisation divides by small deviations. */
    private static void compare(CellOption option, GatefoldOption own, LibTorchOption peer) {
        float[] ours = own.run().value().toFloats();
        float[] theirs = peer.output();
        double squares = 0;
        double scale = 0;
        for (int i = 0; i < ours.length; i++) {
            double difference = ours[i] - theirs[i];
            squares += difference * difference;
            scale += (double) theirs[i] * theirs[i];
        }
        double error = Math.sqrt(squares / scale);
        if (!option.drawn && !(error < MOST_ERROR)) {
            throw new IllegalStateException(
                    option.label + ": expected libtorch's output within " + MOST_ERROR + " of its norm, got " + error);
        }
    }

    /** Milliseconds: of one thread those of the processor, which other work on the machine changes less than the clock's. */
    private static double timed(int threads, Runnable pass) {
        ThreadMXBean processor = ManagementFactory.getThreadMXBean();
        long start = threads == 1 ? processor.getCurrentThreadCpuTime() : System.nanoTime();
        pass.run();
        long end = threads == 1 ? processor.getCurrentThreadCpuTime() : System.nanoTime();
        return (end - start) / 1e6;
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static float[] random(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private static void write(Path file, int threads, int rounds, List<Row> rows) throws IOException {
        StringBuilder json = new StringBuilder();
        json.append("{\"threads\": ")
                .append(threads)
                .append(", \"rounds\": ")
                .append(rounds)
                .append(", \"rows\": [");
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            json.append(String.format(
                    Locale.ROOT,
                    "%s%n  {\"shape\": \"%s\", \"option\": \"%s\", \"ms\": %.4f, \"toPlain\": %.4f, \"libtorchMs\": %.4f, \"libtorchLoop\": %s}",
                    i == 0 ? "" : ",",
                    row.shape(),
                    row.option(),
                    row.ms(),
                    row.toPlain(),
                    row.libtorch(),
                    !row.builtIn()));
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json.append(String.format("%n]}%n")));
        System.out.println(file);
    }
}
