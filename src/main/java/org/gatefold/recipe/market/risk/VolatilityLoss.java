package org.gatefold.recipe.market.risk;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;

/**
 * Half of QLIKE: the mean of (o + y² exp(-o)) / 2, with o the logarithm of a variance that a model puts out for a row and y the return
 * that came. It is the negative logarithm of the likelihood of a normal distribution of mean 0, less a constant. Computed on the host:
 * a number per row. Immutable.
 */
public record VolatilityLoss() implements Loss {
    @Override
    public String description() {
        return "volatility";
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = batch.targets().get(0);
        float[] came = target.value().toFloats();
        float[] told = output.value().toFloats();
        float[] weights = target.weights() == null ? null : target.weights().toFloats();
        float[] gradient = new float[told.length];
        double sum = 0;
        double total = 0;
        for (int row = 0; row < told.length; row++) {
            double weight = weights == null ? 1 : weights[row];
            if (weight == 0) {
                continue;
            }
            double ratio = (double) came[row] * came[row] * Math.exp(-told[row]);
            sum += weight * (told[row] + ratio) / 2;
            gradient[row] = (float) (weight * (1 - ratio) / 2);
            total += weight;
        }
        for (int row = 0; row < gradient.length; row++) {
            gradient[row] = total == 0 ? 0 : (float) (gradient[row] / total);
        }
        loss.fill(total == 0 ? 0 : (float) (sum / total));
        outputs.contribute(output, output.shape(), written -> {
            if (written != null) {
                written.write(gradient);
            }
        });
    }

    @Override
    public double weight(Batch batch) {
        return batch.targets().get(0).weight();
    }
}
