package org.gatefold.train.loss;

import java.util.List;
import java.util.stream.Collectors;
import org.gatefold.data.Batch;
import org.gatefold.data.DeviceBatch;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Tensor;

/** The sum of several losses, added in their order. Immutable. */
record Sum(List<Loss> terms) implements Loss {
    Sum {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("terms: expected at least one loss, got none");
        }
    }

    @Override
    public String description() {
        return terms.stream().map(Loss::description).collect(Collectors.joining(", ", "sum(", ")"));
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor result) {
        terms.get(0).compute(outputs, batch, result);
        if (terms.size() == 1) {
            return;
        }
        Tensor next = outputs.context().scope().f32("loss of a term", 1);
        for (Loss term : terms.subList(1, terms.size())) {
            term.compute(outputs, batch, next);
            outputs.context().op(ElementwiseOp.class).addScaled(1f, next, result);
        }
    }

    @Override
    public double weight(Batch batch) {
        double sum = 0;
        for (Loss term : terms) {
            sum += term.weight(batch);
        }
        return sum;
    }
}
