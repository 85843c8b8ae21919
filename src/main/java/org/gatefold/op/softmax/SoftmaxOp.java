package org.gatefold.op.softmax;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Tensor;

/** Softmax and its logarithm over the last dimension, computed after subtracting the row's maximum. Thread-safe. */
public interface SoftmaxOp extends Operation {
    /**
     * {@code y = softmax(x)}, or {@code log softmax(x)}.
     *
     * @param x {@code [N, C]}, read
     * @param y {@code [N, C]}, written; may be x
     */
    default void forward(boolean logarithm, Tensor x, Tensor y) {
        Call call = Call.begin(x);
        try {
            Arguments.requireRank("x", x, 2, "[N, C]");
            Arguments.requireF32("y", y, x.shape());
            Arguments.requireSameMemory(x.memory(), y);
            Arguments.requireSameOrDisjoint("y", y, "x", x);
            computeForward(logarithm, x, y);
        } finally {
            call.end();
        }
    }

    /**
     * The gradient of {@link #forward}.
     *
     * @param y output of the forward pass, {@code [N, C]}, read
     * @param dy {@code [N, C]}, read
     * @param dx {@code [N, C]}, written; may be dy
     */
    default void backward(boolean logarithm, Tensor y, Tensor dy, Tensor dx) {
        Call call = Call.begin(y);
        try {
            Arguments.requireRank("y", y, 2, "[N, C]");
            Arguments.requireF32("dy", dy, y.shape());
            Arguments.requireF32("dx", dx, y.shape());
            Arguments.requireSameMemory(y.memory(), dy, dx);
            Arguments.requireDisjoint("dx", dx, y);
            Arguments.requireSameOrDisjoint("dx", dx, "dy", dy);
            computeBackward(logarithm, y, dy, dx);
        } finally {
            call.end();
        }
    }

    /** Implemented by backends; arguments are checked. */
    void computeForward(boolean logarithm, Tensor x, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeBackward(boolean logarithm, Tensor y, Tensor dy, Tensor dx);
}
