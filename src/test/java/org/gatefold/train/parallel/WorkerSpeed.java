package org.gatefold.train.parallel;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;

/**
 * Prints what an update of one worker with one thread takes, and of two workers with one thread each and a batch each, in turns: the
 * shortest of many, by the clock and in the time that the worker's thread had a core, which other work on the machine lengthens less.
 * Arguments: rounds, and updates of a round, the first of which is not counted; 5 and 6 by default.
 */
public final class WorkerSpeed {
    static final int CHARACTERS = 96;

    private WorkerSpeed() {}

    /** What is trained on what. */
    record Job(String name, Network network, Loss loss, Dataset data, int batch) {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int updates = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 6;
        for (Job job : List.of(characters(32, 64, updates), large(100, 64, updates))) {
            Time one = Time.LONGEST;
            Time two = Time.LONGEST;
            for (int round = 0; round < rounds; round++) {
                one = one.shorter(shortest(job, null));
                List<Time> both = Workers.run(2, workers -> shortest(job, workers));
                two = two.shorter(both.get(0).longer(both.get(1)));
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s: an update of one worker %.1f ms (%.1f ms of a core), of two %.1f ms (%.1f ms); efficiency"
                            + " %.2f (%.2f)%n",
                    job.name(),
                    one.clock(),
                    one.core(),
                    two.clock(),
                    two.core(),
                    one.clock() / two.clock(),
                    one.core() / two.core());
        }
    }

    /** Milliseconds of an update. */
    record Time(double clock, double core) {
        static final Time LONGEST = new Time(Double.MAX_VALUE, Double.MAX_VALUE);

        Time shorter(Time other) {
            return new Time(Math.min(clock, other.clock), Math.min(core, other.core));
        }

        Time longer(Time other) {
            return new Time(Math.max(clock, other.clock), Math.max(core, other.core));
        }
    }

    /** Characters before characters, two layers of 256. */
    private static Job characters(int batch, int steps, int updates) {
        Network network = Network.sequential(Form.tokens())
                .add(Embedding.of(CHARACTERS, 64))
                .add(Lstm.of(256).layers(2).returnSequences())
                .add(Linear.of(CHARACTERS))
                .build();
        return characters("2 x 256, characters", network, batch, steps, updates);
    }

    /** A network of {@link #CHARACTERS} tokens and outputs, on random ones. */
    static Job characters(String name, Network network, int batch, int steps, int updates) {
        Random random = new Random(1);
        int[][] text = new int[batch * updates][];
        for (int row = 0; row < text.length; row++) {
            text[row] = random.ints(steps, 0, CHARACTERS).toArray();
        }
        return new Job(
                name + ", batch " + batch + " of " + steps + " steps",
                network,
                Loss.crossEntropy(),
                Dataset.of(Column.tokens(Dataset.INPUT, text)).withStepLabels(text),
                batch);
    }

    /** The shape S3 of the benchmarks: 512 inputs, 512 units. */
    private static Job large(int steps, int batch, int updates) {
        int features = 512;
        float[][][] inputs = new float[batch * updates][][];
        Random random = new Random(1);
        float[] step = new float[features];
        for (int i = 0; i < features; i++) {
            step[i] = random.nextFloat();
        }
        float[][] sequence = new float[steps][];
        Arrays.fill(sequence, step);
        Arrays.fill(inputs, sequence);
        Network network = Network.sequential(Form.sequences(features))
                .add(Lstm.of(512))
                .add(Linear.of(1))
                .build();
        return new Job(
                "S3, batch " + batch + " of " + steps + " steps",
                network,
                Loss.mse(),
                Dataset.of(inputs).withTargets(new float[inputs.length][1]),
                batch);
    }

    static Time shortest(Job job, Collective workers) {
        Stopwatch watch = new Stopwatch();
        try (Device device = Devices.named("cpu", new DeviceOptions(1));
                Model model = job.network().on(device).seed(1).build()) {
            Trainer trainer =
                    Trainer.of(model).loss(job.loss()).optimizer(Adam.of(1e-3f)).listener(watch);
            if (workers != null) {
                trainer.workers(workers);
            }
            trainer.fit(Batches.of(job.data(), job.batch()), 1);
        }
        return watch.best;
    }

    /** The shortest time from the end of an update to that of the next. */
    private static final class Stopwatch implements TrainingListener {
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private Time best = Time.LONGEST;
        private long clock;
        private long core;

        @Override
        public void stepped(StepReport report) {
            long now = System.nanoTime();
            long used = threads.getCurrentThreadCpuTime();
            best = clock == 0 ? best : best.shorter(new Time((now - clock) / 1e6, (used - core) / 1e6));
            clock = now;
            core = used;
        }
    }
}
