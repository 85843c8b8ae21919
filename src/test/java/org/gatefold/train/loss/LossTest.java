package org.gatefold.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses against their equations in double precision; gradients against central differences of these equations. */
class LossTest {
    /** A loss in double precision, of outputs {@code [n][i]}. */
    private interface Exact {
        double of(double[][] outputs);
    }

    private static double regression(double[][] outputs, Batch batch, DoubleUnaryOperator each) {
        double sum = 0;
        double weight = 0;
        for (int n = 0; n < outputs.length; n++) {
            if (batch.weight(n) > 0) {
                for (int i = 0; i < outputs[n].length; i++) {
                    sum += batch.weight(n) * each.applyAsDouble(outputs[n][i] - batch.target(n, i));
                }
                weight += batch.weight(n) * outputs[n].length;
            }
        }
        return sum / weight;
    }

    private static double crossEntropy(double[][] outputs, Batch batch, int ignoreIndex, double smoothing) {
        double sum = 0;
        double weight = 0;
        for (int n = 0; n < outputs.length; n++) {
            if (batch.weight(n) == 0 || batch.label(n) == ignoreIndex) {
                continue;
            }
            double total = 0;
            for (double output : outputs[n]) {
                total += Math.exp(output);
            }
            int classes = outputs[n].length;
            double row = 0;
            for (int i = 0; i < classes; i++) {
                double p = smoothing / classes + (i == batch.label(n) ? 1 - smoothing : 0);
                row -= p * (outputs[n][i] - Math.log(total));
            }
            sum += batch.weight(n) * row;
            weight += batch.weight(n);
        }
        return sum / weight;
    }

    private static void check(String device, Loss loss, Dataset data, int width, Exact exact) {
        Batch batch = data.batch();
        int rows = batch.targetRows();
        Random random = new Random(9);
        float[] outputs = new float[rows * width];
        double[][] values = new double[rows][width];
        for (int n = 0; n < rows; n++) {
            for (int i = 0; i < width; i++) {
                outputs[n * width + i] = batch.weight(n) == 0 ? Float.NaN : (float) random.nextGaussian();
                values[n][i] = outputs[n * width + i];
            }
        }
        try (Device opened = Devices.named(device);
                Scope scope = opened.openScope("test")) {
            DeviceBatch uploaded = batch.upload(scope);
            Tensor tensor = batch.perStep()
                    ? scope.f32("output", batch.steps(), batch.rows(), width)
                    : scope.f32("output", rows, width);
            tensor.write(outputs);
            Variable output = Variable.of(tensor, uploaded.lengths(), scope);
            Tensor result = scope.f32("loss", 1);
            loss.compute(opened, output, uploaded, result);
            assertThat((double) result.item()).isCloseTo(exact.of(values), within(2e-6 * Math.abs(exact.of(values))));
            float[] gradient = output.gradient().toFloats();
            for (int n = 0; n < rows; n++) {
                for (int i = 0; i < width; i++) {
                    double expected = batch.weight(n) == 0 ? 0 : slope(exact, values, n, i);
                    assertThat((double) gradient[n * width + i]).isCloseTo(expected, within(1e-6));
                }
            }
            Tensor again = scope.f32("loss", 1);
            loss.compute(opened, Variable.constant(tensor, uploaded.lengths()), uploaded, again);
            assertThat(again.item()).isEqualTo(result.item());
        }
    }

    private static double slope(Exact exact, double[][] values, int n, int i) {
        double kept = values[n][i];
        double h = 1e-5;
        values[n][i] = kept + h;
        double above = exact.of(values);
        values[n][i] = kept - h;
        double below = exact.of(values);
        values[n][i] = kept;
        return (above - below) / (2 * h);
    }

    private static Dataset rowTargets() {
        float[][] targets = {{0.5f, -1}, {2, 0}, {-0.3f, 0.7f}, {3, 3}};
        return Dataset.of(new float[4][3][1]).withTargets(targets);
    }

    private static Dataset stepTargets() {
        Random random = new Random(4);
        float[][][] targets = {new float[4][2], new float[0][], new float[2][2]};
        for (float[][] row : targets) {
            for (float[] step : row) {
                step[0] = random.nextFloat();
                step[1] = random.nextFloat();
            }
        }
        return Dataset.of(new float[][][] {new float[4][3], new float[0][], new float[2][3]})
                .withStepTargets(targets);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void regressionFollowsItsEquations(String device) {
        for (Dataset data : new Dataset[] {
            rowTargets(),
            rowTargets().withWeights(1, 0, 0.25f, 2),
            stepTargets(),
            stepTargets().withWeights(1, 1, 3)
        }) {
            Batch batch = data.batch();
            check(device, Loss.mse(), data, 2, v -> regression(v, batch, d -> d * d));
            check(device, Loss.mae(), data, 2, v -> regression(v, batch, Math::abs));
            check(
                    device,
                    Loss.huber(0.8f),
                    data,
                    2,
                    v -> regression(v, batch, d -> Math.abs(d) <= 0.8f ? d * d / 2 : 0.8f * (Math.abs(d) - 0.8f / 2)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void crossEntropyFollowsItsEquation(String device) {
        Dataset rows = Dataset.of(new float[5][2][1]).withLabels(2, 0, 1, -100, 2);
        Dataset steps = Dataset.of(new float[][][] {new float[3][1], new float[1][1]})
                .withStepLabels(new int[][] {{0, 2, -100}, {1}});
        for (Dataset data : new Dataset[] {rows, rows.withWeights(1, 0.5f, 0, 1, 2), steps}) {
            Batch batch = data.batch();
            check(device, Loss.crossEntropy().ignoring(-100), data, 3, v -> crossEntropy(v, batch, -100, 0));
            check(
                    device,
                    Loss.crossEntropy().ignoring(-100).smoothing(0.1f),
                    data,
                    3,
                    v -> crossEntropy(v, batch, -100, 0.1f));
        }
    }

    @Test
    void weightsAreWhatTheMeanIsTakenOver() {
        assertThat(Loss.mse().weight(rowTargets().withWeights(1, 0, 0.25f, 2).batch()))
                .isEqualTo(3.25);
        assertThat(Loss.mse().weight(stepTargets().batch())).isEqualTo(6);
        Dataset labels = Dataset.of(new float[3][2][1]).withLabels(0, 9, 1);
        assertThat(Loss.crossEntropy().weight(labels.batch())).isEqualTo(3);
        assertThat(Loss.crossEntropy().ignoring(9).weight(labels.batch())).isEqualTo(2);
    }

    private static void refused(Loss loss, Dataset data, String message, int... shape) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("test")) {
            DeviceBatch batch = data.batch().upload(scope);
            Variable output = Variable.constant(scope.zeros("output", Shape.of(shape)));
            Tensor result = scope.f32("loss", 1);
            assertThatThrownBy(() -> loss.compute(device, output, batch, result))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void outputsThatDoNotFitAreNamed() {
        refused(
                Loss.mse(),
                rowTargets(),
                "output: expected shape [B, F] because targets are given per row, got [3, 4, 2]",
                3,
                4,
                2);
        refused(
                Loss.mse(),
                stepTargets(),
                "output: expected shape [T, B, F] because targets are given per step, got [3, 2]",
                3,
                2);
        refused(Loss.mse(), rowTargets(), "output as rows of values: expected shape [4, 2], got [4, 3]", 4, 3);
        refused(Loss.mse(), rowTargets(), "output: expected shape of 4 rows as the targets, got [5, 2]", 5, 2);
        refused(Loss.crossEntropy(), rowTargets(), "batch: expected labels for cross-entropy, got none", 4, 2);
        refused(
                Loss.mse(),
                Dataset.of(new float[1][1][1]).withLabels(0),
                "batch: expected numeric targets for MSE, got none",
                1,
                1);
    }
}
