package org.gatefold.backend.reference;

import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The pointwise part of one recurrent cell: all that differs between cells.
 *
 * <p>Arrays hold one row after the other: n rows of H units, and of gates·H (or {@link #kept()}·H) values where the gates
 * stand one after the other. Values that a later call or a user sees (h, c, kept gates) are rounded to floats here, so
 * that a pass which recomputes them finds the same bits. Stateless and thread-safe.
 */
abstract sealed class CellMath permits LstmMath, GruMath, RnnMath {
    /** The mathematics of the spec's cell. */
    static CellMath of(RecurrentSpec spec) {
        return switch (spec.cell()) {
            case LSTM -> new LstmMath(spec.cellClip());
            case GRU -> new GruMath();
            case RNN_TANH -> new RnnMath(false);
            case RNN_RELU -> new RnnMath(true);
        };
    }

    /** How many values a unit keeps for the backward pass beside h and c. */
    abstract int kept();

    /** True if the recurrent product enters otherwise than by being added to the input product. */
    boolean splitsRecurrence() {
        return false;
    }

    /**
     * One step of n rows.
     *
     * @param size H
     * @param input {@code [n, gates·H]}, input product with bias (and recurrent product, unless split), read
     * @param recurrent {@code [n, gates·H]}, recurrent product with its bias, read; {@code input} itself unless split
     * @param previousH {@code [n, H]}, read
     * @param previousC {@code [n, H]}, read by cells with a cell state
     * @param h {@code [n, H]}, written
     * @param c {@code [n, H]}, written by cells with a cell state
     * @param kept {@code [n, kept·H]}, written
     */
    abstract void forward(
            int n,
            int size,
            double[] input,
            double[] recurrent,
            double[] previousH,
            double[] previousC,
            double[] h,
            double[] c,
            float[] kept);

    /**
     * The gradient of {@link #forward}.
     *
     * @param kept as forward wrote it, read
     * @param h as forward wrote it, read
     * @param c as forward wrote it, read
     * @param dh {@code [n, H]}, gradient of h, read; then what reaches previousH outside the recurrent product, written
     * @param dc {@code [n, H]}, gradient of c but for what comes through h, read; then gradient of previousC, written
     * @param dInput {@code [n, gates·H]}, written
     * @param dRecurrent {@code [n, gates·H]}, written; {@code dInput} itself unless split
     */
    abstract void backward(
            int n,
            int size,
            float[] kept,
            double[] previousH,
            double[] previousC,
            double[] h,
            double[] c,
            double[] dh,
            double[] dc,
            double[] dInput,
            double[] dRecurrent);

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
