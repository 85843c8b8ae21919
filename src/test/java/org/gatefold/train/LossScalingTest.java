package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Bidirectional;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.op.Precision;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossScalingTest {
    /** Gradients of a row are at most this; divided by the rows they are below what binary16 holds. */
    private static final float TINY = 2e-6f;

    private static final Dataset DATA = Problems.sums(64, 1);

    private static final class Steps implements TrainingListener {
        final List<StepReport> reports = new ArrayList<>();

        @Override
        public void stepped(StepReport report) {
            reports.add(report);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Run(float[] recurrentWeights, double loss) {}

    /** Plain gradient descent on gradients that are tiny. */
    private static Run descent(Precision precision, LossScaling scaling, int epochs) {
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .seed(1)
                        .add(Lstm.of(6).precision(precision))
                        .add(Linear.of(1))
                        .build(1)) {
            History history = Trainer.of(model)
                    .loss(Loss.huber(TINY))
                    .optimizer(Sgd.of(0.1f / TINY))
                    .lossScaling(scaling)
                    .fit(Batches.of(DATA, 64), epochs);
            return new Run(
                    model.parameters().get("lstm.0.forward.wh").value().toFloats(),
                    history.last().trainingLoss());
        }
    }

    private static double distance(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    @Test
    void gradientsBelowBinary16AreLostWithoutScalingAndKeptWithIt() {
        Run start = descent(Precision.F32, LossScaling.none(), 1);
        Run single = descent(Precision.F32, LossScaling.none(), 30);
        Run scaled = descent(Precision.F16, LossScaling.dynamic(), 30);
        Run unscaled = descent(Precision.F16, LossScaling.none(), 30);
        double moved = distance(single.recurrentWeights(), start.recurrentWeights());
        assertThat(single.loss()).isLessThan(0.7 * start.loss());
        assertThat(scaled.loss()).isCloseTo(single.loss(), within(0.01 * single.loss()));
        assertThat(distance(scaled.recurrentWeights(), single.recurrentWeights()))
                .isLessThan(0.02 * moved);
        assertThat(distance(unscaled.recurrentWeights(), single.recurrentWeights()))
                .isGreaterThan(0.5 * moved);
    }

    @Test
    void theScaleGrowsAndBacksOffAsGradScaler() {
        LossScale scale = new LossScale(new LossScaling(8f, 4f, 0.25f, 3));
        for (int i = 0; i < 2; i++) {
            scale.updated();
            assertThat(scale.value()).isEqualTo(8f);
        }
        scale.updated();
        assertThat(scale.value()).isEqualTo(32f);
        scale.updated();
        scale.updated();
        assertThat(scale.backOff()).isTrue();
        assertThat(scale.value()).isEqualTo(8f);
        scale.updated();
        scale.updated();
        assertThat(scale.value()).as("counting begins anew after backing off").isEqualTo(8f);
        scale.updated();
        assertThat(scale.value()).isEqualTo(32f);
        assertThat(scale.skipped()).isEqualTo(1);
        assertThat(LossScaling.dynamic()).isEqualTo(new LossScaling(65536f, 2f, 0.5f, 2000));
    }

    @Test
    void theScaleStaysFinite() {
        LossScale scale = new LossScale(new LossScaling(0x1p127f, 2f, 0.5f, 1));
        scale.updated();
        assertThat(scale.value()).isEqualTo(0x1p127f);
    }

    @Test
    void isOnWhereALayerComputesInBinary16() {
        try (Device device = Devices.named("reference")) {
            for (Precision precision : List.of(Precision.F32, Precision.BF16, Precision.F16)) {
                try (Sequential model = Sequential.on(device)
                        .add(Bidirectional.of(Lstm.of(2).precision(precision)))
                        .add(Linear.of(1))
                        .build(1)) {
                    Steps steps = new Steps();
                    History history = Trainer.of(model)
                            .loss(Loss.mse())
                            .optimizer(Adam.of(0.01f))
                            .listener(steps)
                            .fit(Batches.of(DATA, 64), 1);
                    float expected = precision == Precision.F16 ? 65536f : 1f;
                    assertThat(steps.reports.get(0).lossScale()).isEqualTo(expected);
                    assertThat(history.last().lossScale()).isEqualTo(expected);
                }
            }
        }
    }

    /** The scale doubles after every third update, and is halved soon after: it differs at the end, unless its counter is kept. */
    @Test
    void resumesWithScaleAndCounter(@TempDir Path directory) {
        LossScaling scaling = new LossScaling(0x1p127f, 2f, 0.5f, 3);
        float[][] far = new float[20][1];
        Arrays.stream(far).forEach(target -> target[0] = 1000f);
        Batches batches = Batches.of(Dataset.of(new float[20][2][1]).withTargets(far), 1);
        try (Device device = Devices.named("reference");
                Sequential straight = Problems.regressor(device, 3, 0f);
                Sequential halves = Problems.regressor(device, 3, 0f)) {
            History expected = trainer(straight, scaling).fit(batches, 4);
            trainer(halves, scaling).checkpoints(directory).fit(batches, 1);
            try (Sequential again = Problems.regressor(device, 3, 0f)) {
                History resumed = trainer(again, scaling)
                        .checkpoints(directory)
                        .resume(true)
                        .fit(batches, 4);
                for (int epoch = 0; epoch < 4; epoch++) {
                    EpochReport report = resumed.epochs().get(epoch);
                    assertThat(report.lossScale())
                            .isEqualTo(expected.epochs().get(epoch).lossScale());
                    assertThat(report.skipped())
                            .isEqualTo(expected.epochs().get(epoch).skipped());
                }
                assertThat(expected.epochs().get(0).skipped()).isPositive();
                assertThat(expected.last().skipped())
                        .isGreaterThan(expected.epochs().get(0).skipped());
                assertThat(again.parameters().values().toFloats())
                        .isEqualTo(straight.parameters().values().toFloats());
            }
        }
    }

    private static Trainer trainer(Sequential model, LossScaling scaling) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(Adam.of(0.01f)).lossScaling(scaling);
    }

    /** Gradients of 1e40 do not fit a float at any scale. */
    @Test
    void givesUpWhereNoScaleHelps() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.overflowing(device)) {
            float[] before = model.parameters().values().toFloats();
            Steps steps = new Steps();
            Trainer trainer =
                    trainer(model, LossScaling.dynamic()).loss(Loss.mae()).listener(steps);
            assertThatThrownBy(() -> trainer.fit(Batches.of(Problems.large(), 1), 100))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("loss scale 5.9604645E-8");
            assertThat(steps.reports).hasSize(40).allMatch(StepReport::skipped);
            assertThat(model.parameters().values().toFloats()).isEqualTo(before);
        }
    }

    @Test
    void refusesImpossibleNumbers() {
        assertThatThrownBy(() -> LossScaling.fixed(0f))
                .hasMessage("initialScale: expected a finite value > 0, got 0.0");
        assertThatThrownBy(() -> new LossScaling(1f, 0.5f, 0.5f, 1))
                .hasMessage("growthFactor: expected at least 1, got 0.5");
        assertThatThrownBy(() -> new LossScaling(1f, 2f, 2f, 1))
                .hasMessage("backoffFactor: expected at most 1, got 2.0");
        assertThatThrownBy(() -> new LossScaling(1f, 2f, 0.5f, 0))
                .hasMessage("growthInterval: expected at least 1, got 0");
    }
}
