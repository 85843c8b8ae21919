package org.gatefold.op.linear;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The affine map {@code y = x Wᵀ + b} over rows. Thread-safe. */
public interface LinearOp extends Operation {
    /**
     * @param x {@code [N, I]}, read
     * @param w {@code [O, I]}, read
     * @param b {@code [O]}, read; null means none
     * @param y {@code [N, O]}, written
     */
    default void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
        Call call = Call.begin(x);
        try {
            check(x, w, y);
            Arguments.optionalF32("b", b, w.shape().dim(0));
            Arguments.requireSameMemory(x.memory(), w, b, y);
            Arguments.requireDisjoint("y", y, x, w, b);
            computeForward(x, w, b, y);
        } finally {
            call.end();
        }
    }

    /**
     * @param x {@code [N, I]}, read
     * @param w {@code [O, I]}, read
     * @param dy gradient of y, {@code [N, O]}, read
     * @param dx {@code [N, I]}, written; null if not wanted
     * @param dw {@code [O, I]}, accumulated; null if not wanted
     * @param db {@code [O]}, accumulated; null if not wanted
     */
    default void backward(Tensor x, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        Call call = Call.begin(x);
        try {
            check(x, w, dy);
            Arguments.optionalF32("dx", dx, x.shape().toArray());
            Arguments.optionalF32("dw", dw, w.shape().toArray());
            Arguments.optionalF32("db", db, w.shape().dim(0));
            Arguments.requireSameMemory(x.memory(), w, dy, dx, dw, db);
            Arguments.requireDisjoint("dx", dx, x, w, dy);
            Arguments.requireDisjoint("dw", dw, x, w, dy, dx);
            Arguments.requireDisjoint("db", db, x, w, dy, dx, dw);
            computeBackward(x, w, dy, dx, dw, db);
        } finally {
            call.end();
        }
    }

    private static void check(Tensor x, Tensor w, Tensor y) {
        Shape rows = Arguments.requireRank("x", x, 2, "[N, I]");
        Shape weights = Arguments.requireRank("w", w, 2, "[O, I]");
        Arguments.requireF32("w", w, weights.dim(0), rows.dim(1));
        Arguments.requireF32("y", y, rows.dim(0), weights.dim(0));
    }

    /** Implemented by backends; arguments are checked. */
    void computeForward(Tensor x, Tensor w, Tensor b, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeBackward(Tensor x, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db);
}
