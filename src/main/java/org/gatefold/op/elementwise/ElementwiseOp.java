package org.gatefold.op.elementwise;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.op.Philox;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Tensor;

/**
 * Operations on equal-sized tensors, element by element. Thread-safe. An output may be the same tensor as an input, but
 * may not overlap it otherwise.
 */
public interface ElementwiseOp extends Operation {
    /** Two operands. */
    enum Binary {
        ADD(0),
        SUBTRACT(1),
        MULTIPLY(2),
        /** {@code (a + b) / 2}. */
        AVERAGE(3),
        DIVIDE(4),
        /** The larger; NaN if either is. */
        MAXIMUM(5),
        /** The smaller; NaN if either is. */
        MINIMUM(6);

        private final int code;

        Binary(int code) {
            this.code = code;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }
    }

    /**
     * {@code y = f(x)}.
     *
     * @param x any shape, read
     * @param y the same shape, written; may be x
     */
    default void activate(Activation function, Tensor x, Tensor y) {
        Call call = Call.begin(x);
        try {
            check("y", y, "x", x);
            Arguments.requireSameOrDisjoint("y", y, "x", x);
            computeActivate(function, x, y);
        } finally {
            call.end();
        }
    }

    /**
     * {@code dx = dy * f'(x)}.
     *
     * @param x input of the forward pass, read
     * @param y its output, read
     * @param dy gradient of y, read
     * @param dx written; may be dy
     */
    default void activateBackward(Activation function, Tensor x, Tensor y, Tensor dy, Tensor dx) {
        Call call = Call.begin(x);
        try {
            check("y", y, "x", x);
            check("dy", dy, "x", x);
            check("dx", dx, "x", x);
            Arguments.requireSameOrDisjoint("dx", dx, "x", x);
            Arguments.requireSameOrDisjoint("dx", dx, "y", y);
            Arguments.requireSameOrDisjoint("dx", dx, "dy", dy);
            computeActivateBackward(function, x, y, dy, dx);
        } finally {
            call.end();
        }
    }

    /**
     * {@code y = a op b}.
     *
     * @param a any shape, read
     * @param b the same shape, read
     * @param y the same shape, written; may be a or b
     */
    default void combine(Binary operator, Tensor a, Tensor b, Tensor y) {
        Call call = Call.begin(a);
        try {
            check("b", b, "a", a);
            check("y", y, "a", a);
            Arguments.requireSameOrDisjoint("y", y, "a", a);
            Arguments.requireSameOrDisjoint("y", y, "b", b);
            computeCombine(operator, a, b, y);
        } finally {
            call.end();
        }
    }

    /**
     * {@code y = y + alpha * x}.
     *
     * @param x any shape, read
     * @param y the same shape, accumulated
     */
    default void addScaled(float alpha, Tensor x, Tensor y) {
        Call call = Call.begin(x);
        try {
            check("y", y, "x", x);
            Arguments.requireDisjoint("y", y, x);
            computeAddScaled(alpha, x, y);
        } finally {
            call.end();
        }
    }

    /**
     * {@code y = alpha * x}.
     *
     * @param x any shape, read
     * @param y the same shape, written; may be x
     */
    default void scale(float alpha, Tensor x, Tensor y) {
        Call call = Call.begin(x);
        try {
            check("y", y, "x", x);
            Arguments.requireSameOrDisjoint("y", y, "x", x);
            computeScale(alpha, x, y);
        } finally {
            call.end();
        }
    }

    /**
     * Inverted dropout: {@code y = x / (1-p)} where {@link Philox} keeps the element, else 0 (also where x is not
     * finite). The backward pass is the same call on the gradients.
     *
     * @param p probability of dropping
     * @param seed key of the mask
     * @param stream third word of the counter
     * @param x any shape, read
     * @param y the same shape, written; may be x
     */
    default void dropout(float p, long seed, int stream, Tensor x, Tensor y) {
        Call call = Call.begin(x);
        try {
            Arguments.requireProbability("p", p);
            check("y", y, "x", x);
            Arguments.requireSameOrDisjoint("y", y, "x", x);
            computeDropout(p, seed, stream, x, y);
        } finally {
            call.end();
        }
    }

    private static void check(String argument, Tensor tensor, String likeArgument, Tensor like) {
        Arguments.requireTensor(likeArgument, like, ElementType.F32);
        Arguments.requireF32(argument, tensor, like.shape());
        Arguments.requireSameMemory(like.memory(), tensor);
    }

    /** Implemented by backends; arguments are checked. */
    void computeActivate(Activation function, Tensor x, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeActivateBackward(Activation function, Tensor x, Tensor y, Tensor dy, Tensor dx);

    /** Implemented by backends; arguments are checked. */
    void computeCombine(Binary operator, Tensor a, Tensor b, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeAddScaled(float alpha, Tensor x, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeScale(float alpha, Tensor x, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeDropout(float p, long seed, int stream, Tensor x, Tensor y);
}
