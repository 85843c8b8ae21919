package org.gatefold.train.loss;

import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Tensor;

/** A loss multiplied by a finite factor; it counts by the same rows. Immutable. */
record Weighted(Loss loss, float factor) implements Loss {
    Weighted {
        if (!Float.isFinite(factor)) {
            throw new IllegalArgumentException("factor: expected a finite number, got " + factor);
        }
    }

    @Override
    public String description() {
        return factor + " * " + loss.description();
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor result) {
        loss.compute(outputs.times(factor), batch, result);
        outputs.context().op(ElementwiseOp.class).scale(factor, result, result);
    }

    @Override
    public double weight(Batch batch) {
        return loss.weight(batch);
    }
}
