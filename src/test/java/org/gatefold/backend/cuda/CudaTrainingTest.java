package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole training runs on a CUDA device. */
class CudaTrainingTest {
    private static final String DEVICE = "cuda:0";
    private static final int STEPS = 20;

    /** The learning rate of an update, and numbers of its rule. */
    private static final int NUMBERS = 4;

    private static Batches data() {
        float[][][] windows = new float[8 * STEPS][12][2];
        float[][] next = new float[8 * STEPS][1];
        for (int row = 0; row < windows.length; row++) {
            for (int step = 0; step < 12; step++) {
                windows[row][step][0] = (float) Math.sin(0.3 * (row + step));
                windows[row][step][1] = (float) Math.cos(0.11 * row * step);
            }
            next[row][0] = (float) Math.sin(0.3 * (row + 12));
        }
        return Batches.of(Dataset.of(windows).withTargets(next), 8);
    }

    /** Trains for 20 updates; {@code listener} is told of each. */
    private static List<Float> losses(Device device, TrainingListener listener) {
        List<Float> losses = new ArrayList<>();
        try (Sequential model = Sequential.on(device)
                .seed(3)
                .add(Lstm.of(10).layers(2).bidirectional().dropout(0.2f))
                .add(Dropout.of(0.1f))
                .add(Linear.of(1))
                .build(2)) {
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(3e-3f))
                    .clipNorm(1f)
                    .listener(listener)
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            losses.add(report.loss());
                        }
                    })
                    .fit(data(), 1);
        }
        return losses;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"cuda.steps", "cuda.fused", "cuda.fused.tf32x3", "cuda.persistent", "cuda.cluster", "cuda.cudnn"
            })
    void theLossCurveIsThatOfTheReference(String implementation) {
        List<Float> expected;
        try (Device reference = Devices.named("reference")) {
            expected = losses(reference, new TrainingListener() {});
        }
        List<Float> actual;
        try (Subject subject = Subject.open(DEVICE, implementation, RecurrentOp.class)) {
            System.setProperty(Choice.PROPERTY, "recurrent:" + implementation);
            actual = losses(subject.device(), new TrainingListener() {});
        } finally {
            System.clearProperty(Choice.PROPERTY);
        }
        assertThat(actual).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
            assertThat(actual.get(step)).isCloseTo(expected.get(step), within(1e-4f * expected.get(step)));
        }
        assertThat(actual.get(STEPS - 1)).isLessThan(actual.get(0));
    }

    /** Recorded passes read the seed of the masks from device memory; those of cuDNN are not recorded. */
    @ParameterizedTest
    @CsvSource({"cuda.steps,8", "cuda.fused,8", "cuda.persistent,8", "cuda.cluster,8", "cuda.cudnn,0"})
    void aStepCopiesNothingButInputsAndScalars(String implementation, int seedBytes) {
        try (Subject subject = Subject.open(DEVICE, implementation, RecurrentOp.class)) {
            System.setProperty(Choice.PROPERTY, "recurrent:" + implementation);
            assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
            SimulatedDevice.load();
            SimulatedDevice.setOption("async", "inline");
            losses(subject.device(), new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    // Once everything is allocated: a batch, the seed of the masks and numbers go in, scalars come out.
                    // Between two reports one update is submitted, and one batch uploaded.
                    if (report.step() >= 3 && report.batch() + 2 < report.batches()) {
                        JsonObject copies = JsonParser.parseString(SimulatedDevice.counts())
                                .getAsJsonObject()
                                .getAsJsonObject("copies");
                        assertThat(bytes(copies, "hostToDevice"))
                                .isEqualTo((8 * 12 * 2 + 8 + NUMBERS) * Float.BYTES + seedBytes);
                        assertThat(bytes(copies, "deviceToHost")).isBetween(4L, 64L);
                    }
                    SimulatedDevice.resetCounts();
                }
            });
        } finally {
            System.clearProperty(Choice.PROPERTY);
            if (SimulatedDevice.isBuilt()) {
                SimulatedDevice.setOption("async", "thread");
            }
        }
    }

    /** The last update of an epoch is on its way when the one before is heard of: the host waits for neither before it submits the next. */
    @Test
    void theDeviceHasTheNextUpdateBeforeTheHostHearsOfThisOne() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        SimulatedDevice.load();
        List<Long> submitted = new ArrayList<>();
        try (Subject subject = Subject.open(DEVICE, "cuda.steps", RecurrentOp.class)) {
            losses(subject.device(), new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    submitted.add(JsonParser.parseString(SimulatedDevice.counts())
                            .getAsJsonObject()
                            .get("submissions")
                            .getAsLong());
                }
            });
        }
        assertThat(submitted).hasSize(STEPS);
        for (int step = 1; step < STEPS; step++) {
            long between = submitted.get(step) - submitted.get(step - 1);
            if (step == STEPS - 1) {
                assertThat(between).as("nothing is left to be submitted").isZero();
            } else {
                assertThat(between).isPositive();
            }
        }
    }

    private static long bytes(JsonObject copies, String direction) {
        return copies.getAsJsonObject(direction).get("bytes").getAsLong();
    }
}
