package org.gatefold.layer.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Residual;
import org.gatefold.layer.recurrent.state.StateValues;
import org.gatefold.model.SequenceInput;
import org.gatefold.model.SequenceOutput;
import org.gatefold.model.Sequential;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** States that are learned, and states that are handed in. */
class InitialStateTest {
    private static final float[][][] X = {{{0.5f, -1f}}, {{2f, 0.25f}}};

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void aLearnedStateIsThatOfEveryRowUnlessOneIsHandedIn(String name) {
        try (Device device = Devices.named(name);
                Sequential learned = Sequential.on(device)
                        .seed(5)
                        .add(Lstm.of(2).learnedInitialState().named("lstm"))
                        .build(2);
                Sequential plain = Sequential.on(device)
                        .seed(5)
                        .add(Lstm.of(2).named("lstm"))
                        .build(2)) {
            assertThat(learned.parameters().count())
                    .isEqualTo(plain.parameters().count() + 4);
            assertThat(learned.predict(X)).as("zeros at first").isDeepEqualTo(plain.predict(X));
            learned.parameters().get("lstm.h0").set(0.5f, -0.25f);
            learned.parameters().get("lstm.c0").set(1f, 2f);
            float[][][] h = {{{0.5f, -0.25f}, {0.5f, -0.25f}}};
            float[][][] c = {{{1f, 2f}, {1f, 2f}}};
            SequenceOutput handed = plain.predict(SequenceInput.of(X).state("lstm", StateValues.of(h, c)));
            assertThat(learned.predict(X)).isDeepEqualTo(handed.output().rows());
            float[][][] zeros = new float[1][2][2];
            SequenceOutput reset = learned.predict(SequenceInput.of(X).state("lstm", StateValues.of(zeros, zeros)));
            assertThat(reset.output().rows()).isDeepEqualTo(plain.predict(X));
        }
    }

    @Test
    void whatIsLeftAtTheEndIsWhereTheNextWindowBegins() {
        float[][][] whole = {{{0.5f, -1f}, {1f, 1f}, {-2f, 0.5f}}};
        float[][][] first = {{{0.5f, -1f}, {1f, 1f}}};
        float[][][] rest = {{{-2f, 0.5f}}};
        try (Device device = Devices.named("reference");
                Sequential model = Sequential.on(device)
                        .add(Gru.of(3).layers(2).named("gru"))
                        .add(Linear.of(1))
                        .build(2)) {
            SequenceOutput before = model.predict(SequenceInput.of(first));
            SequenceOutput after = model.predict(
                    SequenceInput.of(rest).state("gru", before.states().get("gru")));
            assertThat(after.output().rows()).isDeepEqualTo(model.predict(whole));
        }
    }

    @Test
    void aResidualNeedsALayerThatGivesWhatItTakes() {
        try (Device device = Devices.named("reference")) {
            assertThatThrownBy(() -> Sequential.on(device)
                            .add(Residual.of(Gru.of(3).returnSequences()).named("skip"))
                            .build(2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("layer 'skip': expected a layer that gives what it takes");
        }
    }
}
