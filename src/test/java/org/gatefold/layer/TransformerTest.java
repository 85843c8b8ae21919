package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.AttentionPooling;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.PositionalEmbedding;
import org.gatefold.layer.attention.SinusoidalPositions;
import org.gatefold.layer.attention.TransformerEncoder;
import org.gatefold.layer.attention.TransformerEncoderLayer;
import org.gatefold.layer.basic.Highway;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.embedding.TiedLinear;
import org.gatefold.layer.norm.GroupNorm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention layers and a Transformer's encoder against the equations in double precision, and a whole life of them. */
class TransformerTest {
    private static final int STEPS = 5;
    private static final int FEATURES = 6;
    private static final int[] ROWS = {5, 3};

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** A layer on {@code [5, 2, 6]} with 5 and 3 steps; what stands behind is finite. All parameters are drawn anew. */
    private static final class Run implements AutoCloseable {
        final Device device = Devices.cpu();
        final Scope scope = device.openScope("model");
        final Context context = Context.inference(device);
        final ParameterStore store = new ParameterStore();
        final float[] x = gaussian(5, STEPS * ROWS.length * FEATURES);
        final float[] y;

        @SuppressWarnings("MustBeClosedChecker") // closed by close()
        Run(Layer layer) {
            layer.build(store, "l", Form.sequences(FEATURES));
            store.allocate(scope, 1);
            int seed = 100;
            for (Parameter parameter : store.list()) {
                parameter.set(gaussian(seed++, Math.toIntExact(parameter.shape().elements())));
            }
            context.begin(0);
            Tensor given = context.scope().f32("x", STEPS, ROWS.length, FEATURES);
            given.write(x);
            Lengths lengths = context.scope().lengths(STEPS, ROWS);
            y = layer.forward(context, Variable.constant(given, lengths))
                    .value()
                    .toFloats();
        }

        /** The real steps of a row. */
        double[][] steps(int row) {
            double[][] steps = new double[ROWS[row]][FEATURES];
            for (int t = 0; t < steps.length; t++) {
                for (int f = 0; f < FEATURES; f++) {
                    steps[t][f] = x[(t * ROWS.length + row) * FEATURES + f];
                }
            }
            return steps;
        }

        double[] parameter(String name) {
            float[] values = store.get("l." + name).value().toFloats();
            double[] exact = new double[values.length];
            Arrays.setAll(exact, i -> values[i]);
            return exact;
        }

        /** The affine map of a name. */
        double[] map(String name, double[] v) {
            double[] w = parameter(name + ".w");
            double[] result = parameter(name + ".b");
            for (int o = 0; o < result.length; o++) {
                for (int i = 0; i < v.length; i++) {
                    result[o] += w[o * v.length + i] * v[i];
                }
            }
            return result;
        }

        double[] norm(String name, double[] v) {
            double mean = Arrays.stream(v).average().orElseThrow();
            double variance =
                    Arrays.stream(v).map(e -> (e - mean) * (e - mean)).average().orElseThrow();
            double[] gamma = parameter(name + ".gamma");
            double[] beta = parameter(name + ".beta");
            double[] result = new double[v.length];
            Arrays.setAll(result, i -> (v[i] - mean) / Math.sqrt(variance + 1e-5) * gamma[i] + beta[i]);
            return result;
        }

        void assertSteps(int row, double[][] expected) {
            for (int t = 0; t < expected.length; t++) {
                for (int f = 0; f < FEATURES; f++) {
                    double largest = Math.max(1, Math.abs(expected[t][f]));
                    assertThat((double) y[(t * ROWS.length + row) * FEATURES + f])
                            .as("row %d, step %d, feature %d", row, t, f)
                            .isCloseTo(expected[t][f], within(2e-5 * largest));
                }
            }
        }

        @Override
        public void close() {
            context.close();
            scope.close();
            device.close();
        }
    }

    private static float[] gaussian(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] result = new double[a.length];
        Arrays.setAll(result, i -> a[i] + b[i]);
        return result;
    }

    private static double dot(double[] a, double[] b, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Features {@code from} to {@code to} of values, weighted by the softmax of scores. */
    private static void weigh(double[] scores, double[][] values, int from, int to, double[] result) {
        double total = 0;
        for (double score : scores) {
            total += Math.exp(score);
        }
        for (int j = 0; j < scores.length; j++) {
            for (int f = from; f < to; f++) {
                result[f] += Math.exp(scores[j]) / total * values[j][f];
            }
        }
    }

    private static double[][] heads(int heads, boolean causal, double[][] q, double[][] k, double[][] v) {
        double[][] result = new double[q.length][FEATURES];
        int size = FEATURES / heads;
        for (int i = 0; i < q.length; i++) {
            for (int h = 0; h < heads; h++) {
                double[] scores = new double[causal ? i + 1 : k.length];
                for (int j = 0; j < scores.length; j++) {
                    scores[j] = dot(q[i], k[j], h * size, (h + 1) * size) / Math.sqrt(size);
                }
                weigh(scores, v, h * size, (h + 1) * size, result[i]);
            }
        }
        return result;
    }

    /** The normal distribution function, by its series (Marsaglia 2004). */
    private static double normal(double x) {
        double sum = x;
        double term = x;
        for (int i = 3; Math.abs(term) > 1e-17; i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    @ParameterizedTest
    @CsvSource({"false,false,false", "true,false,true", "false,true,true", "true,true,false"})
    void encoderLayersAgreeWithTheirEquations(boolean preNorm, boolean gelu, boolean causal) {
        TransformerEncoderLayer layer = TransformerEncoderLayer.of(3, 7);
        DoubleUnaryOperator function = gelu ? v -> v * normal(v) : v -> Math.max(0, v);
        layer.activation(gelu ? Activation.GELU : Activation.RELU);
        layer = preNorm ? layer.preNorm() : layer;
        try (Run run = new Run(causal ? layer.causal() : layer)) {
            for (int row = 0; row < ROWS.length; row++) {
                double[][] x = run.steps(row);
                double[][] in = x.clone();
                Arrays.setAll(in, t -> preNorm ? run.norm("norm1", x[t]) : x[t]);
                double[][] q = in.clone();
                double[][] k = in.clone();
                double[][] v = in.clone();
                Arrays.setAll(q, t -> run.map("attention.query", in[t]));
                Arrays.setAll(k, t -> run.map("attention.key", in[t]));
                Arrays.setAll(v, t -> run.map("attention.value", in[t]));
                double[][] attended = heads(3, causal, q, k, v);
                double[][] y = new double[x.length][];
                for (int t = 0; t < x.length; t++) {
                    double[] a = sum(x[t], run.map("attention.output", attended[t]));
                    a = preNorm ? a : run.norm("norm1", a);
                    double[] wide = run.map("linear1", preNorm ? run.norm("norm2", a) : a);
                    y[t] = sum(
                            a,
                            run.map("linear2", Arrays.stream(wide).map(function).toArray()));
                    y[t] = preNorm ? y[t] : run.norm("norm2", y[t]);
                }
                run.assertSteps(row, y);
            }
        }
    }

    @Test
    void generalAttentionAgreesWithItsEquation() {
        try (Run run = new Run(GeneralAttention.create())) {
            double[] w = run.parameter("w");
            for (int row = 0; row < ROWS.length; row++) {
                double[][] x = run.steps(row);
                double[][] y = new double[x.length][FEATURES];
                for (int i = 0; i < x.length; i++) {
                    double[] scores = new double[x.length];
                    for (int j = 0; j < x.length; j++) {
                        for (int a = 0; a < FEATURES; a++) {
                            scores[j] += x[i][a]
                                    * dot(Arrays.copyOfRange(w, a * FEATURES, (a + 1) * FEATURES), x[j], 0, FEATURES);
                        }
                    }
                    weigh(scores, x, 0, FEATURES, y[i]);
                }
                run.assertSteps(row, y);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void additiveAttentionAgreesWithItsEquation(boolean causal) {
        AdditiveAttention layer = AdditiveAttention.of(4);
        try (Run run = new Run(causal ? layer.causal() : layer)) {
            double[] w = run.parameter("query.w");
            double[] u = run.parameter("key.w");
            double[] v = run.parameter("score.w");
            for (int row = 0; row < ROWS.length; row++) {
                double[][] x = run.steps(row);
                double[][] y = new double[x.length][FEATURES];
                for (int i = 0; i < x.length; i++) {
                    double[] scores = new double[causal ? i + 1 : x.length];
                    for (int j = 0; j < scores.length; j++) {
                        for (int a = 0; a < v.length; a++) {
                            double[] ofQuery = Arrays.copyOfRange(w, a * FEATURES, (a + 1) * FEATURES);
                            double[] ofKey = Arrays.copyOfRange(u, a * FEATURES, (a + 1) * FEATURES);
                            scores[j] +=
                                    v[a] * Math.tanh(dot(ofQuery, x[i], 0, FEATURES) + dot(ofKey, x[j], 0, FEATURES));
                        }
                    }
                    weigh(scores, x, 0, FEATURES, y[i]);
                }
                run.assertSteps(row, y);
            }
        }
    }

    /** Two groups of three features of each step. */
    @Test
    void groupNormAgreesWithItsEquation() {
        try (Run run = new Run(GroupNorm.of(2))) {
            double[] gamma = run.parameter("gamma");
            double[] beta = run.parameter("beta");
            for (int row = 0; row < ROWS.length; row++) {
                double[][] y = run.steps(row);
                for (double[] step : y) {
                    for (int g = 0; g < 2; g++) {
                        double[] group = Arrays.copyOfRange(step, 3 * g, 3 * g + 3);
                        double mean = Arrays.stream(group).average().orElseThrow();
                        double variance = Arrays.stream(group)
                                .map(e -> (e - mean) * (e - mean))
                                .average()
                                .orElseThrow();
                        for (int f = 3 * g; f < 3 * g + 3; f++) {
                            step[f] = (step[f] - mean) / Math.sqrt(variance + 1e-5) * gamma[f] + beta[f];
                        }
                    }
                }
                run.assertSteps(row, y);
            }
        }
    }

    /** The table is one parameter, to which both layers give gradients: here that of the sum of x Eᵀ, x being rows of E. */
    @Test
    void tiedOutputsShareTheTable() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.training(device, 1)) {
            Embedding embedding = Embedding.of(2, 2);
            TiedLinear output = TiedLinear.to("e");
            ParameterStore store = new ParameterStore();
            embedding.build(store, "e", Form.ids());
            assertThat(output.build(store, "out", Form.rows(2))).isEqualTo(Form.rows(2));
            assertThat(store.list()).extracting(Parameter::name).containsExactly("e.w", "out.b");
            store.allocate(scope, 1);
            store.get("e.w").set(1, 2, 30, 40);
            context.begin(0);
            Tensor ids = context.scope().i32("ids", 1);
            ids.write(new int[] {1});
            Variable y = output.forward(context, embedding.forward(context, Variable.constant(ids)));
            assertThat(y.value().toFloats()).containsExactly(110f, 2500f);
            y.gradient().fill(1f);
            context.tape().backward();
            // Of the output x for each row, of the embedding the sum of both rows for row 1.
            assertThat(store.get("e.w").gradient().toFloats()).containsExactly(30f, 40f, 61f, 82f);
        }
    }

    @OnEveryDevice
    void languageModelsWithTiedOutputsAreTrainedSavedAndLoadedToTheBit(String name, String implementation)
            throws Exception {
        int[][] tokens = new int[8][6];
        int[][] next = new int[8][6];
        for (int row = 0; row < tokens.length; row++) {
            for (int t = 0; t < 6; t++) {
                tokens[row][t] = (row + t) % 5;
                next[row][t] = (row + t + 1) % 5;
            }
        }
        Dataset data = Dataset.of(Column.tokens("text", tokens)).withTarget(Column.tokens("next", next));
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = Sequential.on(subject.device())
                        .seed(4)
                        .add(Embedding.of(5, 6).weights(Initializer.normal(0.5f)))
                        .add(AdditiveAttention.of(4).causal())
                        .add(GroupNorm.of(2))
                        .add(Linear.of(6))
                        .add(TiedLinear.to("embedding"))
                        .build(Form.tokens())) {
            List<Double> losses = Trainer.of(model)
                    .loss(Loss.crossEntropy())
                    .optimizer(Adam.of(0.03f))
                    .fit(Batches.of(data, 4), 20)
                    .epochs()
                    .stream()
                    .map(epoch -> epoch.trainingLoss())
                    .toList();
            assertThat(losses.get(19)).isLessThan(0.7 * losses.get(0));
            ModelFile.save(model, folder.resolve("model"), Map.of());
            try (Model loaded = ModelFile.load(subject.device(), folder.resolve("model"))) {
                assertThat(loaded.predict(data).get("output").sequences())
                        .isDeepEqualTo(model.predict(data).get("output").sequences());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void attentionPoolingAgreesWithItsEquation(int heads) {
        try (Run run = new Run(AttentionPooling.of(heads))) {
            double[] query = run.parameter("query");
            assertThat(run.y).hasSize(ROWS.length * FEATURES);
            for (int row = 0; row < ROWS.length; row++) {
                double[][] x = run.steps(row);
                double[] y = heads(heads, false, new double[][] {query}, x, x)[0];
                for (int f = 0; f < FEATURES; f++) {
                    assertThat((double) run.y[row * FEATURES + f]).isCloseTo(y[f], within(1e-5));
                }
            }
        }
    }

    /** Sines and cosines as Vaswani et al. write them. */
    @Test
    void positionsAreAdded() {
        try (Run run = new Run(SinusoidalPositions.create())) {
            double[][] x = run.steps(0);
            for (int t = 0; t < x.length; t++) {
                for (int i = 0; i < FEATURES / 2; i++) {
                    double angle = t / Math.pow(10_000, 2.0 * i / FEATURES);
                    x[t][2 * i] += Math.sin(angle);
                    x[t][2 * i + 1] += Math.cos(angle);
                }
            }
            run.assertSteps(0, x);
        }
        try (Run run = new Run(PositionalEmbedding.of(9))) {
            double[] w = run.parameter("w");
            double[][] x = run.steps(1);
            for (int t = 0; t < x.length; t++) {
                x[t] = sum(x[t], Arrays.copyOfRange(w, t * FEATURES, (t + 1) * FEATURES));
            }
            run.assertSteps(1, x);
        }
    }

    /** The waves are kept for further steps, and made anew for longer sequences. */
    @Test
    void positionsOfLongerSequencesFollow() {
        try (Device device = Devices.named("reference");
                Context context = Context.inference(device)) {
            SinusoidalPositions layer = SinusoidalPositions.create();
            layer.build(new ParameterStore(), "l", Form.sequences(1));
            for (int steps : new int[] {2, 4, 3}) {
                context.begin(0);
                float[] y = layer.forward(
                                context, Variable.constant(context.scope().zeros("x", steps, 1, 1)))
                        .value()
                        .toFloats();
                assertThat(y[steps - 1]).isCloseTo((float) Math.sin(steps - 1), within(1e-6f));
            }
        }
    }

    @Test
    void gradientsOfGeneralAttentionToAnotherSequence() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            GeneralAttention layer = GeneralAttention.create();
            ParameterStore store = GradientCheck.build(scope, layer, Form.sequences(4), 1);
            new GradientCheck(
                            device,
                            store,
                            new int[] {3, 0, 2},
                            List.of(Shape.of(3, 3, 4), Shape.of(2, 3, 4)),
                            (context, inputs) -> List.of(layer.forward(context, inputs.get(1), inputs.get(0))))
                    .run();
        }
    }

    /** With an epsilon that keeps higher derivatives small where few numbers lie close together. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradientsOfEncoders(boolean preNorm) {
        TransformerEncoderLayer pattern = TransformerEncoderLayer.of(2, 5)
                .epsilon(0.5f)
                .activation(Activation.GELU)
                .dropout(0.3f);
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            TransformerEncoder layer = TransformerEncoder.of(2, preNorm ? pattern.preNorm() : pattern)
                    .named("encoder");
            GradientCheck.of(device, scope, layer, Form.sequences(4), new int[] {2, 1, 4}, Shape.of(4, 3, 4))
                    // They move all scores of a query alike, which softmax does not see.
                    .without("encoder.0.attention.key.b")
                    .without("encoder.1.attention.key.b")
                    .run();
        }
    }

    @Test
    void areMadeAgainFromTheirDescriptions() {
        for (Layer layer : List.of(
                GeneralAttention.create().causal().named("a"),
                AttentionPooling.of(2).named("b"),
                AdditiveAttention.of(5).causal().named("h"),
                GroupNorm.of(3).epsilon(1e-3f).named("i"),
                TiedLinear.to("words").withoutBias().named("j"),
                PositionalEmbedding.of(5).weights(Initializer.ZEROS).named("c"),
                SinusoidalPositions.create().named("d"),
                TransformerEncoderLayer.of(2, 8)
                        .preNorm()
                        .causal()
                        .activation(Activation.leakyRelu(0.1f))
                        .dropout(0.3f)
                        .epsilon(1e-3f)
                        .named("e"),
                TransformerEncoder.of(3, TransformerEncoderLayer.of(2, 8).activation(Activation.GELU))
                        .finalNorm()
                        .named("f"),
                Highway.of(Linear.of(3)).gateBias(Initializer.constant(-2f)).named("g"))) {
            assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        }
    }

    private static void build(Layer layer, Form form) {
        layer.build(new ParameterStore(), "l", form);
    }

    @Test
    void refuseWhatTheyCannotTake() {
        assertThatThrownBy(() -> build(AttentionPooling.of(4), Form.sequences(6)))
                .hasMessage("layer 'l': expected heads that divide 6 features, got 4");
        assertThatThrownBy(() -> build(GroupNorm.of(4), Form.sequences(6)))
                .hasMessage("layer 'l': expected groups that divide 6 channels, got 4");
        assertThatThrownBy(() -> build(TiedLinear.to("words"), Form.sequences(6)))
                .hasMessage("layer 'l': expected an embedding 'words' before it, found none");
        assertThatThrownBy(() -> build(TransformerEncoderLayer.of(2, 4), Form.rows(4)))
                .hasMessageContaining("layer 'l': expected sequences [T, B, features]");
        assertThatThrownBy(() -> TransformerEncoderLayer.of(2, 4).dropout(1f))
                .hasMessage("dropout: expected 0 <= p < 1, got 1.0");
        assertThatThrownBy(() -> new Run(PositionalEmbedding.of(4)))
                .hasMessage("l: x: expected at most 4 steps, got 5");
        assertThatThrownBy(() -> build(Highway.of(Linear.of(3)), Form.rows(2)))
                .hasMessage("layer 'l': expected a layer that gives what it takes, [B, 2], got one that gives [B, 3]");
    }

    /** From tokens to a class: does the row have the token 8? */
    @OnEveryDevice
    void encodersAreTrainedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        TransformerEncoderLayer layer =
                TransformerEncoderLayer.of(2, 8).activation(Activation.GELU).preNorm();
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = Sequential.on(subject.device())
                        .seed(4)
                        .add(Embedding.of(9, 4).weights(Initializer.normal(0.5f)))
                        .add(SinusoidalPositions.create())
                        .add(PositionalEmbedding.of(8))
                        .add(TransformerEncoder.of(2, layer).finalNorm())
                        .add(GeneralAttention.create())
                        .add(AttentionPooling.of(2))
                        .add(Highway.of(Linear.of(4)))
                        .add(Linear.of(2))
                        .build(Form.tokens())) {
            TrainingCheck.learnsAndComesBack(model, Loss.crossEntropy(), TrainingCheck.tokens(), 20, "output", folder);
        }
    }
}
