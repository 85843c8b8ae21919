package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.gatefold.autograd.Variable;
import org.gatefold.backend.cuda.ChildJvm;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.ParkedCall;
import org.gatefold.layer.Context;
import org.gatefold.layer.PassingLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models, predictors and devices that are closed while another thread predicts or trains. */
class CloseInUseTest {
    private static final float[][][] ROWS = {{{0.1f}, {0.2f}, {0.3f}}, {{0.4f}, {0.5f}, {0.6f}}};

    /** Passes its input on, after what it was told to do. */
    private static final class Pause extends PassingLayer {
        private Runnable action = () -> {};

        @Override
        protected Variable apply(Context context, Variable x) {
            action.run();
            return x;
        }
    }

    private final Pause pause = new Pause();

    private void withModel(String name, ModelTest test) throws InterruptedException {
        if (name.startsWith("cuda")) {
            assumeThat(SimulatedDevice.isBuilt()).isTrue();
            SimulatedDevice.load();
        }
        try (Device device = Devices.named(name);
                Sequential model = Sequential.on(device)
                        .seed(1)
                        .add(Lstm.of(4))
                        .add(pause)
                        .add(Linear.of(1))
                        .build(1)) {
            test.run(device, model);
        }
    }

    private interface ModelTest {
        void run(Device device, Sequential model) throws InterruptedException;
    }

    private ParkedCall park(Runnable call) throws InterruptedException {
        return ParkedCall.start(parked -> {
            pause.action = parked::park;
            call.run();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void closingAModelWaitsForPredictions(String name) throws InterruptedException {
        withModel(name, (device, model) -> {
            float[][] expected = model.predict(ROWS);
            float[][][] got = new float[1][][];
            ParkedCall call = park(() -> got[0] = model.predict(ROWS));
            call.requireAwaitedBy(model::close);
            assertThat(call.failure()).isNull();
            assertThat(got[0]).isDeepEqualTo(expected);
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.predict(ROWS))
                    .withMessage("model: is closed");
            assertThatIllegalStateException().isThrownBy(model::predictor).withMessage("model: is closed");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void closingAPredictorWaitsForItsCall(String name) throws InterruptedException {
        withModel(name, (device, model) -> {
            try (Predictor predictor = model.predictor()) {
                ParkedCall call = park(() -> predictor.predict(ROWS));
                call.requireAwaitedBy(predictor::close);
                assertThat(call.failure()).isNull();
                assertThatIllegalStateException()
                        .isThrownBy(() -> predictor.predict(ROWS))
                        .withMessage("context: is closed");
            }
            assertThat(model.predict(ROWS)).hasDimensions(2, 1);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void closingADeviceWaitsForPredictions(String name) throws InterruptedException {
        withModel(name, (device, model) -> {
            ParkedCall call = park(() -> model.predict(ROWS));
            call.requireAwaitedBy(device::close);
            assertThat(call.failure()).isNull();
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.predict(ROWS))
                    .withMessage("model: is closed");
            assertThatIllegalStateException()
                    .isThrownBy(device::synchronize)
                    .withMessage("device " + name + " is closed");
            assertThat(device.bytesInUse()).isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void closingAModelEndsItsTraining(String name) throws InterruptedException {
        withModel(name, (device, model) -> {
            ParkedCall call = park(() -> fit(model));
            call.requireAwaitedBy(model::close);
            assertThat(call.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("'model'");
            assertThat(device.bytesInUse()).isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void closingADeviceEndsTrainingOnIt(String name) throws InterruptedException {
        withModel(name, (device, model) -> {
            ParkedCall call = park(() -> fit(model));
            call.requireAwaitedBy(device::close);
            assertThat(call.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
            assertThat(device.bytesInUse()).isZero();
        });
    }

    private static void fit(Model model) {
        Trainer.of(model)
                .loss(Loss.mse())
                .optimizer(Sgd.of(0.1f))
                .fit(Batches.of(Dataset.of(ROWS).withTargets(new float[2][1]), 1), 50);
    }

    @Test
    void aSecondThreadOnAPredictorIsRefused() throws InterruptedException {
        withModel("reference", (device, model) -> {
            float[][] expected = model.predict(ROWS);
            float[][][] got = new float[1][][];
            try (Predictor predictor = model.predictor()) {
                ParkedCall call = park(() -> got[0] = predictor.predict(ROWS));
                List<Consumer<Predictor>> calls = List.of(
                        other -> other.predict(ROWS),
                        other -> other.predict(ROWS, new int[] {1, 1}),
                        Predictor::clearStates);
                for (Consumer<Predictor> other : calls) {
                    assertThatIllegalStateException()
                            .isThrownBy(() -> other.accept(predictor))
                            .withMessageStartingWith("predictor: is in use by another call");
                }
                assertThat(call.failure()).isNull();
                pause.action = () -> {};
                assertThat(model.predict(ROWS)).isDeepEqualTo(expected);
                call.release();
                assertThat(got[0]).isDeepEqualTo(expected);
                assertThat(predictor.predict(ROWS)).isDeepEqualTo(expected);
            }
        });
    }

    /** In processes of their own, which a fault would end. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void nothingCrashesWhatThreadsRunInto(String name) throws Exception {
        assumeThat(!name.startsWith("cuda") || SimulatedDevice.isBuilt()).isTrue();
        Process process = ChildJvm.start(ChildJvm.classPath(), List.of(), CloseLoop.class, name);
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        assertThat(printed).endsWith("closed 24 times in use\n");
    }
}
