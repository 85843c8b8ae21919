package org.gatefold.op.loss;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Losses with their gradients in one pass. Each is a weighted mean, summed in a fixed order in double precision. Rows of weight
 * 0 have no effect, whatever they contain; if all weights are 0, loss and gradients are 0. Thread-safe.
 */
public interface LossOp extends Operation {
    /**
     * A loss of each target by itself: {@code sum_n w_n sum_f l(n,f) / (terms * sum_n w_n)}, over the terms of a row as
     * {@link PointwiseLoss#terms} counts them. P is {@link PointwiseLoss#parts}.
     *
     * @param function the loss
     * @param table for BINARY_CROSS_ENTROPY the weights of positive targets {@code [F]}, null meaning 1; for QUANTILE the
     *     quantiles {@code [P]}; null for the others; read
     * @param prediction {@code [N, F*P]}, read
     * @param target {@code [N, F]}, read
     * @param weights {@code [N]}, at least 0, read; null means 1
     * @param loss {@code [1]}, written
     * @param dPrediction {@code [N, F*P]}, written; null if not wanted
     */
    default void pointwise(
            PointwiseLoss function,
            Tensor table,
            Tensor prediction,
            Tensor target,
            Tensor weights,
            Tensor loss,
            Tensor dPrediction) {
        Call call = Call.begin(prediction);
        try {
            Arguments.requireGiven("function", function);
            Shape shape = Arguments.requireRank("target", target, 2, "[N, F]");
            int quantiles = requireTable(function, table, shape.dim(1));
            int parts = function.parts(quantiles);
            Arguments.requireF32("prediction", prediction, shape.dim(0), Math.multiplyExact(shape.dim(1), parts));
            Arguments.optionalF32("weights", weights, shape.dim(0));
            Arguments.requireF32("loss", loss, 1);
            if (dPrediction != null) {
                Arguments.requireF32("dPrediction", dPrediction, prediction.shape());
            }
            Arguments.requireSameMemory(prediction.memory(), table, target, weights, loss, dPrediction);
            Arguments.requireDisjoint("dPrediction", dPrediction, table, prediction, target, weights, loss);
            Arguments.requireDisjoint("loss", loss, table, prediction, target, weights);
            computePointwise(
                    new PointwiseArguments(function, parts, table, prediction, target, weights, loss, dPrediction));
        } finally {
            call.end();
        }
    }

    private static int requireTable(PointwiseLoss function, Tensor table, int targets) {
        switch (function.kind()) {
            case QUANTILE -> {
                return Arguments.requireRank("table", table, 1, "[quantiles]").dim(0);
            }
            case BINARY_CROSS_ENTROPY -> Arguments.optionalF32("table", table, targets);
            default -> {
                if (table != null) {
                    throw new IllegalArgumentException(
                            "table: expected none for " + function.description() + ", got " + table.shape());
                }
            }
        }
        return 0;
    }

    /**
     * Softmax cross-entropy as PyTorch's CrossEntropyLoss: {@code -log softmax(logits)[label]}, with label smoothing
     * {@code e}: target probabilities {@code (1-e)} at the label plus {@code e/C} everywhere. With weights of classes the
     * terms count by the weight of their class, {@code (1-e) k[label]} and {@code e k[c] / C}, and rows by the weight of their
     * label. The mean is over rows that are not ignored.
     *
     * @param logits {@code [N, C]}, read
     * @param labels I32 {@code [N]}, read; each 0 to C-1 or {@code ignoreIndex}; a row with any other label makes the loss
     *     NaN
     * @param ignoreIndex label of rows that do not count
     * @param smoothing 0 to below 1
     * @param classWeights {@code [C]}, at least 0, read; null means 1
     * @param weights {@code [N]}, at least 0, read; null means 1
     * @param loss {@code [1]}, written
     * @param dLogits {@code [N, C]}, written; null if not wanted
     */
    default void crossEntropy(
            Tensor logits,
            Tensor labels,
            int ignoreIndex,
            float smoothing,
            Tensor classWeights,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {
        Call call = Call.begin(logits);
        try {
            Shape shape = Arguments.requireRank("logits", logits, 2, "[N, C]");
            Arguments.requireI32("labels", labels, shape.dim(0));
            Arguments.requireProbability("smoothing", smoothing);
            Arguments.optionalF32("classWeights", classWeights, shape.dim(1));
            Arguments.optionalF32("weights", weights, shape.dim(0));
            Arguments.requireF32("loss", loss, 1);
            Arguments.optionalF32("dLogits", dLogits, shape.toArray());
            Arguments.requireSameMemory(logits.memory(), labels, classWeights, weights, loss, dLogits);
            Arguments.requireDisjoint("dLogits", dLogits, logits, classWeights, weights, loss);
            Arguments.requireDisjoint("loss", loss, logits, classWeights, weights);
            computeCrossEntropy(new CrossEntropyArguments(
                    logits, labels, ignoreIndex, smoothing, classWeights, weights, loss, dLogits));
        } finally {
            call.end();
        }
    }

    /**
     * Cosine embedding as PyTorch's CosineEmbeddingLoss, the weighted mean over rows of {@code 1 - cos(a, b)} for pairs that
     * belong together and {@code max(0, cos(a, b) - margin)} for others, with {@code cos(a, b) = ab / sqrt((aa + 1e-12) (bb +
     * 1e-12))}.
     *
     * @param a {@code [N, F]}, read
     * @param b {@code [N, F]}, read; may be a itself
     * @param together {@code [N]}, above 0 where a pair belongs together, read; null means that all do
     * @param margin -1 to 1
     * @param weights {@code [N]}, at least 0, read; null means 1
     * @param loss {@code [1]}, written
     * @param dA {@code [N, F]}, written; null if not wanted
     * @param dB {@code [N, F]}, written; null if not wanted
     */
    default void cosineEmbedding(
            Tensor a, Tensor b, Tensor together, float margin, Tensor weights, Tensor loss, Tensor dA, Tensor dB) {
        Call call = Call.begin(a);
        try {
            Shape shape = Arguments.requireRank("a", a, 2, "[N, F]");
            Arguments.requireF32("b", b, shape);
            Arguments.optionalF32("together", together, shape.dim(0));
            if (!(margin >= -1f && margin <= 1f)) {
                throw new IllegalArgumentException("margin: expected -1 <= margin <= 1, got " + margin);
            }
            Arguments.optionalF32("weights", weights, shape.dim(0));
            Arguments.requireF32("loss", loss, 1);
            Arguments.optionalF32("dA", dA, shape.toArray());
            Arguments.optionalF32("dB", dB, shape.toArray());
            Arguments.requireSameMemory(a.memory(), b, together, weights, loss, dA, dB);
            Arguments.requireDisjoint("dA", dA, a, b, together, weights, loss, dB);
            Arguments.requireDisjoint("dB", dB, a, b, together, weights, loss);
            Arguments.requireDisjoint("loss", loss, a, b, together, weights);
            computeCosineEmbedding(new CosineEmbeddingArguments(a, b, together, margin, weights, loss, dA, dB));
        } finally {
            call.end();
        }
    }

    /**
     * What {@link #pointwise} was given.
     *
     * @param parts how many numbers are predicted for each target
     */
    record PointwiseArguments(
            PointwiseLoss function,
            int parts,
            Tensor table,
            Tensor prediction,
            Tensor target,
            Tensor weights,
            Tensor loss,
            Tensor dPrediction) {
        /** What the sum over a row is divided by. */
        public long terms() {
            return function.terms(target.shape().dim(1), parts);
        }
    }

    /** Implemented by backends; arguments are checked. */
    void computePointwise(PointwiseArguments given);

    /** What {@link #crossEntropy} was given. */
    record CrossEntropyArguments(
            Tensor logits,
            Tensor labels,
            int ignoreIndex,
            float smoothing,
            Tensor classWeights,
            Tensor weights,
            Tensor loss,
            Tensor dLogits) {}

    /** Implemented by backends; arguments are checked. */
    void computeCrossEntropy(CrossEntropyArguments given);

    /** What {@link #cosineEmbedding} was given. */
    record CosineEmbeddingArguments(
            Tensor a, Tensor b, Tensor together, float margin, Tensor weights, Tensor loss, Tensor dA, Tensor dB) {}

    /** Implemented by backends; arguments are checked. */
    void computeCosineEmbedding(CosineEmbeddingArguments given);
}
