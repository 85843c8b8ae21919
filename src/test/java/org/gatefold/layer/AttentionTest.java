package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.Attended;
import org.gatefold.layer.attention.AttentionMemory;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.MultiHeadAttention;
import org.gatefold.layer.attention.SourceAttention;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention as a layer: of steps to each other and to others, and within a graph as in a Transformer. */
class AttentionTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @Test
    void gradientsOfAttentionToAnotherSequence() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            MultiHeadAttention layer = MultiHeadAttention.of(2);
            ParameterStore store = GradientCheck.build(scope, layer.named("attention"), Form.sequences(4), 1);
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

    static Stream<Supplier<SourceAttention>> kinds() {
        return Stream.of(
                DotAttention::create,
                () -> DotAttention.create().scaled(),
                GeneralAttention::create,
                () -> AdditiveAttention.of(5));
    }

    /** Query by query over one memory gives what all queries at once do, with weights by which the values sum up to it. */
    @ParameterizedTest
    @MethodSource("kinds")
    void memoriesAreAttendedToStepByStep(Supplier<SourceAttention> kind) {
        try (Device device = Devices.cpu();
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            SourceAttention layer = kind.get();
            ParameterStore store = new ParameterStore();
            layer.build(store, "attention", Form.sequences(2));
            if (!store.list().isEmpty()) {
                store.allocate(scope, 1);
                store.initialize(3);
            }
            context.begin(0);
            float[] queries = {1f, 2f, -1f, 0.5f, 0.3f, 0.2f, 2f, -2f, 1f, 1f, 0.1f, -0.4f};
            float[] values = {1f, 0f, 2f, 1f, 0f, 3f, -1f, 2f};
            Tensor x = context.scope().f32("x", 3, 2, 2);
            x.write(queries);
            Tensor source = context.scope().f32("source", 2, 2, 2);
            source.write(values);
            AttentionMemory memory = layer.memory(
                    context, Variable.constant(source, context.scope().lengths(2, 2, 1)));
            Attended all = layer.attend(context, Variable.constant(x), memory);
            float[] expected = all.output().value().toFloats();
            for (int t = 0; t < 3; t++) {
                Attended one = layer.attend(context, Variable.constant(x.rows(t, 1)), memory);
                assertThat(one.weights()).isDeepEqualTo(Arrays.copyOfRange(all.weights(), t, t + 1));
                assertThat(one.output().value().toFloats())
                        .containsExactly(Arrays.copyOfRange(expected, 4 * t, 4 * t + 4), within(1e-6f));
                for (int b = 0; b < 2; b++) {
                    float[] p = all.weights()[t][b];
                    assertThat(p[0] + p[1]).isCloseTo(1f, within(1e-6f));
                    assertThat(b == 1 ? p[1] : 0f).isZero();
                    for (int f = 0; f < 2; f++) {
                        assertThat(expected[4 * t + 2 * b + f])
                                .isCloseTo(p[0] * values[2 * b + f] + p[1] * values[4 + 2 * b + f], within(1e-6f));
                    }
                }
            }
        }
    }

    /** The scores behind the weights of a softmax are x · s, over √2 if scaled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void dotAttentionAgreesWithItsEquation(boolean scaled) {
        DotAttention layer = scaled ? DotAttention.create().scaled() : DotAttention.create();
        float[][][] rows = {{{1f, 0.5f}, {-0.3f, 2f}}};
        try (Device device = Devices.cpu();
                Model model = Sequential.on(device).add(layer).build(2)) {
            float[][] y = model.predictSequences(rows, null)[0];
            for (int i = 0; i < 2; i++) {
                double[] score = new double[2];
                for (int j = 0; j < 2; j++) {
                    score[j] = (rows[0][i][0] * rows[0][j][0] + rows[0][i][1] * rows[0][j][1])
                            / (scaled ? Math.sqrt(2) : 1);
                }
                double first = 1 / (1 + Math.exp(score[1] - score[0]));
                for (int f = 0; f < 2; f++) {
                    assertThat((double) y[i][f])
                            .isCloseTo(first * rows[0][0][f] + (1 - first) * rows[0][1][f], within(1e-6));
                }
            }
        }
        Layer described = DotAttention.create().scaled().causal().named("a");
        assertThat(Layers.of(described.description()).description()).isEqualTo(described.description());
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

    @OnEveryDevice
    void encodersAreTrainedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = encoder().on(subject.device()).seed(4).build()) {
            TrainingCheck.learnsAndComesBack(model, Loss.crossEntropy(), TrainingCheck.tokens(), 15, "label", folder);
        }
    }
}
