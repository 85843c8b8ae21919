package org.gatefold.train.loss;

import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.tensor.Tensor;

/** A loss of one of several outputs, against one of several targets. Immutable. */
record Selected(Loss loss, String output, String target) implements Loss {
    @Override
    public String description() {
        return loss.description() + " on " + output + (output.equals(target) ? "" : " against " + target);
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor result) {
        loss.compute(outputs.only(output), batch.only(target), result);
    }

    @Override
    public double weight(Batch batch) {
        return loss.weight(batch.only(target));
    }
}
