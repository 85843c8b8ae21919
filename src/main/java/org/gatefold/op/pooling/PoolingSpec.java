package org.gatefold.op.pooling;

import org.gatefold.op.Arguments;

/**
 * What is pooled by windows, apart from sizes of batches. Immutable.
 *
 * @param kind what a window gives
 * @param images true for images {@code [N, C, H, W]}; false for time-major steps {@code [T, N, C]}, whose height is T and whose
 *     width is 1
 * @param kernelHeight rows of a window, or its steps
 * @param kernelWidth columns of a window, 1 for steps
 * @param strideHeight rows from one window to the next
 * @param strideWidth columns from one window to the next
 * @param paddingTop rows before the first that windows reach over
 * @param paddingLeft columns before the first that windows reach over
 * @param countPadding whether means divide by the size of the window, PyTorch's {@code count_include_pad}, else by what it has of x
 */
public record PoolingSpec(
        Kind kind,
        boolean images,
        int kernelHeight,
        int kernelWidth,
        int strideHeight,
        int strideWidth,
        int paddingTop,
        int paddingLeft,
        boolean countPadding) {
    /** What a window gives. */
    public enum Kind {
        /** The largest number; its gradient goes to the first that is as large. */
        MAX(0),
        /** The mean. */
        AVERAGE(1);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number by which native code and kernels know it. */
        public int code() {
            return code;
        }
    }

    public PoolingSpec {
        Arguments.requireGiven("kind", kind);
        Arguments.requireWindows(kernelHeight, kernelWidth, strideHeight, strideWidth, paddingTop, paddingLeft);
        if (!images && (kernelWidth != 1 || strideWidth != 1 || paddingLeft != 0)) {
            throw new IllegalArgumentException("kernelWidth: expected 1 for steps, which have no width, got "
                    + kernelWidth + " with stride " + strideWidth + " and padding " + paddingLeft);
        }
    }

    /** Pooling over steps. */
    public static PoolingSpec steps(Kind kind, int kernel, int stride, int padding, boolean countPadding) {
        return new PoolingSpec(kind, false, kernel, 1, stride, 1, padding, 0, countPadding);
    }
}
