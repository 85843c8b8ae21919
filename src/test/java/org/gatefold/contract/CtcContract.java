package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.gatefold.contract.oracle.NaiveCtc;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.op.ctc.CtcSpec;
import org.gatefold.op.ctc.CtcSpec.Reduction;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every implementation of CTC is held to: the sum over all paths, its differences, and values of PyTorch. */
abstract class CtcContract extends OperationContract<CtcOp> {
    CtcContract() {
        super(CtcOp.class);
    }

    /** A batch. */
    private static final class Batch {
        final int classes;
        final CtcSpec spec;
        /** Valid ones of each row. */
        final int[] steps;
        /** Of each row. */
        final int[][] labels;
        /** Of rows; null for 1. */
        final float[] weights;

        final float[] logits;

        Batch(int classes, CtcSpec spec, int[] steps, int[][] labels, float[] weights, float... logits) {
            this.classes = classes;
            this.spec = spec;
            this.steps = steps;
            this.labels = labels;
            this.weights = weights;
            this.logits = logits;
        }

        static Batch random(long seed, int classes, CtcSpec spec, int[] steps, int[][] labels, float... weights) {
            int most = Arrays.stream(steps).max().orElseThrow() + 1;
            return new Batch(
                    classes,
                    spec,
                    steps,
                    labels,
                    weights.length == 0 ? null : weights,
                    gaussian(seed, most * steps.length * classes));
        }

        int rows() {
            return steps.length;
        }

        int mostSteps() {
            return logits.length / rows() / classes;
        }

        int mostLabels() {
            return Arrays.stream(labels).mapToInt(row -> row.length).max().orElseThrow() + 1;
        }

        int at(int step, int row) {
            return (step * rows() + row) * classes;
        }

        double weight(int row) {
            return weights == null ? 1 : weights[row];
        }

        List<Integer> labelsOf(int row) {
            return Arrays.stream(labels[row]).boxed().toList();
        }

        double[][] logitsOf(int row) {
            double[][] result = new double[steps[row]][classes];
            for (int t = 0; t < steps[row]; t++) {
                for (int c = 0; c < classes; c++) {
                    result[t][c] = logits[at(t, row) + c];
                }
            }
            return result;
        }

        /** By what the loss of a row is multiplied. */
        double share(int row) {
            double all = 0;
            for (int r = 0; r < rows(); r++) {
                all += weight(r);
            }
            return switch (spec.reduction()) {
                case ROW_MEAN -> weight(row) / all;
                case LABEL_MEAN -> weight(row) / all / Math.max(1, labels[row].length);
                case SUM -> weight(row);
            };
        }

        double loss() {
            double sum = 0;
            for (int row = 0; row < rows(); row++) {
                sum += weight(row) == 0 ? 0 : share(row) * NaiveCtc.loss(logitsOf(row), labelsOf(row), spec.blank());
            }
            return sum;
        }

        /** One element of the gradient. */
        double slope(int step, int row, int c) {
            if (step >= steps[row] || weight(row) == 0) {
                return 0;
            }
            double[][] point = logitsOf(row);
            double h = 1e-5;
            point[step][c] += h;
            double above = NaiveCtc.loss(point, labelsOf(row), spec.blank());
            point[step][c] -= 2 * h;
            double below = NaiveCtc.loss(point, labelsOf(row), spec.blank());
            return share(row) * (above - below) / (2 * h);
        }

        double[] slopes() {
            double[] result = new double[logits.length];
            for (int step = 0; step < mostSteps(); step++) {
                for (int row = 0; row < rows(); row++) {
                    for (int c = 0; c < classes; c++) {
                        result[at(step, row) + c] = slope(step, row, c);
                    }
                }
            }
            return result;
        }
    }

    /** What an operation gave. */
    private static final class Result {
        final float loss;
        final float[] gradient;

        Result(float loss, float... gradient) {
            this.loss = loss;
            this.gradient = gradient;
        }
    }

    /** Runs with NaN, and labels that are no classes, wherever nothing counts. */
    private Result run(Batch batch) {
        float[] logits = batch.logits.clone();
        int[] names = new int[batch.mostLabels() * batch.rows()];
        Arrays.fill(names, 1_000_000);
        for (int row = 0; row < batch.rows(); row++) {
            boolean counts = batch.weight(row) != 0;
            for (int t = counts ? batch.steps[row] : 0; t < batch.mostSteps(); t++) {
                Arrays.fill(logits, batch.at(t, row), batch.at(t, row) + batch.classes, Float.NaN);
            }
            for (int i = 0; i < batch.labels[row].length && counts; i++) {
                names[i * batch.rows() + row] = batch.labels[row][i];
            }
        }
        Tensor x = guarded.input("logits", logits, batch.mostSteps(), batch.rows(), batch.classes);
        Lengths steps = scope.lengths(batch.mostSteps(), batch.steps);
        Tensor labels = scope.i32("labels", batch.mostLabels(), batch.rows());
        labels.write(names);
        Lengths counts = scope.lengths(
                batch.mostLabels(),
                Arrays.stream(batch.labels).mapToInt(row -> row.length).toArray());
        Tensor weights = guarded.inputOrNull("weights", batch.weights, batch.rows());
        Tensor loss = guarded.output("loss", 1);
        Tensor gradient = guarded.output("dLogits", batch.mostSteps(), batch.rows(), batch.classes);
        op.loss(batch.spec, x, steps, labels, counts, weights, loss, gradient);
        Result result = new Result(loss.item(), gradient.toFloats());
        op.loss(batch.spec, x, steps, labels, counts, weights, loss, gradient);
        Compare.assertSameBits("dLogits", gradient.toFloats(), result.gradient);
        op.loss(batch.spec, x, steps, labels, counts, weights, loss, null);
        Compare.assertSameBits("loss", loss.toFloats(), new float[] {result.loss});
        guarded.check();
        return result;
    }

    private void requireDifferences(Batch batch) {
        Result result = run(batch);
        double expected = batch.loss();
        assertThat(Math.abs(result.loss - expected) / expected).isLessThan(1e-6);
        Compare.assertClose("dLogits", result.gradient, batch.slopes(), 5e-6);
    }

    private static CtcSpec spec(int blank) {
        return new CtcSpec(blank, Reduction.ROW_MEAN, false);
    }

    static Stream<Batch> tiny() {
        List<Batch> all = new ArrayList<>();
        int[][][] labels = {{{}}, {{1}}, {{1, 2}}, {{1, 1}}, {{2, 1, 2}}, {{1, 1, 2}}};
        for (int steps = 1; steps <= 5; steps++) {
            for (int[][] row : labels) {
                int repeats = row[0].length > 1 && row[0][0] == row[0][1] ? 1 : 0;
                if (row[0].length + repeats <= steps) {
                    all.add(Batch.random(steps, 3, spec(0), new int[] {steps}, row));
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("tiny")
    void agreesWithTheSumOverAllPaths(Batch batch) {
        double expected = NaiveCtc.lossOfAllPaths(batch.logitsOf(0), batch.labelsOf(0), 0);
        assertThat(batch.loss()).isCloseTo(expected, within(1e-12 * expected));
        assertThat((double) run(batch).loss).isCloseTo(expected, within(1e-6 * expected));
    }

    static Stream<Batch> batches() {
        int[] steps = {9, 4, 1, 0, 7, 9};
        int[][] labels = {{3, 3, 1, 1}, {1, 4}, {2}, {}, {}, {1, 2, 1, 2, 1, 3}};
        List<Batch> all = new ArrayList<>();
        for (Reduction reduction : Reduction.values()) {
            all.add(Batch.random(5, 5, new CtcSpec(0, reduction, false), steps, labels));
            all.add(Batch.random(6, 5, new CtcSpec(0, reduction, true), steps, labels, 0.5f, 2f, 1.5f, 1f, 0.25f, 0f));
        }
        int[][] lower = {{3, 3, 1, 1}, {0, 0}, {2}, {}, {}, {1, 0, 1, 0, 1, 3}};
        all.add(Batch.random(7, 5, spec(4), steps, lower));
        all.add(Batch.random(8, 150, spec(75), steps, lower));
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("batches")
    void agreesWithDifferences(Batch batch) {
        requireDifferences(batch);
    }

    /** More states than fit beside a CUDA block, and classes that most labels share. */
    @Test
    void manyLabelsAgreeWithDifferences() {
        int[][] labels = {new int[260], new int[100]};
        for (int i = 0; i < 260; i++) {
            labels[0][i] = 1 + i % 3;
            labels[1][i % 100] = 3 - i % 100 % 2;
        }
        Batch batch = Batch.random(9, 4, spec(0), new int[] {290, 280}, labels);
        Result result = run(batch);
        double expected = batch.loss();
        assertThat(Math.abs(result.loss - expected) / expected).isLessThan(1e-6);
        float[] actual = new float[60];
        double[] slopes = new double[60];
        for (int i = 0; i < 60; i++) {
            int step = i * 101 % 285;
            int row = i % 2;
            actual[i] = result.gradient[batch.at(step, row) + i % 4];
            slopes[i] = batch.slope(step, row, i % 4);
        }
        Compare.assertClose("dLogits", actual, slopes, 5e-6);
    }

    @Test
    void logitsFarApartAreNoTrouble() {
        Batch batch = Batch.random(10, 4, spec(0), new int[] {12}, new int[][] {{1, 2, 3}});
        for (int i = 0; i < batch.logits.length; i++) {
            batch.logits[i] *= 1000f;
        }
        Result result = run(batch);
        assertThat(Math.abs(result.loss - batch.loss()) / batch.loss()).isLessThan(1e-6);
        for (float slope : result.gradient) {
            assertThat(slope).isBetween(-1f, 1f);
        }
    }

    /** Values of PyTorch 2.10, {@code ctc_loss} of {@code log_softmax} and its gradient, in single precision. */
    @Test
    void agreesWithPyTorch() {
        int[][] labels = {{1, 1}, {3, 2, 3}, {}};
        int[] steps = {4, 3, 2};
        float[] quarters = new float[4 * 3 * 4];
        for (int i = 0; i < quarters.length; i++) {
            quarters[i] = (i * 7 % 11 - 5) / 4f;
        }
        CtcSpec mean = new CtcSpec(0, Reduction.LABEL_MEAN, false);
        CtcSpec sum = new CtcSpec(0, Reduction.SUM, false);
        assertThat(run(new Batch(4, mean, steps, labels, null, quarters)).loss).isCloseTo(2.1261384f, within(2e-6f));
        Result result = run(new Batch(4, sum, steps, labels, null, quarters));
        assertThat(result.loss).isCloseTo(11.095503f, within(1e-5f));
        Compare.assertClose(
                "dLogits",
                result.gradient,
                new double[] {
                    0.044696394,
                    -0.7238749,
                    0.10055047,
                    0.57862806,
                    0.23453914,
                    0.08628212,
                    0.49651936,
                    -0.8173406,
                    -0.8963774,
                    0.5963069,
                    0.21936907,
                    0.08070137,
                    -0.7465457,
                    0.06736727,
                    0.49651918,
                    0.18265921,
                    0.103622615,
                    0.5963069,
                    -0.78063095,
                    0.08070137,
                    -0.56179094,
                    0.16120814,
                    0.05930517,
                    0.34127763,
                    0.04090393,
                    -0.3409743,
                    0.21936901,
                    0.08070135,
                    0.43820918,
                    0.16120814,
                    0.05930517,
                    -0.65872246,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    -0.24699843,
                    -0.15358433,
                    0.05930516,
                    0.3412776,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    0.0
                },
                2e-6);
    }

    private static Batch tooLong(boolean zeroInfinity) {
        int[][] labels = {{1, 1}, {1, 2, 1}, {2}, {1}};
        return Batch.random(11, 3, new CtcSpec(0, Reduction.LABEL_MEAN, zeroInfinity), new int[] {2, 2, 2, 0}, labels);
    }

    @Test
    void labelsThatDoNotFitCostInfinitelyMuch() {
        Batch batch = tooLong(false);
        Result result = run(batch);
        assertThat(result.loss).isEqualTo(Float.POSITIVE_INFINITY);
        double[] expected = batch.slopes();
        for (int i = 0; i < expected.length; i++) {
            int row = i / 3 % 4;
            boolean valid = i / 3 / 4 < batch.steps[row];
            expected[i] = !valid ? 0 : row < 2 ? Double.NaN : expected[i];
        }
        Compare.assertClose("dLogits", result.gradient, expected, 5e-6);
    }

    @Test
    void labelsThatDoNotFitCostNothingIfToldSo() {
        Batch batch = tooLong(true);
        Result result = run(batch);
        double expected = batch.share(2) * NaiveCtc.loss(batch.logitsOf(2), batch.labelsOf(2), 0);
        assertThat(Math.abs(result.loss - expected) / expected).isLessThan(1e-6);
        double[] slopes = new double[batch.logits.length];
        for (int t = 0; t < 2; t++) {
            for (int c = 0; c < 3; c++) {
                slopes[batch.at(t, 2) + c] = batch.slope(t, 2, c);
            }
        }
        Compare.assertClose("dLogits", result.gradient, slopes, 5e-6);
    }

    /** Of three rows, the labels of the first and last are wrong in one way each. */
    @Test
    void labelsThatAreNoneSpoilTheirRowAlone() {
        for (int wrong : new int[] {-1, 0, 4, Integer.MAX_VALUE}) {
            int[][] labels = {{1, wrong}, {1, 2}, {wrong}};
            Batch batch = Batch.random(12, 4, new CtcSpec(0, Reduction.SUM, true), new int[] {4, 4, 3}, labels);
            Result result = run(batch);
            assertThat(result.loss).isNaN();
            double[] expected = new double[batch.logits.length];
            for (int i = 0; i < expected.length; i++) {
                int row = i / 4 % 3;
                int step = i / 4 / 3;
                boolean valid = step < batch.steps[row];
                expected[i] = !valid ? 0 : row == 1 ? batch.slope(step, row, i % 4) : Double.NaN;
            }
            Compare.assertClose("dLogits", result.gradient, expected, 5e-6);
        }
    }

    @Test
    void whatIsNotANumberShows() {
        Batch batch = Batch.random(13, 4, new CtcSpec(0, Reduction.SUM, true), new int[] {5}, new int[][] {{1, 2}});
        batch.logits[batch.at(2, 0) + 3] = Float.NaN;
        Result result = run(batch);
        assertThat(result.loss).isNaN();
        assertThat(result.gradient[0]).isNaN();
    }

    @Test
    void rowsWithoutWeightAloneGiveZero() {
        Batch batch = Batch.random(14, 4, spec(0), new int[] {5, 3}, new int[][] {{1, 2}, {3}}, 0f, 0f);
        Result result = run(batch);
        assertThat(result.loss).isZero();
        assertThat(result.gradient).containsOnly(0f);
    }

    @Test
    void withoutLengthsAllIsValid() {
        Tensor logits = guarded.input("logits", gaussian(15, 4 * 2 * 3), 4, 2, 3);
        Tensor labels = scope.i32("labels", 2, 2);
        labels.write(1, 2, 2, 2);
        Tensor loss = guarded.output("loss", 1);
        Tensor gradient = guarded.output("dLogits", 4, 2, 3);
        op.loss(spec(0), logits, null, labels, null, null, loss, gradient);
        Batch same = new Batch(3, spec(0), new int[] {4, 4}, new int[][] {{1, 2}, {2, 2}}, null, logits.toFloats());
        assertThat(Math.abs(loss.item() - same.loss()) / same.loss()).isLessThan(1e-6);
        Compare.assertClose("dLogits", gradient.toFloats(), same.slopes(), 5e-6);
        guarded.check();
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor logits = scope.zeros("logits", 4, 2, 3);
        Tensor labels = scope.i32("labels", 5, 2);
        Tensor loss = scope.zeros("loss", 1);
        Tensor gradient = scope.zeros("dLogits", 4, 2, 3);
        refused("blank: expected at least 0, got -1", () -> spec(-1));
        refused("reduction: expected a value, got null", () -> new CtcSpec(0, null, false));
        refused("spec: expected a value, got null", () -> op.loss(null, logits, null, labels, null, null, loss, null));
        refused(
                "blank: expected a class below 3, got 3",
                () -> op.loss(spec(3), logits, null, labels, null, null, loss, null));
        refused(
                "steps: expected 2 rows of at most 4 steps, got 2 rows of at most 5",
                () -> op.loss(spec(0), logits, scope.lengths(5, 5, 1), labels, null, null, loss, null));
        refused(
                "counts: expected 2 rows of at most 5 steps, got 2 rows of at most 4",
                () -> op.loss(spec(0), logits, null, labels, scope.lengths(4, 4, 1), null, loss, null));
        refused(
                "labels: expected elements of I32, got F32",
                () -> op.loss(spec(0), logits, null, gradient, null, null, loss, null));
        refused(
                "labels: expected shape [5, 2], got [5, 3]",
                () -> op.loss(spec(0), logits, null, scope.i32("labels", 5, 3), null, null, loss, null));
        refused(
                "weights: expected shape [2], got [1]",
                () -> op.loss(spec(0), logits, null, labels, null, loss, loss, null));
        refused(
                "dLogits: expected shape [4, 2, 3], got [1]",
                () -> op.loss(spec(0), logits, null, labels, null, null, loss, loss));
        refused(
                "dLogits: given twice in one call",
                () -> op.loss(spec(0), logits, null, labels, null, null, loss, logits));
    }
}
