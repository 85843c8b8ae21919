package org.gatefold.contract;

import java.util.Arrays;
import org.gatefold.op.norm.NormOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every implementation of normalisation is held to: values of Keras 3.15 (LayerNormalization and BatchNormalization with
 * epsilon 1e-3, gradients by JAX), and central differences of the equations in double precision.
 */
abstract class NormContract extends OperationContract<NormOp> {
    private static final float EPSILON = 1e-3f;
    private static final float[] X = {1, 2, 4, 0.5f, -1, 3, -2, 0.25f, 1, 3, -0.5f, 0};
    private static final float[] DY = {1, -1, 0.5f, 0.25f, 2, -1, -0.5f, 1, 1, 2, 0.5f, -0.25f};
    private static final float[] GAMMA = {1, 2, 0.5f};
    private static final float[] BETA = {0.1f, -0.2f, 0.3f};

    NormContract() {
        super(NormOp.class);
    }

    @Test
    void layersAgreeWithKeras() {
        Tensor x = guarded.input("x", X, 4, 3);
        Tensor gamma = guarded.input("gamma", GAMMA, 3);
        Tensor y = guarded.output("y", 4, 3);
        op.layerNorm(x, gamma, guarded.input("beta", BETA, 3), EPSILON, y);
        Compare.assertClose(
                "y",
                y.toFloats(),
                new double[] {
                    -0.9687016606330872,
                    -0.7343511581420898,
                    0.9679383635520935,
                    -0.10199347138404846,
                    -2.4219279289245605,
                    0.9564785957336426,
                    -1.2723907232284546,
                    0.5842232704162598,
                    0.7901395559310913,
                    1.5015326738357544,
                    -1.9249634742736816,
                    0.030474483966827393
                },
                1e-6);
        Tensor dx = guarded.output("dx", 4, 3);
        Tensor dgamma = guarded.accumulator("dgamma", 0f, 3);
        Tensor dbeta = guarded.accumulator("dbeta", 1f, 3);
        op.layerNormBackward(x, gamma, EPSILON, guarded.input("dy", DY, 4, 3), dx, dgamma, dbeta);
        Compare.assertClose(
                "dx",
                dx.toFloats(),
                new double[] {
                    0.9446926116943359,
                    -1.4169745445251465,
                    0.47228190302848816,
                    -0.8161411285400391,
                    0.5105610489845276,
                    0.305580198764801,
                    -0.21156993508338928,
                    0.8446717858314514,
                    -0.6331019401550293,
                    0.0670086145401001,
                    0.4003711938858032,
                    -0.46737971901893616
                },
                1e-6);
        Compare.assertClose(
                "dgamma",
                dgamma.toFloats(),
                new double[] {2.370060682296753, -1.9938814640045166, 0.4700230360031128},
                1e-6);
        Compare.assertClose("dbeta", dbeta.toFloats(), new double[] {3.75, 3.5, 1.25}, 1e-6);
        guarded.check();
    }

    /** Keras' running variance is the biased one: it was 1 + 0.1 * (biased - 1) and is compared with that times 4/3. */
    @Test
    void batchesAgreeWithKeras() {
        Tensor x = guarded.input("x", X, 4, 3, 1);
        Tensor gamma = guarded.input("gamma", GAMMA, 3);
        Tensor mean = guarded.output("mean", 3);
        Tensor variance = guarded.output("variance", 3);
        Tensor runningMean = guarded.accumulator("running mean", 0f, 3);
        Tensor runningVariance = guarded.accumulator("running variance", 1f, 3);
        op.batchStatistics(x, null, 0.1f, mean, variance, runningMean, runningVariance);
        Compare.assertClose(
                "running mean", runningMean.toFloats(), new double[] {0.0625, 0.01875000074505806, 0.2}, 1e-6);
        double[] biased = {3.17187523841858, 1.29296875, 2.49999976158142};
        Compare.assertClose("variance", variance.toFloats(), biased, 1e-6);
        Compare.assertClose(
                "running variance",
                runningVariance.toFloats(),
                Arrays.stream(biased).map(v -> 0.9 + 0.1 * v * 4 / 3).toArray(),
                1e-6);
        Tensor y = guarded.output("y", 4, 3, 1);
        op.batchNorm(x, null, mean, variance, gamma, guarded.input("beta", BETA, 3), EPSILON, y);
        Compare.assertClose(
                "y",
                y.toFloats(),
                new double[] {
                    0.3105255365371704,
                    2.9867360591888428,
                    0.9323291182518005,
                    0.029824823141098022,
                    -2.2878615856170654,
                    0.6161645650863647,
                    -1.3736786842346191,
                    -0.09011256694793701,
                    -0.016164541244506836,
                    1.43332839012146,
                    -1.408761978149414,
                    -0.3323290944099426
                },
                1e-6);
        Tensor dx = guarded.output("dx", 4, 3, 1);
        Tensor dgamma = guarded.accumulator("dgamma", 0f, 3);
        Tensor dbeta = guarded.accumulator("dbeta", 1f, 3);
        op.batchNormBackward(
                true, x, null, mean, variance, gamma, EPSILON, guarded.input("dy", DY, 4, 3, 1), dx, dgamma, dbeta);
        Compare.assertClose(
                "dx",
                dx.toFloats(),
                new double[] {
                    0.06917163729667664, -0.10570788383483887, 0.16992580890655518, -0.21019099652767181,
                    0.6149047613143921, -0.32012292742729187, 0.07720017433166504, 0.7541993856430054,
                    0.280602365732193, 0.06381925940513611, -1.2633965015411377, -0.1304052323102951
                },
                2e-6);
        Compare.assertClose(
                "dgamma",
                dgamma.toFloats(),
                new double[] {3.59647798538208, -3.928476333618164, -0.3161645531654358},
                1e-6);
        Compare.assertClose("dbeta", dbeta.toFloats(), new double[] {3.75, 3.5, 1.25}, 1e-6);
        guarded.check();
    }

    /** Keras with a mask that leaves out the last step of the second row; what it gives there is no matter. */
    @Test
    void paddingCountsForNothing() {
        float[] padded = X.clone();
        Arrays.fill(padded, 9, 12, Float.NaN);
        Tensor x = guarded.input("x", padded, 4, 3, 1);
        Lengths lengths = scope.lengths(2, 2, 1);
        Tensor mean = guarded.output("mean", 3);
        Tensor variance = guarded.output("variance", 3);
        Tensor runningMean = guarded.accumulator("running mean", 0f, 3);
        op.batchStatistics(x, lengths, 0.1f, mean, variance, runningMean, null);
        Compare.assertClose(
                "running mean",
                runningMean.toFloats(),
                new double[] {-0.01666666753590107, 0.0416666679084301, 0.2666666805744171},
                1e-6);
        Tensor y = guarded.output("y", 4, 3, 1);
        op.batchNorm(
                x,
                lengths,
                mean,
                variance,
                guarded.input("gamma", GAMMA, 3),
                guarded.input("beta", BETA, 3),
                EPSILON,
                y);
        Compare.assertClose(
                "y",
                y.toFloats(),
                new double[] {
                    0.9887428879737854,
                    2.3728349208831787,
                    0.8343506455421448,
                    0.6078530550003052,
                    -2.5020101070404053,
                    0.43358761072158813,
                    -1.2965959310531616,
                    -0.4708246886730194,
                    -0.36793845891952515,
                    0,
                    0,
                    0
                },
                1e-6);
        guarded.check();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,5", "7,33", "40,3", "2,129"})
    void gradientsOfLayersAgreeWithDifferences(int rows, int width) {
        float[] x = gaussian(1, rows * width);
        float[] dy = gaussian(2, rows * width);
        float[] gamma = gaussian(3, width);
        double[] expected = CentralDifference.gradient(x, point -> {
            double sum = 0;
            for (int n = 0; n < rows; n++) {
                double mean = 0;
                double spread = 0;
                for (int d = 0; d < width; d++) {
                    mean += point[n * width + d] / width;
                }
                for (int d = 0; d < width; d++) {
                    spread += Math.pow(point[n * width + d] - mean, 2) / width;
                }
                for (int d = 0; d < width; d++) {
                    int i = n * width + d;
                    sum += dy[i] * gamma[d] * (point[i] - mean) / Math.sqrt(spread + EPSILON);
                }
            }
            return sum;
        });
        Tensor dx = guarded.output("dx", rows, width);
        op.layerNormBackward(
                guarded.input("x", x, rows, width),
                guarded.input("gamma", gamma, width),
                EPSILON,
                guarded.input("dy", dy, rows, width),
                dx,
                null,
                null);
        if (width > 1) {
            Compare.assertClose("dx", dx.toFloats(), expected, 2e-5);
        }
        guarded.check();
    }

    @ParameterizedTest
    @CsvSource({"1,5,3", "4,3,1", "4,33,1", "4,5,6"})
    void gradientsOfBatchesAgreeWithDifferences(int steps, int channels, int places) {
        int[] valid = {steps, 0, (steps + 1) / 2};
        int count = steps * valid.length;
        float[] x = gaussian(4, count * channels * places);
        float[] dy = gaussian(5, x.length);
        for (int i = 0; i < x.length; i++) {
            int n = i / places / channels;
            if (n / valid.length >= valid[n % valid.length]) {
                x[i] = Float.NaN;
                dy[i] = Float.NaN;
            }
        }
        int numbers = (valid[0] + valid[2]) * places;
        double[] expected = CentralDifference.gradient(x, point -> {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                double mean = 0;
                double spread = 0;
                for (int i = 0; i < x.length; i++) {
                    mean += i / places % channels == c && !Float.isNaN(x[i]) ? point[i] / numbers : 0;
                }
                for (int i = 0; i < x.length; i++) {
                    boolean ours = i / places % channels == c && !Float.isNaN(x[i]);
                    spread += ours ? Math.pow(point[i] - mean, 2) / numbers : 0;
                }
                for (int i = 0; i < x.length; i++) {
                    boolean ours = i / places % channels == c && !Float.isNaN(x[i]);
                    sum += ours ? dy[i] * (point[i] - mean) / Math.sqrt(spread + EPSILON) : 0;
                }
            }
            return sum;
        });
        Tensor given = guarded.input("x", x, count, channels, places);
        Lengths lengths = scope.lengths(steps, valid);
        Tensor mean = guarded.output("mean", channels);
        Tensor variance = guarded.output("variance", channels);
        op.batchStatistics(given, lengths, 0f, mean, variance, null, null);
        Tensor dx = guarded.output("dx", count, channels, places);
        Tensor from = guarded.input("dy", dy, count, channels, places);
        op.batchNormBackward(true, given, lengths, mean, variance, null, EPSILON, from, dx, null, null);
        Compare.assertClose("dx", dx.toFloats(), expected, 2e-5);
        guarded.check();
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor x = scope.zeros("x", 6, 4);
        Tensor cube = scope.zeros("cube", 6, 4, 2);
        Tensor c = scope.zeros("c", 4);
        Tensor y = scope.zeros("y", 6, 4);
        refused("x: expected shape [N, D], got [6, 4, 2]", () -> op.layerNorm(cube, null, null, 1f, y));
        refused("gamma: expected shape [4], got [6, 4]", () -> op.layerNorm(x, y, null, 1f, y));
        refused("epsilon: expected a finite value > 0, got 0.0", () -> op.layerNorm(x, null, null, 0f, y));
        refused("y: given twice in one call", () -> op.layerNorm(x, null, null, 1f, x));
        refused("x: expected shape [N, C, S], got [6, 4]", () -> op.batchStatistics(x, null, 0f, c, c, null, null));
        refused(
                "lengths: expected steps times rows to be 6, got 3 steps of 1 rows",
                () -> op.batchStatistics(cube, scope.lengths(3, 1), 0f, c, c, null, null));
        refused("mean: given twice in one call", () -> op.batchStatistics(cube, null, 0f, c, c, null, null));
        refused("variance: expected a tensor, got null", () -> op.batchNorm(cube, null, c, null, null, null, 1f, cube));
        refused(
                "dx: given twice in one call",
                () -> op.batchNormBackward(true, cube, null, c, c, null, 1f, cube, cube, null, null));
    }
}
