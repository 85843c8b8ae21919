package org.gatefold.op.convolution;

import java.util.Arrays;
import org.gatefold.device.Operation;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Convolutions (cross-correlations, strictly) over steps or images, as PyTorch's {@code conv1d} and {@code conv2d}: {@code y[n,
 * o, p, q] = b[o] + Σ w[o, c, i, j] x[n, c, p·s + i·d - top, q·s + j·d - left]}, over the channels c of o's group; what lies
 * outside x is 0, on every side, so that the size of y says what is padded behind. Thread-safe.
 */
public interface ConvolutionOp extends Operation {
    /**
     * The forward pass.
     *
     * @param x {@code [N, C, H, W]}, or steps {@code [T, N, C]}, read
     * @param lengths valid steps of each row of x, behind which it counts as 0; null for images and full rows
     * @param w {@code [O, C/groups, kernelHeight, kernelWidth]}, or for steps {@code [O, C/groups, kernel]}, read
     * @param b {@code [O]}, read; null for none
     * @param y {@code [N, O, H', W']}, or steps {@code [T', N, O]}, written
     */
    default void forward(ConvolutionSpec spec, Tensor x, Lengths lengths, Tensor w, Tensor b, Tensor y) {
        Call call = Call.begin(x);
        try {
            ConvolutionShape shape = check(spec, x, lengths, w, "y", y);
            Arguments.optionalF32("b", b, shape.outputs());
            Arguments.requireSameMemory(x.memory(), w, b, y);
            Arguments.requireDisjoint("y", y, x, w, b);
            computeForward(shape, x, lengths, w, b, y);
        } finally {
            call.end();
        }
    }

    /**
     * The gradients.
     *
     * @param dy gradient of y, read
     * @param dx of x's shape, written, 0 behind the lengths; null if not wanted
     * @param dw of w's shape, accumulated; null if not wanted
     * @param db {@code [O]}, accumulated; null if not wanted
     */
    default void backward(
            ConvolutionSpec spec, Tensor x, Lengths lengths, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        Call call = Call.begin(x);
        try {
            ConvolutionShape shape = check(spec, x, lengths, w, "dy", dy);
            Arguments.optionalF32("dx", dx, x.shape().toArray());
            Arguments.optionalF32("dw", dw, w.shape().toArray());
            Arguments.optionalF32("db", db, shape.outputs());
            Arguments.requireSameMemory(x.memory(), w, dy, dx, dw, db);
            Arguments.requireDisjoint("dx", dx, x, w, dy, dw, db);
            Arguments.requireDisjoint("dw", dw, x, w, dy, db);
            Arguments.requireDisjoint("db", db, x, w, dy);
            computeBackward(shape, x, lengths, w, dy, dx, dw, db);
        } finally {
            call.end();
        }
    }

    private static ConvolutionShape check(
            ConvolutionSpec spec, Tensor x, Lengths lengths, Tensor w, String argument, Tensor y) {
        Arguments.requireGiven("spec", spec);
        int rank = spec.images() ? 4 : 3;
        Shape in = Arguments.requireRank("x", x, rank, spec.images() ? "[N, C, H, W]" : "[T, N, C]");
        Shape weights = Arguments.requireRank(
                "w", w, rank, spec.images() ? "[O, C/groups, kernel height, kernel width]" : "[O, C/groups, kernel]");
        Shape out = Arguments.requireRank(argument, y, rank, spec.images() ? "[N, O, H', W']" : "[T', N, O]");
        int channels = spec.images() ? in.dim(1) : in.dim(2);
        int outputs = weights.dim(0);
        if (channels % spec.groups() != 0 || outputs % spec.groups() != 0) {
            throw new IllegalArgumentException("groups: expected a divisor of " + channels + " channels and " + outputs
                    + " outputs, got " + spec.groups());
        }
        int[] expected = {outputs, channels / spec.groups(), spec.kernelHeight(), spec.kernelWidth()};
        Shape.require("w", weights, Arrays.copyOf(expected, rank));
        if (spec.images()) {
            Arguments.requireF32(argument, y, in.dim(0), outputs, out.dim(2), out.dim(3));
            if (lengths != null) {
                throw new IllegalArgumentException("lengths: expected none, since images have no steps");
            }
        } else {
            Arguments.requireF32(argument, y, out.dim(0), in.dim(1), outputs);
            Arguments.optionalLengths(lengths, in.dim(0), in.dim(1), x.memory());
        }
        return ConvolutionShape.of(spec, in, out);
    }

    /** Implemented by backends; arguments are checked. */
    void computeForward(ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor b, Tensor y);

    /** Implemented by backends; arguments are checked. */
    void computeBackward(
            ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db);
}
