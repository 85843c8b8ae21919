package org.gatefold.recipe.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.CentralDifference;
import org.gatefold.data.Batch;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.recipe.market.risk.VolatilityLoss;
import org.gatefold.recipe.market.weights.SharpeLoss;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of markets against their equations in double precision; gradients against central differences of these. */
class MarketLossTest {
    private static final int ROWS = 9;
    private static final double STEP = 1e-5;

    private static float[][] numbers(int rows, int width, double size, long seed) {
        Random random = new Random(seed);
        float[][] numbers = new float[rows][width];
        for (float[] row : numbers) {
            for (int i = 0; i < width; i++) {
                row[i] = (float) (size * random.nextGaussian());
            }
        }
        return numbers;
    }

    /** @param exact the loss of outputs */
    private static void check(
            String device,
            Loss loss,
            float[][] outputs,
            float[][] targets,
            float[] weights,
            ToDoubleFunction<double[][]> exact) {
        Dataset data = Dataset.of(new float[outputs.length][1][1]).withTarget(Column.rows(Dataset.TARGET, targets));
        Batch batch = (weights == null ? data : data.withWeights(weights)).batch();
        double[][] values = new double[outputs.length][outputs[0].length];
        float[] flat = new float[outputs.length * outputs[0].length];
        for (int row = 0; row < values.length; row++) {
            for (int i = 0; i < values[row].length; i++) {
                values[row][i] = outputs[row][i];
                flat[row * values[row].length + i] = outputs[row][i];
            }
        }
        try (Device opened = Devices.named(device);
                Context context = Context.training(opened, 0)) {
            Scope scope = context.scope();
            Tensor tensor = scope.f32("output", outputs.length, outputs[0].length);
            tensor.write(flat);
            Variable output = Variable.of(tensor, null, scope);
            Tensor result = scope.f32("loss", 1);
            loss.compute(Outputs.of(context, output), batch.upload(scope), result);
            assertThat((double) result.item()).isCloseTo(exact.applyAsDouble(values), within(1e-6));
            float[] gradient = output.gradient().toFloats();
            for (int i = 0; i < gradient.length; i++) {
                double[] row = values[i / outputs[0].length];
                double slope =
                        CentralDifference.slope(row, i % outputs[0].length, STEP, () -> exact.applyAsDouble(values));
                assertThat((double) gradient[i]).isCloseTo(slope, within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void volatilityIsTheLikelihoodOfANormalDistribution(String device) {
        float[][] came = numbers(ROWS, 1, 1, 1);
        float[] weights = new float[ROWS];
        for (int row = 0; row < ROWS; row++) {
            weights[row] = row % 3 / 2f;
        }
        check(device, new VolatilityLoss(), numbers(ROWS, 1, 1, 2), came, null, told -> {
            double sum = 0;
            for (int row = 0; row < ROWS; row++) {
                sum += 0.5 * (told[row][0] + came[row][0] * came[row][0] / Math.exp(told[row][0])) / ROWS;
            }
            return sum;
        });
        check(device, new VolatilityLoss(), numbers(ROWS, 1, 1, 2), came, weights, told -> {
            double sum = 0;
            double all = 0;
            for (int row = 0; row < ROWS; row++) {
                sum += weights[row] * 0.5 * (told[row][0] + came[row][0] * came[row][0] / Math.exp(told[row][0]));
                all += weights[row];
            }
            return sum / all;
        });
    }

    /** Three assets whose weights are as a softmax gives them, so that trades go both ways. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void sharpeRatioAfterCosts(String device) {
        float[][] returns = numbers(ROWS, 3, 0.02, 1);
        float[][] weights = numbers(ROWS, 3, 1, 2);
        for (float[] row : weights) {
            float sum = 0;
            for (int i = 0; i < 3; i++) {
                row[i] = (float) Math.exp(row[i]);
                sum += row[i];
            }
            for (int i = 0; i < 3; i++) {
                row[i] /= sum;
            }
        }
        double cost = 0.01;
        check(device, new SharpeLoss(cost), weights, returns, null, told -> {
            double[] gains = new double[ROWS];
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < 3; i++) {
                    gains[row] += told[row][i] * returns[row][i]
                            - (row == 0 ? 0 : cost * Math.abs(told[row][i] - told[row - 1][i]));
                }
            }
            double mean = Arrays.stream(gains).average().orElseThrow();
            double variance = Arrays.stream(gains)
                    .map(gain -> (gain - mean) * (gain - mean))
                    .average()
                    .orElseThrow();
            return -mean / Math.sqrt(variance + 1e-10);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void oneRowHasNoSharpeRatio(String device) {
        check(device, new SharpeLoss(0.01), numbers(1, 2, 1, 3), numbers(1, 2, 1, 4), null, told -> 0);
    }
}
