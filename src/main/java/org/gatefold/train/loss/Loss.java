package org.gatefold.train.loss;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.device.Device;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What a model's output costs: the weighted mean over target rows, that is over sequences or, for targets per step, over
 * valid steps; padding never counts.
 *
 * <p>The output is {@code [B, F]} for one target per row and {@code [T, B, F]} for one per step, F being the number of
 * values to predict or of classes. Immutable and safe for many threads.
 */
public sealed interface Loss permits Loss.Regression, Loss.CrossEntropy {
    /** Mean of squared differences. */
    static Loss mse() {
        return new Regression(LossOp.Regression.MSE, 1f);
    }

    /** Mean of absolute differences. */
    static Loss mae() {
        return new Regression(LossOp.Regression.MAE, 1f);
    }

    /**
     * Half the squared difference up to {@code delta}, linear beyond it.
     *
     * @param delta greater than 0
     */
    static Loss huber(float delta) {
        return new Regression(LossOp.Regression.HUBER, delta);
    }

    /** Cross-entropy of the softmax of the output, no label ignored, no smoothing. */
    static CrossEntropy crossEntropy() {
        return new CrossEntropy(CrossEntropy.NO_IGNORE_INDEX, 0f);
    }

    /**
     * Computes the loss of a batch and, if the output requires it, contributes to the output's gradient.
     *
     * @param device where output and batch are
     * @param output {@code [B, F]} or {@code [T, B, F]}, read
     * @param batch targets and weights, read
     * @param loss {@code [1]}, written
     * @throws IllegalArgumentException if the output does not fit the targets
     */
    void compute(Device device, Variable output, DeviceBatch batch, Tensor loss);

    /** The sum of the weights that the mean of this batch is taken over. */
    double weight(Batch batch);

    /**
     * A regression loss.
     *
     * @param kind the function of the difference
     * @param delta where Huber's turns linear; not used by the others
     */
    record Regression(LossOp.Regression kind, float delta) implements Loss {
        public Regression {
            if (!(delta > 0f) || Float.isInfinite(delta)) {
                throw new IllegalArgumentException("delta: expected a finite value > 0, got " + delta);
            }
        }

        @Override
        public void compute(Device device, Variable output, DeviceBatch batch, Tensor loss) {
            if (batch.targets() == null) {
                throw new IllegalArgumentException("batch: expected numeric targets for " + kind + ", got none");
            }
            Shape targets = batch.targets().shape();
            Tensor value = Rows.of(output, batch, targets.dim(0));
            Shape.require("output as rows of values", value.shape(), targets);
            Rows.contribute(output, value.shape(), gradient -> device.operation(LossOp.class)
                    .regression(kind, delta, value, batch.targets(), batch.weights(), loss, gradient));
        }

        @Override
        public double weight(Batch batch) {
            double sum = 0;
            for (int n = 0; n < batch.targetRows(); n++) {
                sum += batch.weight(n);
            }
            return sum;
        }
    }

    /**
     * Softmax cross-entropy.
     *
     * @param ignoreIndex label of rows that do not count
     * @param smoothing how much of the target probability is spread over all classes, 0 to below 1
     */
    record CrossEntropy(int ignoreIndex, float smoothing) implements Loss {
        /** A label that never occurs. */
        public static final int NO_IGNORE_INDEX = Integer.MIN_VALUE;

        public CrossEntropy {
            if (!(smoothing >= 0f && smoothing < 1f)) {
                throw new IllegalArgumentException("smoothing: expected 0 <= smoothing < 1, got " + smoothing);
            }
        }

        /** Rows with this label do not count. */
        public CrossEntropy ignoring(int label) {
            return new CrossEntropy(label, smoothing);
        }

        /** Label smoothing of the given strength. */
        public CrossEntropy smoothing(float strength) {
            return new CrossEntropy(ignoreIndex, strength);
        }

        @Override
        public void compute(Device device, Variable output, DeviceBatch batch, Tensor loss) {
            if (batch.labels() == null) {
                throw new IllegalArgumentException("batch: expected labels for cross-entropy, got none");
            }
            Tensor logits = Rows.of(output, batch, batch.labels().shape().dim(0));
            Rows.contribute(output, logits.shape(), gradient -> device.operation(LossOp.class)
                    .crossEntropy(logits, batch.labels(), ignoreIndex, smoothing, batch.weights(), loss, gradient));
        }

        @Override
        public double weight(Batch batch) {
            double sum = 0;
            for (int n = 0; n < batch.targetRows(); n++) {
                sum += batch.label(n) == ignoreIndex ? 0 : batch.weight(n);
            }
            return sum;
        }
    }
}
