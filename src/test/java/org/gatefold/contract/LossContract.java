package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.LossOp.Regression;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation of losses is held to. */
abstract class LossContract extends OperationContract<LossOp> {
    private static final int ROWS = 23;
    private static final int WIDTH = 7;
    private static final float DELTA = 0.8f;
    private static final int IGNORE = -100;

    LossContract() {
        super(LossOp.class);
    }

    private static float[] rowWeights() {
        float[] weights = new float[ROWS];
        for (int row = 0; row < ROWS; row++) {
            weights[row] = row % 4 == 1 ? 0f : 0.5f + row % 3;
        }
        return weights;
    }

    @ParameterizedTest
    @EnumSource(Regression.class)
    void regressionAgreesWithItsEquation(Regression kind) {
        regression(kind, rowWeights());
        regression(kind, null);
    }

    private void regression(Regression kind, float[] weights) {
        float[] prediction = gaussian(1, ROWS * WIDTH);
        float[] target = gaussian(2, ROWS * WIDTH);
        prediction[3] = target[3];
        double sum = 0;
        double count = 0;
        double[] gradient = new double[prediction.length];
        for (int i = 0; i < prediction.length; i++) {
            double weight = weights == null ? 1 : weights[i / WIDTH];
            double d = (double) prediction[i] - target[i];
            boolean near = Math.abs(d) <= DELTA;
            sum += weight
                    * switch (kind) {
                        case MSE -> d * d;
                        case MAE -> Math.abs(d);
                        case HUBER -> near ? d * d / 2 : DELTA * (Math.abs(d) - DELTA / 2.0);
                    };
            gradient[i] = weight
                    * switch (kind) {
                        case MSE -> 2 * d;
                        case MAE -> Math.signum(d);
                        case HUBER -> near ? d : DELTA * Math.signum(d);
                    };
            count += weight;
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= count;
            if (weights != null && weights[i / WIDTH] == 0) {
                prediction[i] = Float.NaN;
                target[i] = Float.POSITIVE_INFINITY;
            }
        }
        Tensor tp = guarded.input("prediction", prediction, ROWS, WIDTH);
        Tensor tt = guarded.input("target", target, ROWS, WIDTH);
        Tensor tw = guarded.inputOrNull("weights", weights, ROWS);
        requireComputed(
                "dPrediction",
                sum / count,
                gradient,
                1e-6,
                (loss, dp) -> op.regression(kind, DELTA, tp, tt, tw, loss, dp));
    }

    /** Calls with and without a gradient, and compares what is computed. */
    private void requireComputed(
            String name, double expected, double[] gradient, double tolerance, BiConsumer<Tensor, Tensor> call) {
        Tensor loss = guarded.output("loss", 1);
        Tensor actual = guarded.output(name, ROWS, WIDTH);
        call.accept(loss, actual);
        assertThat(Math.abs(loss.item() - expected) / expected).isLessThan(1e-6);
        Compare.assertClose(name, actual.toFloats(), gradient, tolerance);
        float with = loss.item();
        call.accept(loss, null);
        assertThat(loss.item()).isEqualTo(with);
        guarded.check();
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, 0.1f})
    void crossEntropyAgreesWithItsEquation(float smoothing) {
        crossEntropy(smoothing, rowWeights());
        crossEntropy(smoothing, null);
    }

    private void crossEntropy(float smoothing, float[] weights) {
        float[] logits = gaussian(3, ROWS * WIDTH);
        int[] labels = new int[ROWS];
        double sum = 0;
        double count = 0;
        double[] gradient = new double[logits.length];
        for (int row = 0; row < ROWS; row++) {
            labels[row] = row % 5 == 4 ? IGNORE : row * 3 % WIDTH;
            double weight = labels[row] == IGNORE ? 0 : weights == null ? 1 : weights[row];
            double total = 0;
            for (int j = 0; j < WIDTH; j++) {
                total += Math.exp(logits[row * WIDTH + j]);
            }
            for (int j = 0; j < WIDTH; j++) {
                double wanted = smoothing / WIDTH + (j == labels[row] ? 1 - smoothing : 0);
                double probability = Math.exp(logits[row * WIDTH + j]) / total;
                sum -= weight * wanted * Math.log(probability);
                gradient[row * WIDTH + j] = weight * (probability - wanted);
            }
            count += weight;
            for (int j = 0; j < WIDTH && weight == 0; j++) {
                logits[row * WIDTH + j] = Float.NaN;
            }
            if (weight == 0 && labels[row] != IGNORE) {
                labels[row] = 1000;
            }
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= count;
        }
        Tensor tl = guarded.input("logits", logits, ROWS, WIDTH);
        Tensor names = scope.i32("labels", ROWS);
        names.write(labels);
        Tensor tw = guarded.inputOrNull("weights", weights, ROWS);
        requireComputed(
                "dLogits",
                sum / count,
                gradient,
                2e-6,
                (loss, dl) -> op.crossEntropy(tl, names, IGNORE, smoothing, tw, loss, dl));
    }

    @Test
    void aLabelOutOfRangeMakesTheLossNan() {
        Tensor logits = guarded.input("logits", gaussian(4, 12), 3, 4);
        Tensor labels = scope.i32("labels", 3);
        Tensor loss = guarded.output("loss", 1);
        for (int wrong : new int[] {4, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            labels.write(0, wrong, 2);
            op.crossEntropy(logits, labels, IGNORE, 0f, null, loss, guarded.output("dLogits", 3, 4));
            assertThat(loss.item()).as("loss with label %d", wrong).isNaN();
        }
        guarded.check();
    }

    @Test
    void nothingThatCountsGivesZero() {
        Tensor x = guarded.input("x", new float[] {Float.NaN, 1, 2, 3}, 2, 2);
        Tensor none = guarded.input("weights", new float[2], 2);
        Tensor loss = guarded.output("loss", 1);
        Tensor gradient = guarded.output("gradient", 2, 2);
        op.regression(Regression.MSE, 1f, x, x, none, loss, gradient);
        assertThat(loss.item()).isZero();
        assertThat(gradient.toFloats()).containsOnly(0f);
        Tensor labels = scope.i32("labels", 2);
        labels.fill(IGNORE);
        gradient.fill(7f);
        op.crossEntropy(x, labels, IGNORE, 0f, null, loss, gradient);
        assertThat(loss.item()).isZero();
        assertThat(gradient.toFloats()).containsOnly(0f);
    }

    @Test
    void extremeLogitsGiveFiniteLosses() {
        Tensor logits = guarded.input("logits", new float[] {1e4f, -1e4f, 0, -1e4f, 1e4f, 0}, 2, 3);
        Tensor labels = scope.i32("labels", 2);
        labels.write(0, 0);
        Tensor loss = guarded.output("loss", 1);
        Tensor gradient = guarded.output("gradient", 2, 3);
        op.crossEntropy(logits, labels, IGNORE, 0f, null, loss, gradient);
        assertThat(loss.item()).isEqualTo(1e4f);
        assertThat(gradient.toFloats()).containsExactly(0f, 0f, 0f, -0.5f, 0.5f, 0f);
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 3, 4);
        Tensor y = scope.zeros("y", 3, 4);
        Tensor loss = scope.zeros("loss", 1);
        Tensor labels = scope.i32("labels", 3);
        refused(
                "target: expected shape [3, 4], got [1]",
                () -> op.regression(Regression.MSE, 1f, x, loss, null, loss, null));
        refused(
                "delta: expected a finite value > 0, got 0.0",
                () -> op.regression(Regression.HUBER, 0f, x, y, null, loss, null));
        refused(
                "weights: expected shape [3], got [1]",
                () -> op.regression(Regression.MAE, 1f, x, y, loss, scope.zeros("l", 1), null));
        refused("dPrediction: given twice in one call", () -> op.regression(Regression.MSE, 1f, x, y, null, loss, x));
        refused("labels: expected elements of I32, got F32", () -> op.crossEntropy(x, y, 0, 0f, null, loss, null));
        refused("smoothing: expected 0 <= p < 1, got 1.0", () -> op.crossEntropy(x, labels, 0, 1f, null, loss, null));
        refused(
                "labels: expected shape [3], got [2]",
                () -> op.crossEntropy(x, scope.i32("two", 2), 0, 0f, null, loss, null));
    }
}
