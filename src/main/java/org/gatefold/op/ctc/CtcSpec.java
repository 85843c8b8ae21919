package org.gatefold.op.ctc;

import org.gatefold.op.Arguments;

/**
 * What a CTC loss is like. Immutable.
 *
 * @param blank the class that stands for no label, at least 0 and below the number of classes
 * @param reduction how the losses of rows become one number
 * @param zeroInfinity true if rows whose labels fit in no way into their steps cost 0 and have no gradient, as PyTorch's {@code
 *     zero_infinity}; they stay among the rows of a mean. False: such a row makes the loss infinite, and its gradient NaN
 */
public record CtcSpec(int blank, Reduction reduction, boolean zeroInfinity) {
    /** How the losses of rows become one number. */
    public enum Reduction {
        /** The weighted mean over rows, as of all other losses. */
        ROW_MEAN(0),
        /** Each loss divided by the labels of its row, at least 1; then the weighted mean: PyTorch's {@code "mean"}. */
        LABEL_MEAN(1),
        /** The weighted sum: PyTorch's {@code "sum"}. */
        SUM(2);

        private final int code;

        Reduction(int code) {
            this.code = code;
        }

        /** Its number in kernels and native code. */
        public int code() {
            return code;
        }
    }

    public CtcSpec {
        Arguments.requireAtLeast("blank", 0, blank);
        Arguments.requireGiven("reduction", reduction);
    }
}
