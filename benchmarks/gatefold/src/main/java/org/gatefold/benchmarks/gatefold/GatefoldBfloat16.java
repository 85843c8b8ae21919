package org.gatefold.benchmarks.gatefold;

import org.gatefold.op.Precision;

/** {@link Gatefold} with the operands of its products in bfloat16. */
public final class GatefoldBfloat16 extends Gatefold {
    public GatefoldBfloat16() {
        super(Precision.BF16);
    }
}
