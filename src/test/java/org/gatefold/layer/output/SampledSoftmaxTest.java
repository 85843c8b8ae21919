package org.gatefold.layer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layers;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.Philox;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
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

/** Sampled softmax against TensorFlow's definition of sampled_softmax_loss, in double precision, and its draws against their law. */
class SampledSoftmaxTest {
    private static final int VOCABULARY = 13;
    private static final int SAMPLES = 6;
    private static final int FEATURES = 3;
    private static final long SEED = 9;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    private static SampledSoftmax layer(boolean replacement, boolean lazy) {
        SampledSoftmax layer = SampledSoftmax.of(VOCABULARY, SAMPLES).named("out");
        layer = replacement ? layer.withReplacement() : layer;
        return lazy ? layer.lazy() : layer;
    }

    private static Network network(SampledSoftmax layer) {
        return ClassTraining.network(FEATURES, layer);
    }

    /** Rows of 5, 0 and 3 steps, labels rare and frequent. */
    private static Dataset data() {
        return ClassTraining.data(new int[] {0, 12, 3, 0, 6}, new int[0], new int[] {1, 7, 1});
    }

    /** The classes of a step, drawn one by one, and how many draws they took. */
    private static int[] draw(long seed, boolean replacement, int[] tries) {
        int[] drawn = new int[SAMPLES];
        int count = 0;
        int[] words = new int[4];
        while (count < SAMPLES) {
            int n = tries[0]++;
            Philox.block(n / 2, 0, 0, 0, (int) seed, (int) (seed >>> 32), words);
            long bits = ((long) (words[n % 2 * 2] >>> 5) << 26) + (words[n % 2 * 2 + 1] >>> 6);
            int k = (int) Math.floor(Math.pow(VOCABULARY + 1, bits / (double) (1L << 53))) - 1;
            boolean known = false;
            for (int i = 0; i < count; i++) {
                known |= drawn[i] == k;
            }
            if (replacement || !known) {
                drawn[count++] = k;
            }
        }
        return drawn;
    }

    private static double logExpected(int k, boolean replacement, int tries) {
        double p = (Math.log(k + 2) - Math.log(k + 1)) / Math.log(VOCABULARY + 1);
        return Math.log(replacement ? p * SAMPLES : 1 - Math.pow(1 - p, tries));
    }

    private static double logit(Map<String, double[]> parameters, double[] hidden, int k) {
        return LossGradients.product(parameters.get("out.w"), hidden)[k]
                + parameters.get("out.b")[k];
    }

    /** The mean over rows that count of the cross-entropy of label and classes drawn; of all classes if {@code drawn} is null. */
    private static double mean(
            Map<String, double[]> parameters, Dataset data, int ignored, int[] drawn, boolean replacement, int tries) {
        double sum = 0;
        double total = 0;
        Batch batch = data.batch();
        for (int row = 0; row < data.size(); row++) {
            for (int t = 0; t < data.steps(row); t++) {
                int n = t * data.size() + row;
                int label = batch.targets().get(0).id(n);
                double weight = label == ignored ? 0 : batch.targets().get(0).weight(n);
                double[] hidden = LossGradients.product(
                        parameters.get("hidden.w"), new double[] {batch.input(row, t, 0), batch.input(row, t, 1)});
                for (int i = 0; i < hidden.length; i++) {
                    hidden[i] += parameters.get("hidden.b")[i];
                }
                double own =
                        logit(parameters, hidden, label) - (drawn == null ? 0 : logExpected(label, replacement, tries));
                double all = Math.exp(own);
                for (int i = 0; i < (drawn == null ? VOCABULARY : SAMPLES); i++) {
                    int k = drawn == null ? i : drawn[i];
                    double correction = drawn == null ? 0 : logExpected(k, replacement, tries);
                    all += k == label ? 0 : Math.exp(logit(parameters, hidden, k) - correction);
                }
                sum += weight * (Math.log(all) - own);
                total += weight;
            }
        }
        return total == 0 ? 0 : sum / total;
    }

    @ParameterizedTest
    @CsvSource({"reference, reference", "cpu, cpu.native", "cuda:0, cuda"})
    void agreesWithTheDefinition(String name, String implementation) {
        Dataset data = data();
        Dataset weighted = data.withStepWeights(new float[][] {{1, 2, 0, 3, 0.5f}, {}, {0, 4, 1}});
        for (boolean replacement : new boolean[] {false, true}) {
            for (boolean lazy : new boolean[] {false, true}) {
                try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                        Model model = network(layer(replacement, lazy))
                                .on(subject.device())
                                .seed(4)
                                .build()) {
                    for (int step = 0; step < 4; step++) {
                        int[] tries = {0};
                        int[] drawn = draw(Philox.derive(SEED, step, 0), replacement, tries);
                        Dataset set = step % 2 == 0 ? data : weighted;
                        int ignored = step < 2 ? -1 : 12;
                        Loss loss = step < 2 ? Loss.nll() : Loss.nll().ignoring(12);
                        LossGradients.check(
                                model,
                                set,
                                loss,
                                step,
                                1f + step,
                                values -> mean(values, set, ignored, drawn, replacement, tries[0]));
                    }
                    LossGradients.check(model, data.withWeights(0f, 1f, 0f), Loss.nll(), 4, 1f, values -> 0);
                }
            }
        }
    }

    /** Without dropout, and in inference, the softmax is the full one. */
    @ParameterizedTest
    @CsvSource({"reference, reference", "cpu, cpu.native", "cuda:0, cuda"})
    void evaluationIsThatOfTheFullSoftmax(String name, String implementation) {
        Dataset data = data();
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model =
                        network(layer(false, true)).on(subject.device()).seed(4).build();
                Context context = Context.training(subject.device(), SEED)) {
            double right = mean(LossGradients.values(model), data, 12, null, false, 0);
            context.setDropout(false);
            assertThat(LossGradients.pass(
                            context, model, data.batch(), Loss.nll().ignoring(12), 0, 1f))
                    .isCloseTo(right, within(1e-5));
            History history = Trainer.of(model)
                    .loss(Loss.nll().ignoring(12))
                    .optimizer(Adam.of(1e-20f))
                    .validate(Batches.of(data, 2), Metric.perplexity(12))
                    .fit(Batches.of(data, 3), 1);
            assertThat(history.epochs().get(0).validationLoss()).isCloseTo(right, within(1e-5));
            assertThat(history.epochs().get(0).metrics().get("perplexity")).isCloseTo(Math.exp(right), within(1e-4));
            for (float[][] row : model.predict(data).get(Model.OUTPUT).sequences()) {
                for (float[] step : row) {
                    double sum = 0;
                    for (float logarithm : step) {
                        sum += Math.exp(logarithm);
                    }
                    assertThat(sum).isCloseTo(1, within(1e-5));
                }
            }
        }
    }

    /** Shares of 40,000 draws, within five standard deviations of their law; and no class twice without replacement. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void drawsByTheLogUniformLaw(boolean replacement) {
        int rounds = 40_000 / SAMPLES;
        int[] counts = new int[VOCABULARY];
        double[] expected = new double[VOCABULARY];
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("draws");
                SampledClasses classes = new SampledClasses(scope, "out", VOCABULARY, SAMPLES, FEATURES, replacement)) {
            Tensor labels = scope.i32("labels", VOCABULARY);
            for (int k = 0; k < VOCABULARY; k++) {
                labels.write(k, new int[] {k}, 0, 1);
            }
            for (int round = 0; round < rounds; round++) {
                classes.draw(Philox.derive(5, round, 0), labels, null, -1);
                int[] drawn = classes.classes();
                for (int k : drawn) {
                    counts[k]++;
                }
                if (!replacement) {
                    assertThat(Arrays.stream(drawn).distinct().count()).isEqualTo(SAMPLES);
                }
                for (int k = 0; k < VOCABULARY; k++) {
                    expected[k] += Math.exp(-classes.rowCorrections()[k]);
                }
                assertThat(classes.hitCount()).isEqualTo(SAMPLES);
            }
        }
        // Given how many draws it took, TensorFlow's expected count is not quite the share, which ends at the last new
        // class.
        for (int k = 0; k < VOCABULARY; k++) {
            double tolerance = replacement ? 5 * Math.sqrt(expected[k]) : 0.1 * expected[k];
            assertThat((double) counts[k]).as("class %d", k).isCloseTo(expected[k], within(tolerance));
        }
    }

    @Test
    void rareClassesOfManyAreReached() {
        int many = 30_000_000;
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("draws");
                SampledClasses classes = new SampledClasses(scope, "out", many, 4000, 1, true)) {
            Tensor labels = scope.i32("labels", 1);
            labels.write(many - 1);
            int odd = 0;
            int high = 0;
            for (int round = 0; round < 20; round++) {
                classes.draw(round, labels, null, -1);
                for (int k : classes.classes()) {
                    assertThat(k).isBetween(0, many - 1);
                    high += k >= many / 2 ? 1 : 0;
                    odd += k >= many / 2 && k % 2 == 1 ? 1 : 0;
                }
            }
            // log 2 / log(V + 1) of 80,000.
            assertThat(high).isBetween(2900, 3550);
            assertThat((double) odd / high).isBetween(0.45, 0.55);
        }
    }

    private static Trainer trainer(Model model) {
        return Trainer.of(model).loss(Loss.nll()).optimizer(Adam.of(0.03f)).seed(5);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trainsGoesToAFileAndResumesBitForBit(boolean lazy) {
        Dataset data = data();
        Batches batches = Batches.of(data, 2);
        try (Device device = Devices.cpu();
                Model straight = network(layer(false, lazy)).on(device).seed(1).build()) {
            History history = trainer(straight).validate(Batches.of(data, 3)).fit(batches, 80);
            assertThat(history.epochs().get(79).validationLoss())
                    .isLessThan(0.6 * history.epochs().get(0).validationLoss());
            ClassTraining.requireResumesAndComesBack(
                    folder, straight, () -> network(layer(false, lazy)), SampledSoftmaxTest::trainer, data, 80);
            assertThat(straight.layer("out").description())
                    .isEqualTo(layer(false, lazy).description());
        }
        var other = layer(true, false).description();
        assertThat(Layers.of(other).description()).isEqualTo(other);
    }

    /** A lazy update moves no weights but those of labels and classes drawn. */
    @Test
    void lazyUpdatesTouchWhatIsLookedAt() {
        Dataset data = Dataset.of(Column.sequences("x", new float[][][] {{{1, 2}, {3, 4}}}))
                .withTarget(Column.tokens("labels", new int[][] {{11, 12}}))
                .withStepWeights(new float[][] {{1, 0}});
        try (Device device = Devices.cpu();
                Model model = network(layer(false, true)).on(device).seed(1).build()) {
            float[] before = model.parameters().get("out.w").value().toFloats();
            trainer(model).fit(Batches.of(data, 1), 1);
            float[] after = model.parameters().get("out.w").value().toFloats();
            int moved = 0;
            for (int k = 0; k < VOCABULARY; k++) {
                moved +=
                        Arrays.equals(before, k * FEATURES, (k + 1) * FEATURES, after, k * FEATURES, (k + 1) * FEATURES)
                                ? 0
                                : 1;
            }
            assertThat(moved).isBetween(SAMPLES, SAMPLES + 1);
        }
    }

    @Test
    void refusesWhatItCannotTake() {
        assertThatThrownBy(() -> SampledSoftmax.of(10, 0))
                .hasMessage("samples: expected 1 to 10, the size of the vocabulary, got 0");
        assertThatThrownBy(() -> SampledSoftmax.of(10, 11)).hasMessageContaining("got 11");
        assertThatThrownBy(() -> SampledSoftmax.of(10, 4).build(new ParameterStore(), "out", Form.rows(3, 4, 4)))
                .hasMessageContaining("layer 'out': expected features [T, B, F] or [B, F], got ");
        Dataset data = Dataset.of(Column.sequences("x", new float[][][] {{{1, 2}, {3, 4}}}))
                .withTarget(Column.tokens("labels", new int[][] {{1, -2}}));
        try (Device device = Devices.cpu();
                Model model = network(layer(false, false)).on(device).build()) {
            assertThatThrownBy(() -> trainer(model).fit(Batches.of(data, 1), 1))
                    .hasMessage("layer 'out': expected labels of 0 to 12, got -2 in row 1 of the batch's targets");
        }
    }

    @Test
    void stepsAllocateLittle() {
        ClassTraining.requireLittleHeap(() -> network(layer(false, true)), data());
    }
}
