package org.gatefold.layer.form;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/** The first two dimensions of a value in each other's place: steps of rows as rows of steps, and back. Stateless. */
final class SwappedSteps {
    private SwappedSteps() {}

    /**
     * Swaps.
     *
     * @param x {@code [N, M, …]}
     * @param out of the result {@code [M, N, …]}
     */
    static Variable of(Context context, Variable x, Form out) {
        int outer = x.shape().dim(0);
        int inner = x.shape().dim(1);
        int size = Math.toIntExact(x.shape().elements() / outer / inner);
        Variable y = context.output(
                "y", x.requiresGradient(), null, out.sequence() ? out.shape(inner, outer) : out.shape(1, inner));
        SequenceOp op = context.op(SequenceOp.class);
        op.transpose(x.value().reshape(outer, inner, size), y.value().reshape(inner, outer, size));
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                op.transpose(y.gradient().reshape(inner, outer, size), dx.reshape(outer, inner, size));
                x.contributed(dx);
            });
        }
        return y;
    }
}
