package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.metric.Predictions;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.GradientClip;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
    private static Trainer trainer(Sequential model) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(Adam.of(0.01f)).clipNorm(1f);
    }

    private static Trainer classifier(Sequential model) {
        return Trainer.of(model)
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(0.03f))
                .clipNorm(1f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void learnsToSum(String name) {
        try (Device device = Devices.named(name);
                Sequential model = Problems.regressor(device, 8, 0f)) {
            Batches validation = Batches.of(Problems.sums(64, 2), 64);
            History history = trainer(model)
                    .validate(validation, Metric.rmse())
                    .schedule(Schedule.cosine(25, 0.05))
                    .fit(Batches.of(Problems.sums(512, 1), 32).shuffled(5).bucketed(), 25);
            assertThat(history.end()).isEqualTo(History.End.FINISHED);
            assertThat(history.epochs()).hasSize(25);
            assertThat(history.epochs().get(0).validationLoss()).isGreaterThan(0.01);
            assertThat(history.last().validationLoss()).isLessThan(0.001);
            assertThat(history.last().metrics().get("rmse"))
                    .isCloseTo(Math.sqrt(history.last().validationLoss()), within(1e-6));
            assertThat(Evaluation.of(model, validation, Loss.mse(), Metric.mae())
                            .loss())
                    .isEqualTo(history.last().validationLoss());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void learnsParityStepByStep(String name) {
        try (Device device = Devices.named(name);
                Sequential model = Sequential.on(device)
                        .seed(3)
                        .add(Lstm.of(8).returnSequences())
                        .add(Linear.of(2))
                        .build(1)) {
            classifier(model).fit(Batches.of(Problems.parity(256, 8, 1), 32).shuffled(1), 30);
            Evaluation test = Evaluation.of(
                    model,
                    Batches.of(Problems.parity(100, 12, 2), 30),
                    Loss.crossEntropy(),
                    Metric.accuracy(),
                    Metric.perplexity());
            assertThat(test.metrics().get("accuracy")).isGreaterThan(0.98);
            assertThat(test.metrics().get("perplexity")).isCloseTo(Math.exp(test.loss()), within(1e-5));
        }
    }

    /** Parity over 60 steps cannot be seen within a window of 6: it is learnt only if states are carried over. */
    @Test
    void windowsCarryStatesOver() {
        Dataset data = Problems.parity(16, 60, 1);
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .seed(3)
                        .add(Lstm.of(8).stateful().returnSequences())
                        .add(Linear.of(2))
                        .build(1)) {
            classifier(model).fit(Batches.of(data, 16).windowed(6), 60);
            Evaluation windows =
                    Evaluation.of(model, Batches.of(data, 16).windowed(6), Loss.crossEntropy(), Metric.accuracy());
            assertThat(windows.metrics().get("accuracy")).isGreaterThan(0.98);
            Evaluation whole = Evaluation.of(model, Batches.of(data, 16), Loss.crossEntropy());
            assertThat(windows.loss()).isCloseTo(whole.loss(), within(1e-5));
        }
    }

    private static float[] trained(Device device, Batches data, int accumulated, int epochs) {
        try (Sequential model = Problems.regressor(device, 5, 0.3f)) {
            trainer(model).accumulate(accumulated).seed(4).fit(data, epochs);
            return model.parameters().values().toFloats();
        }
    }

    @Test
    void runsAreRepeatableBitForBit() {
        try (Device device = Devices.named("reference")) {
            Batches data = Batches.of(Problems.sums(50, 1), 8).shuffled(3);
            float[] first = trained(device, data, 1, 3);
            assertThat(trained(device, data, 1, 3)).isEqualTo(first);
            assertThat(trained(device, Batches.of(data.data(), 8).shuffled(4), 1, 3))
                    .isNotEqualTo(first);
        }
    }

    /** Two batches of 8 rows accumulated are one batch of 16 rows, up to rounding. */
    @Test
    void accumulatedBatchesMakeTheUpdateOfTheirUnion() {
        Dataset data = Problems.sums(32, 1);
        float[] whole;
        float[] halves;
        try (Device device = Devices.named("reference")) {
            try (Sequential model = Problems.regressor(device, 5, 0f)) {
                trainer(model).optimizer(Sgd.of(0.1f)).fit(Batches.of(data, 16), 2);
                whole = model.parameters().values().toFloats();
            }
            try (Sequential model = Problems.regressor(device, 5, 0f)) {
                History history =
                        trainer(model).optimizer(Sgd.of(0.1f)).accumulate(2).fit(Batches.of(data, 8), 2);
                halves = model.parameters().values().toFloats();
                assertThat(history.last().step()).isEqualTo(4);
            }
        }
        for (int i = 0; i < whole.length; i++) {
            assertThat(halves[i]).isCloseTo(whole[i], within(1e-5f));
        }
    }

    /** 16 and 8 rows are 24 rows: each counts once. */
    @Test
    void accumulatedBatchesCountByTheirRows() {
        Dataset data = Problems.sums(24, 1);
        List<float[]> weights = new ArrayList<>();
        try (Device device = Devices.named("reference")) {
            for (int batch : new int[] {24, 16}) {
                try (Sequential model = Problems.regressor(device, 5, 0f)) {
                    trainer(model)
                            .optimizer(Sgd.of(0.5f))
                            .accumulate(batch == 24 ? 1 : 2)
                            .fit(Batches.of(data, batch), 2);
                    weights.add(model.parameters().values().toFloats());
                }
            }
        }
        for (int i = 0; i < weights.get(0).length; i++) {
            assertThat(weights.get(1)[i]).isCloseTo(weights.get(0)[i], within(1e-6f));
        }
    }

    @Test
    void manyThreadsTrainAsIfAlone() throws Exception {
        Dataset data = Problems.sums(40, 1);
        try (Device device = Devices.cpu(1)) {
            float[][] alone = new float[4][];
            for (int i = 0; i < alone.length; i++) {
                alone[i] = trained(device, Batches.of(data, 8).shuffled(i), 1, 2);
            }
            ExecutorService threads = Executors.newFixedThreadPool(alone.length);
            try {
                List<Future<float[]>> together = new ArrayList<>();
                for (int i = 0; i < alone.length; i++) {
                    Batches own = Batches.of(data, 8).shuffled(i);
                    together.add(threads.submit(() -> trained(device, own, 1, 2)));
                }
                for (int i = 0; i < alone.length; i++) {
                    assertThat(together.get(i).get()).isEqualTo(alone[i]);
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void nothingIsLeftOnTheDevice() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 4, 0f)) {
            model.parameters().gradients();
            long before = device.bytesInUse();
            trainer(model).fit(Batches.of(Problems.sums(20, 1), 8), 2);
            assertThat(device.bytesInUse()).isEqualTo(before);
        }
    }

    /**
     * After the first updates the loop takes no memory of the device and next to none of the heap; the reference computes
     * in arrays of its own.
     */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void stepsAllocateNothing(String name) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Long> held = new ArrayList<>();
        List<Long> heap = new ArrayList<>();
        long bound;
        try (Device device = Devices.named(name);
                Sequential model = Problems.regressor(device, 16, 0f)) {
            boolean plainJava = device.operation(RecurrentOp.class).name().equals("reference");
            bound = plainJava ? 64 << 10 : 8 << 10;
            trainer(model)
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            held.add(device.bytesInUse());
                            heap.add(threads.getThreadAllocatedBytes(
                                    Thread.currentThread().getId()));
                        }
                    })
                    .fit(Batches.of(Dataset.of(new float[640][50][1]).withTargets(new float[640][1]), 16), 1);
        }
        assertThat(held.subList(2, 40)).containsOnly(held.get(2));
        List<Long> perStep = new ArrayList<>();
        for (int i = 20; i < 40; i++) {
            perStep.add(heap.get(i) - heap.get(i - 1));
        }
        assertThat(perStep.stream().sorted().toList().get(10)).isLessThan(bound);
    }

    @Test
    void earlyStoppingRestoresTheBestWeights() {
        List<float[]> weights = new ArrayList<>();
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 4, 0f)) {
            Batches validation = Batches.of(Problems.sums(16, 2), 16);
            History history = trainer(model)
                    .optimizer(Adam.of(0.3f))
                    .validate(validation)
                    .earlyStopping(3)
                    .listener(new TrainingListener() {
                        @Override
                        public void epochEnded(EpochReport report) {
                            weights.add(model.parameters().values().toFloats());
                        }
                    })
                    .fit(Batches.of(Problems.sums(16, 1), 4), 200);
            assertThat(history.end()).isEqualTo(History.End.STOPPED_EARLY);
            assertThat(history.bestEpoch()).isEqualTo(history.epochs().size() - 1 - 3);
            assertThat(model.parameters().values().toFloats())
                    .isEqualTo(weights.get(history.bestEpoch()))
                    .isNotEqualTo(weights.get(weights.size() - 1));
            assertThat(Evaluation.of(model, validation, Loss.mse()).loss())
                    .isEqualTo(history.best().validationLoss());
        }
    }

    /** The figures of six epochs, whatever the model does. */
    private static Metric told(double... figures) {
        Iterator<Double> next = Arrays.stream(figures).iterator();
        return new Metric("told", () -> new Metric.Accumulator() {
            @Override
            public void add(Predictions predictions) {}

            @Override
            public double value() {
                return next.next();
            }
        });
    }

    @Test
    void earlyStoppingLooksAtTheMetricThatIsMonitored() {
        double[] figures = {Double.NaN, 0.1, 0.9, 0.2, 0.8, Double.NaN};
        for (boolean higher : new boolean[] {true, false}) {
            try (Device device = Devices.named("reference");
                    Sequential model = Problems.regressor(device, 4, 0f)) {
                History history = trainer(model)
                        .validate(Batches.of(Problems.sums(16, 2), 16), told(figures))
                        .monitor("told", higher)
                        .earlyStopping(3)
                        .fit(Batches.of(Problems.sums(16, 1), 4), 6);
                assertThat(history.bestEpoch()).isEqualTo(higher ? 2 : 1);
                assertThat(history.epochs()).hasSize(higher ? 6 : 5);
            }
        }
    }

    /** As while a tagger finds nothing yet: F1 stays at 0, or is none, and the loss falls. */
    @Test
    void theLossDecidesBetweenEqualMetrics() {
        for (double equal : new double[] {0, Double.NaN}) {
            try (Device device = Devices.named("reference");
                    Sequential model = Problems.regressor(device, 4, 0f)) {
                History history = trainer(model)
                        .validate(Batches.of(Problems.sums(16, 2), 16), told(equal, equal, equal, equal))
                        .monitor("told", true)
                        .earlyStopping(2)
                        .fit(Batches.of(Problems.sums(16, 1), 4), 4);
                List<Double> losses = history.epochs().stream()
                        .map(EpochReport::validationLoss)
                        .toList();
                assertThat(losses).isSortedAccordingTo(Comparator.reverseOrder());
                assertThat(history.bestEpoch()).isEqualTo(3);
            }
        }
    }

    @Test
    void aMetricThatIsNotMeasuredCannotBeMonitored() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 4, 0f)) {
            Trainer trainer = trainer(model)
                    .validate(Batches.of(Problems.sums(16, 2), 16), Metric.rmse())
                    .monitor("f1", true);
            assertThatThrownBy(() -> trainer.fit(Batches.of(Problems.sums(16, 1), 4), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("monitor: expected one of the metrics given to validate, [rmse], got 'f1'");
        }
    }

    @Test
    void theScheduleSetsTheRate() {
        List<Float> rates = new ArrayList<>();
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            trainer(model)
                    .schedule(Schedule.warmUp(1, Schedule.step(2, 0.5)))
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            rates.add(report.learningRate());
                        }
                    })
                    .fit(Batches.of(Problems.sums(8, 1), 4), 3);
        }
        assertThat(rates).containsExactly(0.005f, 0.01f, 0.01f, 0.01f, 0.005f, 0.005f);
    }

    @Test
    void clippingLimitsTheUpdate() {
        Dataset far = Dataset.of(new float[][][] {{{1}}}).withTargets(new float[][] {{1e6f}});
        for (boolean byNorm : new boolean[] {true, false}) {
            List<Float> norms = new ArrayList<>();
            try (Device device = Devices.named("reference");
                    Sequential model = Problems.regressor(device, 3, 0f)) {
                float[] before = model.parameters().values().toFloats();
                Trainer.of(model)
                        .loss(Loss.mse())
                        .optimizer(Sgd.of(1f))
                        .clip(byNorm ? GradientClip.byNorm(0.5f) : GradientClip.byValue(0.125f))
                        .listener(new TrainingListener() {
                            @Override
                            public void stepped(StepReport report) {
                                norms.add(report.gradientNorm());
                            }
                        })
                        .fit(Batches.of(far, 1), 1);
                float[] after = model.parameters().values().toFloats();
                double squares = 0;
                double largest = 0;
                for (int i = 0; i < after.length; i++) {
                    squares += Math.pow(after[i] - before[i], 2);
                    largest = Math.max(largest, Math.abs(after[i] - before[i]));
                }
                if (byNorm) {
                    assertThat(Math.sqrt(squares)).isCloseTo(0.5, within(1e-4));
                } else {
                    assertThat(largest).isCloseTo(0.125, within(1e-6));
                }
                assertThat(norms.get(0)).isGreaterThan(1000f);
            }
        }
    }

    private static NotFiniteException failure(Trainer trainer, Batches data) {
        try {
            trainer.fit(data, 3);
        } catch (NotFiniteException e) {
            return e;
        }
        throw new AssertionError("training went on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void notANumberStopsBeforeTheWeightsAreDamaged(String name) {
        float[][][] inputs = new float[6][2][1];
        inputs[4][1][0] = Float.NaN;
        Dataset data = Dataset.of(inputs).withTargets(new float[6][1]);
        try (Device device = Devices.named(name);
                Sequential model = Problems.regressor(device, 3, 0f)) {
            List<float[]> weights = new ArrayList<>();
            Trainer trainer = trainer(model).listener(new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    weights.add(model.parameters().values().toFloats());
                }
            });
            NotFiniteException e = failure(trainer, Batches.of(data, 2));
            assertThat(e.step()).isEqualTo(3);
            assertThat(e.parameter()).isEqualTo("lstm.0.forward.wx");
            assertThat(e)
                    .hasMessage("loss is NaN and gradient of parameter 'lstm.0.forward.wx' is not finite at step 3"
                            + " (epoch 0, batch 2); the update was not made, the weights are as after step 2");
            assertThat(model.parameters().values().toFloats()).isEqualTo(weights.get(1));
        }
    }

    /** The output is 1e20 (0 x + 0) = 0 and the loss 1, but the gradient of the inner weight is 1e20 times x = 1e20. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void infiniteGradientsAreSeenEvenIfValuesAreLimited(boolean limited) {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.overflowing(device)) {
            float[] before = model.parameters().values().toFloats();
            Trainer trainer = trainer(model).loss(Loss.mae());
            if (limited) {
                trainer.clipValue(0.1f);
            }
            NotFiniteException e = failure(trainer, Batches.of(Problems.large(), 1));
            assertThat(e.parameter()).isEqualTo("inner.w");
            assertThat(e)
                    .hasMessage("gradient of parameter 'inner.w' is not finite at step 1 (epoch 0, batch 0);"
                            + " the update was not made, the weights are as after step 0");
            assertThat(model.parameters().values().toFloats()).isEqualTo(before);
        }
    }

    @Test
    void labelsThatAreNoClassesAreNamed() {
        Dataset rows = Dataset.of(new float[2][2][1]);
        Dataset steps = rows.withTarget(Column.tokens("labels", new int[][] {{0, 1}, {1, 5}}));
        try (Device device = Devices.named("reference");
                Sequential model =
                        Sequential.on(device).add(Lstm.of(3)).add(Linear.of(2)).build(1);
                Sequential stepwise = Sequential.on(device)
                        .add(Lstm.of(3).returnSequences())
                        .add(Linear.of(2))
                        .build(1)) {
            assertLabelRefused(
                    model,
                    rows.withLabels(0, 7),
                    "label of row 1 of the batch: expected a class below 2, the columns of the output, got 7");
            assertLabelRefused(
                    model,
                    rows.withLabels(-1, 1),
                    "label of row 0 of the batch: expected a class, or a label that the loss is ignoring, got -1");
            assertLabelRefused(
                    stepwise,
                    steps,
                    "label 1 of row 1 of the batch: expected a class below 2, the columns of the output, got 5");
            fit(model, Loss.crossEntropy(), rows.withLabels(0, 7).withWeights(1f, 0f));
            fit(model, Loss.crossEntropy().ignoring(7), rows.withLabels(0, 7));
            fit(model, Loss.crossEntropy().ignoring(-100), rows.withLabels(-100, 1));
        }
    }

    private static void assertLabelRefused(Sequential model, Dataset data, String message) {
        assertThatThrownBy(() -> fit(model, Loss.crossEntropy(), data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void fit(Sequential model, Loss loss, Dataset data) {
        Trainer.of(model).loss(loss).optimizer(Sgd.of(0.1f)).fit(Batches.of(data, 2), 1);
    }

    @Test
    void stopEndsAfterTheCurrentUpdate() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            Trainer trainer = trainer(model);
            List<Long> steps = new ArrayList<>();
            History history = trainer.listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            steps.add(report.step());
                            if (report.step() == 5) {
                                trainer.stop();
                            }
                        }
                    })
                    .fit(Batches.of(Problems.sums(12, 1), 4), 10);
            assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(history.end()).isEqualTo(History.End.INTERRUPTED);
            assertThat(history.epochs()).hasSize(1);
        }
    }

    @Test
    void aHistoryWithoutEpochsSaysSo() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            Trainer trainer = trainer(model);
            History history = trainer.listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            trainer.stop();
                        }
                    })
                    .fit(Batches.of(Problems.sums(12, 1), 4), 10);
            assertThat(history.epochs()).isEmpty();
            assertThat(history.bestEpoch()).isEqualTo(-1);
            String message = "history: no epoch was finished (training was INTERRUPTED within the first);"
                    + " see whether epochs() is empty first";
            assertThatThrownBy(history::last)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(message);
            assertThatThrownBy(history::best)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(message);
        }
    }

    /** Where states are carried on, a checkpoint could not hold them: training goes on to the end of the rows. */
    @Test
    void stopWaitsForTheEndOfCarriedStates() {
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .add(Lstm.of(3).stateful().returnSequences())
                        .add(Linear.of(2))
                        .build(1)) {
            Trainer trainer = Trainer.of(model).loss(Loss.crossEntropy()).optimizer(Sgd.of(0.1f));
            List<Long> steps = new ArrayList<>();
            trainer.listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            steps.add(report.step());
                            trainer.stop();
                        }
                    })
                    .fit(Batches.of(Problems.parity(4, 20, 1), 2).windowed(4), 5);
            assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L);
        }
    }

    @Test
    void evaluationHasNoDropout() {
        Dataset data = Problems.sums(9, 1);
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 4, 0.5f)) {
            double sum = 0;
            float[][] outputs = new float[9][];
            for (int row = 0; row < 9; row++) {
                float[][] input = new float[data.steps(row)][1];
                Batch batch = data.select(row).batch();
                for (int t = 0; t < input.length; t++) {
                    input[t][0] = batch.input(0, t, 0);
                }
                outputs[row] = model.predict(new float[][][] {input})[0];
                sum += Math.pow(outputs[row][0] - batch.target(0, 0), 2);
            }
            assertThat(Evaluation.of(model, Batches.of(data, 4), Loss.mse()).loss())
                    .isCloseTo(sum / 9, within(1e-6));
        }
    }

    @Test
    void modelsOfRowsTakeSequencesOfOneStep() {
        float[][][] inputs = new float[20][1][2];
        float[][] targets = new float[20][1];
        for (int row = 0; row < 20; row++) {
            inputs[row][0] = new float[] {row / 20f, row % 3};
            targets[row][0] = 3 * inputs[row][0][0] - inputs[row][0][1];
        }
        Dataset data = Dataset.of(inputs).withTargets(targets);
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device).add(Linear.of(1)).build(Form.rows(2))) {
            Trainer.of(model).loss(Loss.mse()).optimizer(Sgd.of(0.2f)).fit(Batches.of(data, 20), 300);
            assertThat(Evaluation.of(model, Batches.of(data, 20), Loss.mse()).loss())
                    .isLessThan(1e-4);
            Batches longer = Batches.of(Problems.sums(4, 1), 4);
            assertThatThrownBy(() -> trainer(model).fit(longer, 1))
                    .hasMessageStartingWith("inputs: expected shape [1, B, F] because the model takes rows");
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            Batches data = Batches.of(Problems.sums(4, 1), 4);
            assertThatThrownBy(() -> Trainer.of(model).fit(data, 1))
                    .hasMessage("trainer: has no loss; call loss(...) before fit");
            assertThatThrownBy(() -> Trainer.of(model).loss(Loss.mse()).fit(data, 1))
                    .hasMessage("trainer: has no optimizer; call optimizer(...) before fit");
            assertThatThrownBy(() -> trainer(model).fit(data, 0)).hasMessage("epochs: expected at least 1, got 0");
            assertThatThrownBy(() -> trainer(model).earlyStopping(0))
                    .hasMessage("patience: expected at least 1, got 0");
            assertThatThrownBy(() -> trainer(model).resume(true).fit(data, 1))
                    .hasMessageContaining("resume needs a directory");
        }
    }
}
