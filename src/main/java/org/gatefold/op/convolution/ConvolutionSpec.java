package org.gatefold.op.convolution;

import org.gatefold.op.Arguments;

/**
 * Where a convolution reads, apart from sizes of batches. Immutable.
 *
 * @param images true for images {@code [N, C, H, W]}; false for time-major steps {@code [T, N, C]}, whose height is T and whose
 *     width is 1
 * @param kernelHeight rows of the kernel, or its steps
 * @param kernelWidth columns of the kernel, 1 for steps
 * @param strideHeight rows from one output to the next
 * @param strideWidth columns from one output to the next
 * @param dilationHeight rows from one element of the kernel to the next
 * @param dilationWidth columns from one element of the kernel to the next
 * @param paddingTop rows of zeros before the first
 * @param paddingLeft columns of zeros before the first
 * @param groups into which channels are divided, each with outputs of its own
 */
public record ConvolutionSpec(
        boolean images,
        int kernelHeight,
        int kernelWidth,
        int strideHeight,
        int strideWidth,
        int dilationHeight,
        int dilationWidth,
        int paddingTop,
        int paddingLeft,
        int groups) {
    public ConvolutionSpec {
        Arguments.requireWindows(kernelHeight, kernelWidth, strideHeight, strideWidth, paddingTop, paddingLeft);
        Arguments.requireAtLeast("dilationHeight", 1, dilationHeight);
        Arguments.requireAtLeast("dilationWidth", 1, dilationWidth);
        Arguments.requireAtLeast("groups", 1, groups);
        if (!images && kernelWidth * strideWidth * dilationWidth + paddingLeft != 1) {
            throw new IllegalArgumentException(
                    "kernelWidth: expected 1 for steps, which have no width, got " + kernelWidth + " with stride "
                            + strideWidth + ", dilation " + dilationWidth + " and padding " + paddingLeft);
        }
    }

    /** A convolution over steps. */
    public static ConvolutionSpec steps(int kernel, int stride, int dilation, int padding, int groups) {
        return new ConvolutionSpec(false, kernel, 1, stride, 1, dilation, 1, padding, 0, groups);
    }
}
