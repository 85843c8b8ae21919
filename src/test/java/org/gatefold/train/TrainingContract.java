package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PassingLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.Rnn;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.AdaMax;
import org.gatefold.train.optimizer.Adadelta;
import org.gatefold.train.optimizer.Adagrad;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.AdamW;
import org.gatefold.train.optimizer.GradientNoise;
import org.gatefold.train.optimizer.Lamb;
import org.gatefold.train.optimizer.NAdam;
import org.gatefold.train.optimizer.Optimizer;
import org.gatefold.train.optimizer.RmsProp;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What training must do on every device: the numbers of the reference, the same bits again, no leaks, no damage. One
 * subclass per device; small enough for a simulated one.
 */
abstract class TrainingContract {
    private static final Dataset DATA = Problems.sums(14, 1);

    @TempDir
    Path directory;

    /** Opens the device under test. */
    @MustBeClosed
    abstract Device open();

    @MustBeClosed
    private static Sequential regressor(Device device) {
        return Sequential.on(device)
                .seed(3)
                .add(Lstm.of(5).layers(2).bidirectional().dropout(0.25f))
                .add(Linear.of(1))
                .build(1);
    }

    private static Batches batches() {
        return Batches.of(DATA, 4).shuffled(2);
    }

    private static Trainer trainer(Sequential model, Optimizer optimizer) {
        return Trainer.of(model).loss(Loss.huber(0.5f)).optimizer(optimizer).seed(8);
    }

    private static History trained(Device device, Function<Sequential, Trainer> prepare) {
        try (Sequential model = regressor(device)) {
            return prepare.apply(model).fit(batches(), 3);
        }
    }

    private void agrees(Function<Sequential, Trainer> prepare) {
        try (Device reference = Devices.named("reference");
                Device device = open()) {
            History expected = trained(reference, prepare);
            History actual = trained(device, prepare);
            for (int epoch = 0; epoch < 3; epoch++) {
                double loss = expected.epochs().get(epoch).trainingLoss();
                assertThat(actual.epochs().get(epoch).trainingLoss()).isCloseTo(loss, within(1e-4 * loss));
                double validation = expected.epochs().get(epoch).validationLoss();
                assertThat(actual.epochs().get(epoch).validationLoss())
                        .isCloseTo(validation, within(1e-4 * validation));
            }
            assertThat(expected.last().validationLoss())
                    .isNotCloseTo(expected.epochs().get(0).validationLoss(), within(1e-4));
        }
    }

    /** Dropout masks are the same everywhere, so whole runs can be compared. */
    @Test
    void runsAgreeWithTheReference() {
        Batches validation = Batches.of(DATA, 14);
        List<Optimizer> optimizers = List.of(
                Sgd.of(0.2f).nesterov(0.8f).l1(0.001f).l2(0.01f),
                RmsProp.of(0.003f).momentum(0.5f).centred().epsilon(1e-3f),
                Adam.of(0.01f).l2(0.01f).epsilon(1e-5f),
                AdamW.of(0.01f).epsilon(1e-5f),
                Adagrad.of(0.05f).rateDecay(0.01f).initialAccumulator(0.1f),
                Adadelta.of(1f).epsilon(1e-4f).l2(0.01f),
                NAdam.of(0.01f).epsilon(1e-5f).weightDecay(0.01f),
                AdaMax.of(0.01f).epsilon(1e-4f),
                Lamb.of(0.01f).epsilon(1e-4f));
        for (Optimizer optimizer : optimizers) {
            agrees(model -> trainer(model, optimizer).clipNorm(0.1f).validate(validation));
        }
        agrees(model -> trainer(model, Adam.of(0.01f))
                .average(WeightAverage.exponential(0.8).withWarmUp())
                .validate(validation));
        agrees(model -> trainer(model, Sgd.of(0.2f))
                .clipNorm(0.05f)
                .gradientNoise(GradientNoise.of(0.001))
                .validate(validation));
        agrees(model -> trainer(model, Sgd.of(0.2f))
                .loss(Loss.mae())
                .clipValue(0.02f)
                .accumulate(3)
                .validate(validation));
    }

    @Test
    void classificationAgreesWithTheReference() {
        Dataset data = Problems.parity(6, 5, 1).withWeights(1, 2, 0, 1, 1, 0.5f);
        double[] losses = new double[2];
        try (Device reference = Devices.named("reference");
                Device device = open()) {
            for (Device each : List.of(reference, device)) {
                try (Sequential model = Sequential.on(each)
                        .seed(3)
                        .add(Lstm.of(4).stateful().returnSequences())
                        .add(Linear.of(2))
                        .build(1)) {
                    History history = Trainer.of(model)
                            .loss(Loss.crossEntropy().smoothing(0.05f).ignoring(1))
                            .optimizer(Adam.of(0.02f))
                            .fit(Batches.of(data, 4).windowed(2), 3);
                    losses[each == device ? 1 : 0] = history.last().trainingLoss();
                }
            }
        }
        assertThat(losses[1]).isCloseTo(losses[0], within(1e-4 * losses[0]));
    }

    /** A sum of all inputs so far: 1, 2 and 3 after the first, second and third batch only if states are carried. */
    @Test
    void statesAreCarriedFromBatchToBatch() {
        float[][][] inputs = {{{1}}, {{1}}, {{1}}, {{1}}, {{1}}, {{1}}};
        Dataset ones = Dataset.of(inputs).withTargets(new float[6][1]);
        try (Device device = open();
                Sequential model = Sequential.on(device)
                        .add(Rnn.of(1).relu().stateful().named("sum"))
                        .build(1)) {
            for (String name : List.of("sum.0.forward.wx", "sum.0.forward.wh")) {
                model.parameters().get(name).set(1f);
            }
            Batches batches = Batches.of(ones, 2);
            Trainer trainer =
                    Trainer.of(model).loss(Loss.mse()).optimizer(Sgd.of(1e-9f)).validate(batches);
            History history = trainer.fit(batches, 2);
            double expected = (1 + 4 + 9) / 3.0;
            assertThat(history.epochs()).allSatisfy(epoch -> {
                assertThat(epoch.trainingLoss()).isCloseTo(expected, within(1e-5));
                assertThat(epoch.validationLoss()).isCloseTo(expected, within(1e-5));
            });
        }
    }

    private static float[] weights(Sequential model) {
        return model.parameters().values().toFloats();
    }

    @Test
    void resumedTrainingIsTheSameBitForBit() {
        try (Device device = open();
                Sequential straight = regressor(device);
                Sequential first = regressor(device);
                Sequential second = regressor(device)) {
            trainer(straight, Adam.of(0.01f)).fit(batches(), 4);
            trainer(first, Adam.of(0.01f)).checkpoints(directory).fit(batches(), 2);
            trainer(second, Adam.of(0.01f)).checkpoints(directory).resume(true).fit(batches(), 4);
            assertThat(weights(second)).isEqualTo(weights(straight)).isNotEqualTo(weights(first));
        }
    }

    @Test
    void whatIsNotFiniteDoesNotReachTheWeights() {
        float[][][] inputs = new float[6][2][1];
        inputs[2][0][0] = Float.NaN;
        stopsAtTheThird(
                inputs,
                new float[6][1],
                Loss.huber(0.5f),
                "gradient of parameter 'lstm.0.forward.wx' is not finite at step 3 ");
    }

    /** The square of the difference does not fit a float, its gradient does. */
    @Test
    void aLossThatIsNotFiniteStopsWhereAllGradientsAre() {
        float[][] targets = new float[6][1];
        targets[2][0] = 1e20f;
        stopsAtTheThird(new float[6][2][1], targets, Loss.mse(), "loss is Infinity and gradient norm is ");
    }

    /** Batches behind the third are as good as the first two. */
    private void stopsAtTheThird(float[][][] inputs, float[][] targets, Loss loss, String message) {
        for (int row = 0; row < inputs.length; row++) {
            inputs[row][1][0] = 1f + row;
            targets[row][0] += 1f;
        }
        Dataset data = Dataset.of(inputs).withTargets(targets);
        try (Device device = open();
                Sequential two = regressor(device);
                Sequential model = regressor(device)) {
            trainer(two, Adam.of(0.01f)).loss(loss).fit(Batches.of(data.slice(0, 2), 1), 1);
            List<StepReport> steps = new ArrayList<>();
            Trainer trainer = trainer(model, Adam.of(0.01f)).loss(loss).listener(new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    steps.add(report);
                }
            });
            assertThatThrownBy(() -> trainer.fit(Batches.of(data, 1), 1))
                    .isInstanceOfSatisfying(
                            NotFiniteException.class, e -> assertThat(e.step()).isEqualTo(3))
                    .hasMessageContaining(message)
                    .hasMessageContaining(" at step 3 (epoch 0, batch 2); the update was not made");
            assertThat(steps).hasSize(2);
            assertThat(weights(model)).isEqualTo(weights(two));
        }
    }

    private static float[] scaled(Device device, LossScaling scaling) {
        try (Sequential model = regressor(device)) {
            trainer(model, Adam.of(0.01f))
                    .clipValue(0.05f)
                    .clipNorm(0.05f)
                    .accumulate(2)
                    .lossScaling(scaling)
                    .fit(batches(), 2);
            return weights(model);
        }
    }

    /** A power of two moves exponents and nothing else, if it is undone before clipping. */
    @Test
    void aScaledLossGivesTheSameBits() {
        try (Device device = open()) {
            float[] unscaled = scaled(device, LossScaling.none());
            assertThat(scaled(device, LossScaling.fixed(1024f))).isEqualTo(unscaled);
            assertThat(scaled(device, LossScaling.dynamic())).isEqualTo(unscaled);
        }
    }

    private static History farFromTarget(Sequential model, LossScaling scaling, List<StepReport> steps, int epochs) {
        Dataset data = Dataset.of(new float[][][] {{{1f}, {2f}}}).withTargets(new float[][] {{1000f}});
        return Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Adam.of(0.01f))
                .lossScaling(scaling)
                .listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        steps.add(report);
                    }
                })
                .fit(Batches.of(data, 1), epochs);
    }

    /** Gradients overflow until the scale has backed off far enough; what follows is training as it always is. */
    @Test
    void updatesWithInfiniteGradientsAreSkippedUntilTheScaleFits() {
        try (Device device = open();
                Sequential plain = Problems.regressor(device, 3, 0f);
                Sequential model = Problems.regressor(device, 3, 0f)) {
            List<StepReport> steps = new ArrayList<>();
            History history = farFromTarget(model, new LossScaling(0x1p127f, 2f, 0.25f, 100), steps, 12);
            int skipped = Math.toIntExact(history.last().skipped());
            assertThat(skipped).isBetween(5, 8);
            assertThat(history.last().lossScale()).isEqualTo(Math.scalb(1f, 127 - 2 * skipped));
            assertThat(history.last().step()).isEqualTo(12 - skipped);
            List<StepReport> expected = new ArrayList<>();
            farFromTarget(plain, LossScaling.none(), expected, 12 - skipped);
            for (int i = 0; i < 12; i++) {
                StepReport step = steps.get(i);
                StepReport same = expected.get(Math.max(0, i - skipped));
                assertThat(step.skipped()).isEqualTo(i < skipped);
                assertThat(step.loss()).isEqualTo(same.loss());
                if (!step.skipped()) {
                    assertThat(step.step()).isEqualTo(same.step());
                    assertThat(step.gradientNorm()).isEqualTo(same.gradientNorm());
                }
            }
            assertThat(weights(model)).isEqualTo(weights(plain));
        }
    }

    /** Keeps a number that passes of training could write, so that nothing can be made anew behind it; gives what it is given. */
    private static final class Noted extends PassingLayer {
        @Override
        protected Form declare(ParameterStore parameters, Form in) {
            parameters.statistic(name() + ".noted", Shape.of(1), Initializer.ZEROS);
            return in;
        }
    }

    private static List<StepReport> overflowing(Sequential model, int accumulated) {
        float[][][] inputs = new float[21][4][1];
        float[][] far = new float[21][1];
        for (int row = 0; row < 21; row++) {
            inputs[row][0][0] = row * 0.1f;
            far[row][0] = 1000f + row;
        }
        List<StepReport> steps = new ArrayList<>();
        trainer(model, Adam.of(0.01f))
                .loss(Loss.mse())
                .clipNorm(1f)
                .accumulate(accumulated)
                .lossScaling(new LossScaling(0x1p120f, 2f, 0.5f, 3))
                .listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        steps.add(report);
                    }
                })
                .fit(Batches.of(Dataset.of(inputs).withTargets(far), 1).shuffled(2), 3);
        return steps;
    }

    /** Where it is heard late that an update was not made, the next one is void: training goes on as if each had been waited for. */
    @Test
    void whatIsVoidIsMadeAnewBitForBit() {
        for (int accumulated : new int[] {1, 2}) {
            try (Device device = open();
                    Sequential model = regressor(device);
                    Sequential waiting = Sequential.on(device)
                            .seed(3)
                            .add(Lstm.of(5).layers(2).bidirectional().dropout(0.25f))
                            .add(Linear.of(1))
                            .add(new Noted().named("noted"))
                            .build(1)) {
                List<StepReport> expected = overflowing(waiting, accumulated);
                assertThat(overflowing(model, accumulated)).isEqualTo(expected);
                // The scale grows after every third update, and is too large by then.
                assertThat(expected).filteredOn(StepReport::skipped).hasSizeGreaterThan(60 / accumulated / 5);
                assertThat(expected.get(expected.size() - 1).step()).isGreaterThan(60 / accumulated / 2);
                float[] weights = weights(model);
                assertThat(Arrays.copyOf(weights(waiting), weights.length)).isEqualTo(weights);
            }
        }
    }

    @Test
    void theBestWeightsComeBack() {
        Batches validation = Batches.of(Problems.sums(6, 2), 6);
        try (Device device = open();
                Sequential model = regressor(device)) {
            History history = trainer(model, Adam.of(0.5f))
                    .validate(validation)
                    .earlyStopping(2)
                    .fit(batches(), 20);
            assertThat(history.end()).isEqualTo(History.End.STOPPED_EARLY);
            assertThat(Evaluation.of(model, validation, Loss.huber(0.5f)).loss())
                    .isEqualTo(history.best().validationLoss())
                    .isNotEqualTo(history.last().validationLoss());
        }
    }

    @Test
    void updatesTakeNoFurtherMemoryAndLeaveNone() {
        try (Device device = open();
                Sequential model = regressor(device)) {
            model.parameters().gradients();
            long before = device.bytesInUse();
            List<Long> held = new ArrayList<>();
            trainer(model, Adam.of(0.01f))
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            held.add(device.bytesInUse());
                        }
                    })
                    .fit(Batches.of(Dataset.of(new float[12][4][1]).withTargets(new float[12][1]), 2), 1);
            assertThat(held.subList(1, 6)).containsOnly(held.get(1));
            assertThat(device.bytesInUse()).isEqualTo(before);
        }
    }
}
