package org.gatefold.train.user;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;

/**
 * A loss that a program may write for itself: the mean of {@code log(cosh(d))} for one number per row, computed on the host.
 * Immutable.
 *
 * @param sharpness multiplies the differences
 */
record LogCosh(double sharpness) implements Loss {
    @Override
    public String description() {
        return "log-cosh(" + sharpness + ")";
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = batch.targets().get(0);
        float[] wanted = target.value().toFloats();
        float[] given = output.value().toFloats();
        float[] weights = target.weights() == null ? null : target.weights().toFloats();
        float[] gradient = new float[given.length];
        double sum = 0;
        double total = 0;
        for (int n = 0; n < given.length; n++) {
            double weight = weights == null ? 1 : weights[n];
            double d = sharpness * (given[n] - wanted[n]);
            sum += weight * Math.log(Math.cosh(d));
            gradient[n] = (float) (weight * sharpness * Math.tanh(d));
            total += weight;
        }
        for (int n = 0; n < gradient.length; n++) {
            gradient[n] = total == 0 ? 0 : (float) (gradient[n] / total);
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
        BatchColumn target = batch.targets().get(0);
        double sum = 0;
        for (int n = 0; n < target.targetRows(); n++) {
            sum += target.weight(n);
        }
        return sum;
    }
}
