package org.gatefold.train.loss;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** A loss of each number to be predicted by itself. Immutable. */
final class Pointwise implements Loss {
    private final PointwiseLoss function;
    private final float[] table;

    /** @param table quantiles, or weights of positive targets by column; null for none */
    Pointwise(PointwiseLoss function, float... table) {
        this.function = function;
        this.table = table == null ? null : table.clone();
    }

    static Loss of(PointwiseLoss function) {
        return new Pointwise(function, (float[]) null);
    }

    static Loss quantiles(float... quantiles) {
        if (quantiles.length == 0) {
            throw new IllegalArgumentException("quantiles: expected at least one, got none");
        }
        for (float quantile : quantiles) {
            if (!(quantile > 0f && quantile < 1f)) {
                throw new IllegalArgumentException("quantiles: expected numbers between 0 and 1, got " + quantile);
            }
        }
        return new Pointwise(PointwiseLoss.quantile(), quantiles);
    }

    static Loss binaryCrossEntropy(float... positiveWeights) {
        ClassWeights.check("positiveWeights", positiveWeights);
        return new Pointwise(PointwiseLoss.binaryCrossEntropy(), positiveWeights);
    }

    @Override
    public String description() {
        return function.description() + (table == null ? "" : " of " + Arrays.toString(table));
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.numbers(batch, function.description());
        Tensor numbers = Targets.rows(target);
        Tensor value = Targets.rows(output, target);
        int wanted = numbers.shape().dim(1);
        if (table != null && function.kind() == PointwiseLoss.Kind.BINARY_CROSS_ENTROPY && table.length != wanted) {
            throw new IllegalArgumentException("positiveWeights: expected " + wanted
                    + " of them, one for each column of the target, got " + table.length);
        }
        int parts = function.parts(table == null ? 0 : table.length);
        Shape.require(
                "output as rows of values", value.shape(), numbers.shape().dim(0), Math.multiplyExact(wanted, parts));
        Tensor constants = Constants.of(outputs.context(), this, "constants of " + function.kind(), table);
        outputs.contribute(output, value.shape(), gradient -> outputs.context()
                .op(LossOp.class)
                .pointwise(function, constants, value, numbers, target.weights(), loss, gradient));
    }

    @Override
    public double weight(Batch batch) {
        return Targets.numbers(batch, function.description()).weight();
    }
}
