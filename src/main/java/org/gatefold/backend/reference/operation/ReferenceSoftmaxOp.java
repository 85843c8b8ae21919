package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

/** Softmax in plain Java. Stateless. */
public final class ReferenceSoftmaxOp extends ReferenceOperation implements SoftmaxOp {
    @Override
    public void computeForward(boolean logarithm, Tensor x, Tensor y) {
        int classes = x.shape().dim(1);
        FloatBuffer from = Floats.of(x);
        FloatBuffer to = Floats.of(y);
        for (int row = 0; row < from.capacity(); row += classes) {
            double largest = largest(from, row, classes);
            double logSum = logSum(from, row, classes, largest);
            for (int j = row; j < row + classes; j++) {
                double logProbability = from.get(j) - largest - logSum;
                to.put(j, (float) (logarithm ? logProbability : Math.exp(logProbability)));
            }
        }
    }

    @Override
    public void computeBackward(boolean logarithm, Tensor y, Tensor dy, Tensor dx) {
        int classes = y.shape().dim(1);
        FloatBuffer output = Floats.of(y);
        FloatBuffer gradient = Floats.of(dy);
        FloatBuffer to = Floats.of(dx);
        for (int row = 0; row < output.capacity(); row += classes) {
            double sum = 0;
            for (int j = row; j < row + classes; j++) {
                sum += logarithm ? gradient.get(j) : (double) gradient.get(j) * output.get(j);
            }
            for (int j = row; j < row + classes; j++) {
                double own = gradient.get(j);
                double out = output.get(j);
                to.put(j, (float) (logarithm ? own - Math.exp(out) * sum : out * (own - sum)));
            }
        }
    }

    /** The largest element of one row; NaN if there is a NaN. */
    static double largest(FloatBuffer x, int from, int count) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = from; j < from + count; j++) {
            largest = Math.max(largest, x.get(j));
        }
        return largest;
    }

    /** {@code log(sum(exp(x - largest)))} of one row; apart from {@code largest}, beside which it might be lost. */
    static double logSum(FloatBuffer x, int from, int count, double largest) {
        double sum = 0;
        for (int j = from; j < from + count; j++) {
            sum += Math.exp(x.get(j) - largest);
        }
        return Math.log(sum);
    }
}
