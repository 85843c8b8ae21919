package org.gatefold.train.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.train.Evaluation;
import org.gatefold.train.NotFiniteException;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Ctc;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Labels in order without times: learned from steps that say each label for a while, with pauses between, on every device. */
class CtcTest {
    private static final int CLASSES = 4;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** Rows of 0 to 3 labels, of which each is seen for 1 or 2 steps behind a pause, if there is one, of a step. */
    private static Dataset signals(int rows) {
        Random random = new Random(4);
        float[][][] steps = new float[rows][][];
        int[][] labels = new int[rows][];
        for (int row = 0; row < rows; row++) {
            labels[row] = new int[row % 4];
            List<float[]> seen = new ArrayList<>(List.of(step(random, 0)));
            for (int i = 0; i < labels[row].length; i++) {
                labels[row][i] = 1 + random.nextInt(CLASSES - 1);
                boolean repeats = i > 0 && labels[row][i] == labels[row][i - 1];
                if (repeats || random.nextBoolean()) {
                    seen.add(step(random, 0));
                }
                for (int times = 1 + random.nextInt(2); times > 0; times--) {
                    seen.add(step(random, labels[row][i]));
                }
            }
            steps[row] = seen.toArray(new float[0][]);
        }
        return Dataset.of(Column.sequences("sound", steps)).withTarget(Column.tokens("letters", labels));
    }

    private static float[] step(Random random, int label) {
        float[] features = new float[CLASSES];
        for (int f = 0; f < CLASSES; f++) {
            features[f] = (f == label ? 1f : 0f) + (float) random.nextGaussian() * 0.05f;
        }
        return features;
    }

    @MustBeClosed
    private static Sequential model(Device device) {
        return Sequential.on(device)
                .seed(5)
                .add(Lstm.of(8).returnSequences())
                .add(Linear.of(CLASSES))
                .build(Form.sequences(CLASSES));
    }

    private static History train(Model model, Dataset data, Ctc loss, int epochs) {
        return Trainer.of(model)
                .loss(loss)
                .optimizer(Adam.of(0.05f))
                .fit(Batches.of(data, 8).shuffled(1), epochs);
    }

    private static double errorRate(Model model, Dataset data) {
        return Evaluation.of(model, Batches.of(data, 7), Loss.ctc(), Metric.labelErrorRate(0))
                .metrics()
                .get("label-error-rate");
    }

    @OnEveryDevice
    void isLearnedOnEveryDeviceAlike(String name, String implementation) {
        Dataset data = signals(24);
        try (Device reference = Devices.named("reference");
                Sequential expected = model(reference);
                Subject subject = Subject.open(name, implementation, LinearOp.class);
                Sequential model = model(subject.device())) {
            assertThat(errorRate(model, data)).isGreaterThan(0.5);
            List<Double> losses = losses(train(model, data, Loss.ctc(), 25));
            List<Double> right = losses(train(expected, data, Loss.ctc(), 3));
            for (int epoch = 0; epoch < 3; epoch++) {
                assertThat(losses.get(epoch)).isCloseTo(right.get(epoch), within(1e-4 * right.get(epoch)));
            }
            assertThat(losses.get(24)).isLessThan(0.1 * losses.get(0));
            assertThat(errorRate(model, data)).isZero();
        }
    }

    private static List<Double> losses(History history) {
        return history.epochs().stream().map(EpochReport::trainingLoss).toList();
    }

    private static double evaluated(Model model, Dataset data, int batch, Loss loss) {
        return Evaluation.of(model, Batches.of(data, batch), loss).loss();
    }

    /** The same from one batch and from several, but for sums. */
    @Test
    void reductionsSayWhatAMeanIsOver() {
        float[] weights = {1, 0, 2, 0.5f, 1, 1, 3, 1};
        Dataset data = signals(8).withWeights(weights);
        try (Device device = Devices.named("reference");
                Sequential model = model(device)) {
            double sum = 0;
            double byLabels = 0;
            double all = 0;
            for (int row = 0; row < 8; row++) {
                double loss = evaluated(model, signals(8).slice(row, row + 1), 1, Loss.ctc());
                sum += weights[row] * loss;
                byLabels += weights[row] * loss / Math.max(1, row % 4);
                all += weights[row];
            }
            assertThat(evaluated(model, data, 8, Loss.ctc())).isCloseTo(sum / all, within(1e-5));
            assertThat(evaluated(model, data, 3, Loss.ctc())).isCloseTo(sum / all, within(1e-5));
            assertThat(evaluated(model, data, 3, Loss.ctc().perLabel())).isCloseTo(byLabels / all, within(1e-5));
            assertThat(evaluated(model, data, 8, Loss.ctc().summed())).isCloseTo(sum, within(1e-4));
            assertThat(evaluated(model, data, 4, Loss.ctc().summed())).isCloseTo(sum / 2, within(1e-4));
        }
    }

    private static Dataset oneRow(int steps, int... labels) {
        return Dataset.of(Column.sequences("sound", new float[][][] {new float[steps][CLASSES]}))
                .withTarget(Column.tokens("letters", new int[][] {labels}));
    }

    @Test
    void labelsThatAreNoneAreNamed() {
        try (Device device = Devices.named("reference");
                Sequential model = model(device)) {
            refused(
                    "label 1 of row 0 of the batch: expected a class below 4, the columns of the output, got 4",
                    () -> train(model, oneRow(3, 1, 4), Loss.ctc(), 1));
            refused(
                    "label 0 of row 0 of the batch: expected at least 0 and not the blank 0, got 0",
                    () -> train(model, oneRow(3, 0), Loss.ctc(), 1));
            refused(
                    "label 1 of row 0 of the batch: expected at least 0 and not the blank 3, got -2",
                    () -> train(model, oneRow(3, 1, -2), Loss.ctc().blank(3), 1));
            refused(
                    "blank: expected a class below 4, got 4",
                    () -> train(model, oneRow(3, 1), Loss.ctc().blank(4), 1));
            refused(
                    "batch: expected a sequence of labels for each row for ctc, got one label; give them as Column.tokens",
                    () -> train(model, Dataset.of(new float[1][2][CLASSES]).withLabels(1), Loss.ctc(), 1));
            train(model, oneRow(3, 1, 17).withWeights(0f), Loss.ctc(), 1);
        }
    }

    private static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void labelsThatDoNotFitEndTrainingUnlessToldNotTo() {
        try (Device device = Devices.named("reference");
                Sequential model = model(device)) {
            assertThatThrownBy(() -> train(model, oneRow(2, 1, 1), Loss.ctc(), 1))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageStartingWith("loss is Infinity");
            assertThat(train(model, oneRow(2, 1, 1), Loss.ctc().zeroInfinity(), 1)
                            .last()
                            .trainingLoss())
                    .isZero();
        }
    }

    @Test
    void descriptionsTellOneFromTheOther() {
        assertThat(List.of(
                        Loss.ctc().description(),
                        Loss.ctc().blank(2).perLabel().description(),
                        Loss.ctc().summed().zeroInfinity().description()))
                .containsExactly("ctc", "ctc blank 2 label_mean", "ctc sum zero infinity");
    }
}
