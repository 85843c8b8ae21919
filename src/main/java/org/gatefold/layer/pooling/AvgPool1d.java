package org.gatefold.layer.pooling;

import org.gatefold.layer.Options;
import org.gatefold.op.pooling.PoolingSpec.Kind;

/**
 * The mean of each window over the steps of sequences, {@code [T, B, features]} to {@code [T', B, features]}; PyTorch's AvgPool1d, Keras'
 * AveragePooling1D. Steps behind the length of a row count as padding, so that a row's outputs do not depend on the rows beside it;
 * its length becomes that of its own outputs, and behind it stands what means nothing.
 */
public final class AvgPool1d extends Pooling1d<AvgPool1d> {
    private AvgPool1d(int kernel) {
        super(Kind.AVERAGE, kernel);
    }

    /** Windows of so many steps. */
    public static AvgPool1d of(int kernel) {
        return new AvgPool1d(kernel);
    }

    static AvgPool1d described(Options options) {
        AvgPool1d made = of(options.integer("kernel")).configured(options);
        return options.flag("countPadding") ? made : made.withoutPadding();
    }

    /** Divides by what a window has of x, not by its size, as Keras does; by default padding counts, as in PyTorch. */
    public AvgPool1d withoutPadding() {
        setCountPadding(false);
        return this;
    }

    @Override
    AvgPool1d self() {
        return this;
    }
}
