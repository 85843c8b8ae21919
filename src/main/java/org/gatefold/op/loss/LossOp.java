package org.gatefold.op.loss;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Losses with their gradients in one pass. Each is a mean, summed in a fixed order in double precision: over the weighted
 * elements for regression, {@code sum_n w_n sum_f l(n,f) / (F * sum_n w_n)}, over the weighted, not ignored rows for
 * cross-entropy. Rows of weight 0 have no effect, whatever they contain; if all weights are 0, loss and gradients are 0.
 * Thread-safe.
 */
public interface LossOp extends Operation {
    /** Regression losses on the difference d of prediction and target. */
    enum Regression {
        /** {@code d²}. */
        MSE(0),
        /** {@code |d|}. */
        MAE(1),
        /** {@code d²/2} for {@code |d| <= delta}, else {@code delta * (|d| - delta/2)} (Huber 1964; PyTorch HuberLoss). */
        HUBER(2);

        private final int code;

        Regression(int code) {
            this.code = code;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }
    }

    /**
     * @param kind the loss
     * @param delta where HUBER turns linear, greater than 0; not used by the others
     * @param prediction {@code [N, F]}, read
     * @param target {@code [N, F]}, read
     * @param weights {@code [N]}, at least 0, read; null means 1
     * @param loss {@code [1]}, written
     * @param dPrediction {@code [N, F]}, written; null if not wanted
     */
    default void regression(
            Regression kind,
            float delta,
            Tensor prediction,
            Tensor target,
            Tensor weights,
            Tensor loss,
            Tensor dPrediction) {
        Call call = Call.begin(prediction);
        try {
            Shape shape = Arguments.requireRank("prediction", prediction, 2, "[N, F]");
            if (kind == Regression.HUBER) {
                Arguments.requirePositive("delta", delta);
            }
            Arguments.requireF32("target", target, shape);
            Arguments.optionalF32("weights", weights, shape.dim(0));
            Arguments.requireF32("loss", loss, 1);
            Arguments.optionalF32("dPrediction", dPrediction, shape.toArray());
            Arguments.requireSameMemory(prediction.memory(), target, weights, loss, dPrediction);
            Arguments.requireDisjoint("dPrediction", dPrediction, prediction, target, weights, loss);
            Arguments.requireDisjoint("loss", loss, prediction, target, weights);
            computeRegression(new RegressionArguments(kind, delta, prediction, target, weights, loss, dPrediction));
        } finally {
            call.end();
        }
    }

    /**
     * Softmax cross-entropy as PyTorch's CrossEntropyLoss: {@code -log softmax(logits)[label]}, with label smoothing
     * {@code e}: target probabilities {@code (1-e)} at the label plus {@code e/C} everywhere.
     *
     * @param logits {@code [N, C]}, read
     * @param labels I32 {@code [N]}, read; each 0 to C-1 or {@code ignoreIndex}; a row with any other label makes the loss
     *     NaN
     * @param ignoreIndex label of rows that do not count
     * @param smoothing 0 to below 1
     * @param weights {@code [N]}, at least 0, read; null means 1
     * @param loss {@code [1]}, written
     * @param dLogits {@code [N, C]}, written; null if not wanted
     */
    default void crossEntropy(
            Tensor logits,
            Tensor labels,
            int ignoreIndex,
            float smoothing,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {
        Call call = Call.begin(logits);
        try {
            Shape shape = Arguments.requireRank("logits", logits, 2, "[N, C]");
            Arguments.requireI32("labels", labels, shape.dim(0));
            Arguments.requireProbability("smoothing", smoothing);
            Arguments.optionalF32("weights", weights, shape.dim(0));
            Arguments.requireF32("loss", loss, 1);
            Arguments.optionalF32("dLogits", dLogits, shape.toArray());
            Arguments.requireSameMemory(logits.memory(), labels, weights, loss, dLogits);
            Arguments.requireDisjoint("dLogits", dLogits, logits, weights, loss);
            Arguments.requireDisjoint("loss", loss, logits, weights);
            computeCrossEntropy(
                    new CrossEntropyArguments(logits, labels, ignoreIndex, smoothing, weights, loss, dLogits));
        } finally {
            call.end();
        }
    }

    /** What {@link #regression} was given. */
    record RegressionArguments(
            Regression kind,
            float delta,
            Tensor prediction,
            Tensor target,
            Tensor weights,
            Tensor loss,
            Tensor dPrediction) {}

    /** Implemented by backends; arguments are checked. */
    void computeRegression(RegressionArguments given);

    /** What {@link #crossEntropy} was given. */
    record CrossEntropyArguments(
            Tensor logits,
            Tensor labels,
            int ignoreIndex,
            float smoothing,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {}

    /** Implemented by backends; arguments are checked. */
    void computeCrossEntropy(CrossEntropyArguments given);
}
