package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.output.Crf;
import org.gatefold.layer.output.CrfConstraints;
import org.gatefold.layer.output.LikelihoodLayer;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.History;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditional random fields as layers: gradients, constraints, decoding, and a whole life on top of a tagger. */
class CrfTest {
    private static final List<String> BIO = List.of("O", "B-PER", "I-PER", "B-LOC", "I-LOC");
    private static final List<String> BIOES = List.of("O", "B-X", "I-X", "E-X", "S-X", "E-Y");

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradientsAgreeWithDifferences(boolean constrained) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            Crf crf = Crf.create();
            crf = constrained
                    ? crf.constraints(CrfConstraints.none(3).forbid(0, 2).forbidEnd(1))
                    : crf;
            ParameterStore store = new ParameterStore();
            crf.build(store, "crf", Form.sequences(3));
            store.allocate(scope, 1);
            Crf layer = crf;
            new GradientCheck(device, store, new int[] {4, 0, 1}, List.of(Shape.of(4, 3, 3)), (context, inputs) -> {
                        Tensor labels = context.scope().i32("labels", 4, 3);
                        labels.write(new int[] {0, 0, 2, 1, 0, 0, 2, 0, 0, 2, 0, 0});
                        Variable y = layer.forward(context, inputs.get(0));
                        var pass = LikelihoodLayer.of(context, y, Crf.class);
                        return List.of(pass.layer().logLikelihood(context, pass.x(), labels, null));
                    })
                    .run();
        }
    }

    /** Labels of three rows of 4, 1 and 3 steps, by steps; those behind the lengths are never read. */
    private static final int[] KNOWN = {-1, 2, 0, 1, 9, -1, -1, 9, -1, 2, 9, 9};

    private static final int[] LENGTHS = {4, 1, 3};

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradientsOfKnownLabelsAgreeWithDifferences(boolean constrained) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            Crf crf = Crf.create();
            Crf layer = constrained
                    ? crf.constraints(CrfConstraints.none(3).forbid(0, 2).forbidEnd(1))
                    : crf;
            ParameterStore store = new ParameterStore();
            layer.build(store, "crf", Form.sequences(3));
            store.allocate(scope, 1);
            int[] labels = KNOWN.clone();
            for (int n = 0; n < labels.length; n++) {
                labels[n] = n / 3 < LENGTHS[n % 3] ? labels[n] : Crf.UNKNOWN;
            }
            new GradientCheck(device, store, LENGTHS, List.of(Shape.of(4, 3, 3)), (context, inputs) -> {
                        Variable y = layer.forward(context, inputs.get(0));
                        var pass = LikelihoodLayer.of(context, y, Crf.class);
                        return List.of(pass.layer().logLikelihood(context, pass.x(), labels));
                    })
                    .run();
        }
    }

    /** Against the sum over all sequences that have the known labels. */
    @ParameterizedTest
    @CsvSource({"reference, reference", "cpu, cpu.native", "cuda:0, cuda"})
    void knownLabelsHaveTheProbabilityOfAllSequencesWithThem(String name, String implementation) {
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Scope scope = subject.device().openScope("model");
                Context context = Context.inference(subject.device())) {
            Crf layer = Crf.create();
            ParameterStore store = new ParameterStore();
            layer.build(store, "crf", Form.sequences(3));
            store.allocate(scope, 1);
            float[] w = store.get("crf.transitions").value().toFloats();
            float[] start = store.get("crf.start").value().toFloats();
            float[] end = store.get("crf.end").value().toFloats();
            float[] e = new float[4 * 3 * 3];
            for (int i = 0; i < e.length; i++) {
                e[i] = (float) Math.sin(1.7 * i);
            }
            context.begin(0);
            Tensor x = context.scope().f32("x", 4, 3, 3);
            x.write(e);
            int[] labels = KNOWN.clone();
            for (int n = 0; n < labels.length; n++) {
                labels[n] = n / 3 < LENGTHS[n % 3] ? labels[n] : Crf.UNKNOWN;
            }
            float[] y = layer.logLikelihood(
                            context, Variable.constant(x, context.scope().lengths(4, LENGTHS)), labels)
                    .value()
                    .toFloats();
            for (int b = 0; b < 3; b++) {
                double all = 0;
                double known = 0;
                for (int code = 0; code < Math.pow(3, LENGTHS[b]); code++) {
                    int[] k = new int[LENGTHS[b]];
                    double score = 0;
                    boolean fits = true;
                    for (int t = 0, rest = code; t < k.length; t++, rest /= 3) {
                        k[t] = rest % 3;
                        score += e[(t * 3 + b) * 3 + k[t]] + (t == 0 ? start[k[0]] : w[k[t - 1] * 3 + k[t]]);
                        fits &= labels[t * 3 + b] == Crf.UNKNOWN || labels[t * 3 + b] == k[t];
                    }
                    score += end[k[k.length - 1]];
                    all += Math.exp(score);
                    known += fits ? Math.exp(score) : 0;
                }
                assertThat((double) y[b]).as("row %d", b).isCloseTo(Math.log(known / all), within(2e-6));
            }
        }
    }

    @Test
    void stepsOfWeightZeroHaveLabelsThatAreNotKnown() {
        Dataset data = turns(8);
        try (Device device = Devices.cpu();
                Model model = tagger(true, CrfConstraints.none(2).forbid(0, 0))
                        .on(device)
                        .seed(4)
                        .build()) {
            double plain = loss(model, data);
            float[][] weights = new float[8][];
            for (int row = 0; row < 8; row++) {
                weights[row] = new float[2 + row % 5];
                Arrays.fill(weights[row], 1f);
            }
            assertThat(loss(model, data.withStepWeights(weights))).isCloseTo(plain, within(1e-6));
            weights[2][2] = 0f;
            assertThat(loss(model, data.withStepWeights(weights))).isLessThan(plain - 1e-3);
            Arrays.fill(weights[0], 0f);
            double sum = loss(model, data.withStepWeights(weights)) * 7;
            Arrays.fill(weights[1], 0f);
            assertThat(loss(model, data.withStepWeights(weights)) * 6).isNotCloseTo(sum, within(1e-3));
            weights[2][1] = 0.5f;
            assertThatThrownBy(() -> loss(model, data.withStepWeights(weights)))
                    .hasMessage("weights: expected 0 or 1 for every step with crf, got 0.5 for step 1 of row 2");
            weights[2][1] = 1f;
            int[][] wrong = new int[8][];
            for (int row = 0; row < 8; row++) {
                wrong[row] = new int[2 + row % 5]; // 0 after 0 is not allowed
            }
            Dataset zeros = Dataset.of(Column.sequences("x", inputs(8))).withTarget(Column.tokens("tags", wrong));
            assertThatThrownBy(() -> loss(model, zeros.withStepWeights(weights)))
                    .hasMessage("labels: row 2, step 1: expected labels that are part of an allowed sequence, got 0");
        }
    }

    private static double loss(Model model, Dataset data) {
        return Trainer.of(model)
                .loss(Loss.crf())
                .optimizer(Adam.of(1e-20f))
                .fit(Batches.of(data, 8), 1)
                .epochs()
                .get(0)
                .trainingLoss();
    }

    private static String following(CrfConstraints constraints, List<String> tags) {
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < tags.size(); from++) {
            text.append(constraints.allowsStart(from) ? "[" : "").append(tags.get(from));
            text.append(constraints.allowsEnd(from) ? "]:" : ":");
            for (int to = 0; to < tags.size(); to++) {
                text.append(constraints.allows(from, to) ? " " + tags.get(to) : "");
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** {@code [} may start, {@code ]} may end; after the colon what may follow. */
    @Test
    void tagSchemesSayWhatFollowsWhat() {
        assertThat(following(CrfConstraints.bio(BIO), BIO)).isEqualTo("""
                        [O]: O B-PER B-LOC
                        [B-PER]: O B-PER I-PER B-LOC
                        I-PER]: O B-PER I-PER B-LOC
                        [B-LOC]: O B-PER B-LOC I-LOC
                        I-LOC]: O B-PER B-LOC I-LOC
                        """);
        assertThat(following(CrfConstraints.bioes(BIOES), BIOES)).isEqualTo("""
                        [O]: O B-X S-X
                        [B-X: I-X E-X
                        I-X: I-X E-X
                        E-X]: O B-X S-X
                        [S-X]: O B-X S-X
                        E-Y]: O B-X S-X
                        """);
        assertThatThrownBy(() -> CrfConstraints.bio(List.of("O", "B-X", "E-X")))
                .hasMessage("tags: label 2: tag: expected one of BIO, such as O or B-PER, got 'E-X'");
        assertThatThrownBy(() -> CrfConstraints.bioes(List.of("O", "B")))
                .hasMessage("tags: label 1: tag: expected one of BIOES, such as O or B-PER, got 'B'");
        assertThatThrownBy(() -> CrfConstraints.none(3).forbid(0, 3)).hasMessage("to: expected 0 to 2, got 3");
    }

    @Test
    void isMadeAgainFromItsDescriptionAndRefusesWhatItCannotTake() {
        Crf crf = Crf.create().constraints(CrfConstraints.bio(BIO)).named("tags");
        assertThat(Layers.of(crf.description()).description()).isEqualTo(crf.description());
        Layer plain = Crf.create().named("tags");
        assertThat(Layers.of(plain.description()).description()).isEqualTo(plain.description());
        assertThatThrownBy(() -> crf.build(new ParameterStore(), "tags", Form.sequences(4)))
                .hasMessageContaining("layer 'tags': expected emissions of 5 labels");
        assertThatThrownBy(() -> plain.build(new ParameterStore(), "tags", Form.sequences(1)))
                .hasMessageContaining("layer 'tags': expected emissions of at least 2 labels");
        assertThatThrownBy(() -> plain.build(new ParameterStore(), "tags", Form.rows(4)))
                .hasMessageContaining("expected sequences [T, B, features]");
        assertThatThrownBy(() -> Layers.of(new LayerDescription("Crf", "crf", Map.of("constraints", "11 11 1"))))
                .hasMessageContaining("constraints: expected lines of 0 and 1");
    }

    /** Rows of 2 to 6 steps that are all alike, whose labels are 0 and 1 by turns, beginning with either as often. */
    private static Dataset turns(int rows) {
        float[][][] x = inputs(rows);
        int[][] tags = new int[rows][];
        for (int row = 0; row < rows; row++) {
            tags[row] = new int[x[row].length];
            boolean first = row / 5 % 2 == 0;
            for (int t = 0; t < tags[row].length; t++) {
                tags[row][t] = (t % 2 == 0) == first ? 0 : 1;
            }
        }
        return Dataset.of(Column.sequences("x", x)).withTarget(Column.tokens("tags", tags));
    }

    private static float[][][] inputs(int rows) {
        float[][][] x = new float[rows][][];
        for (int row = 0; row < rows; row++) {
            x[row] = new float[2 + row % 5][];
            for (int t = 0; t < x[row].length; t++) {
                x[row][t] = new float[] {0.5f, 1f};
            }
        }
        return x;
    }

    private static Network tagger(boolean crf, CrfConstraints constraints) {
        Network.Builder network = Network.sequential(Form.sequences(2))
                .add(Lstm.of(3).bidirectional().returnSequences())
                .add(Linear.of(2));
        if (crf) {
            Crf layer = Crf.create();
            network.add(constraints == null ? layer : layer.constraints(constraints));
        }
        return network.build();
    }

    private static History train(Model model, Loss loss, Dataset data, int epochs) {
        return Trainer.of(model)
                .loss(loss)
                .optimizer(Adam.of(0.05f))
                .validate(Batches.of(data, 8), Metric.accuracy())
                .fit(Batches.of(data, 8), epochs);
    }

    private static double last(History history) {
        return history.epochs().get(history.epochs().size() - 1).trainingLoss();
    }

    /**
     * A bit decides the labels of a row, and nothing that comes in says which: the best that a field can do is log 2 a row, the best of
     * a softmax log 2 a step.
     */
    @Test
    void learnsWhatFollowsWhatWhereASoftmaxCannot() {
        Dataset data = turns(40);
        try (Device device = Devices.named("reference");
                Model field = tagger(true, null).on(device).seed(4).build();
                Model softmax = tagger(false, null).on(device).seed(4).build()) {
            History ofField = train(field, Loss.crf(), data, 40);
            assertThat(last(ofField)).isLessThan(0.8);
            assertThat(ofField.epochs().get(0).trainingLoss()).isGreaterThan(1.8);
            assertThat(last(train(softmax, Loss.crossEntropy(), data, 40))).isGreaterThan(0.68);
            float[][][] decoded = field.predict(data).get(Model.OUTPUT).sequences();
            for (int[] row : Crf.tags(decoded)) {
                for (int t = 0; t < row.length; t++) {
                    assertThat(row[t]).isBetween(0, 1);
                    assertThat(t == 0 || row[t] != row[t - 1])
                            .as("labels by turns")
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"cpu, cpu.native", "cuda:0, cuda"})
    void losesTheSameOnEveryDevice(String name, String implementation) {
        Dataset data = turns(16);
        CrfConstraints constraints = CrfConstraints.none(2).forbid(0, 0);
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Device reference = Devices.named("reference");
                Model expected = tagger(true, constraints).on(reference).seed(4).build();
                Model model =
                        tagger(true, constraints).on(subject.device()).seed(4).build()) {
            History right = train(expected, Loss.crf(), data, 6);
            History losses = train(model, Loss.crf(), data, 6);
            for (int epoch = 0; epoch < 6; epoch++) {
                assertThat(losses.epochs().get(epoch).trainingLoss())
                        .isCloseTo(right.epochs().get(epoch).trainingLoss(), within(1e-4));
                assertThat(losses.epochs().get(epoch).validationLoss())
                        .isCloseTo(right.epochs().get(epoch).validationLoss(), within(1e-4));
            }
            assertThat(model.predict(data).get(Model.OUTPUT).sequences())
                    .isDeepEqualTo(expected.predict(data).get(Model.OUTPUT).sequences());
        }
    }

    /** Accuracy sees what is decoded; the loss of validation is that of training once nothing changes. */
    @Test
    void evaluationDecodesAndStillKnowsTheLoss() {
        Dataset data = turns(8);
        try (Device device = Devices.cpu();
                Model model = tagger(true, null).on(device).seed(4).build()) {
            History history = Trainer.of(model)
                    .loss(Loss.crf())
                    .optimizer(Adam.of(1e-20f))
                    .validate(Batches.of(data, 8), Metric.accuracy())
                    .fit(Batches.of(data, 8), 1);
            assertThat(history.epochs().get(0).validationLoss())
                    .isCloseTo(history.epochs().get(0).trainingLoss(), within(1e-5));
            int[][] tags = Crf.tags(model.predict(data).get(Model.OUTPUT).sequences());
            int right = 0;
            int all = 0;
            for (int row = 0; row < tags.length; row++) {
                int[] wanted = new int[tags[row].length];
                for (int t = 0; t < wanted.length; t++) {
                    right += tags[row][t] == target(data, row, t) ? 1 : 0;
                    all++;
                }
            }
            assertThat(history.epochs().get(0).metrics().get("accuracy")).isCloseTo((double) right / all, within(1e-9));
        }
    }

    private static int target(Dataset data, int row, int t) {
        var column = Batches.of(data, data.size()).inOrder().batch(0).targets().get(0);
        return column.id(t * column.rows() + row);
    }

    @Test
    void comesBackFromAFileAndResumesBitForBit() throws Exception {
        Dataset data = turns(16);
        CrfConstraints constraints = CrfConstraints.none(2).forbid(0, 0);
        try (Device device = Devices.cpu();
                Model straight = tagger(true, constraints).on(device).seed(1).build();
                Model first = tagger(true, constraints).on(device).seed(1).build();
                Model second = tagger(true, constraints).on(device).seed(1).build()) {
            train(straight, Loss.crf(), data, 4);
            Path checkpoints = folder.resolve("checkpoints");
            resumable(first, checkpoints).fit(Batches.of(data, 8), 2);
            resumable(second, checkpoints).resume(true).fit(Batches.of(data, 8), 4);
            assertThat(second.parameters().values().toFloats())
                    .isEqualTo(straight.parameters().values().toFloats())
                    .isNotEqualTo(first.parameters().values().toFloats());
            Path file = folder.resolve("model");
            ModelFile.save(straight, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.layer("crf").description())
                        .isEqualTo(straight.layer("crf").description());
                assertThat(loaded.predict(data).get(Model.OUTPUT).sequences())
                        .isDeepEqualTo(straight.predict(data).get(Model.OUTPUT).sequences());
            }
        }
    }

    private static Trainer resumable(Model model, Path checkpoints) {
        return Trainer.of(model).loss(Loss.crf()).optimizer(Adam.of(0.05f)).checkpoints(checkpoints);
    }

    /** On emissions that say so, the label of the highest score is one that constraints forbid. */
    @Test
    void whatIsForbiddenIsNeitherDecodedNorLearnt() {
        Dataset data = Dataset.of(Column.sequences("x", new float[][][] {{{9, 0}, {9, 0}}, {{9, 0}}}))
                .withTarget(Column.tokens("tags", new int[][] {{0, 0}, {0}}));
        Network network = Network.sequential(Form.sequences(2))
                .add(Crf.create().constraints(CrfConstraints.none(2).forbid(0, 0)))
                .build();
        try (Device device = Devices.cpu();
                Model model = network.on(device).build()) {
            int[][] tags = Crf.tags(model.predict(data).get(Model.OUTPUT).sequences());
            assertThat(tags[0]).isIn(List.of(new int[] {0, 1}, new int[] {1, 0}));
            assertThat(tags[1]).containsExactly(0);
            assertThatThrownBy(() -> train(model, Loss.crf(), data, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("labels: row 0, step 1: expected a label that may follow 0, got 0");
            // A row that does not count may hold anything.
            train(model, Loss.crf(), data.withWeights(0f, 1f), 1);
        }
    }

    @Test
    void rowsCountByTheirWeights() {
        Dataset data = turns(2);
        double[] losses = new double[3];
        float[][] weights = {{1, 0}, {0, 1}, {1, 3}};
        for (int i = 0; i < losses.length; i++) {
            try (Device device = Devices.cpu();
                    Model model = tagger(true, null).on(device).seed(4).build()) {
                losses[i] = last(train(model, Loss.crf(), data.withWeights(weights[i]), 1));
            }
        }
        assertThat(losses[2]).isCloseTo((losses[0] + 3 * losses[1]) / 4, within(1e-5));
        assertThat(losses[0]).isNotCloseTo(losses[1], within(1e-3));
    }

    /** Two fields in a graph, each with a loss of its own, and a frozen one. */
    @Test
    void worksInGraphsAndFrozen() {
        Graph.Builder graph = Graph.builder();
        Graph.Node x = graph.input("x", Form.sequences(2));
        graph.output(
                "a",
                graph.layer(Crf.create().named("a"), graph.layer(Linear.of(2).named("la"), x)));
        graph.output(
                "b",
                graph.layer(Crf.create().named("b"), graph.layer(Linear.of(3).named("lb"), x)));
        Dataset one = turns(8);
        try (Device device = Devices.cpu();
                Model model = graph.build().on(device).build()) {
            model.parameters().freeze("b.");
            float[] before = model.parameters().get("b.transitions").value().toFloats();
            float[] moves = model.parameters().get("a.transitions").value().toFloats();
            Loss loss =
                    Loss.sum(Loss.crf().on("a", "tags"), Loss.crf().times(0.5f).on("b", "tags"));
            Trainer.of(model).loss(loss).optimizer(Adam.of(0.1f)).fit(Batches.of(one, 4), 2);
            assertThat(model.parameters().get("b.transitions").value().toFloats())
                    .isEqualTo(before);
            assertThat(model.parameters().get("a.transitions").value().toFloats())
                    .isNotEqualTo(moves);
        }
    }

    @Test
    void decodesForProgramsThatRunLayersThemselves() {
        try (Device device = Devices.cpu();
                Scope scope = device.openScope("model");
                Context context = Context.training(device, 1)) {
            Crf crf = Crf.create();
            ParameterStore store = new ParameterStore();
            crf.build(store, "crf", Form.sequences(2));
            store.allocate(scope, 1);
            context.begin(0);
            Tensor x = context.scope().f32("x", 3, 2, 2);
            x.write(new float[] {5, 0, 0, 5, 0, 5, 9, 9, 5, 0, 9, 9});
            Variable emissions = Variable.constant(x, context.scope().lengths(3, 3, 1));
            assertThat(crf.decode(context, emissions)).isDeepEqualTo(new int[][] {{0, 1, 0}, {1}});
        }
    }

    @Test
    void badTargetsAreNamed() {
        Dataset data = turns(4);
        float[][][] x = new float[4][3][2];
        try (Device device = Devices.cpu();
                Model field = tagger(true, null).on(device).build();
                Model softmax = tagger(false, null).on(device).build()) {
            assertThatThrownBy(() -> train(softmax, Loss.crf(), data, 1))
                    .hasMessage(
                            "output: expected that of a layer of type Crf, the last of the model, got one of another");
            Dataset perRow = Dataset.of(Column.sequences("x", x)).withTarget(Column.labels("tags", 0, 1, 0, 1));
            assertThatThrownBy(() -> train(field, Loss.crf(), perRow, 1))
                    .hasMessage("batch: expected labels per step for crf, got labels per row");
            Dataset shorter = Dataset.of(Column.sequences("x", x))
                    .withTarget(Column.tokens("tags", new int[][] {{0, 1, 0}, {0}, {1, 1, 1}, {0, 0, 0}}));
            assertThatThrownBy(() -> train(field, Loss.crf(), shorter, 1))
                    .hasMessage("target: expected 3 labels, one for each step of the output, in row 1, got 1");
            assertThat(Arrays.stream(Crf.tags(new float[][][] {{{0, 0}}})[0])).containsExactly(-1);
        }
    }
}
