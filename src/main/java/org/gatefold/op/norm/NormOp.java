package org.gatefold.op.norm;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Layer normalisation (Ba et al. 2016), {@code y = (x - mean) / sqrt(variance + epsilon) * gamma + beta} over the features of
 * each row, and batch normalisation (Ioffe and Szegedy 2015), the same over the rows of each channel; PyTorch's {@code
 * layer_norm} and {@code batch_norm}. Variances are biased. Thread-safe.
 */
public interface NormOp extends Operation {
    /**
     * Layer normalisation.
     *
     * @param x {@code [N, D]}, read
     * @param gamma {@code [D]}, read; null for ones
     * @param beta {@code [D]}, read; null for zeros
     * @param epsilon greater than 0
     * @param y {@code [N, D]}, written
     */
    default void layerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y) {
        Call call = Call.begin(x);
        try {
            Shape rows = Arguments.requireRank("x", x, 2, "[N, D]");
            Arguments.optionalF32("gamma", gamma, rows.dim(1));
            Arguments.optionalF32("beta", beta, rows.dim(1));
            Arguments.requirePositive("epsilon", epsilon);
            Arguments.requireF32("y", y, rows);
            Arguments.requireSameMemory(x.memory(), gamma, beta, y);
            Arguments.requireDisjoint("y", y, x, gamma, beta);
            computeLayerNorm(new LayerNormArguments(x, gamma, beta, epsilon, y));
        } finally {
            call.end();
        }
    }

    /**
     * The gradients of {@link #layerNorm}.
     *
     * @param x input of the forward pass, read
     * @param gamma as in the forward pass, read
     * @param dy gradient of y, {@code [N, D]}, read
     * @param dx {@code [N, D]}, written; null if not wanted
     * @param dgamma {@code [D]}, accumulated; null if not wanted
     * @param dbeta {@code [D]}, accumulated; null if not wanted
     */
    default void layerNormBackward(
            Tensor x, Tensor gamma, float epsilon, Tensor dy, Tensor dx, Tensor dgamma, Tensor dbeta) {
        Call call = Call.begin(x);
        try {
            Shape rows = Arguments.requireRank("x", x, 2, "[N, D]");
            Arguments.optionalF32("gamma", gamma, rows.dim(1));
            Arguments.requirePositive("epsilon", epsilon);
            Arguments.requireF32("dy", dy, rows);
            requireGradients(rows.dim(1), x, gamma, dy, dx, dgamma, dbeta);
            Arguments.requireSameMemory(x.memory(), gamma, dy, dx, dgamma, dbeta);
            computeLayerNormBackward(new LayerNormGradients(x, gamma, epsilon, dy, dx, dgamma, dbeta));
        } finally {
            call.end();
        }
    }

    /**
     * Mean and variance of each channel over all valid rows and places, and the running ones of a training step:
     * {@code running += momentum * (new - running)}, where the new variance is the unbiased one, as in PyTorch. Running values
     * stay where there are fewer than two numbers.
     *
     * @param x {@code [N, C, S]}, read
     * @param lengths valid steps of each row of a sequence, N being steps times rows; null if all N are valid
     * @param momentum 0 to 1
     * @param mean {@code [C]}, written; 0 where no row is valid
     * @param variance {@code [C]}, written; 0 where no row is valid
     * @param runningMean {@code [C]}, updated; null for none
     * @param runningVariance {@code [C]}, updated; null for none
     */
    default void batchStatistics(
            Tensor x,
            Lengths lengths,
            float momentum,
            Tensor mean,
            Tensor variance,
            Tensor runningMean,
            Tensor runningVariance) {
        Call call = Call.begin(x);
        try {
            int channels = requireChannels(x, lengths);
            Arguments.requireNotNegative("momentum", momentum);
            Arguments.requireF32("mean", mean, channels);
            Arguments.requireF32("variance", variance, channels);
            Arguments.optionalF32("runningMean", runningMean, channels);
            Arguments.optionalF32("runningVariance", runningVariance, channels);
            Arguments.requireSameMemory(x.memory(), mean, variance, runningMean, runningVariance);
            Arguments.requireDisjoint("mean", mean, x, variance, runningMean, runningVariance);
            Arguments.requireDisjoint("variance", variance, x, runningMean, runningVariance);
            Arguments.requireDisjoint("runningMean", runningMean, x, runningVariance);
            Arguments.requireDisjoint("runningVariance", runningVariance, x);
            computeBatchStatistics(
                    new BatchStatisticsArguments(x, lengths, momentum, mean, variance, runningMean, runningVariance));
        } finally {
            call.end();
        }
    }

    /**
     * Batch normalisation by given statistics.
     *
     * @param x {@code [N, C, S]}, read
     * @param lengths as in {@link #batchStatistics}; y is 0 behind them
     * @param mean {@code [C]}, read
     * @param variance {@code [C]}, read
     * @param gamma {@code [C]}, read; null for ones
     * @param beta {@code [C]}, read; null for zeros
     * @param epsilon greater than 0
     * @param y {@code [N, C, S]}, written
     */
    default void batchNorm(
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            Tensor beta,
            float epsilon,
            Tensor y) {
        Call call = Call.begin(x);
        try {
            int channels = requireChannels(x, lengths);
            Arguments.requireF32("mean", mean, channels);
            Arguments.requireF32("variance", variance, channels);
            Arguments.optionalF32("gamma", gamma, channels);
            Arguments.optionalF32("beta", beta, channels);
            Arguments.requirePositive("epsilon", epsilon);
            Arguments.requireF32("y", y, x.shape());
            Arguments.requireSameMemory(x.memory(), mean, variance, gamma, beta, y);
            Arguments.requireDisjoint("y", y, x, mean, variance, gamma, beta);
            computeBatchNorm(new BatchNormArguments(x, lengths, mean, variance, gamma, beta, epsilon, y));
        } finally {
            call.end();
        }
    }

    /**
     * The gradients of {@link #batchNorm}.
     *
     * @param ofBatch true if the statistics are those of x itself, through which gradients flow too; false if they are given
     * @param x input of the forward pass, read
     * @param lengths as in the forward pass
     * @param dy gradient of y, {@code [N, C, S]}, read where valid
     * @param dx {@code [N, C, S]}, written, 0 behind the lengths; null if not wanted
     * @param dgamma {@code [C]}, accumulated; null if not wanted
     * @param dbeta {@code [C]}, accumulated; null if not wanted
     */
    default void batchNormBackward(
            boolean ofBatch,
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            float epsilon,
            Tensor dy,
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta) {
        Call call = Call.begin(x);
        try {
            int channels = requireChannels(x, lengths);
            Arguments.requireF32("mean", mean, channels);
            Arguments.requireF32("variance", variance, channels);
            Arguments.optionalF32("gamma", gamma, channels);
            Arguments.requirePositive("epsilon", epsilon);
            Arguments.requireF32("dy", dy, x.shape());
            requireGradients(channels, x, gamma, dy, dx, dgamma, dbeta);
            Arguments.requireSameMemory(x.memory(), mean, variance, gamma, dy, dx, dgamma, dbeta);
            Arguments.requireDisjoint("dx", dx, mean, variance);
            computeBatchNormBackward(
                    new BatchNormGradients(ofBatch, x, lengths, mean, variance, gamma, epsilon, dy, dx, dgamma, dbeta));
        } finally {
            call.end();
        }
    }

    private static void requireGradients(
            int size, Tensor x, Tensor gamma, Tensor dy, Tensor dx, Tensor dgamma, Tensor dbeta) {
        Arguments.optionalF32("dx", dx, x.shape().toArray());
        Arguments.optionalF32("dgamma", dgamma, size);
        Arguments.optionalF32("dbeta", dbeta, size);
        Arguments.requireDisjoint("dx", dx, x, gamma, dy, dgamma, dbeta);
        Arguments.requireDisjoint("dgamma", dgamma, x, gamma, dy, dbeta);
        Arguments.requireDisjoint("dbeta", dbeta, x, gamma, dy);
    }

    private static int requireChannels(Tensor x, Lengths lengths) {
        Shape shape = Arguments.requireRank("x", x, 3, "[N, C, S]");
        if (lengths != null && (long) lengths.steps() * lengths.batch() != shape.dim(0)) {
            throw new IllegalArgumentException("lengths: expected steps times rows to be " + shape.dim(0) + ", got "
                    + lengths.steps() + " steps of " + lengths.batch() + " rows");
        }
        if (lengths != null) {
            Arguments.optionalLengths(lengths, lengths.steps(), lengths.batch(), x.memory());
        }
        return shape.dim(1);
    }

    /** What {@link #layerNorm} was given. */
    record LayerNormArguments(Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y) {}

    /** Implemented by backends; arguments are checked. */
    void computeLayerNorm(LayerNormArguments given);

    /** What {@link #layerNormBackward} was given. */
    record LayerNormGradients(
            Tensor x, Tensor gamma, float epsilon, Tensor dy, Tensor dx, Tensor dgamma, Tensor dbeta) {}

    /** Implemented by backends; arguments are checked. */
    void computeLayerNormBackward(LayerNormGradients given);

    /** What {@link #batchStatistics} was given. */
    record BatchStatisticsArguments(
            Tensor x,
            Lengths lengths,
            float momentum,
            Tensor mean,
            Tensor variance,
            Tensor runningMean,
            Tensor runningVariance) {}

    /** Implemented by backends; arguments are checked. */
    void computeBatchStatistics(BatchStatisticsArguments given);

    /** What {@link #batchNorm} was given. */
    record BatchNormArguments(
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            Tensor beta,
            float epsilon,
            Tensor y) {}

    /** Implemented by backends; arguments are checked. */
    void computeBatchNorm(BatchNormArguments given);

    /** What {@link #batchNormBackward} was given. */
    record BatchNormGradients(
            boolean ofBatch,
            Tensor x,
            Lengths lengths,
            Tensor mean,
            Tensor variance,
            Tensor gamma,
            float epsilon,
            Tensor dy,
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta) {}

    /** Implemented by backends; arguments are checked. */
    void computeBatchNormBackward(BatchNormGradients given);
}
