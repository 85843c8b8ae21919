package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Layer;
import org.gatefold.model.Sequential;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Noise in the cells of layers: what predictions are with it, and what is refused. */
class CellNoiseTest {
    private static final float[][][] X = {{{0.5f, -1f}}, {{2f, 0.25f}}};

    static Stream<Arguments> cells() {
        return Stream.of("reference", "cpu")
                .flatMap(device -> Stream.of(
                        cell(device, () -> Lstm.of(3), () -> Lstm.of(3).zoneout(0.25f, 0.5f)),
                        cell(device, () -> Gru.of(3), () -> Gru.of(3).zoneout(0.25f)),
                        cell(device, () -> Rnn.of(3), () -> Rnn.of(3).zoneout(0.25f))));
    }

    private static Arguments cell(String device, Supplier<Layer> plain, Supplier<Layer> zoneout) {
        return Arguments.of(device, plain, zoneout);
    }

    /** The first step starts from zeros, of which a quarter stays. */
    @ParameterizedTest
    @MethodSource("cells")
    void predictionsAreExpectations(String name, Supplier<Layer> plain, Supplier<Layer> zoneout) {
        try (Device device = Devices.named(name);
                Sequential without =
                        Sequential.on(device).seed(5).add(plain.get()).build(2);
                Sequential with =
                        Sequential.on(device).seed(5).add(zoneout.get()).build(2)) {
            float[][] all = without.predict(X);
            float[][] most = with.predict(X);
            for (int row = 0; row < all.length; row++) {
                for (int unit = 0; unit < all[row].length; unit++) {
                    assertThat(most[row][unit]).isEqualTo(0.75f * all[row][unit], within(1e-6f));
                }
            }
        }
    }

    @Test
    void predictionsDropNothing() {
        try (Device device = Devices.named("reference");
                Sequential without =
                        Sequential.on(device).seed(5).add(Lstm.of(3)).build(2);
                Sequential with = Sequential.on(device)
                        .seed(5)
                        .add(Lstm.of(3).candidateDropout(0.5f).recurrentDropout(0.5f))
                        .build(2)) {
            assertThat(with.predict(X)).isDeepEqualTo(without.predict(X));
        }
    }

    @Test
    void probabilitiesBelowOneAreAskedFor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gru.of(2).zoneout(1f))
                .withMessage("zoneoutH: expected 0 <= p < 1, got 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lstm.of(2).zoneout(0f, -0.5f))
                .withMessage("zoneoutC: expected 0 <= p < 1, got -0.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rnn.of(2).candidateDropout(Float.NaN))
                .withMessage("candidateDropout: expected 0 <= p < 1, got NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rnn.of(2).recurrentDropout(1f))
                .withMessage("recurrentDropout: expected 0 <= p < 1, got 1.0");
    }
}
