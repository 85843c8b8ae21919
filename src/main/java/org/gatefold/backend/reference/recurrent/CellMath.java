package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The pointwise part of one recurrent cell: all that differs between cells.
 *
 * <p>Values that a later call or a user sees (h, c, kept gates) are rounded to floats here, so that a pass which recomputes
 * them finds the same bits. Stateless and thread-safe.
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

    /** One step of n rows: reads products and previous states; writes h, c and kept. */
    final void forward(CellStep s, int n) {
        for (int row = 0; row < n; row++) {
            for (int unit = 0; unit < s.size; unit++) {
                forward(s, row * s.size + unit, row * s.gateSize + unit, row * s.keptSize + unit);
            }
        }
    }

    /** The gradient of {@link #forward(CellStep, int)}: reads states and kept; writes all gradients. */
    final void backward(CellStep s, int n) {
        for (int row = 0; row < n; row++) {
            for (int unit = 0; unit < s.size; unit++) {
                backward(s, row * s.size + unit, row * s.gateSize + unit, row * s.keptSize + unit);
            }
        }
    }

    /**
     * One unit of a row.
     *
     * @param at where it stands in states
     * @param gate where its first gate stands; the others follow at distances of H
     * @param keep where its first kept value stands, likewise
     */
    abstract void forward(CellStep s, int at, int gate, int keep);

    /** The gradient of {@link #forward(CellStep, int, int, int)}. */
    abstract void backward(CellStep s, int at, int gate, int keep);

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
