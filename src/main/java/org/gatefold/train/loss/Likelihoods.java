package org.gatefold.train.loss;

import org.gatefold.autograd.Variable;
import org.gatefold.op.loss.LossOp;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Means of log probabilities as losses. Stateless. */
final class Likelihoods {
    private static final PointwiseLoss DIVERGENCE = PointwiseLoss.klDivergence();

    private Likelihoods() {}

    /**
     * The weighted mean of negative log probabilities, with its gradient: what certainty diverges from them by.
     *
     * @param likelihood {@code [N]}, logarithms
     * @param weights {@code [N]}; null for 1
     */
    static void mean(Outputs outputs, Variable likelihood, Tensor weights, Tensor loss) {
        int rows = likelihood.shape().dim(0);
        Tensor certain = outputs.context().scope().f32("certainty", rows, 1);
        certain.fill(1f);
        Tensor column = likelihood.value().reshape(rows, 1);
        outputs.contribute(likelihood, Shape.of(rows, 1), gradient -> outputs.context()
                .op(LossOp.class)
                .pointwise(DIVERGENCE, null, column, certain, weights, loss, gradient));
    }
}
