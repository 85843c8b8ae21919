package org.gatefold.benchmarks.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.benchmarks.gatefold.Gatefold;
import org.gatefold.benchmarks.models.architecture.Catalogue;
import org.gatefold.benchmarks.models.architecture.WholeModel;
import org.gatefold.benchmarks.onednn.GemmCeiling;
import org.gatefold.train.report.TrainingListener;

/**
 * Whole models in training: Gatefold's loop and the same model and loop in libtorch, in turns with the matrix product that percentages refer
 * to and with Gatefold's recurrent layers alone. Both sides begin with the same weights and must have the same losses before they are timed.
 */
public final class WholeModels {
    /** Turns before the first that counts. */
    private static final int UNTIMED = 2;

    /** For which models of the kind are trained before the first turn, one on each side, in turns. */
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(16);

    private final WholeModel model;
    private final int threads;

    private WholeModels(WholeModel model, int threads) {
        this.model = model;
        this.threads = threads;
    }

    /**
     * Measures.
     *
     * @param arguments a file for the results, threads, which {@code OMP_NUM_THREADS} must say too, rounds, and parts of the names of models;
     *     all without
     */
    public static void main(String... arguments) throws IOException {
        int threads = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        List<String> chosen = Arrays.asList(arguments).subList(3, arguments.length);
        Report report = new Report(threads, rounds);
        for (WholeModel model : Catalogue.all()) {
            if (chosen.isEmpty() || chosen.stream().anyMatch(part -> isPart(part, model.title()))) {
                report.add(new WholeModels(model, threads).measure(rounds));
            }
        }
        report.write(Path.of(arguments[0]));
        System.exit(0); // native pools of threads would keep the process alive
    }

    private static boolean isPart(String part, String title) {
        return title.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    private Measured measure(int rounds) {
        warmUp();
        try (GatefoldTraining gatefold = new GatefoldTraining(model, threads);
                LibTorchTraining plain = libtorch(gatefold, MemoryFormat.Contiguous)) {
            boolean convolves = StreamSupport.stream(gatefold.parameters().spliterator(), false)
                    .anyMatch(parameter -> parameter.shape().rank() > 2);
            if (!convolves) {
                return measure(rounds, gatefold, List.of(plain));
            }
            try (LibTorchTraining last = libtorch(gatefold, MemoryFormat.ChannelsLast)) {
                return measure(rounds, gatefold, List.of(plain, last));
            }
        }
    }

    /** Trains others of the kind, so that the JVM has compiled what an update runs, as in all but the first seconds of a training. */
    private void warmUp() {
        long begun = System.nanoTime();
        try (GatefoldTraining other = new GatefoldTraining(model, threads);
                LibTorchTraining peer = libtorch(other, MemoryFormat.Contiguous)) {
            do {
                other.train(1, new TrainingListener() {});
                peer.epoch();
            } while (System.nanoTime() - begun < WARM_UP_NANOS);
        }
    }

    private LibTorchTraining libtorch(GatefoldTraining like, MemoryFormat layout) {
        return new LibTorchTraining(model, like.parameters(), layout, threads);
    }

    private Measured measure(int rounds, GatefoldTraining gatefold, List<LibTorchTraining> libtorch) {
        LayerShape any = model.architecture().recurrent(model.batch()).get(0);
        List<PreparedPass> recurrent = model.architecture().recurrent(model.batch()).stream()
                .map(layers -> new Gatefold().prepare(new Workload(layers), Pass.TRAINING_PASS, threads))
                .toList();
        try (PreparedPass product = new GemmCeiling().prepare(new Workload(any), Pass.INFERENCE, threads)) {
            List<Runnable> others = new ArrayList<>();
            others.add(product::run);
            others.add(() -> {
                for (int i = 0; i < WholeModel.UPDATES; i++) {
                    recurrent.forEach(PreparedPass::run);
                }
            });
            libtorch.forEach(side -> others.add(side::epoch));
            float[] first = new float[1];
            Turns turns = new Turns(threads, UNTIMED, others, losses -> {
                first[0] = losses[0];
                libtorch.forEach(side -> Losses.requireSame(model.title(), losses, side.epoch()));
            });
            gatefold.train(UNTIMED + rounds, turns);
            return measured(turns.seconds(), first[0]);
        } finally {
            recurrent.forEach(PreparedPass::close);
        }
    }

    private Measured measured(List<List<Double>> seconds, double loss) {
        int best = 3;
        for (int i = best + 1; i < seconds.size(); i++) {
            best = Measured.median(seconds.get(i)) < Measured.median(seconds.get(best)) ? i : best;
        }
        double size = GemmCeiling.SIZE;
        double update = 1.0 / WholeModel.UPDATES;
        return new Measured(
                model,
                scaled(seconds.get(0), update),
                scaled(seconds.get(best), update),
                best == 3 ? "" : "channels last",
                scaled(seconds.get(2), update),
                scaled(seconds.get(1), model.flops() / (2 * size * size * size)),
                loss);
    }

    private static List<Double> scaled(List<Double> seconds, double by) {
        return seconds.stream().map(value -> by * value).toList();
    }
}
