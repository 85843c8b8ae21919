package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.Bidirectional.Merge;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers that read backwards, and pairs of layers that read both ways. */
class DirectionsTest {
    private static final float[][][] X = {
        {{0.5f, -1f}, {2f, 0.25f}, {-0.5f, 1f}}, {{1f, 1f}, {0f, -2f}, {0f, 0f}}, {{3f, 0f}, {0f, 0f}, {0f, 0f}}
    };
    private static final int[] LENGTHS = {3, 2, 1};

    private static float[][][] reversed(float[][][] rows) {
        float[][][] result = new float[rows.length][][];
        for (int row = 0; row < rows.length; row++) {
            result[row] = rows[row].clone();
            for (int t = 0; t < LENGTHS[row]; t++) {
                result[row][t] = rows[row][LENGTHS[row] - 1 - t];
            }
        }
        return result;
    }

    /** Keras defines it so: what a layer gives that is fed the steps in reverse. */
    @Test
    void goingBackwardsIsGoingForwardThroughReversedRows() {
        try (Device device = Devices.cpu();
                Model backwards = Sequential.on(device)
                        .seed(3)
                        .add(Gru.of(4).goBackwards().returnSequences().named("a"))
                        .build(2);
                Model forward = Sequential.on(device)
                        .seed(3)
                        .add(Gru.of(4).returnSequences().named("a"))
                        .build(2)) {
            for (String part : new String[] {"wx", "wh", "b"}) {
                backwards
                        .parameters()
                        .get("a.0.reverse." + part)
                        .set(forward.parameters()
                                .get("a.0.forward." + part)
                                .value()
                                .toFloats());
            }
            assertThat(backwards.predictSequences(X, LENGTHS))
                    .isDeepEqualTo(forward.predictSequences(reversed(X), LENGTHS));
        }
    }

    @ParameterizedTest
    @EnumSource(Merge.class)
    void twoLayersDoWhatOneDoesThatReadsBothWays(Merge merge) {
        for (boolean sequences : new boolean[] {false, true}) {
            Supplier<Lstm> layer = () -> sequences ? Lstm.of(4).returnSequences() : Lstm.of(4);
            try (Device device = Devices.cpu();
                    Model one = Sequential.on(device)
                            .add(Bidirectional.of(layer.get()).merge(merge).named("both"))
                            .build(2);
                    Model two = Sequential.on(device)
                            .add(Bidirectional.of(layer.get(), layer.get().reverse())
                                    .merge(merge)
                                    .named("both"))
                            .build(2)) {
                for (String part : new String[] {"wx", "wh", "b"}) {
                    two.parameters()
                            .get("both.forward.0.forward." + part)
                            .set(one.parameters()
                                    .get("both.0.forward." + part)
                                    .value()
                                    .toFloats());
                    two.parameters()
                            .get("both.backward.0.reverse." + part)
                            .set(one.parameters()
                                    .get("both.0.reverse." + part)
                                    .value()
                                    .toFloats());
                }
                if (sequences) {
                    assertThat(two.predictSequences(X, LENGTHS)).isDeepEqualTo(one.predictSequences(X, LENGTHS));
                } else {
                    assertThat(two.predict(X, LENGTHS)).isDeepEqualTo(one.predict(X, LENGTHS));
                }
            }
        }
    }

    @Test
    void areMadeAgainFromTheirDescription() {
        for (Layer layer : new Layer[] {
            Gru.of(4).goBackwards().weightDropout(0.25f).named("a"),
            Bidirectional.of(Lstm.of(3), Gru.of(3).reverse()).merge(Merge.SUM).named("b")
        }) {
            assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Bidirectional.of(Lstm.of(3), Lstm.of(4).reverse())
                        .merge(Merge.SUM)
                        .build(new ParameterStore(), "b", Form.sequences(2)))
                .hasMessage("layer 'b': expected a backward layer that gives [B, 3] as the forward one, got [B, 4]");
        assertThatThrownBy(() -> Bidirectional.of(Lstm.of(3), Lstm.of(3).returnSequences())
                        .build(new ParameterStore(), "b", Form.sequences(2)))
                .hasMessageContaining("expected a backward layer that gives");
        assertThatThrownBy(() -> Lstm.of(3).weightDropout(1f))
                .hasMessage("weightDropout: expected 0 <= p < 1, got 1.0");
    }
}
