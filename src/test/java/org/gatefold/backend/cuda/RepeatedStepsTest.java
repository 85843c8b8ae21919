package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.gatefold.backend.cuda.driver.RepeatedWork;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.op.Precision;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.LossScaling;
import org.gatefold.train.Schedule;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training steps that are launched as one graph, counted on the simulated device. */
class RepeatedStepsTest {
    private static final int STEPS = 16;

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        SimulatedDevice.load();
        SimulatedDevice.setOption("async", "inline");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(Choice.PROPERTY);
        System.clearProperty(RepeatedWork.PROPERTY);
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("async", "thread");
        }
    }

    /** What the host did between two reports. */
    private record Counts(long submissions, long graphLaunches, long graphsMade, long nodes) {
        static Counts taken() {
            JsonObject all = JsonParser.parseString(SimulatedDevice.counts()).getAsJsonObject();
            SimulatedDevice.resetCounts();
            JsonObject graphs = all.getAsJsonObject("graphs");
            return new Counts(
                    all.get("submissions").getAsLong(),
                    graphs.get("launches").getAsLong(),
                    graphs.get("made").getAsLong(),
                    graphs.get("nodes").getAsLong());
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Run(List<StepReport> reports, List<Counts> counts, float[] weights, Set<String> obstacles) {
        void requireSameNumbers(Run other) {
            assertThat(reports).isEqualTo(other.reports);
            assertThat(weights).isEqualTo(other.weights);
        }
    }

    /** What is trained, and how. */
    private interface Trained {
        Sequential.Builder layers(Sequential.Builder builder);

        default Trainer trainer(Trainer trainer) {
            return trainer.lossScaling(LossScaling.fixed(64f)).schedule(Schedule.warmUp(0.7, Schedule.constant()));
        }

        default int batches() {
            return STEPS;
        }

        @SuppressWarnings("UnusedVariable") // of those that override it
        default void stepped(StepReport report) {}

        @SuppressWarnings("UnusedVariable") // of those that override it
        default void started(Device device) {}
    }

    private static Run train(String implementation, boolean recorded, Trained trained) {
        System.setProperty(Choice.PROPERTY, "recurrent:" + implementation);
        System.setProperty(RepeatedWork.PROPERTY, recorded ? "on" : "off");
        // The last batch is smaller, so that its step begins as those before and goes on otherwise.
        float[][][] inputs = new float[4 * trained.batches() - 2][6][3];
        float[][] targets = new float[inputs.length][2];
        for (int row = 0; row < inputs.length; row++) {
            for (int step = 0; step < 6; step++) {
                inputs[row][step][0] = (float) Math.sin(0.3 * (row + step));
                inputs[row][step][2] = (float) Math.cos(0.11 * row * step);
            }
            targets[row][0] = (float) Math.sin(0.3 * (row + 6));
        }
        List<StepReport> reports = new ArrayList<>();
        List<Counts> counts = new ArrayList<>();
        try (Subject subject = Subject.open("cuda:0", implementation, RecurrentOp.class);
                Sequential model =
                        trained.layers(Sequential.on(subject.device()).seed(3)).build(3)) {
            trained.started(subject.device());
            trained.trainer(Trainer.of(model)
                            .loss(Loss.mse())
                            .optimizer(Adam.of(3e-3f))
                            .clipNorm(1f))
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            reports.add(report);
                            counts.add(Counts.taken());
                            trained.stepped(report);
                        }
                    })
                    .fit(Batches.of(Dataset.of(inputs).withTargets(targets), 4), 1);
            Set<String> obstacles =
                    subject.device().service(RepeatedWork.class).orElseThrow().obstacles();
            return new Run(reports, counts, model.parameters().values().toFloats(), obstacles);
        }
    }

    private static Sequential.Builder linearLstmLinear(Sequential.Builder builder) {
        return builder.add(Linear.of(5)).add(Lstm.of(8)).add(Linear.of(2));
    }

    /** Two batches take turns on the device, so that there are two graphs; with the first two steps all else is made. */
    @ParameterizedTest
    @CsvSource({
        "cuda.steps,F32",
        "cuda.fused,F32",
        "cuda.persistent,F32",
        "cuda.cluster,F32",
        "cuda.steps,F16",
        "cuda.fused,F16",
        "cuda.persistent,F16",
        "cuda.cluster,F16"
    })
    void aStepIsOneGraphAndFiveSubmissions(String implementation, Precision precision) {
        Trained trained = builder ->
                builder.add(Linear.of(5)).add(Lstm.of(8).precision(precision)).add(Linear.of(2));
        Run direct = train(implementation, false, trained);
        Run recorded = train(implementation, true, trained);
        recorded.requireSameNumbers(direct);
        assertThat(recorded.obstacles()).isEmpty();
        assertThat(direct.counts().subList(2, STEPS - 1))
                .allSatisfy(step -> assertThat(step.submissions()).isGreaterThan(35));
        // The last but one report comes when the last step is submitted, which is of another shape.
        assertThat(recorded.counts().subList(4, STEPS - 2)).allSatisfy(step -> {
            assertThat(step.submissions()).isLessThanOrEqualTo(5);
            assertThat(step.graphLaunches()).isEqualTo(1);
            assertThat(step.graphsMade()).isZero();
        });
        assertThat(graphsMade(recorded)).isEqualTo(graphsMade(direct) + 2);
    }

    private static long graphsMade(Run run) {
        return run.counts().stream().mapToLong(Counts::graphsMade).sum();
    }

    /** The seed of a recurrent layer's masks, which is written in every step, goes into the graph. */
    @Test
    void masksOfALayerAreDrawnAnew() {
        Trained trained =
                builder -> builder.add(Lstm.of(5).layers(2).dropout(0.3f)).add(Linear.of(2));
        Run direct = train("cuda.steps", false, trained);
        Run recorded = train("cuda.steps", true, trained);
        recorded.requireSameNumbers(direct);
        assertThat(recorded.counts().subList(5, STEPS - 2))
                .allSatisfy(step -> assertThat(step.submissions()).isLessThanOrEqualTo(5));
    }

    private static void fallsBack(String implementation, String reason, Trained trained) {
        Run direct = train(implementation, false, trained);
        Run recorded = train(implementation, true, trained);
        recorded.requireSameNumbers(direct);
        assertThat(recorded.obstacles()).anyMatch(told -> told.contains(reason));
        assertThat(recorded.counts().subList(2, STEPS - 1))
                .allSatisfy(step -> assertThat(step.submissions()).isGreaterThan(5));
    }

    @Test
    void whatCannotBeOneGraphSaysWhy() {
        fallsBack("cuda.steps", "two directions have a stream each", builder -> builder.add(
                        Lstm.of(5).bidirectional())
                .add(Linear.of(2)));
        fallsBack("cuda.cudnn", "cuDNN is not recorded", builder -> builder.add(Lstm.of(5))
                .add(Linear.of(2)));
        fallsBack("cuda.steps", "a batch is uploaded in the place of one of the same step", new Trained() {
            @Override
            public Sequential.Builder layers(Sequential.Builder builder) {
                return linearLstmLinear(builder);
            }

            @Override
            public Trainer trainer(Trainer trainer) {
                return trainer.accumulate(3);
            }

            @Override
            public int batches() {
                return 3 * STEPS;
            }
        });
        fallsBack("cuda.steps", "each has another dropout_f32", new Trained() {
            @Override
            public Sequential.Builder layers(Sequential.Builder builder) {
                return builder.add(Lstm.of(5)).add(Dropout.of(0.2f)).add(Linear.of(2));
            }

            @Override
            public int batches() {
                return 40;
            }
        });
    }

    /** The step has been taken all the same, and a later one is recorded. */
    @Test
    void aGraphThatCannotBeMadeChangesNothing() {
        Run direct = train("cuda.steps", false, RepeatedStepsTest::linearLstmLinear);
        Run failing = train("cuda.steps", true, new Trained() {
            @Override
            public Sequential.Builder layers(Sequential.Builder builder) {
                return linearLstmLinear(builder);
            }

            @Override
            public void stepped(StepReport report) {
                if (report.step() == 2) {
                    SimulatedDevice.setOption("fail", "cuGraphInstantiateWithFlags:2");
                }
            }
        });
        failing.requireSameNumbers(direct);
        assertThat(failing.obstacles()).anyMatch(told -> told.startsWith("it cannot be recorded: cuGraphInstantiate"));
        assertThat(failing.counts().get(STEPS - 3).submissions()).isLessThanOrEqualTo(5);
    }

    /** Another thread works on the same lanes and handles meanwhile. */
    @Test
    void whatOtherThreadsSubmitIsNotMixedIn() throws Exception {
        Run direct = train("cuda.steps", false, RepeatedStepsTest::linearLstmLinear);
        SimulatedDevice.setOption("async", "thread");
        ExecutorService other = Executors.newSingleThreadExecutor();
        List<Future<Integer>> predictions = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        try {
            Run recorded = train("cuda.steps", true, new Trained() {
                @Override
                public Sequential.Builder layers(Sequential.Builder builder) {
                    return linearLstmLinear(builder);
                }

                @Override
                public void started(Device device) {
                    predictions.add(other.submit(() -> predict(device, over)));
                }

                @Override
                public void stepped(StepReport report) {
                    over.compareAndSet(false, report.batch() == STEPS - 2);
                    await(predictions.get(0), over.get());
                }
            });
            recorded.requireSameNumbers(direct);
            assertThat(predictions.get(0).get()).isPositive();
        } finally {
            over.set(true);
            other.shutdownNow();
            SimulatedDevice.setOption("async", "inline");
        }
    }

    private static void await(Future<Integer> task, boolean ended) {
        if (ended) {
            try {
                task.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Predicts the same again and again, and counts how often it was the same. */
    private static int predict(Device device, AtomicBoolean over) {
        float[][][] rows = new float[4][6][3];
        rows[1][2][0] = 1f;
        rows[3][5][1] = -1f;
        int same = 0;
        try (Sequential model = linearLstmLinear(Sequential.on(device).seed(7)).build(3)) {
            float[][] expected = model.predict(rows);
            while (!over.get()) {
                assertThat(model.predict(rows)).isEqualTo(expected);
                same++;
            }
        }
        return same;
    }

    /** On streams that do nothing until something waits for them, a wait that is missing shows. */
    @Test
    void graphsWaitForWhatTheyRead() {
        Run direct = train("cuda.fused", false, RepeatedStepsTest::linearLstmLinear);
        SimulatedDevice.setOption("async", "delayed");
        try {
            train("cuda.fused", true, RepeatedStepsTest::linearLstmLinear).requireSameNumbers(direct);
        } finally {
            SimulatedDevice.setOption("async", "inline");
        }
    }

    /** What is submitted by itself would overtake what is held back. */
    @Test
    void onlyTheDriversRoomCallsTheDriversStreams() throws IOException {
        Path root = Path.of("src/main/java/org/gatefold/backend/cuda");
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> others = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.startsWith(root.resolve("driver")))
                    .toList();
            assertThat(others).hasSizeGreaterThan(50);
            for (Path file : others) {
                assertThat(Files.readString(file))
                        .as("%s", file)
                        .doesNotContainPattern("JCudaDriver\\.\\s*cu(Mem\\w+Async|EventRecord|StreamWait|GraphLaunch)");
            }
        }
    }
}
