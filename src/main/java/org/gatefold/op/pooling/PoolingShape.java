package org.gatefold.op.pooling;

import org.gatefold.tensor.Shape;

/**
 * Pooling with all its sizes. Immutable.
 *
 * @param spec what is pooled
 * @param count N, rows of the batch
 * @param channels C
 * @param height of x, or its steps
 * @param width of x, 1 for steps
 * @param outHeight of y, or its steps
 * @param outWidth of y, 1 for steps
 */
public record PoolingShape(
        PoolingSpec spec, int count, int channels, int height, int width, int outHeight, int outWidth) {
    /** Number of fields that {@link #words} gives. */
    public static final int WORDS = 15;

    static PoolingShape of(PoolingSpec spec, Shape x, Shape y) {
        return spec.images()
                ? new PoolingShape(spec, x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(2), y.dim(3))
                : new PoolingShape(spec, x.dim(1), x.dim(2), x.dim(0), 1, y.dim(0), 1);
    }

    /** The sizes as native code and kernels read them. */
    public int[] words() {
        return new int[] {
            spec.kind().code(),
            spec.images() ? 1 : 0,
            count,
            channels,
            height,
            width,
            outHeight,
            outWidth,
            spec.kernelHeight(),
            spec.kernelWidth(),
            spec.strideHeight(),
            spec.strideWidth(),
            spec.paddingTop(),
            spec.paddingLeft(),
            spec.countPadding() ? 1 : 0
        };
    }
}
