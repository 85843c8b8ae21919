package org.gatefold.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static Network forecaster() {
        return Network.sequential(Form.sequences(8))
                .add(Lstm.of(32))
                .add(Linear.of(1))
                .build();
    }

    @Test
    void tellsAllButTheWeightsWithoutADevice() {
        Network network = forecaster();
        assertThat(network.inputs()).containsExactly(Map.entry("input", Form.sequences(8)));
        assertThat(network.outputs()).containsExactly(Map.entry("output", Form.rows(1)));
        assertThat(network.parameters())
                .containsExactly(
                        Map.entry("lstm.0.forward.wx", Shape.of(128, 8)),
                        Map.entry("lstm.0.forward.wh", Shape.of(128, 32)),
                        Map.entry("lstm.0.forward.b", Shape.of(128)),
                        Map.entry("linear.w", Shape.of(1, 32)),
                        Map.entry("linear.b", Shape.of(1)));
        assertThat(network.parameterCount()).isEqualTo(128 * (8 + 32 + 1) + 33);
        assertThat(network.layers())
                .extracting(layer -> layer.layer().name(), Network.LayerForm::parameters)
                .containsExactly(tuple("lstm", 5248L), tuple("linear", 33L));
        String[] lines = network.summary().split("\\R");
        assertThat(lines).hasSize(4);
        assertThat(lines[1])
                .startsWith("lstm ")
                .contains("[T, B, 8]", "[B, 32]")
                .endsWith(" 5,248");
        assertThat(lines[3]).isEqualTo("5,281 parameters, 20.6 KiB");
    }

    /** What would take a terabyte on a device takes nothing as a network. */
    @Test
    void takesNoMemoryForWeights() {
        Network network = Network.sequential(Form.sequences(200_000))
                .add(Lstm.of(100_000))
                .build();
        assertThat(network.parameterCount()).isEqualTo(400_000L * 300_001);
        try (Device device = Devices.named("reference")) {
            assertThatThrownBy(() -> build(network.on(device)))
                    .hasMessageStartingWith("parameters: expected at most 2147483647 numbers")
                    .hasMessageContaining("got 120000");
            assertThat(device.bytesInUse()).isZero();
        }
    }

    @Test
    void anyNumberOfModelsAreMadeOfOne() {
        Network network = forecaster();
        float[][][] rows = new float[3][5][8];
        rows[1][2][3] = 1f;
        try (Device device = Devices.named("reference");
                Device other = Devices.cpu();
                Model first = network.on(device).seed(5).build();
                Model same = network.on(device).seed(5).build();
                Model otherSeed = network.on(device).seed(6).build();
                Model copy = network.on(other)
                        .weights(parameters -> parameters.copyFrom(first.parameters()))
                        .build();
                Sequential sequential = Sequential.on(device)
                        .seed(5)
                        .add(Lstm.of(32))
                        .add(Linear.of(1))
                        .build(8)) {
            float[] weights = first.parameters().values().toFloats();
            assertThat(same.parameters().values().toFloats()).isEqualTo(weights);
            assertThat(sequential.parameters().values().toFloats()).isEqualTo(weights);
            assertThat(copy.parameters().values().toFloats()).isEqualTo(weights);
            assertThat(otherSeed.parameters().values().toFloats()).isNotEqualTo(weights);
            assertThat(same.predict(rows)).isDeepEqualTo(first.predict(rows));
            assertThat(first.network()).isSameAs(network);
            assertThat(sequential.network().description()).isEqualTo(network.description());
        }
    }

    /** The first weights of a layer are its own: a layer below another changes none of the other's. */
    @Test
    void aFurtherLayerLeavesTheOthersFirstWeights() {
        Network deeper = Network.sequential(Form.sequences(8))
                .add(Lstm.of(32))
                .add(Dropout.of(0.5f))
                .add(Linear.of(32).named("hidden"))
                .add(Linear.of(1).named("linear"))
                .build();
        try (Device device = Devices.named("reference");
                Model shallow = forecaster().on(device).seed(3).build();
                Model deep = deeper.on(device).seed(3).build()) {
            for (String name : shallow.network().parameters().keySet()) {
                assertThat(deep.parameters().get(name).value().toFloats())
                        .as(name)
                        .isEqualTo(shallow.parameters().get(name).value().toFloats());
            }
        }
    }

    @Test
    void givenWeightsAreNotDrawnFirst() {
        try (Device device = Devices.named("reference");
                Model model = forecaster()
                        .on(device)
                        .weights(parameters ->
                                assertThat(parameters.values().toFloats()).containsOnly(0f))
                        .build()) {
            assertThat(model.parameters().values().toFloats()).containsOnly(0f);
            long before = device.bytesInUse();
            IllegalStateException failure = new IllegalStateException("no weights");
            assertThatThrownBy(() -> build(forecaster().on(device).weights(parameters -> {
                        throw failure;
                    })))
                    .isSameAs(failure);
            assertThat(device.bytesInUse()).isEqualTo(before);
        }
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> Network.sequential(Form.rows(3)).build())
                .hasMessage("layers: expected at least one, got none");
        assertThatThrownBy(
                        () -> Network.sequential(Form.rows(3)).add(Lstm.of(2)).build())
                .hasMessageStartingWith("layer 'lstm': expected sequences");
        GraphDescription twice = new GraphDescription(
                Map.of("x", Form.rows(2)),
                List.of(
                        Linear.of(1).named("a").description(),
                        Linear.of(2).named("a").description()),
                List.of(new GraphDescription.Step("a", "a", null, GraphDescription.Step.NO_STATE, List.of("x"))),
                Map.of("y", "a"));
        assertThatThrownBy(() -> Network.of(twice)).hasMessage("layer 'a': is described twice");
        GraphDescription unknown = new GraphDescription(
                Map.of("x", Form.rows(2)),
                List.of(),
                List.of(new GraphDescription.Step(
                        "sum", null, Merge.ADD, GraphDescription.Step.NO_STATE, List.of("x", "z"))),
                Map.of("y", "sum"));
        assertThatThrownBy(() -> Network.of(unknown)).hasMessage("steps[0].of[1]: expected one of [x], got 'z'");
    }

    private static void build(Model.Builder builder) {
        try (Model model = builder.build()) {
            throw new AssertionError("built " + model.network());
        }
    }
}
