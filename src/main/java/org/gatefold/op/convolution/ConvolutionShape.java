package org.gatefold.op.convolution;

import org.gatefold.tensor.Shape;

/**
 * A convolution with all its sizes, and where its numbers stand. Immutable.
 *
 * @param spec where it reads
 * @param count N, rows of the batch
 * @param channels C of x
 * @param height of x, or its steps
 * @param width of x, 1 for steps
 * @param outputs O, channels of y
 * @param outHeight of y, or its steps
 * @param outWidth of y, 1 for steps
 */
public record ConvolutionShape(
        ConvolutionSpec spec,
        int count,
        int channels,
        int height,
        int width,
        int outputs,
        int outHeight,
        int outWidth) {
    /** Number of fields that {@link #words} gives. */
    public static final int WORDS = 17;

    static ConvolutionShape of(ConvolutionSpec spec, Shape x, Shape y) {
        return spec.images()
                ? new ConvolutionShape(spec, x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(1), y.dim(2), y.dim(3))
                : new ConvolutionShape(spec, x.dim(1), x.dim(2), x.dim(0), 1, y.dim(2), y.dim(0), 1);
    }

    /** The sizes as native code and kernels read them. */
    public int[] words() {
        return new int[] {
            spec.images() ? 1 : 0,
            count,
            channels,
            height,
            width,
            outputs,
            outHeight,
            outWidth,
            spec.kernelHeight(),
            spec.kernelWidth(),
            spec.strideHeight(),
            spec.strideWidth(),
            spec.dilationHeight(),
            spec.dilationWidth(),
            spec.paddingTop(),
            spec.paddingLeft(),
            spec.groups()
        };
    }

    /** Numbers that one output of a group reads: the depth of its products. */
    public int depth() {
        return Math.multiplyExact(channels / spec.groups(), spec.kernelHeight() * spec.kernelWidth());
    }

    /** Channels of y of one group. */
    public int groupOutputs() {
        return outputs / spec.groups();
    }

    /** Places of one image of y, or of all steps and rows. */
    public long places() {
        return spec.images() ? (long) outHeight * outWidth : (long) outHeight * count;
    }

    /** Products of their own: images, or 1 for steps. */
    public int parts() {
        return spec.images() ? count : 1;
    }
}
