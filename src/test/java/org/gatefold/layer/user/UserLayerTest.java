package org.gatefold.layer.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Layers;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserLayerTest {
    @MustBeClosed
    private static Sequential model(Device device) {
        return Sequential.on(device)
                .seed(3)
                .add(Lstm.of(5))
                .add(new Residual(0.5f))
                .add(Linear.of(1))
                .build(1);
    }

    private static Dataset sums() {
        float[][][] rows = new float[32][4][1];
        float[][] targets = new float[32][1];
        for (int row = 0; row < rows.length; row++) {
            for (int step = 0; step < 4; step++) {
                rows[row][step][0] = (row * 7 + step * 3) % 11 / 11f;
                targets[row][0] += rows[row][step][0];
            }
        }
        return Dataset.of(rows).withTargets(targets);
    }

    @Test
    void trainsAndComesBackFromAFile(@TempDir Path folder) {
        Path file = folder.resolve("model.safetensors");
        float[][][] windows = {{{0.1f}, {0.5f}, {0.2f}, {0.9f}}};
        try (Device device = Devices.cpu();
                Sequential model = model(device)) {
            float[] before = model.parameters().get("residual.inner.w").value().toFloats();
            double first = Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(1e-2f))
                    .fit(Batches.of(sums(), 8), 8)
                    .epochs()
                    .get(0)
                    .trainingLoss();
            double last = Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(1e-2f))
                    .fit(Batches.of(sums(), 8), 1)
                    .last()
                    .trainingLoss();
            assertThat(last).isLessThan(first / 4);
            assertThat(model.parameters().get("residual.inner.w").value().toFloats())
                    .isNotEqualTo(before);
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.predict(windows)).isDeepEqualTo(model.predict(windows));
            }
        }
    }

    @Test
    void aRegisteredTypeIsMadeByItsFactory() {
        Layers.register("HalfResidual", options -> new Residual(0.5f));
        assertThat(Layers.of("HalfResidual", Map.of())).isInstanceOf(Residual.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.register("HalfResidual", options -> new Residual(1f)))
                .withMessage("layer type: 'HalfResidual' is registered already");
    }

    @Test
    void whatIsNoLayerIsRefusedBeforeItRuns() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.of("java.lang.Runtime", Map.of()))
                .withMessage(
                        "layer type: expected a class that extends org.gatefold.layer.Layer, got java.lang.Runtime");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.of("Lstmm", Map.of("units", 3)))
                .withMessageContainingAll("expected one of [", "Lstm", "got 'Lstmm'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.of(Residual.class.getName(), Map.of()))
                .withMessageContaining("strength: is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.of("org.gatefold.layer.basic.Linear", Map.of("units", 3)))
                .withMessageContaining("has no public static method described(Options)");
    }
}
