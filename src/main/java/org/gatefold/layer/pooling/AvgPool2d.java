package org.gatefold.layer.pooling;

import org.gatefold.layer.Options;
import org.gatefold.op.pooling.PoolingSpec.Kind;

/**
 * The mean of each window over images, {@code [B, C, H, W]} to {@code [B, C, H', W']}, or over each frame of films {@code [T, B, C, H, W]};
 * PyTorch's AvgPool2d, Keras' AveragePooling2D with channels first. In padding of sequences it gives what follows from what stands
 * there.
 */
public final class AvgPool2d extends Pooling2d<AvgPool2d> {
    private AvgPool2d(int kernelHeight, int kernelWidth) {
        super(Kind.AVERAGE, kernelHeight, kernelWidth);
    }

    /** Windows of a size. */
    public static AvgPool2d of(int kernelHeight, int kernelWidth) {
        return new AvgPool2d(kernelHeight, kernelWidth);
    }

    static AvgPool2d described(Options options) {
        AvgPool2d made = of(options.integer("kernelHeight"), options.integer("kernelWidth"))
                .configured(options);
        return options.flag("countPadding") ? made : made.withoutPadding();
    }

    /** Divides by what a window has of x, not by its size, as Keras does; by default padding counts, as in PyTorch. */
    public AvgPool2d withoutPadding() {
        setCountPadding(false);
        return this;
    }

    @Override
    AvgPool2d self() {
        return this;
    }
}
