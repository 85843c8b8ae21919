package org.gatefold.train.loss;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** One less the cosine between output and target. Immutable. */
record CosineDistance() implements Loss {
    @Override
    public String description() {
        return "cosine";
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.numbers(batch, description());
        Tensor vectors = Targets.rows(target);
        Tensor value = Targets.rows(output, target);
        Shape.require("output as rows of values", value.shape(), vectors.shape());
        outputs.contribute(output, value.shape(), gradient -> outputs.context()
                .op(LossOp.class)
                .cosineEmbedding(value, vectors, null, 0f, target.weights(), loss, gradient, null));
    }

    @Override
    public double weight(Batch batch) {
        return Targets.numbers(batch, description()).weight();
    }
}
