package org.gatefold.recipe.market.weights;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;

/**
 * Minus the Sharpe ratio of a portfolio over the rows of a batch, which follow each other in time: mean over deviation of R<sub>t</sub> =
 * Σ<sub>i</sub> w<sub>t,i</sub> r<sub>t,i</sub> - c Σ<sub>i</sub> |w<sub>t,i</sub> - w<sub>t-1,i</sub>| (Zhang, Zohren and Roberts
 * 2020, equations 1 to 5, without scaling by volatility). The weights w are what a model puts out for a row, the simple returns r what is
 * to be learnt. What was held before the first row is not known, so that its trade costs nothing. Rows must have no weights of their own.
 * Computed on the host: a few numbers per row. Immutable.
 *
 * @param cost c, as a share of what is traded
 */
public record SharpeLoss(double cost) implements Loss {
    /** Added to the variance, which may be 0. */
    private static final double LEAST = 1e-10;

    @Override
    public String description() {
        return "sharpe(" + cost + ")";
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = batch.targets().get(0);
        if (target.weights() != null) {
            throw new IllegalArgumentException("batch: expected rows without weights for " + description());
        }
        int rows = output.shape().dim(0);
        int assets = output.shape().dim(1);
        float[] weights = output.value().toFloats();
        double[] gains = gains(rows, assets, weights, target.value().toFloats());
        double mean = 0;
        double square = 0;
        for (double gain : gains) {
            mean += gain / rows;
            square += gain * gain / rows;
        }
        // One row has no deviation, and nothing to learn from.
        double deviation = rows == 1 ? Double.POSITIVE_INFINITY : Math.sqrt(Math.max(0, square - mean * mean) + LEAST);
        loss.fill((float) (-mean / deviation));
        float[] gradient =
                gradient(gains, mean, deviation, assets, weights, target.value().toFloats());
        outputs.contribute(output, output.shape(), written -> {
            if (written != null) {
                written.write(gradient);
            }
        });
    }

    private double[] gains(int rows, int assets, float[] weights, float... returns) {
        double[] gains = new double[rows];
        for (int row = 0; row < rows; row++) {
            for (int i = row * assets; i < (row + 1) * assets; i++) {
                gains[row] += (double) weights[i] * returns[i];
                gains[row] -= row == 0 ? 0 : cost * Math.abs((double) weights[i] - weights[i - assets]);
            }
        }
        return gains;
    }

    private float[] gradient(
            double[] gains, double mean, double deviation, int assets, float[] weights, float... returns) {
        double[] byGain = new double[gains.length];
        for (int row = 0; row < gains.length; row++) {
            byGain[row] = -(1 / deviation - mean * (gains[row] - mean) / Math.pow(deviation, 3)) / gains.length;
        }
        float[] gradient = new float[weights.length];
        for (int i = 0; i < gradient.length; i++) {
            int row = i / assets;
            double slope = byGain[row] * returns[i];
            if (row > 0) {
                slope -= byGain[row] * cost * Math.signum(weights[i] - weights[i - assets]);
            }
            if (row + 1 < gains.length) {
                slope += byGain[row + 1] * cost * Math.signum(weights[i + assets] - weights[i]);
            }
            gradient[i] = (float) slope;
        }
        return gradient;
    }

    @Override
    public double weight(Batch batch) {
        return batch.targets().get(0).weight();
    }
}
