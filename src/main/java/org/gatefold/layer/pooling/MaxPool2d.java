package org.gatefold.layer.pooling;

import org.gatefold.layer.Options;
import org.gatefold.op.pooling.PoolingSpec.Kind;

/**
 * The largest number of each window over images, {@code [B, C, H, W]} to {@code [B, C, H', W']}, or over each frame of films {@code [T, B,
 * C, H, W]}; PyTorch's MaxPool2d, Keras' MaxPooling2D with channels first. Padding is passed over; the gradient goes to the first of
 * equal numbers. In padding of sequences it gives what follows from what stands there.
 */
public final class MaxPool2d extends Pooling2d<MaxPool2d> {
    private MaxPool2d(int kernelHeight, int kernelWidth) {
        super(Kind.MAX, kernelHeight, kernelWidth);
    }

    /** Windows of a size. */
    public static MaxPool2d of(int kernelHeight, int kernelWidth) {
        return new MaxPool2d(kernelHeight, kernelWidth);
    }

    static MaxPool2d described(Options options) {
        return of(options.integer("kernelHeight"), options.integer("kernelWidth"))
                .configured(options);
    }

    @Override
    MaxPool2d self() {
        return this;
    }
}
