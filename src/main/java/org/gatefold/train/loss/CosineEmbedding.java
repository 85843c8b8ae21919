package org.gatefold.train.loss;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A loss of the angle between two outputs of a model, by whether they belong together. Immutable.
 *
 * @param first name of an output
 * @param second name of another output, of the same shape
 * @param margin the cosine up to which a pair that does not belong together costs nothing
 */
record CosineEmbedding(String first, String second, float margin) implements Loss {
    CosineEmbedding {
        if (first == null || second == null || first.equals(second)) {
            throw new IllegalArgumentException(
                    "second: expected the name of another output than '" + first + "', got '" + second + "'");
        }
        if (!(margin >= -1f && margin <= 1f)) {
            throw new IllegalArgumentException("margin: expected -1 <= margin <= 1, got " + margin);
        }
    }

    @Override
    public String description() {
        return "cosine-embedding(" + first + ", " + second + ", " + margin + ")";
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        DeviceColumn target = Targets.numbers(batch, "cosine-embedding");
        Tensor together = Targets.rows(target);
        Variable a = outputs.get(first);
        Variable b = outputs.get(second);
        Tensor rowsOfA = Targets.rows(a, target);
        Tensor rowsOfB = Targets.rows(b, target);
        int rows = together.shape().dim(0);
        Shape.require("target as rows of values", together.shape(), rows, 1);
        Shape.require(second, rowsOfB.shape(), rowsOfA.shape());
        LossOp op = outputs.context().op(LossOp.class);
        outputs.contribute(
                a,
                rowsOfA.shape(),
                dA -> outputs.contribute(
                        b,
                        rowsOfB.shape(),
                        dB -> op.cosineEmbedding(
                                rowsOfA, rowsOfB, together.reshape(rows), margin, target.weights(), loss, dA, dB)));
    }

    @Override
    public double weight(Batch batch) {
        return Targets.numbers(batch, "cosine-embedding").weight();
    }
}
