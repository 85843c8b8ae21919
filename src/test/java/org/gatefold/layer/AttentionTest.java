package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention as a layer: of steps to each other and to others, and within a graph as in a Transformer. */
class AttentionTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.load();
        }
    }

    @Test
    void gradientsOfAttentionToAnotherSequence() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            MultiHeadAttention layer = MultiHeadAttention.of(2);
            ParameterStore store = new ParameterStore();
            layer.build(store, "attention", Form.sequences(4));
            store.allocate(scope, 1);
            new GradientCheck(
                            device,
                            store,
                            new int[] {3, 0, 2},
                            List.of(Shape.of(3, 3, 4), Shape.of(2, 3, 4)),
                            (context, inputs) -> List.of(layer.forward(context, inputs.get(1), inputs.get(0))))
                    // It moves all scores of a query alike, which softmax does not see.
                    .without("attention.key.b")
                    .run();
        }
    }

    /** The answer for a row is the same whatever stands beside it; causal, no step knows a later one. */
    @Test
    void rowsAndLaterStepsHaveNoInfluence() {
        float[][][] rows = new float[2][][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = new float[3 + 3 * row][];
            for (int t = 0; t < rows[row].length; t++) {
                rows[row][t] = new float[] {(float) Math.sin(row + t), (float) Math.cos(row - t)};
            }
        }
        try (Device device = Devices.cpu();
                Model model = Sequential.on(device)
                        .seed(2)
                        .add(MultiHeadAttention.of(2).causal())
                        .build(2)) {
            float[][][] together = model.predictSequences(rows, new int[] {3, 6});
            assertThat(together[0]).isDeepEqualTo(model.predictSequences(new float[][][] {rows[0]}, null)[0]);
            float[][][] changed = {rows[1].clone()};
            changed[0][5] = new float[] {9, 9};
            float[][] other = model.predictSequences(changed, null)[0];
            assertThat(Arrays.copyOf(other, 5)).isDeepEqualTo(Arrays.copyOf(together[1], 5));
            assertThat(other[5]).isNotEqualTo(together[1][5]);
        }
    }

    @Test
    void isMadeAgainFromItsDescriptionAndRefusesWhatItCannotTake() {
        Layer layer = MultiHeadAttention.of(2).causal().named("a");
        assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        assertThatThrownBy(() -> MultiHeadAttention.of(3).build(new ParameterStore(), "a", Form.sequences(4)))
                .hasMessage("layer 'a': expected heads that divide 4 features, got 3");
        assertThatThrownBy(() -> MultiHeadAttention.of(2).build(new ParameterStore(), "a", Form.rows(4)))
                .hasMessageContaining("layer 'a': expected sequences [T, B, features]");
    }

    /** A block of a Transformer's encoder, from tokens to a class. */
    private static Network encoder() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x =
                graph.layer(Embedding.of(9, 4).weights(Initializer.normal(0.5f)), graph.input("text", Form.tokens()));
        Graph.Node a = graph.layer(
                LayerNorm.create(),
                graph.add(x, graph.layer(MultiHeadAttention.of(2).named("attention"), x)));
        Graph.Node f = graph.layer(Linear.of(4), graph.layer(ActivationLayer.gelu(), graph.layer(Linear.of(8), a)));
        Graph.Node y = graph.layer(TimePooling.mean(), graph.layer(LayerNorm.create(), graph.add(a, f)));
        graph.output("label", graph.layer(Linear.of(2), y));
        return graph.build();
    }

    @ParameterizedTest
    @CsvSource({"reference,reference", "cpu,cpu.native", "cuda:0,cuda"})
    void encodersAreTrainedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        int[][] tokens = new int[16][];
        int[] labels = new int[tokens.length];
        for (int row = 0; row < tokens.length; row++) {
            tokens[row] = new int[2 + row % 4];
            Arrays.fill(tokens[row], 1 + row % 7);
            tokens[row][row % tokens[row].length] = row % 2 == 0 ? 8 : 0;
            labels[row] = row % 2;
        }
        Dataset data = Dataset.of(Column.tokens("text", tokens)).withTarget(Column.labels("label", labels));
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = encoder().on(subject.device()).seed(4).build()) {
            TrainingCheck.learnsAndComesBack(model, Loss.crossEntropy(), data, 15, "label", folder);
        }
    }
}
