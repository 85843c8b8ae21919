package org.gatefold.benchmarks.models;

import java.util.Arrays;
import java.util.Locale;
import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.benchmarks.gatefold.Gatefold;
import org.gatefold.benchmarks.onednn.GemmCeiling;

/**
 * Whole models in training: Gatefold's loop and the same model and loop in libtorch, in turns with the matrix product that percentages refer
 * to and with Gatefold's recurrent layers alone. Prints for each model the best round of each: with other work on the machine, the best is
 * what least of it was in.
 */
public final class WholeModels {
    private WholeModels() {}

    /**
     * Measures.
     *
     * @param arguments threads, which {@code OMP_NUM_THREADS} must say too, and rounds
     */
    public static void main(String[] arguments) {
        int threads = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        System.out.printf(
                Locale.ROOT,
                "%d %s, best of %d rounds%n%-28s %12s %12s %8s %8s %8s %10s %14s%n",
                threads,
                threads == 1 ? "thread" : "threads",
                rounds,
                "",
                "Gatefold",
                "libtorch",
                "ratio",
                "% gemm",
                "libtorch",
                "recurrent",
                "losses");
        LstmShape any = ModelShape.CHARACTERS.recurrent().get(0);
        try (PreparedPass product = new GemmCeiling().prepare(new Workload(any), Pass.INFERENCE, threads)) {
            for (ModelShape shape : ModelShape.values()) {
                measure(shape, product, threads, rounds);
            }
        }
        System.exit(0);
    }

    private static void measure(ModelShape shape, PreparedPass product, int threads, int rounds) {
        PreparedPass[] recurrent = shape.recurrent().stream()
                .map(layers -> new Gatefold().prepare(new Workload(layers), Pass.TRAINING_PASS, threads))
                .toArray(PreparedPass[]::new);
        try (ModelTraining gatefold = new GatefoldTraining(shape, threads);
                ModelTraining libtorch = new LibTorchTraining(shape, threads)) {
            double[] losses = {gatefold.epoch(), libtorch.epoch()};
            gatefold.epoch();
            libtorch.epoch();
            double[] best = new double[4];
            Arrays.fill(best, Double.MAX_VALUE);
            for (int round = 0; round < rounds; round++) {
                keep(best, 0, seconds(gatefold::epoch) / ModelShape.ROWS);
                keep(best, 1, seconds(libtorch::epoch) / ModelShape.ROWS);
                keep(best, 2, seconds(product::run));
                keep(best, 3, seconds(() -> Arrays.stream(recurrent).forEach(PreparedPass::run)));
            }
            double size = GemmCeiling.SIZE;
            double least = shape.flops() / (2 * size * size * size / best[2]);
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %9.2f ms %9.2f ms %7.2fx %6.0f %% %6.0f %% %8.0f %% %6.2f %6.2f%n",
                    shape.title(),
                    best[0] * 1e3,
                    best[1] * 1e3,
                    best[1] / best[0],
                    100 * least / best[0],
                    100 * least / best[1],
                    100 * best[3] / best[0],
                    losses[0],
                    losses[1]);
        } finally {
            Arrays.stream(recurrent).forEach(PreparedPass::close);
        }
    }

    private static void keep(double[] best, int which, double seconds) {
        best[which] = Math.min(best[which], seconds);
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
