package org.gatefold.train.loss;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Tensor;

/**
 * Softmax cross-entropy. Immutable.
 *
 * @param ignoreIndex label of rows that do not count
 * @param smoothing how much of the target probability is spread over all classes, 0 to below 1
 */
public record CrossEntropy(int ignoreIndex, float smoothing) implements Loss {
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
    public String description() {
        return "cross-entropy" + (ignoreIndex == NO_IGNORE_INDEX ? "" : " ignoring " + ignoreIndex)
                + (smoothing == 0f ? "" : " smoothing " + smoothing);
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.labels(batch, "cross-entropy");
        Tensor labels = Targets.rows(target);
        Tensor logits = Targets.rows(output, target);
        outputs.contribute(output, logits.shape(), gradient -> outputs.context()
                .op(LossOp.class)
                .crossEntropy(logits, labels, ignoreIndex, smoothing, target.weights(), loss, gradient));
    }

    @Override
    public double weight(Batch batch) {
        BatchColumn target = Targets.labels(batch, "cross-entropy");
        double sum = 0;
        for (int n = 0; n < target.targetRows(); n++) {
            sum += target.id(n) == ignoreIndex ? 0 : target.weight(n);
        }
        return sum;
    }
}
