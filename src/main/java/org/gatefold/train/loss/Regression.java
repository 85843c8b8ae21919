package org.gatefold.train.loss;

import java.util.Locale;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A loss of the differences from numbers. Immutable.
 *
 * @param kind the function of the difference
 * @param delta where Huber's turns linear; not used by the others
 */
public record Regression(LossOp.Regression kind, float delta) implements Loss {
    public Regression {
        if (!(delta > 0f) || Float.isInfinite(delta)) {
            throw new IllegalArgumentException("delta: expected a finite value > 0, got " + delta);
        }
    }

    @Override
    public String description() {
        return kind.name().toLowerCase(Locale.ROOT) + (kind == LossOp.Regression.HUBER ? "(" + delta + ")" : "");
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.numbers(batch, kind.name());
        Tensor numbers = Targets.rows(target);
        Tensor value = Targets.rows(output, target);
        Shape.require("output as rows of values", value.shape(), numbers.shape());
        outputs.contribute(output, value.shape(), gradient -> outputs.context()
                .op(LossOp.class)
                .regression(kind, delta, value, numbers, target.weights(), loss, gradient));
    }

    @Override
    public double weight(Batch batch) {
        BatchColumn target = Targets.numbers(batch, kind.name());
        double sum = 0;
        for (int n = 0; n < target.targetRows(); n++) {
            sum += target.weight(n);
        }
        return sum;
    }
}
