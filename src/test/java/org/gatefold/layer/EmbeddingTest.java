package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Look-ups as a layer, on the reference device. */
@SuppressWarnings("MustBeClosedChecker") // closed after each test
class EmbeddingTest {
    private static final int VOCABULARY = 7;
    private static final int FEATURES = 3;
    private static final int[] IDS = {1, 2, 2, 5, 0, 1, 2, 6};
    private static final int[] LENGTHS = {4, 2};

    private Device device;
    private Scope scope;

    @BeforeEach
    void open() {
        device = Devices.named("reference");
        scope = device.openScope("model");
    }

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    private ParameterStore build(Embedding embedding, Form form) {
        ParameterStore store = new ParameterStore();
        embedding.build(store, "embedding", form);
        store.allocate(scope, 3);
        return store;
    }

    private static Variable tokens(Context context) {
        Tensor ids = context.scope().i32("ids", 4, 2);
        ids.write(IDS);
        return Variable.constant(ids, context.scope().lengths(4, LENGTHS));
    }

    @Test
    void gradientsAgreeWithDifferences() {
        for (Embedding embedding : List.of(
                Embedding.of(VOCABULARY, FEATURES),
                Embedding.of(VOCABULARY, FEATURES).maxNorm(10f))) {
            ParameterStore store = build(embedding, Form.tokens());
            new GradientCheck(
                            device,
                            store,
                            null,
                            List.of(),
                            (context, inputs) -> List.of(embedding.forward(context, tokens(context))))
                    .run();
        }
    }

    @Test
    void givesRowsForIdsAndSequencesForTokens() {
        Embedding rows = Embedding.of(VOCABULARY, FEATURES);
        ParameterStore store = build(rows, Form.ids());
        assertThat(rows.output()).isEqualTo(Form.rows(FEATURES));
        float[] table = store.get("embedding.w").value().toFloats();
        try (Context context = Context.inference(device)) {
            context.begin(0);
            Tensor ids = context.scope().i32("ids", 2);
            ids.write(6, 0);
            float[] y = rows.forward(context, Variable.constant(ids)).value().toFloats();
            assertThat(Arrays.copyOf(y, FEATURES)).isEqualTo(Arrays.copyOfRange(table, 6 * FEATURES, 7 * FEATURES));
            assertThat(Arrays.copyOfRange(y, FEATURES, 2 * FEATURES)).isEqualTo(Arrays.copyOf(table, FEATURES));
        }
        Embedding sequences = Embedding.of(VOCABULARY, FEATURES);
        build(sequences, Form.tokens());
        assertThat(sequences.output()).isEqualTo(Form.sequences(FEATURES));
        try (Context context = Context.inference(device)) {
            context.begin(0);
            Variable x = tokens(context);
            Variable y = sequences.forward(context, x);
            Lengths lengths = y.lengths();
            assertThat(lengths).isSameAs(x.lengths());
            float[] padding = y.value().rows(2, 1).toFloats();
            assertThat(Arrays.copyOfRange(padding, FEATURES, 2 * FEATURES)).containsOnly(0f);
        }
    }

    @Test
    void paddingIsZeroAndFrozenTablesStayUntrained() {
        Embedding padded = Embedding.of(VOCABULARY, FEATURES).paddingId(2);
        ParameterStore store = build(padded, Form.tokens());
        Parameter w = store.get("embedding.w");
        assertThat(Arrays.copyOfRange(w.value().toFloats(), 2 * FEATURES, 3 * FEATURES))
                .containsOnly(0f);
        try (Context context = Context.training(device, 1)) {
            context.begin(0);
            Variable y = padded.forward(context, tokens(context));
            y.gradient().fill(1f);
            context.tape().backward();
            float[] gradient = w.gradient().toFloats();
            float[] expected = new float[gradient.length];
            Arrays.fill(expected, FEATURES, 2 * FEATURES, 1f); // id 1 at step 0 of row 0
            Arrays.fill(expected, 0, FEATURES, 1f); // 0 at step 2 of row 0
            Arrays.fill(expected, 5 * FEATURES, 6 * FEATURES, 1f); // 5 at step 1 of row 1
            assertThat(gradient).isEqualTo(expected);

            Embedding frozen = Embedding.of(VOCABULARY, FEATURES).frozen();
            build(frozen, Form.tokens());
            context.begin(1);
            assertThat(frozen.forward(context, tokens(context)).requiresGradient())
                    .isFalse();
        }
    }

    @Test
    void normsAreLimitedInTheTableInTrainingAndOnTheWayInInference() {
        Embedding limited = Embedding.of(VOCABULARY, FEATURES).maxNorm(1f).weights(Initializer.constant(2f));
        ParameterStore store = build(limited, Form.tokens());
        Parameter w = store.get("embedding.w");
        float unit = (float) Math.sqrt(1.0 / FEATURES);
        long version = store.version();
        float[] inferred;
        try (Context context = Context.inference(device)) {
            context.begin(0);
            inferred = limited.forward(context, tokens(context)).value().toFloats();
            assertThat(inferred[0]).isCloseTo(unit, offset(1e-6f));
            assertThat(w.value().toFloats()).containsOnly(2f);
            assertThat(store.version()).isEqualTo(version);
        }
        try (Context context = Context.training(device, 1)) {
            context.begin(0);
            assertThat(limited.forward(context, tokens(context)).value().toFloats())
                    .isEqualTo(inferred);
            float[] table = w.value().toFloats();
            assertThat(table[0]).isEqualTo(inferred[0]);
            assertThat(table[3 * FEATURES]).as("a row that no id names").isEqualTo(2f);
            assertThat(store.version()).isGreaterThan(version);
        }
    }

    @Test
    void isMadeAgainFromItsDescription() {
        Embedding embedding = Embedding.of(VOCABULARY, FEATURES)
                .paddingId(2)
                .maxNorm(1.5f)
                .frozen()
                .weights(Initializer.normal(1f))
                .named("words");
        Layer again = Layers.of(embedding.description());
        assertThat(again.description()).isEqualTo(embedding.description());
        assertThat(again.description().options())
                .isEqualTo(Map.of(
                        "vocabulary",
                        7,
                        "features",
                        3,
                        "paddingId",
                        2,
                        "maxNorm",
                        1.5f,
                        "frozen",
                        true,
                        "weights",
                        "normal(1.0)"));
    }

    @Test
    void refusesWhatItCannotTake() {
        assertThatThrownBy(() -> Embedding.of(0, 3)).hasMessage("vocabulary: expected at least 1, got 0");
        assertThatThrownBy(() -> Embedding.of(4, 0)).hasMessage("features: expected at least 1, got 0");
        assertThatThrownBy(() -> Embedding.of(4, 3).paddingId(4))
                .hasMessage("paddingId: expected 0 to 3 in a vocabulary of 4, got 4");
        assertThatThrownBy(() -> build(Embedding.of(4, 3), Form.sequences(1)))
                .hasMessageContaining("layer 'embedding': expected ids (I32)");
    }
}
