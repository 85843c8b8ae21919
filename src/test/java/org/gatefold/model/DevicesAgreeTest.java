package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Context;
import org.junit.jupiter.api.Test;

/** The same seed, data and dropout masks on two devices lead to the same model. */
class DevicesAgreeTest {
    private static final int STEPS = 20;

    private static float[] train(String name, float[] losses) {
        try (Device device = Devices.named(name);
                Sequential model = TestModels.forecaster(device, 5);
                Context context = Context.training(device, 6)) {
            for (int step = 0; step < STEPS; step++) {
                losses[step] = TestModels.step(model, context, step, TestModels.sequences(6, 11, step));
            }
            return model.parameters().values().toFloats();
        }
    }

    @Test
    void trainingOnTheCpuFollowsTheReference() {
        float[] expectedLosses = new float[STEPS];
        float[] losses = new float[STEPS];
        float[] expected = train("reference", expectedLosses);
        float[] actual = train("cpu", losses);
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        // Twenty steps of float rounding; one mask bit or one gate that differs would show at 1e-3 and above.
        assertThat(difference / largest).isLessThan(1e-5);
        for (int step = 0; step < STEPS; step++) {
            assertThat((double) losses[step] / expectedLosses[step]).isBetween(1 - 1e-5, 1 + 1e-5);
        }
    }
}
