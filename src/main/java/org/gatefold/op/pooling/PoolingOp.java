package org.gatefold.op.pooling;

import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Maximum and mean of windows over steps or images, as PyTorch's {@code max_pool} and {@code avg_pool}: {@code y[n, c, p, q]} is
 * that of {@code x[n, c, p·s + i - top, q·s + j - left]} for all i and j of the kernel. What lies outside x is passed over by
 * maxima and adds 0 to sums, on every side, so that the size of y says how far windows reach behind x; a window with nothing of x
 * gives 0. Thread-safe.
 */
public interface PoolingOp extends Operation {
    /**
     * The forward pass.
     *
     * @param x {@code [N, C, H, W]}, or steps {@code [T, N, C]}, read where valid
     * @param lengths valid steps of each row of x, behind which it counts as padding; null for images and full rows
     * @param y {@code [N, C, H', W']}, or steps {@code [T', N, C]}, written
     */
    default void forward(PoolingSpec spec, Tensor x, Lengths lengths, Tensor y) {
        Call call = Call.begin(x);
        try {
            PoolingShape shape = check(spec, x, lengths, "y", y);
            Arguments.requireDisjoint("y", y, x);
            computeForward(shape, x, lengths, y);
        } finally {
            call.end();
        }
    }

    /**
     * The gradient.
     *
     * @param x input of the forward pass, read by MAX
     * @param y output of the forward pass, read by MAX
     * @param dy gradient of y, read
     * @param dx of x's shape, written, 0 behind the lengths
     */
    default void backward(PoolingSpec spec, Tensor x, Lengths lengths, Tensor y, Tensor dy, Tensor dx) {
        Call call = Call.begin(x);
        try {
            PoolingShape shape = check(spec, x, lengths, "y", y);
            Arguments.requireF32("dy", dy, y.shape());
            Arguments.requireF32("dx", dx, x.shape());
            Arguments.requireSameMemory(x.memory(), dy, dx);
            Arguments.requireDisjoint("dx", dx, x, y, dy);
            computeBackward(shape, x, lengths, y, dy, dx);
        } finally {
            call.end();
        }
    }

    private static PoolingShape check(PoolingSpec spec, Tensor x, Lengths lengths, String argument, Tensor y) {
        Arguments.requireGiven("spec", spec);
        int rank = spec.images() ? 4 : 3;
        Shape in = Arguments.requireRank("x", x, rank, spec.images() ? "[N, C, H, W]" : "[T, N, C]");
        Shape out = Arguments.requireRank(argument, y, rank, spec.images() ? "[N, C, H', W']" : "[T', N, C]");
        if (spec.images()) {
            Arguments.requireF32(argument, y, in.dim(0), in.dim(1), out.dim(2), out.dim(3));
            if (lengths != null) {
                throw new IllegalArgumentException("lengths: expected none, since images have no steps");
            }
        } else {
            Arguments.requireF32(argument, y, out.dim(0), in.dim(1), in.dim(2));
            Arguments.optionalLengths(lengths, in.dim(0), in.dim(1), x.memory());
        }
        Arguments.requireSameMemory(x.memory(), y);
        return PoolingShape.of(spec, in, out);
    }

    /** Implemented by backends; arguments are checked. */
    void computeForward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeBackward(PoolingShape shape, Tensor x, Lengths lengths, Tensor y, Tensor dy, Tensor dx);
}
