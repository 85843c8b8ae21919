package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation of losses over rows is held to. */
abstract class LossContract extends OperationContract<LossOp> {
    private static final int ROWS = 23;
    private static final int WIDTH = 7;
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
        for (float[] classes : new float[][] {null, {1, 0.5f, 2, 0, 3, 0.25f, 1.5f}}) {
            crossEntropy(smoothing, classes, rowWeights());
            crossEntropy(smoothing, classes, null);
        }
    }

    private void crossEntropy(float smoothing, float[] classes, float[] weights) {
        float[] logits = gaussian(3, ROWS * WIDTH);
        int[] labels = new int[ROWS];
        double sum = 0;
        double count = 0;
        double[] gradient = new double[logits.length];
        for (int row = 0; row < ROWS; row++) {
            labels[row] = row % 5 == 4 ? IGNORE : row * 3 % WIDTH;
            double weight = labels[row] == IGNORE ? 0 : weights == null ? 1 : weights[row];
            double total = 0;
            double shares = 0;
            double[] wanted = new double[WIDTH];
            for (int j = 0; j < WIDTH; j++) {
                total += Math.exp(logits[row * WIDTH + j]);
                wanted[j] = (classes == null ? 1 : classes[j])
                        * ((double) smoothing / WIDTH + (j == labels[row] ? 1 - (double) smoothing : 0));
                shares += wanted[j];
            }
            for (int j = 0; j < WIDTH; j++) {
                double probability = Math.exp(logits[row * WIDTH + j]) / total;
                sum -= weight * wanted[j] * Math.log(probability);
                gradient[row * WIDTH + j] = weight * (shares * probability - wanted[j]);
            }
            count += labels[row] == IGNORE || classes == null ? weight : weight * classes[labels[row]];
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
        Tensor tc = guarded.inputOrNull("classWeights", classes, WIDTH);
        Tensor tw = guarded.inputOrNull("weights", weights, ROWS);
        requireComputed(
                "dLogits",
                sum / count,
                gradient,
                2e-6,
                (loss, dl) -> op.crossEntropy(tl, names, IGNORE, smoothing, tc, tw, loss, dl));
    }

    @Test
    void classesOfWeightZeroAloneGiveZero() {
        Tensor logits = guarded.input("logits", gaussian(4, 6), 2, 3);
        Tensor labels = scope.i32("labels", 2);
        labels.write(1, 1);
        Tensor classes = guarded.input("classWeights", new float[] {1, 0, 1}, 3);
        Tensor loss = guarded.output("loss", 1);
        Tensor gradient = guarded.output("gradient", 2, 3);
        op.crossEntropy(logits, labels, IGNORE, 0f, classes, null, loss, gradient);
        assertThat(loss.item()).isZero();
        assertThat(gradient.toFloats()).containsOnly(0f);
    }

    private static double cosine(float[] a, float[] b, int row) {
        double ab = 0;
        double aa = 1e-12;
        double bb = 1e-12;
        for (int i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
            ab += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    /** The row's loss; the last argument is its pair's label, or 1 for none. */
    private static double cosineLoss(float[] a, float[] b, int row, float margin, float together) {
        double cosine = cosine(a, b, row);
        return together > 0 ? 1 - cosine : Math.max(0, cosine - margin);
    }

    private static double[] cosineSlopes(float[] a, float[] b, float margin, float[] together, boolean inA) {
        double[] slopes = new double[a.length];
        float[] moved = inA ? a : b;
        for (int i = 0; i < a.length; i++) {
            int row = i / WIDTH;
            float label = together == null ? 1 : together[row];
            float kept = moved[i];
            moved[i] = kept + 1 / 1024f;
            double above = cosineLoss(a, b, row, margin, label);
            double step = moved[i];
            moved[i] = kept - 1 / 1024f;
            slopes[i] = (above - cosineLoss(a, b, row, margin, label)) / (step - moved[i]);
            moved[i] = kept;
        }
        return slopes;
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.5f, 0f, 0.3f})
    void cosineEmbeddingAgreesWithItsEquation(float margin) {
        float[] together = gaussian(9, ROWS);
        together[2] = 0;
        cosineEmbedding(margin, together, rowWeights());
        cosineEmbedding(margin, null, null);
    }

    private void cosineEmbedding(float margin, float[] together, float[] weights) {
        float[] a = gaussian(5, ROWS * WIDTH);
        float[] b = gaussian(6, ROWS * WIDTH);
        double[] da = cosineSlopes(a, b, margin, together, true);
        double[] db = cosineSlopes(a, b, margin, together, false);
        double sum = 0;
        double count = 0;
        for (int row = 0; row < ROWS; row++) {
            double weight = weights == null ? 1 : weights[row];
            sum += weight * cosineLoss(a, b, row, margin, together == null ? 1 : together[row]);
            count += weight;
        }
        for (int i = 0; i < a.length; i++) {
            double weight = weights == null ? 1 : weights[i / WIDTH];
            da[i] *= weight / count;
            db[i] *= weight / count;
            if (weight == 0) {
                a[i] = Float.NaN;
                b[i] = Float.POSITIVE_INFINITY;
            }
        }
        Tensor ta = guarded.input("a", a, ROWS, WIDTH);
        Tensor tb = guarded.input("b", b, ROWS, WIDTH);
        Tensor tt = guarded.inputOrNull("together", together, ROWS);
        Tensor tw = guarded.inputOrNull("weights", weights, ROWS);
        Tensor other = guarded.output("dB", ROWS, WIDTH);
        requireComputed(
                "dA",
                sum / count,
                da,
                2e-5, // central differences of floats
                (loss, mine) -> op.cosineEmbedding(ta, tb, tt, margin, tw, loss, mine, other));
        Compare.assertClose("dB", other.toFloats(), db, 2e-5);
    }

    /** 1 less the cosine of 3-4-5 triangles, and its exact slope. */
    @Test
    void cosineOfATriangleIsExact() {
        Tensor a = guarded.input("a", new float[] {3, 4}, 1, 2);
        Tensor b = guarded.input("b", new float[] {5, 0}, 1, 2);
        Tensor loss = guarded.output("loss", 1);
        Tensor da = guarded.output("dA", 1, 2);
        op.cosineEmbedding(a, b, null, 0f, null, loss, da, null);
        assertThat(loss.item()).isEqualTo(0.4f);
        Compare.assertClose("dA", da.toFloats(), new double[] {-0.128, 0.096}, 1e-6);
        op.cosineEmbedding(a, b, guarded.input("together", new float[] {-1}, 1), 0.1f, null, loss, da, null);
        assertThat(loss.item()).isEqualTo(0.5f);
        guarded.check();
    }

    @Test
    void aLabelOutOfRangeMakesTheLossNan() {
        Tensor logits = guarded.input("logits", gaussian(4, 12), 3, 4);
        Tensor labels = scope.i32("labels", 3);
        Tensor loss = guarded.output("loss", 1);
        for (int wrong : new int[] {4, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            labels.write(0, wrong, 2);
            op.crossEntropy(logits, labels, IGNORE, 0f, null, null, loss, guarded.output("dLogits", 3, 4));
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
        op.cosineEmbedding(x, x, null, 0f, none, loss, gradient, null);
        assertThat(loss.item()).isZero();
        assertThat(gradient.toFloats()).containsOnly(0f);
        Tensor labels = scope.i32("labels", 2);
        labels.fill(IGNORE);
        gradient.fill(7f);
        op.crossEntropy(x, labels, IGNORE, 0f, null, null, loss, gradient);
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
        op.crossEntropy(logits, labels, IGNORE, 0f, null, null, loss, gradient);
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
                "labels: expected elements of I32, got F32",
                () -> op.crossEntropy(x, y, 0, 0f, null, null, loss, null));
        refused(
                "smoothing: expected 0 <= p < 1, got 1.0",
                () -> op.crossEntropy(x, labels, 0, 1f, null, null, loss, null));
        refused(
                "labels: expected shape [3], got [2]",
                () -> op.crossEntropy(x, scope.i32("two", 2), 0, 0f, null, null, loss, null));
        refused(
                "classWeights: expected shape [4], got [1]",
                () -> op.crossEntropy(x, labels, 0, 0f, loss, null, scope.zeros("l", 1), null));
        refused(
                "b: expected shape [3, 4], got [1]",
                () -> op.cosineEmbedding(x, loss, null, 0f, null, loss, null, null));
        refused(
                "margin: expected -1 <= margin <= 1, got 1.5",
                () -> op.cosineEmbedding(x, y, null, 1.5f, null, loss, null, null));
        refused("dB: given twice in one call", () -> op.cosineEmbedding(x, y, null, 0f, null, loss, null, y));
    }
}
