package org.gatefold.op.sequence;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Moves and reduces padded time-major batches. Thread-safe. */
public interface SequenceOp extends Operation {
    /** How the steps of a row are reduced to one. */
    enum Pooling {
        /** The last valid step. */
        LAST(0),
        /** Mean over the valid steps. */
        MEAN(1),
        /** Maximum over the valid steps; its gradient goes to the first maximum. */
        MAX(2);

        private final int code;

        Pooling(int code) {
            this.code = code;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }
    }

    /**
     * Swaps the two outer dimensions: batch-first to time-major and back.
     *
     * @param x {@code [M, N, F]}, read
     * @param y {@code [N, M, F]}, written
     */
    default void transpose(Tensor x, Tensor y) {
        Call call = Call.begin(x);
        try {
            Shape shape = Arguments.requireRank("x", x, 3, "[M, N, features]");
            Arguments.requireF32("y", y, shape.dim(1), shape.dim(0), shape.dim(2));
            Arguments.requireSameMemory(x.memory(), y);
            Arguments.requireDisjoint("y", y, x);
            computeTranspose(x, y);
        } finally {
            call.end();
        }
    }

    /**
     * Reduces the valid steps of every row to one; a row of length 0 gives 0.
     *
     * @param x {@code [T, B, F]}, read
     * @param lengths valid steps of each row; null means T for all
     * @param y {@code [B, F]}, written
     */
    default void pool(Pooling pooling, Tensor x, Lengths lengths, Tensor y) {
        Call call = Call.begin(x);
        try {
            checkPool(x, lengths, y);
            Arguments.requireDisjoint("y", y, x);
            computePool(pooling, x, lengths, y);
        } finally {
            call.end();
        }
    }

    /**
     * The gradient of {@link #pool}.
     *
     * @param x input of the forward pass, read by MAX
     * @param dy gradient of the pooled rows, {@code [B, F]}, read
     * @param dx {@code [T, B, F]}, written completely
     */
    default void poolBackward(Pooling pooling, Tensor x, Lengths lengths, Tensor dy, Tensor dx) {
        Call call = Call.begin(x);
        try {
            checkPool(x, lengths, dy);
            Arguments.requireF32("dx", dx, x.shape());
            Arguments.requireSameMemory(x.memory(), dx);
            Arguments.requireDisjoint("dx", dx, x, dy);
            computePoolBackward(pooling, x, lengths, dy, dx);
        } finally {
            call.end();
        }
    }

    /**
     * Writes 1 for valid steps and 0 for padding.
     *
     * @param lengths valid steps of each row
     * @param weights {@code [T, B]}, written
     */
    default void mask(Lengths lengths, Tensor weights) {
        Call call = Call.begin(weights);
        try {
            if (lengths == null) {
                throw new IllegalArgumentException("lengths: expected the lengths to mask by, got null");
            }
            Arguments.optionalLengths(lengths, lengths.steps(), lengths.batch());
            Arguments.requireF32("weights", weights, lengths.steps(), lengths.batch());
            Arguments.requireSameMemory(lengths.onDevice().memory(), weights);
            computeMask(lengths, weights);
        } finally {
            call.end();
        }
    }

    /**
     * Puts the columns of two matrices side by side.
     *
     * @param a {@code [N, F]}, read
     * @param b {@code [N, G]}, read
     * @param y {@code [N, F+G]}, written
     */
    default void concatenate(Tensor a, Tensor b, Tensor y) {
        Call call = Call.begin(a);
        try {
            checkColumns(a, b, y);
            Arguments.requireDisjoint("y", y, a, b);
            computeConcatenate(a, b, y);
        } finally {
            call.end();
        }
    }

    /**
     * Takes the columns apart again: the inverse and the gradient of {@link #concatenate}.
     *
     * @param y {@code [N, F+G]}, read
     * @param a {@code [N, F]}, written
     * @param b {@code [N, G]}, written
     */
    default void split(Tensor y, Tensor a, Tensor b) {
        Call call = Call.begin(y);
        try {
            checkColumns(a, b, y);
            Arguments.requireDisjoint("a", a, y, b);
            Arguments.requireDisjoint("b", b, y);
            computeSplit(y, a, b);
        } finally {
            call.end();
        }
    }

    private static void checkPool(Tensor x, Lengths lengths, Tensor y) {
        Shape shape = Arguments.requireRank("x", x, 3, "[T, B, features]");
        Arguments.requireF32("y", y, shape.dim(1), shape.dim(2));
        Arguments.optionalLengths(lengths, shape.dim(0), shape.dim(1), x.memory());
        Arguments.requireSameMemory(x.memory(), y);
    }

    private static void checkColumns(Tensor a, Tensor b, Tensor y) {
        Shape left = Arguments.requireRank("a", a, 2, "[N, F]");
        Shape right = Arguments.requireRank("b", b, 2, "[N, G]");
        Arguments.requireF32("b", b, left.dim(0), right.dim(1));
        if (left.dim(1) > Integer.MAX_VALUE - right.dim(1)) {
            throw new IllegalArgumentException("y: expected at most " + Integer.MAX_VALUE + " columns, got "
                    + left.dim(1) + " of a and " + right.dim(1) + " of b");
        }
        Arguments.requireF32("y", y, left.dim(0), left.dim(1) + right.dim(1));
        Arguments.requireSameMemory(y.memory(), a, b);
    }

    /** Implemented by backends; arguments are checked. */
    void computeTranspose(Tensor x, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computePool(Pooling pooling, Tensor x, Lengths lengths, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computePoolBackward(Pooling pooling, Tensor x, Lengths lengths, Tensor dy, Tensor dx);

    /** Implemented by backends; arguments are checked. */
    void computeMask(Lengths lengths, Tensor weights);

    /** Implemented by backends; arguments are checked. */
    void computeConcatenate(Tensor a, Tensor b, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeSplit(Tensor y, Tensor a, Tensor b);
}
