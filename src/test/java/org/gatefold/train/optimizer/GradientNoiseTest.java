package org.gatefold.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.gatefold.contract.oracle.NoiseCheck;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Sequential;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.train.LossScaling;
import org.gatefold.train.Problems;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Noise of gradients in training: how large it is, and that it comes after clipping. */
class GradientNoiseTest {
    private static final Batches FAR =
            Batches.of(Dataset.of(new float[][][] {{{1}}}).withTargets(new float[][] {{1e3f}}), 1);

    @Test
    void varianceFallsWithUpdates() {
        GradientNoise noise = new GradientNoise(0.3, 0.55);
        assertThat(noise).isEqualTo(GradientNoise.of(0.3));
        for (int t = 0; t < 5; t++) {
            assertThat((double) noise.deviation(t + 1)).isCloseTo(Math.sqrt(0.3 / Math.pow(1 + t, 0.55)), within(1e-7));
        }
        assertThat(GradientNoise.NONE.deviation(1)).isZero();
        assertThatThrownBy(() -> new GradientNoise(-1, 0)).hasMessage("eta: expected a finite number >= 0, got -1.0");
        assertThatThrownBy(() -> new GradientNoise(1, Double.NaN))
                .hasMessage("gamma: expected a finite number >= 0, got NaN");
    }

    /** At a rate of 1 the weights move by the clipped gradients and the noise, which knows nothing of the scale of the loss. */
    @ParameterizedTest
    @ValueSource(floats = {1f, 64f})
    void isAddedToClippedGradients(float scale) {
        Segments[] segments = new Segments[1];
        float[] without = weights(GradientNoise.NONE, scale, segments);
        float[] with = weights(new GradientNoise(0.09, 1), scale, segments);
        for (Segments.Segment segment : segments[0].list()) {
            for (int i = (int) segment.offset(); i < segment.offset() + segment.length(); i++) {
                double z = (without[i] - with[i]) / 0.3;
                assertThat(z).as("element %d", i).isCloseTo(NoiseCheck.z(11, 1, i), within(1e-5));
            }
        }
    }

    private static float[] weights(GradientNoise noise, float scale, Segments[] segments) {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 3, 0f)) {
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Sgd.of(1f))
                    .lossScaling(LossScaling.fixed(scale))
                    .clipNorm(0.5f)
                    .gradientNoise(noise)
                    .seed(11)
                    .fit(FAR, 1);
            segments[0] = model.parameters().segments();
            return model.parameters().values().toFloats();
        }
    }
}
