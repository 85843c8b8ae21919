package org.gatefold.layer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Layers;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.train.Evaluation;
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

/** Adaptive softmax against PyTorch's definition of AdaptiveLogSoftmaxWithLoss, in double precision and class by class. */
class AdaptiveSoftmaxTest {
    private static final int FEATURES = 9;
    private static final int VOCABULARY = 13;
    private static final int[] CUTOFFS = {4, 7};

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    private static AdaptiveSoftmax layer() {
        return AdaptiveSoftmax.of(VOCABULARY, CUTOFFS).divisor(2f).headBias().named("out");
    }

    private static Network network() {
        return ClassTraining.network(FEATURES, layer());
    }

    /** Rows of 5, 0 and 3 steps, whose labels are of all clusters. */
    private static Dataset data() {
        return ClassTraining.data(new int[] {0, 12, 3, 4, 6}, new int[0], new int[] {9, 7, 1});
    }

    /** The log probabilities of all classes, as PyTorch's documentation and its {@code _get_full_log_prob} have them. */
    private static double[] logProbabilities(Map<String, double[]> parameters, float[] x) {
        double[] hidden = LossGradients.product(parameters.get("hidden.w"), LossGradients.doubles(x));
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] += parameters.get("hidden.b")[i];
        }
        double[] head = LossGradients.product(parameters.get("out.head.w"), hidden);
        for (int i = 0; i < head.length; i++) {
            head[i] += parameters.get("out.head.b")[i];
        }
        head = LossGradients.logSoftmax(head);
        double[] all = new double[VOCABULARY];
        System.arraycopy(head, 0, all, 0, CUTOFFS[0]);
        for (int i = 0; i < CUTOFFS.length; i++) {
            double[] low = LossGradients.product(parameters.get("out.tail." + i + ".0.w"), hidden);
            double[] tail =
                    LossGradients.logSoftmax(LossGradients.product(parameters.get("out.tail." + i + ".1.w"), low));
            for (int c = 0; c < tail.length; c++) {
                all[CUTOFFS[i] + c] = head[CUTOFFS[0] + i] + tail[c];
            }
        }
        return all;
    }

    private static double mean(Map<String, double[]> parameters, Dataset data, int ignored, float[][] weights) {
        double sum = 0;
        double total = 0;
        var batch = data.batch();
        var labels = batch.targets().get(0);
        for (int row = 0; row < data.size(); row++) {
            for (int t = 0; t < data.steps(row); t++) {
                int label = labels.id(t * data.size() + row);
                if (label != ignored) {
                    float[] x = {batch.input(row, t, 0), batch.input(row, t, 1)};
                    sum -= weights[row][t] * logProbabilities(parameters, x)[label];
                    total += weights[row][t];
                }
            }
        }
        return sum / total;
    }

    private static final float[][] ONES = {{1, 1, 1, 1, 1}, {}, {1, 1, 1}};

    @ParameterizedTest
    @CsvSource({"reference, reference", "cpu, cpu.native", "cuda:0, cuda"})
    void agreesWithTheDefinition(String name, String implementation) {
        Dataset data = data();
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = network().on(subject.device()).seed(4).build()) {
            LossGradients.check(model, data, Loss.nll(), 0, 1f, values -> mean(values, data, -1, ONES));
            LossGradients.check(model, data, Loss.nll().ignoring(12), 1, 3f, values -> mean(values, data, 12, ONES));
            float[][] weights = {{1, 2, 0, 3, 0.5f}, {}, {0, 4, 1}};
            Dataset weighted = data.withStepWeights(weights);
            LossGradients.check(model, weighted, Loss.nll(), 2, 1f, values -> mean(values, data, -1, weights));
            // Nothing of the last cluster, and nothing at all.
            LossGradients.check(
                    model,
                    data.select(0),
                    Loss.nll().ignoring(12),
                    3,
                    1f,
                    values -> mean(values, data.select(0), 12, ONES));
            LossGradients.check(model, data.withWeights(0f, 1f, 0f), Loss.nll(), 4, 1f, values -> 0);
            float[][][] said = model.predict(data).get(Model.OUTPUT).sequences();
            Map<String, double[]> values = LossGradients.values(model);
            var x = data.batch();
            for (int row = 0; row < said.length; row++) {
                assertThat(said[row]).hasDimensions(data.steps(row), data.steps(row) == 0 ? 0 : VOCABULARY);
                for (int t = 0; t < said[row].length; t++) {
                    double[] right = logProbabilities(values, new float[] {x.input(row, t, 0), x.input(row, t, 1)});
                    double sum = 0;
                    for (int c = 0; c < VOCABULARY; c++) {
                        assertThat((double) said[row][t][c]).isCloseTo(right[c], within(1e-5));
                        sum += Math.exp(said[row][t][c]);
                    }
                    assertThat(sum).isCloseTo(1, within(1e-5));
                }
            }
        }
    }

    @Test
    void parametersAreThoseOfPyTorch() {
        ParameterStore store = new ParameterStore();
        AdaptiveSoftmax.of(10_000, 200, 2_000).build(store, "out", Form.rows(64));
        assertThat(store.list().stream().map(Object::toString))
                .containsExactly(
                        "out.head.w [202, 64]",
                        "out.tail.0.0.w [16, 64]",
                        "out.tail.0.1.w [1800, 16]",
                        "out.tail.1.0.w [4, 64]",
                        "out.tail.1.1.w [8000, 4]");
    }

    @Test
    void refusesWhatItCannotTake() {
        assertThatThrownBy(() -> AdaptiveSoftmax.of(10))
                .hasMessage("cutoffs: expected at least one, rising, of 1 to 9, got []");
        assertThatThrownBy(() -> AdaptiveSoftmax.of(10, 4, 4))
                .hasMessage("cutoffs: expected at least one, rising, of 1 to 9, got [4, 4]");
        assertThatThrownBy(() -> AdaptiveSoftmax.of(10, 10)).hasMessageContaining("of 1 to 9, got [10]");
        assertThatThrownBy(() -> AdaptiveSoftmax.of(10, 5).divisor(0.5f))
                .hasMessage("divisor: expected a finite number >= 1, got 0.5");
        assertThatThrownBy(() -> AdaptiveSoftmax.of(10, 4, 8).build(new ParameterStore(), "out", Form.rows(15)))
                .hasMessage("layer 'out': expected at least 16 features for 2 clusters with divisor 4.0, got 15");
        assertThatThrownBy(() -> AdaptiveSoftmax.of(10, 4).build(new ParameterStore(), "out", Form.rows(3, 4, 4)))
                .hasMessageContaining("layer 'out': expected features [T, B, F] or [B, F], got ");
        Dataset data = Dataset.of(Column.sequences("x", new float[][][] {{{1, 2}, {3, 4}}}))
                .withTarget(Column.tokens("labels", new int[][] {{1, 13}}));
        try (Device device = Devices.cpu();
                Model model = network().on(device).build();
                Model other = Network.sequential(Form.sequences(2))
                        .add(Linear.of(13))
                        .build()
                        .on(device)
                        .build()) {
            assertThatThrownBy(() -> trainer(model).fit(Batches.of(data, 1), 1))
                    .hasMessage("layer 'out': expected labels of 0 to 12, got 13 in row 1 of the batch's targets");
            trainer(model).loss(Loss.nll().ignoring(13)).fit(Batches.of(data, 1), 1);
            trainer(model).fit(Batches.of(data.withStepWeights(new float[][] {{1, 0}}), 1), 1);
            assertThatThrownBy(() -> trainer(other).fit(Batches.of(data, 1), 1))
                    .hasMessage(
                            "output: expected that of a layer of type VocabularySoftmax, the last of the model, got one of"
                                    + " another");
        }
    }

    private static Trainer trainer(Model model) {
        return Trainer.of(model).loss(Loss.nll()).optimizer(Adam.of(0.03f));
    }

    /** Validated by the same loss, by cross-entropy of what comes out, and by perplexity. */
    @Test
    void trainsGoesToAFileAndResumesBitForBit() {
        Dataset data = data();
        Batches batches = Batches.of(data, 2);
        try (Device device = Devices.cpu();
                Model straight = network().on(device).seed(1).build()) {
            History history = trainer(straight)
                    .validate(Batches.of(data, 3), Metric.perplexity())
                    .fit(batches, 60);
            var last = history.epochs().get(59);
            assertThat(last.validationLoss())
                    .isLessThan(0.5 * history.epochs().get(0).validationLoss());
            assertThat(last.metrics().get("perplexity"))
                    .isCloseTo(Math.exp(last.validationLoss()), within(1e-4 * Math.exp(last.validationLoss())));
            assertThat(Evaluation.of(straight, batches, Loss.crossEntropy()).loss())
                    .isCloseTo(last.validationLoss(), within(1e-5));
            ClassTraining.requireResumesAndComesBack(
                    folder, straight, AdaptiveSoftmaxTest::network, AdaptiveSoftmaxTest::trainer, data, 60);
            assertThat(straight.layer("out").description()).isEqualTo(layer().description());
        }
        var plain = AdaptiveSoftmax.of(10, 5).named("out").description();
        assertThat(Layers.of(plain).description()).isEqualTo(plain);
    }

    @Test
    void stepsAllocateLittle() {
        ClassTraining.requireLittleHeap(AdaptiveSoftmaxTest::network, data());
    }
}
