package org.gatefold.backend.reference.recurrent;

import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * The pointwise part of one recurrent cell: all that differs between cells.
 *
 * <p>Values that a later call or a user sees (h, c, kept gates) are rounded to floats here, so that a pass which recomputes
 * them finds the same bits. Stateless and thread-safe.
 */
abstract sealed class CellMath permits LstmMath, GruMath, ResetBeforeGruMath, RnnMath {
    /** The mathematics of the spec's cell in a direction; 0 is the first or only one. */
    static CellMath of(RecurrentSpec spec, int direction) {
        CellOptions options = spec.options();
        CellActivations functions = spec.activations(direction);
        return switch (spec.cell()) {
            case LSTM -> new LstmMath(options, functions);
            case GRU ->
                options.resetBefore() ? new ResetBeforeGruMath(options, functions) : new GruMath(options, functions);
            case RNN_TANH, RNN_RELU -> new RnnMath(options, functions);
        };
    }

    /** How many values a unit keeps for the backward pass beside h and c. */
    abstract int kept();

    /** True if the recurrent product enters otherwise than by being added to the input product. */
    boolean splitsRecurrence() {
        return false;
    }

    /**
     * How many gates, the last of a unit, take their recurrent product not of h but of {@link CellStep#late}, which the gates
     * before them decide.
     */
    int lateGates() {
        return 0;
    }

    /** One unit of a row, here and below. */
    interface Unit {
        /**
         * Computes it.
         *
         * @param at where it stands in states
         * @param gate where its first gate stands; the others follow at distances of H
         * @param keep where its first kept value stands, likewise
         */
        void compute(CellStep s, int at, int gate, int keep);
    }

    /** The steps of the mathematics, made once, for {@link #each}. */
    final Unit forward = this::forward;

    final Unit backward = this::backward;
    final Unit outputForward = this::output;
    final Unit made = this::made;
    final Unit outputBackward = this::outputBackward;
    final Unit lateOperand = this::lateOperand;
    final Unit keptLateOperand = this::keptLateOperand;
    final Unit lateBackward = this::lateBackward;

    /** Does all units of n rows. */
    static void each(CellStep s, int n, Unit unit) {
        for (int row = 0; row < n; row++) {
            for (int i = 0; i < s.size; i++) {
                unit.compute(s, row * s.size + i, row * s.gateSize + i, row * s.keptSize + i);
            }
        }
    }

    /** The state after a step of which a share stays what it was before it. */
    static float mix(double stays, double before, double after) {
        return (float) (stays * before + (1 - stays) * after);
    }

    /** Reads products and previous states; writes h, c and kept. */
    abstract void forward(CellStep s, int at, int gate, int keep);

    /** The gradient of {@link #forward}: reads states and kept; writes all gradients but those of {@link #lateBackward}. */
    abstract void backward(CellStep s, int at, int gate, int keep);

    /** After forward, with layer normalisation: reads normed and kept; writes h. */
    void output(CellStep s, int at, int gate, int keep) {
        throw new IllegalStateException("the cell has no layer normalisation");
    }

    /** Before backward, likewise: writes normed once more, from what was kept. */
    void made(CellStep s, int at, int gate, int keep) {
        throw new IllegalStateException("the cell has no layer normalisation");
    }

    /** Before backward, likewise: reads normed and dh; writes dNormed. */
    void outputBackward(CellStep s, int at, int gate, int keep) {
        throw new IllegalStateException("the cell has no layer normalisation");
    }

    /** Before forward, where there are late gates: reads what came of h and writes late. */
    void lateOperand(CellStep s, int at, int gate, int keep) {
        throw new IllegalStateException("the cell has no late gates");
    }

    /** Writes late once more, from what was kept. */
    void keptLateOperand(CellStep s, int at, int gate, int keep) {
        throw new IllegalStateException("the cell has no late gates");
    }

    /** The gradient of {@link #lateOperand}: late is its gradient now; writes those of the gates before, adds to dh. */
    void lateBackward(CellStep s, int at, int gate, int keep) {
        throw new IllegalStateException("the cell has no late gates");
    }
}
