package org.gatefold.layer.pooling;

import org.gatefold.layer.Options;
import org.gatefold.op.pooling.PoolingSpec.Kind;

/**
 * The largest number of each window over the steps of sequences, {@code [T, B, features]} to {@code [T', B, features]}; PyTorch's MaxPool1d,
 * Keras' MaxPooling1D. Padding is passed over. Steps behind the length of a row count as padding, so that a row's outputs do not
 * depend on the rows beside it; its length becomes that of its own outputs, and behind it stands what means nothing. The gradient
 * goes to the first of equal numbers.
 */
public final class MaxPool1d extends Pooling1d<MaxPool1d> {
    private MaxPool1d(int kernel) {
        super(Kind.MAX, kernel);
    }

    /** Windows of so many steps. */
    public static MaxPool1d of(int kernel) {
        return new MaxPool1d(kernel);
    }

    static MaxPool1d described(Options options) {
        return of(options.integer("kernel")).configured(options);
    }

    @Override
    MaxPool1d self() {
        return this;
    }
}
