package org.gatefold.op.ctc;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Connectionist temporal classification (Graves et al. 2006), PyTorch's {@code ctc_loss} of {@code log_softmax}: a row costs
 * {@code -log Σ Π softmax(logits[t])[path[t]]} over all paths that give its labels once repetitions are merged and blanks
 * removed. Sums are in double precision and a fixed order. Thread-safe.
 */
public interface CtcOp extends Operation {
    /**
     * The loss and its gradient: of each valid step, softmax less the share of the paths that go through each class.
     *
     * @param logits {@code [T, B, C]}, read where valid
     * @param steps valid steps of each row; null means T for all
     * @param labels I32 {@code [L, B]}, read where valid: each 0 to C-1 and not the blank; any other makes its row's loss and
     *     gradient NaN
     * @param counts labels of each row, which may have none; null means L for all
     * @param weights {@code [B]}, at least 0, read; null means 1; rows of weight 0 do not count, whatever they hold
     * @param loss {@code [1]}, written; 0 if all weights are 0
     * @param dLogits {@code [T, B, C]}, written, 0 behind the valid steps; null if not wanted
     */
    default void loss(
            CtcSpec spec,
            Tensor logits,
            Lengths steps,
            Tensor labels,
            Lengths counts,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {
        Call call = Call.begin(logits);
        try {
            Arguments.requireGiven("spec", spec);
            Shape shape = Arguments.requireRank("logits", logits, 3, "[T, B, C]");
            if (spec.blank() >= shape.dim(2)) {
                throw new IllegalArgumentException(
                        "blank: expected a class below " + shape.dim(2) + ", got " + spec.blank());
            }
            Arguments.optionalLengths("steps", steps, shape.dim(0), shape.dim(1), logits.memory());
            Arguments.requireTensor("labels", labels, ElementType.I32);
            Shape.requireRank("labels", labels.shape(), 2, "[L, B]");
            Shape.require("labels", labels.shape(), labels.shape().dim(0), shape.dim(1));
            Arguments.optionalLengths("counts", counts, labels.shape().dim(0), shape.dim(1), logits.memory());
            Arguments.optionalF32("weights", weights, shape.dim(1));
            Arguments.requireF32("loss", loss, 1);
            if (dLogits != null) {
                Arguments.requireF32("dLogits", dLogits, shape);
            }
            Arguments.requireSameMemory(logits.memory(), labels, weights, loss, dLogits);
            Arguments.requireDisjoint("dLogits", dLogits, logits, labels, weights, loss);
            Arguments.requireDisjoint("loss", loss, logits, labels, weights);
            computeLoss(new LossArguments(spec, logits, steps, labels, counts, weights, loss, dLogits));
        } finally {
            call.end();
        }
    }

    /** What {@link #loss} was given. */
    record LossArguments(
            CtcSpec spec,
            Tensor logits,
            Lengths steps,
            Tensor labels,
            Lengths counts,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {}

    /** Implemented by backends; arguments are checked. */
    void computeLoss(LossArguments given);
}
